#ifndef SANDVAULT_IDENTITYD_IMDS_H
#define SANDVAULT_IDENTITYD_IMDS_H

/* What a host resource sees on its plain port: the instance metadata service and its kin. Sources:
 * fixtures/sources.md#imds */

#include "common/model/host.h"
#include "identityd/operation.h"

/* No proxy in between, and the header that a confused browser cannot send. */
enum fault imds_guard_origin(const struct op *op, struct err *err) MUST_USE;
/* And what IMDS wants besides, a version of the service. *ret_done: the reply stands already (the version's refusal has
 * a shape of its own). */
enum fault imds_guard(struct op *op, bool *ret_done, struct err *err) MUST_USE;

/* Which identity is meant. p NULL: not said. */
struct identity_hint {
	struct span client_id, object_id, resource_id;
};
/* FAULT_NOT_FOUND: none on this host; FAULT_CONFLICT: several, and none said. */
enum fault identity_select(struct op *op, const struct host *host, const struct identity_hint *hint,
			   struct principal *ret) MUST_USE;

/* Prepares the order for a managed identity on the host. FAULT_INVALID without words when the resource is unknown. */
enum fault managed_order(struct op *op, const struct host *host, const struct principal *p, struct span resource,
			 struct err *err) MUST_USE;

/* The whole way from a hint to the order, with IMDS's words for what is refused. resource: not empty. */
enum fault imds_order(struct op *op, const struct identity_hint *hint, struct span resource, struct err *err) MUST_USE;

op_handler op_imds_token, op_imds_finish, op_imds_unknown_source, op_imds_instance, op_imds_compute;
op_handler op_app_service_token, op_app_service_finish;
/* Its finish is IMDS's. */
op_handler op_cloud_shell_token;
op_handler op_cloud_metadata;

#endif
