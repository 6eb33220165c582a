#ifndef SANDVAULT_TESTS_SUPPORT_PLANNED_H
#define SANDVAULT_TESTS_SUPPORT_PLANNED_H

/*
 * Templates of unit tests: read, planned and shown as short text. In the texts a backtick stands for a double quote.
 * The deployment goes to group "rg" of subscription "s" of tenant "t", in westeurope.
 */

#include "vaultd/template/template.h"

/* What a template must have at its top. */
#define TEMPLATE(rest)                                                                                                 \
	"{`$schema`:`https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#`,"                \
	"`contentVersion`:`1.0.0.0`," rest "}"
#define RESOURCES(rest) TEMPLATE("`resources`:[" rest "]")

struct planned {
	struct pool pool;
	struct plan *plan; /* NULL: refused */
	enum fault fault;
	struct err err;
	struct template_place place;
	struct template_input in;
};

/* parameters may be NULL. A text that is no JSON fails the test. */
void planned_init(struct planned *t, const char *text, const char *parameters);
/* The same from a file below fixtures/templates. */
void planned_init_file(struct planned *t, const char *file, const char *parameters);
void planned_done(struct planned *t);

/* Every resource as "ID <after,after existing out;", ids of the group shortened to "~/…", with backticks. */
const char *planned_shown(struct planned *t);
/* Compact JSON, with backticks. */
const char *planned_text(struct planned *t, const struct tv *v);
/* "3:7 resources[0].name" */
const char *planned_place(struct planned *t, const struct template_place *place);

#endif
