#ifndef SANDVAULT_VAULTD_TEMPLATE_VALUE_H
#define SANDVAULT_VAULTD_TEMPLATE_VALUE_H

/*
 * The values of deployment templates: what a template's text says and what its expressions make of it. A value is never
 * changed after it was made and lives in a pool, with everything below it; what comes from a text knows its place.
 */

#include "common/plain/buf.h"
#include "common/plain/fault.h"
#include "common/plain/pool.h"
#include "common/plain/span.h"

enum tv_type { TV_NULL, TV_BOOL, TV_INT, TV_NUMBER, TV_STRING, TV_ARRAY, TV_OBJECT };
/* No value is deeper or heavier, so whatever walks one comes to an end: values share parts, and doubling is cheap. */
enum { TV_DEPTH_MAX = 64, TV_WEIGHT_MAX = 1 << 21, TV_WEIGHT_BYTES = 32 /* of text weigh as much as one value */ };

struct tv;
struct tv_member {
	struct span name;
	const struct tv *value;
};
struct tv {
	enum tv_type type;
	unsigned line, column; /* from 1, where the value's first token ends; 0: made by a function */
	uint32_t depth;	       /* of arrays and objects in it, itself counted */
	uint32_t weight;       /* of everything in it, shared parts counted each time they stand there */
	union {
		bool boolean;
		int64_t integer;
		struct span text; /* TV_STRING; TV_NUMBER: a number that is no int64_t, as written */
		struct {
			const struct tv **items;
			size_t n;
		} array;
		struct {
			const struct tv_member *members; /* in document order */
			size_t n;
		} object;
	};
};

/*
 * JSON as template files have it: comments (// and block comments) count as blanks, strings may hold line breaks.
 * Otherwise strict: UTF-8, depth, no trailing text, no duplicate names. TV_BODY is the one request body that az sends:
 * there the member name template may stand without quotes. TV_MADE is what json() reads: strings may stand in single
 * quotation marks, and values have no place. FAULT_INVALID with a sentence that ends in line and column.
 */
enum tv_syntax { TV_TEMPLATE, TV_BODY, TV_MADE };
enum fault tv_parse(struct pool *pool, struct span text, enum tv_syntax syntax, const struct tv **ret,
		    struct err *err) MUST_USE;
/* Compact JSON, as common/io/json_out.h writes it. */
void tv_write(struct buf *out, const struct tv *v);

/* Makers: NULL when the pool is full or the value would be too deep or too heavy. Spans, items and members are taken as
 * they are, not copied. */
const struct tv *tv_null(struct pool *pool);
const struct tv *tv_bool(struct pool *pool, bool v);
const struct tv *tv_int(struct pool *pool, int64_t v);
const struct tv *tv_string(struct pool *pool, struct span text);
const struct tv *tv_array(struct pool *pool, const struct tv **items, size_t n);
const struct tv *tv_object(struct pool *pool, const struct tv_member *members, size_t n);
/* The object with that member set or replaced (its name compares without case). */
const struct tv *tv_with(struct pool *pool, const struct tv *object, struct span name, const struct tv *value);

/* NULL counts as TV_NULL below. Member names compare without case, as Azure's templates do; an exact match wins. */
enum tv_type tv_type(const struct tv *v);
const struct tv *tv_get(const struct tv *v, const char *name);
const struct tv *tv_get_span(const struct tv *v, struct span name);
/* Empty unless v is a string. */
struct span tv_text(const struct tv *v);
/* Deep; strings with case. */
bool tv_equal(const struct tv *a, const struct tv *b);
/* The word of the type in Azure's sentences: "String", "Integer", "Boolean", "Array", "Object", "Null", "Float". */
const char *tv_type_word(enum tv_type type);

#endif
