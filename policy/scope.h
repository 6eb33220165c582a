#ifndef SANDVAULT_POLICY_SCOPE_H
#define SANDVAULT_POLICY_SCOPE_H

/*
 * Scopes: ids of what a grant covers, from "/" over a subscription, a group and a vault down to a single key. A scope
 * covers itself and everything below it.
 */

#include "common/plain/base.h"
#include "common/plain/fault.h"
#include "common/plain/span.h"

/*
 * Whether inner is outer or lies below it, on whole segments: ".../vaults/v" does not contain ".../vaults/v2". Both
 * folded (scope_fold). What does not begin with a slash contains nothing and lies in nothing.
 */
bool scope_contains(struct span outer, struct span inner);

/*
 * The form that scopes are compared in: ASCII lower-case, no slash at the end. out has room for cap bytes, is
 * terminated, and *ret_folded lives inside it.
 *
 * FAULT_INVALID: no leading slash, or an empty segment. FAULT_TOO_LARGE: out is too small.
 */
enum fault scope_fold(struct span id, char *out, size_t cap, struct span *ret_folded) MUST_USE;

#endif
