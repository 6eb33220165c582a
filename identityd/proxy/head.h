#ifndef SANDVAULT_IDENTITYD_PROXY_HEAD_H
#define SANDVAULT_IDENTITYD_PROXY_HEAD_H

/* What a proxy's client asks for: the first line of its request. Pure. */

#include "common/plain/base.h"
#include "common/plain/span.h"

enum proxy_form {
	PROXY_CONNECT,	/* "CONNECT HOST:PORT" */
	PROXY_ABSOLUTE, /* "GET http://HOST[:PORT]/…" */
	PROXY_DIRECT,	/* "GET /…": the client takes us for the server itself */
	PROXY_BROKEN,	/* no HTTP/1 request line */
};

/* Spans lie inside the head. */
struct proxy_head {
	enum proxy_form form;
	bool is_https;	    /* PROXY_ABSOLUTE: "https://", which should have been a CONNECT */
	struct span target; /* as sent */
	struct span host;   /* of the first two forms; brackets of an IPv6 address included */
	uint16_t port;
};

/* head: at least the first line with its line break. */
void proxy_head_parse(struct span head, struct proxy_head *ret);

#endif
