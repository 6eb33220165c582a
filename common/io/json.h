#ifndef SANDVAULT_IO_JSON_H
#define SANDVAULT_IO_JSON_H

/*
 * Reading JSON. Strict (RFC 8259): UTF-8 is checked, depth limited, trailing text, comments, NaN and duplicate member
 * names refused; so are integers beyond int64_t and U+0000 in a member name.
 * A document owns its values; a struct json * is borrowed from it, and strings are wiped with it.
 */

#include "common/plain/base.h"
#include "common/plain/buf.h"
#include "common/plain/fault.h"
#include "common/plain/span.h"

enum { JSON_DEPTH_MAX = 32 };

struct json; /* one value */
struct json_doc;

/* FAULT_INVALID with a sentence (what, and at which byte). */
enum fault json_parse(struct span text, struct json_doc **ret, struct err *err) MUST_USE;
void json_doc_free(struct json_doc *d);
DEFINE_SCOPED(json_doc, json_doc_free);
const struct json *json_root(const struct json_doc *d);

enum json_type { JSON_NULL, JSON_BOOL, JSON_INT, JSON_DOUBLE, JSON_STRING, JSON_ARRAY, JSON_OBJECT };
/* NULL (an absent member) counts as JSON_NULL everywhere below. */
enum json_type json_type(const struct json *v);

/* The member, or NULL when v is no object or has none of that name. */
const struct json *json_get(const struct json *v, const char *name);
/* The same ignoring ASCII case, as Azure Resource Manager reads member names. An exact match wins. */
const struct json *json_get_nocase(const struct json *v, const char *name);

size_t json_array_len(const struct json *v);
const struct json *json_array_at(const struct json *v, size_t i);
/* Calls each(name, value, arg) in document order until it returns false. */
void json_object_each(const struct json *v, bool (*each)(struct span name, const struct json *value, void *arg),
		      void *arg);
size_t json_object_len(const struct json *v);

/* Values; a wrong type gives the empty span, 0 or false: ask json_type first. Strings may hold NUL bytes. */
struct span json_string(const struct json *v);
int64_t json_int(const struct json *v);
bool json_bool(const struct json *v);

/* Compact text of any value, members in document order, as json_out would write it. */
void json_write(struct buf *out, const struct json *v);

/*
 * Reading an object through a table: each row is a member, where it goes, and whether it must be there.
 *
 *   FIELD_STRING   struct span (borrowed from the document; {"" , 0} with p NULL when absent)
 *   FIELD_INT      struct json_opt_int
 *   FIELD_BOOL     struct json_opt_bool
 *   FIELD_OBJECT, FIELD_ARRAY   const struct json *
 *
 * JSON null counts as absent. Unknown members are ignored, as the service does. Faults: FAULT_INVALID with Azure's code
 * BadParameter and, for each property at fault, a sentence that names it, ended by CRLF. An absent obj (NULL) is an
 * object without members.
 */
struct json_opt_int {
	bool is_set;
	int64_t v;
};
struct json_opt_bool {
	bool is_set;
	bool v;
};
enum field_type { FIELD_STRING, FIELD_INT, FIELD_BOOL, FIELD_OBJECT, FIELD_ARRAY };
enum field_need { FIELD_MAY, FIELD_MUST };
struct field {
	const char *name;
	enum field_type type;
	size_t offset;
	enum field_need need;
};
enum fault json_read(const struct json *obj, const struct field *rows, size_t n_rows, void *into,
		     struct err *err) MUST_USE;

#endif
