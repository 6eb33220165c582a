#ifndef SANDVAULT_VAULTD_ARM_COMPUTE_REPLY_H
#define SANDVAULT_VAULTD_ARM_COMPUTE_REPLY_H

/* A host of the sandbox in the shape of a virtual machine. */

#include "common/model/host.h"
#include "vaultd/arm/arm.h"

enum fault virtual_machine_write(struct arm_op *op, const struct host *h) MUST_USE;
/* The items of the generic list: no properties. */
enum fault virtual_machine_write_generic(struct arm_op *op, const struct host *h) MUST_USE;

#endif
