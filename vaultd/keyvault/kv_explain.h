#ifndef SANDVAULT_VAULTD_KV_EXPLAIN_H
#define SANDVAULT_VAULTD_KV_EXPLAIN_H

/* What would happen to a request on the data plane: vaultd/explain.h. */

#include "vaultd/keyvault/kv.h"

struct kv_question {
	struct caller caller;
	struct span vault;   /* name */
	struct span key;     /* empty: none was named */
	struct span version; /* empty: the newest; of a key, where kv_row_takes_version */
	const struct kv_row *row;
	bool has_address; /* without one the request comes from this machine */
	struct addr address;
	int64_t now_s;
};

/* Writes the object. FAULT_NOT_FOUND for an unknown vault. */
enum fault kv_explain(struct vaultd *d, struct txn *t, const struct kv_question *q, struct json_out *out,
		      struct err *err) MUST_USE;

/* Whether the operation's path may name one version of a key. */
bool kv_row_takes_version(const struct kv_row *row);

/* For the audit and for here. The deciding rule's place in the vault's lists: "accessPolicies/2"; "" for another kind.
 */
void kv_rule_text(const struct verdict *v, char *out, size_t cap);

#endif
