#ifndef SANDVAULT_VAULTD_TEMPLATE_PLAN_H
#define SANDVAULT_VAULTD_TEMPLATE_PLAN_H

/*
 * What the files of the template engine share: the plan while it is made, its resources with what they were made from,
 * and the ways to say what is wrong. Nothing outside of vaultd/template includes it.
 */

#include "vaultd/template/template.h"
#include "vaultd/template/template_index.h"

/* Azure's limits. Source: fixtures/sources.md#templates */
enum { TEMPLATE_RESOURCES_MAX = 800, TEMPLATE_COPIES_MAX = 800 };
/* Ours: so many parameters and variables, one in the other. */
enum { TEMPLATE_BINDINGS_DEPTH_MAX = 256 };

/* Where in the template something stands: a chain to the root. */
struct path {
	const struct path *up; /* NULL: below the template itself */
	struct span name;      /* p NULL: the item with that index */
	size_t index;
};

#define PATH_NAME(up_, text) ((struct path){ .up = (up_), .name = SPAN_LIT(text) })
#define PATH_SPAN(up_, span_) ((struct path){ .up = (up_), .name = (span_) })
#define PATH_ITEM(up_, i) ((struct path){ .up = (up_), .index = (i) })

/* The turns of copy loops, the innermost first. */
struct loop {
	const struct loop *outer;
	struct span name;
	int64_t index;
	bool is_property; /* of a property or a variable: copyIndex() without a name means another one */
};

/* A parameter or a variable. */
struct binding {
	struct span name;
	const struct tv *source; /* its declaration, or the item of a variables' copy */
	bool is_copy;		 /* variable made by a loop */
	size_t copy_item;
	enum { BINDING_WAITS, BINDING_RUNS, BINDING_READY } state;
	const struct tv *value;
};

struct bindings {
	struct binding *items;
	size_t n;
	struct index by_name;
};

struct node {
	struct planned_resource r;
	const struct tv *source;
	const struct loop *loop; /* NULL: none */
	const struct path *path;
	struct span relative; /* the id behind its last "/providers/" */
	struct span other_id; /* the same resource written another way; p NULL: none */
	size_t *needs;	      /* what it names, existing ones among them */
	size_t n_needs;
	const struct tv *body;	   /* when nothing in it must wait for another resource */
	const struct tv *location; /* NULL: none, or not known before */
};

static inline bool node_is_deployed(const struct node *n)
{
	return !n->r.is_existing && !n->r.is_left_out;
}

struct plan {
	struct template_input in;
	struct pool *pool;
	bool is_symbolic; /* resources stand under symbolic names */
	struct bindings parameters, variables;
	struct node **nodes;
	size_t n_nodes, cap_nodes;
	struct index by_id, by_relative, by_name, by_symbol, by_copy;
	struct template_place place; /* of the fault at hand */
	bool is_placed;
	bool is_framed; /* its sentence is whole */
	unsigned depth; /* of parameters and variables that ask for each other */
	uint64_t work;	/* steps of expressions since the call began: a call never takes long */
	const struct tv *shown_parameters, *shown_providers, *shown_dependencies;
};

/* Takes the values of secure parameters out of a refusal's sentence. */
void plan_hide_secrets(const struct plan *p, struct err *err);
/* Remembers where the fault is; the first one of a call stays. */
void plan_place(struct plan *p, const struct tv *v, const struct path *at);
/* The same for a value of the template whose way there is not known. */
void plan_place_found(struct plan *p, const struct tv *what);
struct span path_text(struct pool *pool, const struct path *at);
/* FAULT_INVALID, code InvalidTemplate: "Deployment template validation failed: '…'." Without v and at the place is left
 * to who called. */
enum fault plan_refuse(struct plan *p, const struct tv *v, const struct path *at, struct err *err, const char *fmt, ...)
	PRINTF_LIKE(5, 6);
