#ifndef SANDVAULT_VAULTD_TEMPLATE_FN_H
#define SANDVAULT_VAULTD_TEMPLATE_FN_H

/*
 * The functions of template expressions: tables of rows, the call that a function is given, and what all of them say
 * alike. Source: fixtures/sources.md#templates
 */

#include <limits.h>

#include "vaultd/template/expr.h"
#include "vaultd/template/expr_parse.h"

/* A lambda's variables, the innermost first. */
struct fn_scope {
	struct span name;
	const struct tv *value;
	const struct fn_scope *outer;
};

/* One evaluation of an expression. */
struct eval {
	const struct expr_env *env;
	struct pool *pool;
	const struct fn_scope *scope;
	uint64_t work; /* steps so far, when the environment does not count them */
	unsigned depth;
	struct err *err;
};

/* Steps that the expressions of one turn of the loop may take, or one expression alone when nobody counts them
 * together: comparing lists with each other is quick to write and slow to do, and so is measuring a long text a
 * thousand times. */
#define EVAL_WORK_MAX UINT64_C(50000000)

struct call {
	struct eval *eval;
	struct pool *pool;
	const struct expr_env *env;
	const char *name;
	const struct tv **args; /* evaluated; none is NULL */
	size_t n;
	struct err *err;
};

/* What is said when the number of arguments is wrong. */
enum fn_arity { ARITY_COUNT, ARITY_ONLY_ONE, ARITY_EXACTLY, ARITY_AT_LEAST_ONE };

enum { FN_ANY = INT_MAX };

struct fn {
	const char *name;
	size_t min, max;
	enum fault (*call)(struct call *c, const struct tv **ret);
	/* Instead of call: evaluates of its arguments what it needs. */
	enum fault (*lazy)(struct eval *e, const struct expr *call, const struct tv **ret);
	enum fn_arity arity;
};

struct fn_table {
	const struct fn *rows;
	size_t n;
};

extern const struct fn_table fn_strings, fn_texts, fn_formats, fn_encodings, fn_arrays, fn_slices, fn_sets, fn_objects,
	fn_logic, fn_numbers, fn_ids, fn_deployment, fn_dates, fn_hashes, fn_lambdas;

/* Whether there is such a function and it takes so many arguments. */
enum fault fn_check(const struct expr *call, const struct fn **ret, struct err *err) MUST_USE;

enum fault eval_expr(struct eval *e, const struct expr *x, const struct tv **ret) MUST_USE;
/* FAULT_INVALID unless it is a boolean; which: "first", … */
enum fault eval_condition(struct eval *e, const struct expr *call, const struct expr *x, bool *ret) MUST_USE;
/* FAULT_TOO_LARGE when the expression has worked too long. */
enum fault eval_spend(struct eval *e, uint64_t steps) MUST_USE;
/* Into ret; FAULT_TOO_LARGE with a sentence when it is NULL. */
enum fault eval_give(struct eval *e, const struct tv *made, const struct tv **ret) MUST_USE;
/* A member of an object or an item of an array, by name or index. */
enum fault eval_member(struct eval *e, const struct tv *of, const struct tv *index, const struct tv **ret) MUST_USE;

/* The same for a call. */
enum fault call_give(struct call *c, const struct tv *made, const struct tv **ret) MUST_USE;
enum fault call_give_text(struct call *c, struct span text, const struct tv **ret) MUST_USE;
/* A copy of what the buf holds. */
enum fault call_give_buf(struct call *c, const struct buf *b, const struct tv **ret) MUST_USE;
enum fault call_spend(struct call *c, uint64_t steps) MUST_USE;
/* "Unable to evaluate template language function 'x': ….", as a fault. */
enum fault call_refuse(struct call *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* "… expects its second parameter to be wanted. The provided value is of type 'Array'. …" */
enum fault call_wrong_type(struct call *c, size_t i, const char *wanted);
/* "The template function 'x' is not expected at this location. …" */
enum fault call_misplaced(struct call *c);

/* Arguments; FAULT_INVALID by call_wrong_type. */
enum fault call_text(struct call *c, size_t i, struct span *ret) MUST_USE;
enum fault call_int(struct call *c, size_t i, int64_t *ret) MUST_USE;
enum fault call_array(struct call *c, size_t i) MUST_USE;
enum fault call_object(struct call *c, size_t i) MUST_USE;
/* What a value is as text: strings as they are, True and False, JSON of arrays and objects. */
void fn_put_text(struct buf *out, const struct tv *v);
bool fn_is_primitive(const struct tv *v);

/* Results of functions are limited before the pool is: they are put together in a buf. */
enum { FN_TEXT_MAX = 8 << 20 };

#endif
