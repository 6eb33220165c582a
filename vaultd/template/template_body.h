#ifndef SANDVAULT_VAULTD_TEMPLATE_BODY_H
#define SANDVAULT_VAULTD_TEMPLATE_BODY_H

/* What a PUT of a resource sends. */

#include "vaultd/template/template_eval.h"

/* The sentence of a fault has no frame yet. */
enum fault body_make(struct template_eval *e, const struct node *n, const struct tv **ret, struct err *err) MUST_USE;

#endif
