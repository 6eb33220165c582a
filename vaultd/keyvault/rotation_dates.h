#ifndef SANDVAULT_VAULTD_KEYVAULT_ROTATION_DATES_H
#define SANDVAULT_VAULTD_KEYVAULT_ROTATION_DATES_H

/*
 * When a key's next version should have been made.
 *
 * A clock that jumps over several dates makes the versions it passed, each with the date it fell due as its creation,
 * so that the key looks as if time had gone by. Of more than ROTATION_MISSED_MAX the earliest are left out. A key whose
 * newest version is disabled is not rotated by itself. Source: fixtures/sources.md#rotation
 */

#include "common/model/key.h"

enum { ROTATION_MISSED_MAX = 12 };

/* False when nothing is due by now_s. */
bool rotation_next(const struct key_head *h, const struct key_version *newest, const struct rotation_policy *p,
		   int64_t now_s, int64_t *ret_created_s) MUST_USE;
/* Whether the version's near expiry is to be told by now_s. Disabled ones too. */
bool rotation_notice_due(const struct key_version *v, const struct rotation_policy *p, int64_t now_s);

#endif
