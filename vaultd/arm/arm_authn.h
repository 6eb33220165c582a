#ifndef SANDVAULT_VAULTD_ARM_ARM_AUTHN_H
#define SANDVAULT_VAULTD_ARM_ARM_AUTHN_H

/* Who calls the control plane, and the words for those who cannot say. */

#include "vaultd/arm/arm.h"

/* Sets op->caller. FAULT_UNAUTHENTICATED with Azure's code and sentence, and the WWW-Authenticate header added. */
enum fault arm_authenticate(struct arm_op *op, struct err *err) MUST_USE;

#endif
