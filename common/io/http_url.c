#include "common/io/http_url.h"

#include <stdio.h>

#include "common/plain/span.h"
#include "common/plain/text.h"

static bool is_clean(const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text <= ' ' || *text > '~')
			return false;
	}
	return true;
}

/* "[::1]:80", "localhost:80", "localhost"; *port is empty when none is said. */
static bool split_authority(struct span authority, struct span *host, struct span *port)
{
	struct span rest;

	*port = SPAN_EMPTY;
	if (authority.len > 0 && authority.p[0] == '[') {
		rest = span_cut(span_from(authority, 1), ']', host);
		if (rest.p == NULL)
			return false;
		if (rest.len == 0)
			return true;
		if (rest.p[0] != ':')
			return false;
		*port = span_from(rest, 1);
		return port->len > 0;
	}
	rest = span_cut(authority, ':', host);
	if (rest.p == NULL)
		return true;
	*port = rest;
	return rest.len > 0;
}

static bool copy_port(struct http_url *u, struct span port)
{
	int64_t n = u->is_tls ? 443 : 80;

	if (port.len > 0 && (int_parse(port, &n) != FAULT_NONE || n < 1 || n > 65535))
		return false;
	snprintf(u->port, sizeof(u->port), "%u", (unsigned)n);
	return true;
}

enum fault http_url_parse(const char *text, struct http_url *ret)
{
	struct http_url u = { .target = "/" };
	struct span host, port;

	if (!is_clean(text))
		return FAULT_INVALID;
	if (strncmp(text, "https://", 8) == 0)
		u.is_tls = true;
	else if (strncmp(text, "http://", 7) != 0)
		return FAULT_INVALID;
	u.authority = text + (u.is_tls ? 8 : 7);
	u.authority_len = strcspn(u.authority, "/?#@");
	if (u.authority[u.authority_len] == '/')
		u.target = u.authority + u.authority_len;
	else if (u.authority[u.authority_len] != '\0')
		return FAULT_INVALID;
	if (!split_authority(span_of(u.authority, u.authority_len), &host, &port) || host.len == 0 ||
	    host.len >= sizeof(u.host) || !copy_port(&u, port))
		return FAULT_INVALID;
	memcpy(u.host, host.p, host.len);
	u.host[host.len] = '\0';
	*ret = u;
	return FAULT_NONE;
}
