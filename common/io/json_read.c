#include "common/io/json.h"

static const enum json_type wanted[] = {
	[FIELD_STRING] = JSON_STRING, [FIELD_INT] = JSON_INT,	  [FIELD_BOOL] = JSON_BOOL,
	[FIELD_OBJECT] = JSON_OBJECT, [FIELD_ARRAY] = JSON_ARRAY,
};

/* v is of the row's type, or NULL for an absent member. */
static void store_field(const struct field *row, const struct json *v, void *into)
{
	void *at = (char *)into + row->offset;

	switch (row->type) {
	case FIELD_STRING:
		*(struct span *)at = v == NULL ? span_of(NULL, 0) : json_string(v);
		break;
	case FIELD_INT:
		*(struct json_opt_int *)at = (struct json_opt_int){ v != NULL, json_int(v) };
		break;
	case FIELD_BOOL:
		*(struct json_opt_bool *)at = (struct json_opt_bool){ v != NULL, json_bool(v) };
		break;
	case FIELD_OBJECT:
	case FIELD_ARRAY:
		*(const struct json **)at = v;
		break;
	}
}

enum fault json_read(const struct json *obj, const struct field *rows, size_t n_rows, void *into, struct err *err)
{
	SCOPED_DONE(buf) struct buf wrong = BUF_INIT(64 * 1024);

	/* The service tells everything that is wrong at once, each sentence ended by CRLF. */
	for (size_t i = 0; i < n_rows; i++) {
		const struct json *v = json_get(obj, rows[i].name);

		if (v != NULL && json_type(v) != wanted[rows[i].type])
			buf_printf(&wrong, "Property '%s' has invalid value\r\n", rows[i].name);
		else if (v == NULL && rows[i].need == FIELD_MUST)
			buf_printf(&wrong, "Property '%s' is required.\r\n", rows[i].name);
	}
	if (buf_fault(&wrong) != FAULT_NONE)
		return buf_fault(&wrong);
	if (wrong.len > 0)
		return err_say(err, FAULT_INVALID, "BadParameter", "%s", buf_cstr(&wrong));
	if (obj != NULL && json_type(obj) != JSON_OBJECT)
		return err_say(err, FAULT_INVALID, "BadParameter", "Property  has invalid value\r\n");
	for (size_t i = 0; i < n_rows; i++)
		store_field(&rows[i], json_get(obj, rows[i].name), into);
	return FAULT_NONE;
}
