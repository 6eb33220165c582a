#ifndef SANDVAULT_VAULTD_DEPLOY_DEPLOY_H
#define SANDVAULT_VAULTD_DEPLOY_DEPLOY_H

/*
 * A deployment being carried out: the plan of its template (vaultd/template), and the control plane's own operations,
 * each called as the one who deploys, in the order that the plan allows. Loop thread only.
 */

#include "common/io/json_out.h"
#include "common/model/deployment.h"
#include "vaultd/inner.h"
#include "vaultd/template/template.h"

struct deploy;

/* All copied. */
struct deploy_input {
	struct vaultd *d;
	const struct caller *caller;
	struct span host; /* names in replies follow it */
	struct addr from;
	const struct group *group;
	struct span name;
	struct span body; /* {"properties":{"mode":…,"template":…,"parameters":…}}, as az writes it too */
	int64_t now_ms;
};

/* Where the template is at fault, as the additionalInfo of an error object; empty when there is no place to name. */
struct deploy_fault {
	char info[1024];
};

/* Reads and plans; nothing is done yet. FAULT_INVALID: InvalidTemplate, InvalidRequestContent,
 * InvalidDeploymentParameter… and the like. The owner frees it, or starts it. */
enum fault deploy_new(const struct deploy_input *in, struct deploy **ret, struct deploy_fault *ret_fault,
		      struct err *err) MUST_USE;
void deploy_free(struct deploy *p);

/* What there is to tell of it now but for its operations: spans live in it until it goes on. */
void deploy_describe(struct deploy *p, struct deployment *ret);
/* [{"id":…,"operationId":…,"properties":{…}}] of everything that was begun; lives until it goes on. */
struct span deploy_operations(struct deploy *p);
/* The ids of everything that it would deploy, as "validatedResources" has them. */
void deploy_write_resources(const struct deploy *p, struct json_out *o, const char *key);

/*
 * Carries it out; it is freed at its end. The record in the store follows: Running, then Succeeded, Failed or Canceled.
 * done (NULL: nobody) is called at the end, outside any transaction. Not inside a transaction. A fault here: it did not
 * begin, and is freed all the same.
 */
typedef void deploy_done(void *arg, enum deployment_state state, const struct err *err);
enum fault deploy_start(struct deploy *take_p, deploy_done *done, void *arg, struct err *err) MUST_USE;

/* One that is under way; NULL: none of that name. */
struct deploy *deploy_find(const struct vaultd *d, struct span group, struct span name);
/* Nothing more is begun; what is under way ends as Canceled. */
void deploy_cancel(struct deploy *p);

/* What an existing resource would become: asks which of the plan's resources are there. done gets a JSON array as
 * "changes" of a what-if has it. p is freed. */
void deploy_compare(struct deploy *take_p,
		    void (*done)(void *arg, enum fault f, const struct err *err, struct span changes), void *arg);

/* When the daemon stops: no deployment goes on; then, when no reply comes any more, they are freed. */
void deploy_stop_all(struct vaultd *d);
void deploy_free_all(struct vaultd *d);
/* A record that says "under way" of a deployment that is not any more, since its end could not be noted: it failed. */
void deploy_settle(const struct vaultd *d, struct deployment *r);
/* At the start: those that a former process left under way have failed. */
enum fault deploy_mend(struct vaultd *d, int64_t now_ms, struct err *err) MUST_USE;

#endif
