#ifndef SANDVAULT_VAULTD_ARM_ARM_REPLY_H
#define SANDVAULT_VAULTD_ARM_ARM_REPLY_H

/* What every reply of the control plane has in common: headers, the error object, the status of a fault. */

#include "vaultd/arm/arm.h"

/* The HTTP status a fault becomes. */
int arm_status(enum fault f);
/* The code a caller sees. */
const char *arm_code(enum fault f, const struct err *err);
/* {"error":{"code":…,"message":…}}. The store's, disk's and memory's own sentences stay inside. */
/* info: additionalInfo, a JSON array; empty: none. */
void arm_write_error(struct buf *out, enum fault f, const struct err *err, struct span info);
/* Headers of every reply; code NULL: a success. */
void arm_add_headers(struct arm_op *op, const char *request_id, const char *code);

#endif
