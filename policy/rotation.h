#ifndef SANDVAULT_POLICY_ROTATION_H
#define SANDVAULT_POLICY_ROTATION_H

/*
 * A key's rotation policy: whether it is a valid one, and when it makes something due.
 * Source: fixtures/sources.md#rotation
 */

#include "common/plain/duration.h"

enum rotation_trigger { ROTATION_NEVER = 0, ROTATION_AFTER_CREATE, ROTATION_BEFORE_EXPIRY };

struct rotation_moment {
	enum rotation_trigger trigger;
	struct duration time; /* since creation, or ahead of the expiry */
};

/* All zero does nothing ever. */
struct rotation_policy {
	struct rotation_moment rotate, notify;
	bool has_expiry;
	struct duration expiry; /* expiryTime: how long versions that a rotation makes live */
};

enum rotation_action { ROTATION_ROTATE, ROTATION_NOTIFY };

enum rotation_problem {
	ROTATION_OK = 0,
	ROTATION_TWO_ROTATES,
	ROTATION_TWO_NOTIFIES,
	ROTATION_NOTIFY_AFTER_CREATE, /* a Notify is bound to the expiry */
	ROTATION_EXPIRY_TOO_SHORT,    /* less than 28 days */
	ROTATION_NEEDS_EXPIRY,	      /* Rotate with timeBeforeExpiry, and no expiryTime */
	ROTATION_TOO_SOON,	      /* less than 7 days after creation */
	ROTATION_TOO_LATE,	      /* less than 7 days before expiry */
};

/* Enters one lifetime action; when *p has one of its kind: TWO_ROTATES, TWO_NOTIFIES, and *p is as before. */
enum rotation_problem rotation_policy_add(struct rotation_policy *p, enum rotation_action action,
					  struct rotation_moment when) MUST_USE;
/* Gives a policy without a Notify the one that Azure adds: P30D before expiry. True when it was added. */
bool rotation_policy_add_default_notify(struct rotation_policy *p);
/* The first thing wrong with the whole. Months count as short as they come. */
enum rotation_problem rotation_policy_check(const struct rotation_policy *p) MUST_USE;
/* A sentence for the caller. */
const char *rotation_problem_text(enum rotation_problem problem);

/* A key's newest version. */
struct rotation_version {
	int64_t created_s;
	bool has_exp;
	int64_t exp_s;
};

struct rotation_due {
	bool is_set; /* false: never */
	int64_t at_s;
};

/* When the version's successor falls due. What hangs on the expiry of a version that never expires is never due. */
struct rotation_due rotation_due(const struct rotation_policy *p, const struct rotation_version *v);
struct rotation_due rotation_notify_due(const struct rotation_policy *p, const struct rotation_version *v);
/* `exp` of a version that a rotation makes; not set without expiryTime. */
struct rotation_due rotation_new_expiry(const struct rotation_policy *p, int64_t created_s);

#endif
