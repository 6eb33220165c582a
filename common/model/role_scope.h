#ifndef SANDVAULT_MODEL_ROLE_SCOPE_H
#define SANDVAULT_MODEL_ROLE_SCOPE_H

/* What happens to assignments when the resource they stand at goes. */

#include "common/io/store.h"

/* Drops every assignment and deny assignment at the resource (its id in any casing) and below. */
enum fault role_scope_drop(struct txn *t, const char *id) MUST_USE;

#endif
