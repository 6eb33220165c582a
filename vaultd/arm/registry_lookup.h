#ifndef SANDVAULT_VAULTD_ARM_REGISTRY_LOOKUP_H
#define SANDVAULT_VAULTD_ARM_REGISTRY_LOOKUP_H

/* The registry that a path names. */

#include "common/model/registry.h"
#include "vaultd/arm/arm.h"

#define REGISTRY_TYPE "Microsoft.ContainerRegistry/registries"

bool registry_is_in_path(const struct arm_op *op, const struct registry *r);
/* ResourceNotFound; the path's registry is at capture. */
enum fault registry_of_path(const struct arm_op *op, const char *capture, struct registry *ret,
			    struct err *err) MUST_USE;
/* A struct registry is large: one in the exchange's pool. NULL: memory. */
struct registry *registry_alloc(const struct arm_op *op);
/* 5 to 50 letters and digits. */
enum fault registry_check_name(struct span name, struct err *err) MUST_USE;
/* Who changed it, and when. */
void registry_stamp(const struct arm_op *op, struct registry *r);

#endif
