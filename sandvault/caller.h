#ifndef SANDVAULT_SANDVAULT_CALLER_H
#define SANDVAULT_SANDVAULT_CALLER_H

/* Asking a running sandbox for things, the way any client does. */

#include "common/io/http_client.h"
#include "common/io/json.h"
#include "common/plain/secret.h"
#include "sandvault/front.h"

enum { REPLY_BODY_MAX = 4 << 20, TOKEN_MAX = 1 << 16 };

/*
 * An access token for resource. as: "admin" (the administrator, by client secret), "system" (the virtual machine's
 * own identity), or an identity's client id, object id or resource id (from IMDS).
 * FAULT_DENIED with the service's own sentence when it refuses.
 */
enum fault caller_token(const struct front *front, const struct json_doc *endpoints, const char *as,
			struct span resource, struct secret *ret, struct err *err) MUST_USE;

/* GET with a token; the JSON of a 200. */
enum fault caller_get(const struct front *front, const struct json_doc *endpoints, const char *url,
		      const struct secret *token, struct json_doc **ret, struct err *err) MUST_USE;

#endif
