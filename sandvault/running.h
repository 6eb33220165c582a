#ifndef SANDVAULT_SANDVAULT_RUNNING_H
#define SANDVAULT_SANDVAULT_RUNNING_H

/*
 * A data directory seen from outside: who holds it, and what its endpoints.json says. The holder's process number
 * stands in run.lock, which is locked for as long as the holder lives.
 */

#include <sys/types.h>

#include "common/io/json.h"
#include "common/plain/rng.h"
#include "common/plain/span.h"

/* Takes the directory for this process. FAULT_CONFLICT with a sentence that names the holder. */
enum fault running_take(const char *data_dir, int *ret_fd, struct err *err) MUST_USE;
/* Writes this process into a lock that it holds (a child that inherited it, say). */
enum fault running_sign(int fd) MUST_USE;
/* FAULT_NOT_FOUND, with a sentence, when nobody holds it. */
enum fault running_holder(const char *data_dir, pid_t *ret, struct err *err) MUST_USE;

/* endpoints.json. FAULT_NOT_FOUND with a sentence that says how to start. */
enum fault running_endpoints(const char *data_dir, struct json_doc **ret, struct err *err) MUST_USE;
/* A string member; empty when there is none. Lives in the document. */
struct span endpoint(const struct json_doc *d, const char *name);
pid_t endpoint_pid(const struct json_doc *d, const char *program);

#endif
