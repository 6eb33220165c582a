#ifndef SANDVAULT_VAULTD_ARM_GROUP_NAME_H
#define SANDVAULT_VAULTD_ARM_GROUP_NAME_H

/* Names of resource groups. Pure. */

#include "common/plain/fault.h"
#include "common/plain/span.h"

/* FAULT_INVALID: InvalidResourceGroup. */
enum fault group_check_name(struct span name, struct err *err) MUST_USE;

#endif
