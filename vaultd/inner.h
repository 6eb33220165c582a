#ifndef SANDVAULT_VAULTD_INNER_H
#define SANDVAULT_VAULTD_INNER_H

/*
 * Requests of vaultd to itself: a registry that uses a key, a deployment that makes a resource. They take the way of
 * every request, through firewall, permission and audit; only the token is not there, since the caller is known.
 */

#include "common/io/http.h"
#include "vaultd/authn.h"
#include "vaultd/vaultd.h"

struct inner_request {
	enum http_method method;
	struct span host;	     /* whose door, and the name that ids in the answer repeat */
	struct span target;	     /* path and query */
	struct span body;	     /* JSON; empty: none */
	const struct caller *caller; /* must live until the reply; the others are copied */
	struct addr from;	     /* where it comes from, as the firewall sees it */
	const char *user_agent;
};

/* The reply, in a later turn of the loop; body lives during the call. */
typedef void inner_done(void *arg, int status, struct span body);

/* Outside any transaction: the request begins its own. A fault here: done will not be called. */
enum fault inner_send(struct vaultd *d, const struct inner_request *q, inner_done *done, void *arg) MUST_USE;

/* "code" and "message" of an error object, and the code of an innererror; empty strings where there are none. */
void inner_error(struct span body, struct err *ret);

#endif
