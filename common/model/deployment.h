#ifndef SANDVAULT_MODEL_DEPLOYMENT_H
#define SANDVAULT_MODEL_DEPLOYMENT_H

/*
 * Deployments of templates to resource groups, as they are told afterwards. Names compare without case; a deployment of
 * the same name replaces the former one.
 * Spans live in the transaction when read, with the caller when written; JSON texts are compact, empty ones absent.
 */

#include "common/model/group.h"

enum { DEPLOYMENT_NAME_SIZE = 65 };

enum deployment_state {
	DEPLOYMENT_ACCEPTED = 1,
	DEPLOYMENT_RUNNING = 2,
	DEPLOYMENT_SUCCEEDED = 3,
	DEPLOYMENT_FAILED = 4,
	DEPLOYMENT_CANCELED = 5,
};

struct deployment {
	struct span subscription_id, group, name;
	enum deployment_state state;
	bool is_complete; /* mode: Complete, else Incremental */
	int64_t started_ms, changed_ms;
	struct span operation_id;   /* of its status URL */
	struct span correlation_id; /* a GUID */
	struct span template_hash;
	struct span template;	/* as it was sent, made strict JSON */
	struct span parameters; /* {"x":{"type":"String","value":…}} */
	struct span outputs;	/* the same shape */
	struct span providers;	/* arrays, as the control plane writes them */
	struct span dependencies;
	struct span resources;	/* [{"id":…}]: what was deployed */
	struct span operations; /* [{"id":…,"operationId":…,"properties":…}] */
	struct span error;	/* an error object */
};

/* Whether a name may have the character. */
bool deployment_name_has(char c);

/* FAULT_NOT_FOUND. */
enum fault deployment_get(struct txn *t, struct span subscription, struct span group, struct span name,
			  struct deployment *ret) MUST_USE;
enum fault deployment_put(struct txn *t, const struct deployment *d) MUST_USE;
enum fault deployment_del(struct txn *t, struct span subscription, struct span group, struct span name) MUST_USE;
/* All of a group, ascending by folded name, until each returns a fault. group empty: of the subscription. */
enum fault deployment_each(struct txn *t, struct span subscription, struct span group,
			   enum fault (*each)(const struct deployment *d, void *arg), void *arg) MUST_USE;
/* All of a group are forgotten. */
enum fault deployment_drop_group(struct txn *t, struct span subscription, struct span group) MUST_USE;

#endif
