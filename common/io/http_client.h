#ifndef SANDVAULT_IO_HTTP_CLIENT_H
#define SANDVAULT_IO_HTTP_CLIENT_H

/*
 * One blocking HTTP request, for command-line programs. A connection of its own, HTTP/1.1, no redirects, no proxy,
 * bodies by Content-Length or to the end of the connection; one that is taken as it comes is asked for in HTTP/1.0,
 * which knows no chunks. Over TLS the server's certificate is checked against one file.
 */

#include "common/plain/buf.h"
#include "common/plain/clock.h"
#include "common/plain/fault.h"
#include "common/plain/rng.h"
#include "common/plain/span.h"

struct http_client_request {
	const char *method;  /* "GET" */
	const char *url;     /* http://HOST[:PORT]/PATH?QUERY or https:// */
	const char *headers; /* whole lines, each ended by CRLF; NULL for none */
	struct span body;    /* with a Content-Length of its own; its Content-Type is in headers */
	const char *ca_path; /* https: the authorities that are trusted, PEM */
	const char
		*unix_path; /* the Unix socket to connect to; NULL: by the URL, which otherwise only names the host */
	int timeout_ms;	    /* for everything together; -1: none */
	/* Takes the body of a 200 as it comes, in place of the reply's own; false ends the exchange. NULL: none. */
	bool (*on_body)(struct span bytes, void *arg);
	void *arg;
};

struct http_client_reply {
	int status;
	struct buf body; /* wiped on release; its ceiling is the caller's */
};
#define HTTP_CLIENT_REPLY_INIT(ceiling)                                                                                \
	{                                                                                                              \
		.body = BUF_SECRET_INIT(ceiling)                                                                       \
	}
void http_client_reply_done(struct http_client_reply *r);

/* Any status is success. FAULT_INVALID for a URL that is none, FAULT_UNAVAILABLE when nobody answers or not in time,
 * FAULT_IO when the answer is not HTTP or ends early, FAULT_CRYPTO when TLS fails; each with a sentence. */
enum fault http_client_send(const struct http_client_request *req, const struct clock *clock, const struct rng *rng,
			    struct http_client_reply *ret, struct err *err) MUST_USE;

#endif
