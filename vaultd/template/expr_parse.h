#ifndef SANDVAULT_VAULTD_TEMPLATE_EXPR_PARSE_H
#define SANDVAULT_VAULTD_TEMPLATE_EXPR_PARSE_H

/* The text of an expression as a tree: a literal or a call, and what is taken of it. Lives in the pool. */

#include "vaultd/template/value.h"

enum { EXPR_LEN_MAX = 24576, EXPR_DEPTH_MAX = 64 };

enum expr_kind { EXPR_STRING, EXPR_INT, EXPR_CALL };

/* ".name" or "[index]" */
struct expr_access {
	struct span name;
	const struct expr *index; /* NULL: a name */
	struct expr_access *next;
};

struct expr {
	enum expr_kind kind;
	struct span text; /* EXPR_STRING; EXPR_CALL: the function's name, with its namespace */
	int64_t integer;
	struct expr *args; /* linked by next */
	size_t n_args;
	struct expr_access *accesses;
	struct expr *next;
};

/* What stands between the brackets of a text that is an expression. */
struct span expr_inside(struct span text);
/* text: what stands between the brackets. FAULT_INVALID with Azure's sentence, FAULT_TOO_LARGE. */
enum fault expr_parse(struct pool *pool, struct span text, const struct expr **ret, struct err *err) MUST_USE;

#endif
