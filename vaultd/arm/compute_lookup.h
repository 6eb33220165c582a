#ifndef SANDVAULT_VAULTD_ARM_COMPUTE_LOOKUP_H
#define SANDVAULT_VAULTD_ARM_COMPUTE_LOOKUP_H

/* The virtual machine a path names: the sandbox has one, the default host. */

#include "common/model/host.h"
#include "vaultd/arm/arm.h"

/* capture: the name of the path's element that holds the machine's name. ResourceNotFound. */
enum fault host_of_path(const struct arm_op *op, const char *capture, struct host *ret, struct err *err) MUST_USE;

#endif
