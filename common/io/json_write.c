#include "common/io/json.h"

#include "common/io/json_c.h"
#include "common/io/json_out.h"

static void write_value(struct json_out *o, const char *key, const struct json *v);

static bool write_member(struct span name, const struct json *value, void *arg)
{
	/* A parsed name holds no NUL and is terminated, so it can go as a C string. */
	write_value(arg, name.p, value);
	return true;
}

static void write_value(struct json_out *o, const char *key, const struct json *v)
{
	switch (json_type(v)) {
	case JSON_NULL:
		json_out_null(o, key);
		break;
	case JSON_BOOL:
		json_out_bool(o, key, json_bool(v));
		break;
	case JSON_INT:
		json_out_int(o, key, json_int(v));
		break;
	case JSON_DOUBLE:
		/* json-c kept the digits as they came. */
		json_out_raw(o, key,
			     span_cstr(json_object_to_json_string_ext((json_object *)v, JSON_C_TO_STRING_PLAIN)));
		break;
	case JSON_STRING:
		json_out_str(o, key, json_string(v));
		break;
	case JSON_ARRAY:
		json_out_array(o, key);
		for (size_t i = 0; i < json_array_len(v); i++)
			write_value(o, NULL, json_array_at(v, i));
		json_out_array_end(o);
		break;
	case JSON_OBJECT:
		json_out_object(o, key);
		json_object_each(v, write_member, o);
		json_out_object_end(o);
		break;
	}
}

void json_write(struct buf *out, const struct json *v)
{
	struct json_out o;

	json_out_init(&o, out);
	write_value(&o, NULL, v);
}
