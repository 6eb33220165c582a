#ifndef SANDVAULT_IO_HTTP_URL_H
#define SANDVAULT_IO_HTTP_URL_H

/* The parts of a URL that a client needs. */

#include "common/plain/base.h"
#include "common/plain/fault.h"

enum { URL_HOST_SIZE = 256, URL_PORT_SIZE = 6 };

struct http_url {
	bool is_tls;
	char host[URL_HOST_SIZE]; /* without the brackets of an IPv6 address */
	char port[URL_PORT_SIZE]; /* 80 or 443 when not said */
	const char *authority;	  /* HOST[:PORT] as written, authority_len bytes; inside the text */
	size_t authority_len;
	const char *target; /* path and query, inside the text; "/" when there is none */
};

/* FAULT_INVALID for anything that is not http(s)://HOST[:PORT][/PATH][?QUERY] in printable ASCII without blanks. */
enum fault http_url_parse(const char *text, struct http_url *ret) MUST_USE;

#endif
