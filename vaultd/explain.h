#ifndef SANDVAULT_VAULTD_EXPLAIN_H
#define SANDVAULT_VAULTD_EXPLAIN_H

/*
 * An explanation as it grows: what would happen to a request, and every rule that was looked at, without doing it:
 *
 *   { verdict, reason, rule, considered: [ { kind, rule, outcome, because } ] }
 *
 * kind is "vault", "network", "access-policy", "role-assignment", "deny-assignment", "key"; outcome "allow", "deny",
 * "cannot-tell", or "no-match" for a rule that is about somebody or something else. rule names the deciding one, as the
 * audit does; "" for none. The first refusal is the verdict, else the last grant.
 */

#include "common/io/json_out.h"
#include "policy/rbac.h"
#include "vaultd/vaultd.h"

enum { EXPLAIN_RULE_SIZE = 512 };

struct explanation {
	struct buf considered;
	struct json_out out; /* into considered: an explanation stays where it was begun */
	bool is_refused;
	const char *verdict, *reason;
	char rule[EXPLAIN_RULE_SIZE];
};

void explanation_begin(struct explanation *e);
void explanation_done(struct explanation *e);
/* Writes the object; nothing is added later. */
enum fault explanation_write(struct explanation *e, struct json_out *out) MUST_USE;

void explanation_add(struct explanation *e, const char *kind, const char *rule, const char *outcome,
		     const char *because);
/* A verdict on the whole; it counts unless something refused before. */
void explanation_decide(struct explanation *e, const struct verdict *v, const char *rule);
/* A rule that has the last word only when it refuses: added, and decided by. */
void explanation_check(struct explanation *e, const char *kind, const struct verdict *v, const char *rule);
/* Decides by roles: every deny assignment that covers the question, and every assignment that is about the caller at or
 * above the scope. */
enum fault explanation_roles(struct explanation *e, struct vaultd *d, struct txn *t,
			     const struct rbac_query *q) MUST_USE;

#endif
