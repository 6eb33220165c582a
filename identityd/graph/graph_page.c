#include "identityd/graph/graph_page.h"

#include <inttypes.h>

#include "identityd/graph/graph.h"

enum { TOP_DEFAULT = 100, TOP_MAX = 999, LINK_MAX = 64 << 10 };

/* An absent parameter leaves *ret. */
static enum fault read_count(const struct op *op, const char *name, int64_t min, int64_t max, int64_t *ret,
			     struct err *err)
{
	struct span text = http_query(op->request, name);
	int64_t v = 0;

	if (text.p == NULL)
		return FAULT_NONE;
	if (int_parse(text, &v) != FAULT_NONE || v < min || v > max)
		return err_say(err, FAULT_INVALID, "Request_BadRequest",
			       "Invalid page size or page token specified: '%.*s'. Must be between %" PRId64
			       " and %" PRId64 " inclusive.",
			       SPAN_ARG(span_first(text, 64)), min, max);
	*ret = v;
	return FAULT_NONE;
}

enum fault graph_page_begin(struct op *op, const char *context, struct graph_page *ret, struct err *err)
{
	struct graph_page p = { .op = op, .top = TOP_DEFAULT };
	enum fault f = read_count(op, "$top", 1, TOP_MAX, &p.top, err);

	if (f == FAULT_NONE)
		f = read_count(op, "$skiptoken", 0, INT32_MAX, &p.skip, err);
	if (f != FAULT_NONE)
		return f;
	json_out_object(&op->out, NULL);
	graph_write_context(op, context);
	json_out_array(&op->out, "value");
	*ret = p;
	return FAULT_NONE;
}

bool graph_page_wants(struct graph_page *p)
{
	p->seen++;
	if (p->seen <= p->skip || p->written == p->top)
		return false;
	p->written++;
	return true;
}

/* The request's own address with another $skiptoken. */
static void write_next_link(struct graph_page *p)
{
	SCOPED_DONE(buf) struct buf link = BUF_INIT(LINK_MAX);
	const struct http_request *r = p->op->request;

	buf_printf(&link, "https://%.*s%.*s?", SPAN_ARG(r->host), SPAN_ARG(r->path));
	for (size_t i = 0; i < r->n_query; i++) {
		if (span_eq_nocase(r->query[i].name, SPAN_LIT("$skiptoken")))
			continue;
		buf_put_span(&link, r->query[i].name);
		buf_put_char(&link, '=');
		percent_encode(&link, r->query[i].value);
		buf_put_char(&link, '&');
	}
	buf_printf(&link, "$skiptoken=%" PRId64, p->skip + p->written);
	if (buf_fault(&link) == FAULT_NONE)
		json_out_str(&p->op->out, "@odata.nextLink", buf_span(&link));
}

void graph_page_end(struct graph_page *p)
{
	json_out_array_end(&p->op->out);
	if (p->seen > p->skip + p->written)
		write_next_link(p);
	json_out_object_end(&p->op->out);
}
