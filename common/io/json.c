#include "common/io/json.h"

#include "common/io/json_c.h"
#include "common/io/json_scan.h"
#include "common/plain/secret.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>

/* A struct json is a json_object by another name; JSON null is NULL, as in json-c. */
struct json_doc {
	json_object *root;
};

static json_object *object_of(const struct json *v)
{
	return (json_object *)v;
}

static const struct json *json_of(const json_object *o)
{
	return (const struct json *)o;
}

/* The first of an object's members in document order. */
static struct lh_entry *members_of(const json_object *v)
{
	return lh_table_head(json_object_get_object(v));
}

/* Calls each for v and everything below; stops at the first false. The depth is bounded by the parser. */
static bool visit(json_object *v, bool (*each)(json_object *v, void *arg), void *arg)
{
	if (!each(v, arg))
		return false;
	if (json_object_is_type(v, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(v); i++) {
			if (!visit(json_object_array_get_idx(v, i), each, arg))
				return false;
		}
	}
	if (json_object_is_type(v, json_type_object)) {
		for (struct lh_entry *e = members_of(v); e != NULL; e = lh_entry_next(e)) {
			if (!visit((json_object *)lh_entry_v(e), each, arg))
				return false;
		}
	}
	return true;
}

static bool wipe_one(json_object *v, void *arg UNUSED)
{
	if (json_object_is_type(v, json_type_string))
		wipe((char *)json_object_get_string(v), (size_t)json_object_get_string_len(v));
	return true;
}

void json_doc_free(struct json_doc *d)
{
	if (d == NULL)
		return;
	/* Bodies carry secret values and private keys. */
	visit(d->root, wipe_one, NULL);
	json_object_put(d->root);
	free(d);
}

const struct json *json_root(const struct json_doc *d)
{
	return json_of(d->root);
}

static bool count_members(json_object *v, void *arg)
{
	size_t *n = arg;

	if (json_object_is_type(v, json_type_object))
		*n += (size_t)json_object_object_length(v);
	return true;
}

static bool is_finite(json_object *v, void *arg UNUSED)
{
	return !json_object_is_type(v, json_type_double) || isfinite(json_object_get_double(v));
}

static void tokener_free(struct json_tokener *tok)
{
	if (tok->pb != NULL && tok->pb->buf != NULL)
		wipe(tok->pb->buf, (size_t)tok->pb->size);
	json_tokener_free(tok);
}

/* The text's tokens are right already; json-c looks at their order and makes the tree. */
static enum fault parse_tree(struct span text, json_object **ret, struct err *err)
{
	/* One level more than ours, because json-c counts the scalar inside the innermost array too. */
	struct json_tokener *tok = json_tokener_new_ex(JSON_DEPTH_MAX + 1);
	enum json_tokener_error e;
	json_object *root;
	size_t at;

	if (tok == NULL)
		return FAULT_MEMORY;
	json_tokener_set_flags(tok, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	root = json_tokener_parse_ex(tok, text.p, (int)text.len);
	e = json_tokener_get_error(tok);
	at = json_tokener_get_parse_end(tok);
	if (e == json_tokener_continue) {
		/* A number at the top ends only with the text; the NUL says so. */
		root = json_tokener_parse_ex(tok, "", 1);
		e = json_tokener_get_error(tok);
		at = text.len;
	}
	tokener_free(tok);
	if (e == json_tokener_success) {
		*ret = root;
		return FAULT_NONE;
	}
	if (at >= text.len)
		return err_say(err, FAULT_INVALID, "", "the JSON text ends too early, at byte %zu", text.len);
	return err_say(err, FAULT_INVALID, "", "the JSON text is wrong at byte %zu: %s", at,
		       json_tokener_error_desc(e));
}

enum fault json_parse(struct span text, struct json_doc **ret, struct err *err)
{
	SCOPED(json_doc) struct json_doc *d = NULL;
	size_t n_colons, n_members = 0;
	enum fault f;

	if (text.len > INT_MAX / 2)
		return err_say(err, FAULT_INVALID, "", "the JSON text is too long");
	f = json_scan(text, &n_colons, err);
	if (f != FAULT_NONE)
		return f;
	d = calloc(1, sizeof(*d));
	if (d == NULL)
		return FAULT_MEMORY;
	f = parse_tree(text, &d->root, err);
	if (f != FAULT_NONE)
		return f;
	/* json-c keeps the last of two members of one name and says nothing. */
	visit(d->root, count_members, &n_members);
	if (n_members != n_colons)
		return err_say(err, FAULT_INVALID, "", "the JSON text has a duplicate member name");
	if (!visit(d->root, is_finite, NULL))
		return err_say(err, FAULT_INVALID, "", "the JSON text has a number that is too large");
	*ret = TAKE(d);
	return FAULT_NONE;
}

enum json_type json_type(const struct json *v)
{
	switch (json_object_get_type(object_of(v))) {
	case json_type_null:
		return JSON_NULL;
	case json_type_boolean:
		return JSON_BOOL;
	case json_type_double:
		return JSON_DOUBLE;
	case json_type_int:
		return JSON_INT;
	case json_type_object:
		return JSON_OBJECT;
	case json_type_array:
		return JSON_ARRAY;
	case json_type_string:
		return JSON_STRING;
	}
	return JSON_NULL;
}

const struct json *json_get(const struct json *v, const char *name)
{
	json_object *o = NULL;

	if (json_type(v) == JSON_OBJECT)
		json_object_object_get_ex(object_of(v), name, &o);
	return json_of(o);
}

struct find_nocase {
	struct span name;
	const struct json *found;
};

static bool find_nocase_each(struct span name, const struct json *value, void *arg)
{
	struct find_nocase *find = arg;

	if (!span_eq_nocase(name, find->name))
		return true;
	find->found = value;
	return false;
}

const struct json *json_get_nocase(const struct json *v, const char *name)
{
	struct find_nocase find = { span_cstr(name), NULL };

	if (json_type(v) != JSON_OBJECT)
		return NULL;
	if (!json_object_object_get_ex(object_of(v), name, (json_object **)&find.found))
		json_object_each(v, find_nocase_each, &find);
	return find.found;
}

size_t json_array_len(const struct json *v)
{
	return json_type(v) == JSON_ARRAY ? json_object_array_length(object_of(v)) : 0;
}

const struct json *json_array_at(const struct json *v, size_t i)
{
	return i < json_array_len(v) ? json_of(json_object_array_get_idx(object_of(v), i)) : NULL;
}

void json_object_each(const struct json *v, bool (*each)(struct span name, const struct json *value, void *arg),
		      void *arg)
{
	if (json_type(v) != JSON_OBJECT)
		return;
	for (struct lh_entry *e = members_of(object_of(v)); e != NULL; e = lh_entry_next(e)) {
		if (!each(span_cstr((const char *)lh_entry_k(e)), json_of((json_object *)lh_entry_v(e)), arg))
			return;
	}
}

size_t json_object_len(const struct json *v)
{
	return json_type(v) == JSON_OBJECT ? (size_t)json_object_object_length(object_of(v)) : 0;
}

struct span json_string(const struct json *v)
{
	if (json_type(v) != JSON_STRING)
		return SPAN_EMPTY;
	return span_of(json_object_get_string(object_of(v)), (size_t)json_object_get_string_len(object_of(v)));
}

int64_t json_int(const struct json *v)
{
	return json_type(v) == JSON_INT ? json_object_get_int64(object_of(v)) : 0;
}

bool json_bool(const struct json *v)
{
	return json_type(v) == JSON_BOOL && json_object_get_boolean(object_of(v));
}
