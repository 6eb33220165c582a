#ifndef SANDVAULT_VAULTD_ARM_ARM_SCOPE_H
#define SANDVAULT_VAULTD_ARM_ARM_SCOPE_H

/* What a request's path names: subscription, group, resource; and the sentences for what is not there. */

#include "common/model/group.h"
#include "vaultd/arm/arm.h"

#define ARM_SUBSCRIPTION_NAME "Sandvault" /* what the one subscription is called */

struct span arm_capture(const struct arm_op *op, const char *name);
/* The world has one subscription. InvalidSubscriptionId, SubscriptionNotFound. */
enum fault arm_check_subscription(const struct arm_op *op, struct err *err) MUST_USE;
/* The path's resource group. ResourceGroupNotFound. */
enum fault arm_group(const struct arm_op *op, struct group *ret, struct err *err) MUST_USE;
/* For lists: the group's name when the path has one (it must exist), else the empty span. */
enum fault arm_list_group(const struct arm_op *op, struct span *ret_name, struct err *err) MUST_USE;
/* ResourceNotFound, after ResourceGroupNotFound when that is the reason. type: "Microsoft.KeyVault/vaults". */
enum fault arm_resource_not_found(const struct arm_op *op, const char *type, struct span name, struct err *err);

#endif