/* What Azure cannot read at all. The sentence is complete. */
enum fault plan_unreadable(struct plan *p, const struct tv *v, const struct path *at, struct err *err, const char *code,
			   const char *fmt, ...) PRINTF_LIKE(6, 7);
/* "Could not find member 'x' on object of type 'Y'." for the first member of v that is not among the known ones. */
enum fault plan_check_members(struct plan *p, const struct tv *v, const struct path *at, const char *type,
			      const char *const *known, size_t n_known, struct err *err) MUST_USE;
/* A sentence without its frame becomes "The template <what> is not valid: …. Please see …"; others stay. */
enum fault plan_frame(struct plan *p, enum fault f, struct err *err, const char *fmt, ...) PRINTF_LIKE(4, 5);
/* "Deployment template validation failed: '…'." around a sentence that needs nothing more. */
enum fault plan_frame_bare(struct plan *p, enum fault f, struct err *err);
enum fault plan_frame_node(struct plan *p, enum fault f, const struct tv *source, struct span name, struct err *err);

/* template_parameters.c, template_variables.c */
enum fault parameters_bind(struct plan *p, struct err *err) MUST_USE;
enum fault parameter_value(struct plan *p, struct span name, const struct tv **ret, struct err *err) MUST_USE;
enum fault parameters_show(struct plan *p) MUST_USE;
enum fault variables_declare(struct plan *p, struct err *err) MUST_USE;
enum fault variable_value(struct plan *p, struct span name, const struct tv **ret, struct err *err) MUST_USE;
struct binding *binding_find(const struct bindings *b, struct span name);
/* FAULT_INVALID when they ask for each other too deeply; else leave afterwards. */
enum fault binding_enter(struct plan *p, struct span name, struct err *err) MUST_USE;
/* Room for n bindings more, filled by the caller through binding_add. */
enum fault bindings_init(struct bindings *b, struct pool *pool, size_t n) MUST_USE;
enum fault binding_add(struct bindings *b, struct binding what) MUST_USE;

/* template_resources.c: every resource of the template as a node. */
enum fault resources_expand(struct plan *p, struct err *err) MUST_USE;
/* What a resource says about where it lies; empty: nothing. */
struct node_scope {
	struct span scope; /* an id, or what stands behind "/providers/" of one in the deployment's scope */
	struct span subscription, group;
};
/* template_ids.c: the members id and relative of a node that has type and name. FAULT_TOO_LARGE, FAULT_MEMORY. */
enum fault node_identify(struct plan *p, struct node *n, const struct node_scope *scope) MUST_USE;
/* Where a resource lies: its id up to the last "/providers/". */
struct span node_scope_of(const struct node *n);
/* What stands behind the last "/providers/" of an id: Azure's sentences show no more of it. */
struct span id_relative(struct span id);
/* Segments that are not empty. */
size_t segments_count(struct span text);

/* template_nodes.c: the list of them, and the names they are found by. copy_name empty: no loop. */
enum fault node_enlist(struct plan *p, struct node *n, struct span copy_name) MUST_USE;
/* Whether one with the same id is deployed already. */
bool node_is_there(const struct plan *p, const struct node *n);
/* The resources that a dependsOn or a reference() means; NULL: none. */
const struct index_slot *resource_find(const struct plan *p, struct span what);

/* template_depends.c: who comes after whom. template_order.c: the order itself; refuses circles. */
enum fault depends_resolve(struct plan *p, struct err *err) MUST_USE;
enum fault order_check(struct plan *p, struct err *err) MUST_USE;

/* template_outputs.c: their declarations, before anything is deployed. */
enum fault outputs_check(struct plan *p, struct err *err) MUST_USE;
/* template_shape.c: what stands at the top of a template. */
enum fault shape_check(struct plan *p, struct err *err) MUST_USE;
/* template_functions.c: every expression of it can be read, also where none was evaluated. */
enum fault functions_check(struct plan *p, struct err *err) MUST_USE;
/* template_providers.c */
enum fault providers_show(struct plan *p) MUST_USE;

#endif
