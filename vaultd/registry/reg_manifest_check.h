#ifndef SANDVAULT_VAULTD_REG_MANIFEST_CHECK_H
#define SANDVAULT_VAULTD_REG_MANIFEST_CHECK_H

/* Whether a manifest is one: its media type, its form, and whether what it names is there. */

#include "vaultd/registry/reg.h"

/* content_type: of the request, NULL or "" when it had none; then the manifest says it. Inside a transaction. */
enum fault reg_manifest_check(struct reg_op *op, const struct json *body, const char *content_type,
			      char ret_media_type[MEDIA_TYPE_SIZE], struct err *err) MUST_USE;

#endif
