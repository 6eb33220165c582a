/* JSON: what parses is written, parsed and written again to the same text, and reads through a table of fields. */

#include "common/io/json.h"
#include "tests/fuzz/fuzz.h"

enum { OUT_MAX = 16 << 20 };

struct wanted {
	struct span text;
	struct json_opt_int number;
	struct json_opt_bool flag;
	const struct json *object, *array;
};

static const struct field fields[] = {
	{ "kty", FIELD_STRING, offsetof(struct wanted, text), FIELD_MUST },
	{ "key_size", FIELD_INT, offsetof(struct wanted, number), FIELD_MAY },
	{ "enabled", FIELD_BOOL, offsetof(struct wanted, flag), FIELD_MAY },
	{ "attributes", FIELD_OBJECT, offsetof(struct wanted, object), FIELD_MAY },
	{ "key_ops", FIELD_ARRAY, offsetof(struct wanted, array), FIELD_MAY },
};

static void touch(struct span s)
{
	volatile char sink = 0;

	FUZZ_CHECK(s.p != NULL || s.len == 0);
	for (size_t i = 0; i < s.len; i++)
		sink = (char)(sink ^ s.p[i]);
}

static void visit(const struct json *v);

static bool visit_member(struct span name, const struct json *value, void *arg)
{
	touch(name);
	visit(value);
	++*(size_t *)arg;
	return true;
}

static void visit(const struct json *v)
{
	size_t n = 0;

	switch (json_type(v)) {
	case JSON_NULL:
	case JSON_DOUBLE:
		break;
	case JSON_BOOL:
		(void)json_bool(v);
		break;
	case JSON_INT:
		(void)json_int(v);
		break;
	case JSON_STRING:
		touch(json_string(v));
		break;
	case JSON_ARRAY:
		for (size_t i = 0; i < json_array_len(v); i++)
			visit(json_array_at(v, i));
		FUZZ_CHECK(json_array_at(v, json_array_len(v)) == NULL);
		break;
	case JSON_OBJECT:
		json_object_each(v, visit_member, &n);
		FUZZ_CHECK(n == json_object_len(v));
		break;
	}
}

static void read_fields(const struct json *root)
{
	struct wanted w;
	struct err err = ERR_INIT;

	if (json_read(root, fields, ARRAY_LEN(fields), &w, &err) != FAULT_NONE) {
		FUZZ_CHECK(err.fault == FAULT_INVALID && err.message[0] != '\0');
		return;
	}
	touch(w.text);
	visit(w.object);
	visit(w.array);
	FUZZ_CHECK(span_eq(w.text, json_string(json_get_nocase(root, "kty"))));
}

static void write_again(struct span first)
{
	SCOPED(json_doc) struct json_doc *doc = NULL;
	SCOPED_DONE(buf) struct buf second = BUF_INIT(OUT_MAX);

	FUZZ_CHECK(json_parse(first, &doc, NULL) == FAULT_NONE);
	json_write(&second, json_root(doc));
	FUZZ_CHECK(span_eq(first, buf_span(&second)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SCOPED(json_doc) struct json_doc *doc = NULL;
	SCOPED_DONE(buf) struct buf text = BUF_INIT(OUT_MAX);
	struct err err = ERR_INIT;

	if (json_parse(span_of(data, size), &doc, &err) != FAULT_NONE) {
		FUZZ_CHECK(doc == NULL && err.fault == FAULT_INVALID && err.message[0] != '\0');
		return 0;
	}
	visit(json_root(doc));
	read_fields(json_root(doc));
	(void)json_get_nocase(json_root(doc), "ATTRIBUTES");
	json_write(&text, json_root(doc));
	FUZZ_CHECK(buf_fault(&text) == FAULT_NONE);
	write_again(buf_span(&text));
	return 0;
}
