#include "identityd/proxy/head.h"

#include "common/plain/text.h"

enum { HTTP_PORT = 80, HTTPS_PORT = 443, PORT_DIGITS_MAX = 5 };

static bool is_port(struct span text, uint16_t *ret)
{
	int64_t n = 0;

	if (text.len == 0 || text.len > PORT_DIGITS_MAX || text.p[0] == '-' || int_parse(text, &n) != FAULT_NONE ||
	    n < 1 || n > UINT16_MAX)
		return false;
	*ret = (uint16_t)n;
	return true;
}

static bool is_host(struct span host)
{
	static const char others[] = "-._[]:";
	bool has_brackets = host.len > 2 && host.p[0] == '[' && host.p[host.len - 1] == ']';

	for (size_t i = 0; i < host.len; i++) {
		char c = ascii_lower(host.p[i]);

		if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && (c == '\0' || strchr(others, c) == NULL))
			return false;
		if (strchr("[]:", c) != NULL && !has_brackets)
			return false;
	}
	return host.len > 0;
}

/* otherwise 0: a port must be said. */
static bool read_authority(struct span authority, uint16_t otherwise, struct proxy_head *h)
{
	size_t colon = authority.len;

	h->port = otherwise;
	while (colon > 0 && authority.p[colon - 1] != ':' && authority.p[colon - 1] != ']')
		colon--;
	if (colon > 0 && authority.p[colon - 1] == ':') {
		h->host = span_first(authority, colon - 1);
		return is_port(span_from(authority, colon), &h->port) && is_host(h->host);
	}
	h->host = authority;
	return otherwise != 0 && is_host(h->host);
}

static enum proxy_form read_absolute(struct span target, struct proxy_head *h)
{
	struct span rest;
	size_t n = 0;

	h->is_https = span_starts_nocase(target, SPAN_LIT("https://"));
	if (!h->is_https && !span_starts_nocase(target, SPAN_LIT("http://")))
		return PROXY_BROKEN;
	rest = span_from(target, h->is_https ? 8 : 7);
	while (n < rest.len && rest.p[n] != '/' && rest.p[n] != '?' && rest.p[n] != '#')
		n++;
	return read_authority(span_first(rest, n), h->is_https ? HTTPS_PORT : HTTP_PORT, h) ? PROXY_ABSOLUTE
											    : PROXY_BROKEN;
}

static enum proxy_form read_target(struct span method, struct proxy_head *h)
{
	if (span_eq_cstr(method, "CONNECT"))
		return read_authority(h->target, 0, h) ? PROXY_CONNECT : PROXY_BROKEN;
	if (h->target.p[0] == '/' || span_eq_cstr(h->target, "*"))
		return PROXY_DIRECT;
	return read_absolute(h->target, h);
}

static bool is_token(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~')
			return false;
	return s.len > 0;
}

void proxy_head_parse(struct span head, struct proxy_head *ret)
{
	struct proxy_head h = { .form = PROXY_BROKEN, .target = SPAN_EMPTY, .host = SPAN_EMPTY };
	struct span line, method, rest, version;

	rest = span_cut(head, '\r', &line);
	if (rest.p != NULL && rest.len > 0 && rest.p[0] == '\n') {
		rest = span_cut(line, ' ', &method);
		version = rest.p == NULL ? SPAN_EMPTY : span_cut(rest, ' ', &h.target);
		if (is_token(method) && is_token(h.target) && version.p != NULL &&
		    (span_eq_cstr(version, "HTTP/1.1") || span_eq_cstr(version, "HTTP/1.0")))
			h.form = read_target(method, &h);
	}
	if (h.form == PROXY_BROKEN || h.form == PROXY_DIRECT)
		h.host = SPAN_EMPTY;
	*ret = h;
}
