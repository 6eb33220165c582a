#ifndef SANDVAULT_VAULTD_ARM_ARM_ACCESS_H
#define SANDVAULT_VAULTD_ARM_ARM_ACCESS_H

/*
 * Whether the caller may: role-based access on the control plane. Asked in read transactions, or in a write transaction
 * before its first write.
 * Source: fixtures/sources.md#roles
 */

#include "vaultd/arm/arm.h"

/* The authorize stage: fills scope, verdict and rule. AuthorizationFailed, DenyAssignmentAuthorizationFailed. */
enum fault arm_authorize(struct arm_op *op, const struct arm_row *row, struct err *err) MUST_USE;

/* Whether the caller may do this at the resource of that id (any casing): for lists, and for what a body names. */
enum fault arm_may(struct arm_op *op, const char *action, const char *id, bool *ret) MUST_USE;
/* The same as a refusal. */
enum fault arm_must(struct arm_op *op, const char *action, const char *id, struct err *err) MUST_USE;

/* The same of a resource that the request's own resource is to be linked with: an identity, a subnet. A refusal says
 * that the request itself was allowed by `own`, its row's action. LinkedAuthorizationFailed. */
enum fault arm_must_linked(struct arm_op *op, const char *own, const char *action, const char *id,
			   struct err *err) MUST_USE;

/* Whether anything in the subscription, or the subscription itself, was given to the caller. */
enum fault arm_sees_subscription(struct arm_op *op, bool *ret) MUST_USE;

#endif
