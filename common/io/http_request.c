/* What a request says: headers, query, form, the parts of its target. */

#include "common/io/http_impl.h"

#include <string.h>
#include <strings.h>
#include <sys/queue.h>

#include <event2/buffer.h>
#include <event2/keyvalq_struct.h>

#include "common/plain/text.h"

const struct http_request *http_exchange_request(const struct http_exchange *x)
{
	return &x->request;
}

struct pool *http_exchange_pool(struct http_exchange *x)
{
	return &x->pool;
}

const void *http_exchange_sender(const struct http_exchange *x)
{
	return x->req == NULL ? x->inner.sender : NULL;
}

const char *http_exchange_header(const struct http_exchange *x, const char *name)
{
	if (x->req == NULL)
		return strcasecmp(name, "User-Agent") == 0 ? x->inner.user_agent : NULL;
	return evhttp_find_header(evhttp_request_get_input_headers(x->req), name);
}

struct span http_exchange_header_list(struct http_exchange *x, const char *name)
{
	SCOPED_DONE(buf) struct buf list = BUF_INIT(HTTP_HEADERS_MAX * 2);
	const struct evkeyval *h;
	unsigned n = 0;

	if (x->req == NULL)
		return SPAN_EMPTY;
	TAILQ_FOREACH(h, evhttp_request_get_input_headers(x->req), next)
	{
		if (strcasecmp(h->key, name) != 0)
			continue;
		if (n++ > 0)
			buf_put_char(&list, ',');
		buf_put_cstr(&list, h->value);
	}
	if (buf_fault(&list) != FAULT_NONE)
		return (struct span){ NULL, 0 };
	return list.len == 0 ? SPAN_EMPTY : pool_dup(&x->pool, buf_span(&list));
}

struct span http_query(const struct http_request *r, const char *name)
{
	size_t i;

	for (i = 0; i < r->n_query; i++)
		if (span_eq_nocase(r->query[i].name, span_cstr(name)))
			return r->query[i].value;
	return (struct span){ NULL, 0 };
}

static struct span decoded(struct pool *pool, struct span s, bool is_query)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(HTTP_HEADERS_MAX);

	if (s.len == 0)
		return SPAN_EMPTY;
	if (memchr(s.p, '%', s.len) == NULL && (!is_query || memchr(s.p, '+', s.len) == NULL))
		return s;
	percent_decode(&b, s, is_query);
	return pool_dup(pool, buf_span(&b));
}

/* Names are decoded too: one SDK sends "api%2Dversion". Parameters past the limit are dropped, none is needed. */
static size_t read_query(struct span query, struct pool *pool, struct http_param *out, size_t max)
{
	size_t n = 0;

	while (query.len > 0 && n < max) {
		struct span one, name, value;

		query = span_cut(query, '&', &one);
		if (one.len == 0)
			continue;
		value = span_cut(one, '=', &name);
		out[n].name = decoded(pool, name, true);
		out[n++].value = decoded(pool, value, true);
	}
	return n;
}

size_t http_exchange_form(struct http_exchange *x, struct http_param *out, size_t max)
{
	return read_query(x->request.body, &x->pool, out, max);
}

size_t http_exchange_take_body(struct http_exchange *x, void *out, size_t max)
{
	int n = x->req == NULL ? 0 : evbuffer_remove(evhttp_request_get_input_buffer(x->req), out, max);

	return n > 0 ? (size_t)n : 0;
}

static struct span lower_dup(struct pool *pool, struct span s)
{
	char *p = pool_strndup(pool, s.p, s.len);

	if (p == NULL)
		return SPAN_EMPTY;
	ascii_lower_str(p);
	return span_of(p, s.len);
}

/* A proxy's client sends the absolute form; its authority then says the host. */
static struct span strip_authority(struct span target, struct span *host)
{
	struct span rest;

	if (span_starts_nocase(target, SPAN_LIT("http://")))
		rest = span_from(target, 7);
	else if (span_starts_nocase(target, SPAN_LIT("https://")))
		rest = span_from(target, 8);
	else
		return target;
	for (size_t i = 0; i < rest.len; i++)
		if (rest.p[i] == '/' || rest.p[i] == '?') {
			*host = span_first(rest, i);
			return span_from(rest, i);
		}
	*host = rest;
	return SPAN_LIT("/");
}

void http_read_target(struct http_exchange *x, struct span target, struct span host)
{
	struct http_request *r = &x->request;

	r->target = target;
	target = strip_authority(target, &host);
	r->host = lower_dup(&x->pool, host);
	target = span_cut(target, '#', &r->path).p == NULL ? target : r->path;
	r->n_query = read_query(span_cut(target, '?', &r->path), &x->pool, r->query, HTTP_QUERY_MAX);
}
