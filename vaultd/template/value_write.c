#include "vaultd/template/value.h"

#include <inttypes.h>

#include "common/io/json_out.h"

/* The nesting is written here: values may be deeper than json_out goes. */
static void write_string(struct buf *out, struct span text)
{
	struct json_out o;

	json_out_init(&o, out);
	json_out_str(&o, NULL, text);
}

static void write_array(struct buf *out, const struct tv *v)
{
	buf_put_char(out, '[');
	for (size_t i = 0; i < v->array.n && out->fault == FAULT_NONE; i++) {
		if (i > 0)
			buf_put_char(out, ',');
		tv_write(out, v->array.items[i]);
	}
	buf_put_char(out, ']');
}

static void write_object(struct buf *out, const struct tv *v)
{
	buf_put_char(out, '{');
	for (size_t i = 0; i < v->object.n && out->fault == FAULT_NONE; i++) {
		if (i > 0)
			buf_put_char(out, ',');
		write_string(out, v->object.members[i].name);
		buf_put_char(out, ':');
		tv_write(out, v->object.members[i].value);
	}
	buf_put_char(out, '}');
}

void tv_write(struct buf *out, const struct tv *v)
{
	switch (tv_type(v)) {
	case TV_NULL:
		buf_put_cstr(out, "null");
		break;
	case TV_BOOL:
		buf_put_cstr(out, v->boolean ? "true" : "false");
		break;
	case TV_INT:
		buf_printf(out, "%" PRId64, v->integer);
		break;
	case TV_NUMBER:
		buf_put_span(out, v->text);
		break;
	case TV_STRING:
		write_string(out, v->text);
		break;
	case TV_ARRAY:
		write_array(out, v);
		break;
	case TV_OBJECT:
		write_object(out, v);
		break;
	}
}
