#ifndef SANDVAULT_VAULTD_ARM_ARM_UNKNOWN_H
#define SANDVAULT_VAULTD_ARM_ARM_UNKNOWN_H

/* Words for a request that no row fits: another method, an unknown provider, an unknown type. */

#include "vaultd/arm/arm.h"

enum fault arm_say_unknown(const struct http_request *request, bool has_other_method, struct err *err);

#endif
