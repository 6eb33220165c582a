#ifndef SANDVAULT_VAULTD_TEMPLATE_RESOURCE_H
#define SANDVAULT_VAULTD_TEMPLATE_RESOURCE_H

/* One resource of a template as a node of the plan. */

#include "vaultd/template/template_eval.h"

struct resource_source {
	const struct tv *source; /* an object */
	struct span symbol;	 /* empty: none */
	const struct node *parent;
	const struct loop *loop;
	const struct path *path; /* in the pool */
	struct span copy_name;	 /* empty: no loop */
};

/* Reads type, name, version, condition and scope, and puts the node into the plan and its indexes. */
enum fault resource_add(struct plan *p, const struct resource_source *s, const struct node **ret,
			struct err *err) MUST_USE;

#endif
