#ifndef SANDVAULT_VAULTD_ARM_DEPLOYMENT_REPLY_H
#define SANDVAULT_VAULTD_ARM_DEPLOYMENT_REPLY_H

/* A deployment's shape in replies. Source: fixtures/sources.md#deployments */

#include "common/model/deployment.h"
#include "vaultd/arm/arm.h"

/* Its id is written with a capital G, whatever the path said. */
struct deploy;
/* validated: the one that was only looked at, for "validatedResources"; NULL: none. */
void deployment_write(struct arm_op *op, const struct deployment *d, const struct deploy *validated);
/* "2026-01-02T03:04:05.0060000Z" */
void deployment_write_time(struct json_out *o, const char *key, int64_t wall_ms);
/* "PT1M2.7370000S", "PT0S" */
void deployment_write_duration(struct json_out *o, const char *key, int64_t ms);
/* "Accepted" */
const char *deployment_state_word(enum deployment_state state);
/* Azure-AsyncOperation and Retry-After, for whoever waits for its end. */
void deployment_add_status_url(struct arm_op *op, const struct deployment *d);

#endif
