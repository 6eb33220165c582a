#ifndef SANDVAULT_VAULTD_KV_EXPLAIN_H
#define SANDVAULT_VAULTD_KV_EXPLAIN_H

/*
 * What would happen to a request on the data plane, and every rule that was looked at, without doing it:
 *
 *   { verdict, reason, rule, considered: [ { kind, rule, outcome, because } ] }
 *
 * kind is "network", "access-policy", "role", "key"; outcome "allow", "deny", "cannot-tell", or "no-match" for a rule
 * that is about somebody or something else. rule names the deciding one, as the audit does; "" for none.
 */

#include "vaultd/keyvault/kv.h"

struct kv_question {
	struct caller caller;
	struct span vault; /* name */
	struct span key;   /* empty: none was named */
	const struct kv_row *row;
	bool has_address; /* without one the network is not looked at */
	struct addr address;
	int64_t now_s;
};

/* Writes the object. FAULT_NOT_FOUND for an unknown vault. */
enum fault kv_explain(struct vaultd *d, struct txn *t, const struct kv_question *q, struct json_out *out,
		      struct err *err) MUST_USE;

/* For the audit and for here. The deciding rule's place in the vault's lists: "accessPolicies/2"; "" for another kind.
 */
void kv_rule_text(const struct verdict *v, char *out, size_t cap);
/* "allow", "deny", "cannot-tell"; "none" when nothing was decided. */
const char *kv_verdict_word(const struct verdict *v);

#endif
