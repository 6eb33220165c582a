#ifndef SANDVAULT_SANDVAULT_ENV_PROXY_H
#define SANDVAULT_SANDVAULT_ENV_PROXY_H

/* The environment of a client that uses Azure's own names, by the proxy. */

#include "common/io/json.h"
#include "common/plain/buf.h"

/* Writes the variables as one JSON object. endpoints: a running sandbox's; FAULT_NOT_FOUND with a sentence when it has
 * no proxy. out gets a secret. */
enum fault env_proxy_write(const struct json_doc *endpoints, struct buf *out, struct err *err) MUST_USE;
/* Variables that lead past the proxy, which the other environment may have set; NULL-terminated. */
extern const char *const env_proxy_unset[];

#endif
