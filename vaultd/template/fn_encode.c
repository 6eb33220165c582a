#include "vaultd/template/fn.h"

#include "common/io/utf8.h"
#include "common/plain/text.h"

#define DATA_URI "data:text/plain;charset=utf8;base64,"

static bool is_utf8(struct span text)
{
	while (text.len > 0) {
		size_t n = utf8_char_len(text);

		if (n == 0)
			return false;
		text = span_from(text, n);
	}
	return true;
}

static enum fault give_decoded(struct call *c, struct buf *out, enum fault f, const struct tv **ret)
{
	if (f == FAULT_INVALID || (f == FAULT_NONE && !is_utf8(buf_span(out))))
		return call_refuse(c, "the value is not the encoding of a text");
	return f == FAULT_NONE ? call_give_buf(c, out, ret) : f;
}

static enum fault fn_base64(struct call *c, const struct tv **ret)
{
	SCOPED_DONE(buf) struct buf out = BUF_INIT(FN_TEXT_MAX);
	struct span text;
	enum fault f = call_text(c, 0, &text);

	if (f != FAULT_NONE)
		return f;
	base64_encode(&out, text);
	return call_give_buf(c, &out, ret);
}

static enum fault fn_base64_to_string(struct call *c, const struct tv **ret)
{
	SCOPED_DONE(buf) struct buf out = BUF_INIT(FN_TEXT_MAX);
	struct span text;
	enum fault f = call_text(c, 0, &text);

	return f == FAULT_NONE ? give_decoded(c, &out, base64_decode(&out, text), ret) : f;
}

static enum fault parse_json(struct call *c, struct span text, const struct tv **ret)
{
	struct err why = ERR_INIT;
	enum fault f = tv_parse(c->pool, text, TV_MADE, ret, &why);

	if (f == FAULT_INVALID)
		return call_refuse(c, "the value is no JSON: %s", why.message);
	return f == FAULT_NONE ? f : err_say(c->err, f, "", "%s", why.message);
}

static enum fault fn_json(struct call *c, const struct tv **ret)
{
	struct span text;
	enum fault f = call_text(c, 0, &text);

	return f == FAULT_NONE ? parse_json(c, text, ret) : f;
}

static enum fault fn_base64_to_json(struct call *c, const struct tv **ret)
{
	const struct tv *text = NULL;
	enum fault f = fn_base64_to_string(c, &text);

	return f == FAULT_NONE ? parse_json(c, text->text, ret) : f;
}

static enum fault fn_data_uri(struct call *c, const struct tv **ret)
{
	SCOPED_DONE(buf) struct buf out = BUF_INIT(FN_TEXT_MAX), text = BUF_INIT(FN_TEXT_MAX);
	enum fault f;

	if (!fn_is_primitive(c->args[0]))
		return call_wrong_type(c, 0, "of type 'String'");
	fn_put_text(&text, c->args[0]);
	f = buf_fault(&text);
	if (f != FAULT_NONE)
		return f;
	buf_put_cstr(&out, DATA_URI);
	base64_encode(&out, buf_span(&text));
	return call_give_buf(c, &out, ret);
}

/* "data:[type][;charset=…][;base64],…" */
static enum fault fn_data_uri_to_string(struct call *c, const struct tv **ret)
{
	static const struct span base64 = SPAN_LIT(";base64");
	SCOPED_DONE(buf) struct buf out = BUF_INIT(FN_TEXT_MAX);
	struct span text, head, data;
	enum fault f = call_text(c, 0, &text);

	if (f != FAULT_NONE)
		return f;
	data = span_cut(text, ',', &head);
	if (data.p == NULL || !span_starts_nocase(head, SPAN_LIT("data:")))
		return call_refuse(c, "the value is no data URI");
	if (head.len >= base64.len && span_eq_nocase(span_from(head, head.len - base64.len), base64))
		f = base64_decode(&out, data);
	else
		percent_decode(&out, data, false);
	return give_decoded(c, &out, f, ret);
}

static enum fault fn_uri_component(struct call *c, const struct tv **ret)
{
	SCOPED_DONE(buf) struct buf out = BUF_INIT(FN_TEXT_MAX);
	struct span text;
	enum fault f = call_text(c, 0, &text);

	if (f != FAULT_NONE)
		return f;
	percent_encode(&out, text);
	return call_give_buf(c, &out, ret);
}

static enum fault fn_uri_component_to_string(struct call *c, const struct tv **ret)
{
	SCOPED_DONE(buf) struct buf out = BUF_INIT(FN_TEXT_MAX);
	struct span text;
	enum fault f = call_text(c, 0, &text);

	if (f != FAULT_NONE)
		return f;
	percent_decode(&out, text, false);
	return give_decoded(c, &out, FAULT_NONE, ret);
}

/* What stays of base: all of it up to its last slash that is not part of "//"; with none, all of it and a slash. */
static void put_base(struct buf *out, struct span base)
{
	struct span authority = base;
	const char *slashes = memmem(base.p, base.len, "//", 2), *last;

	if (slashes != NULL)
		authority = span_from(base, (size_t)(slashes - base.p) + 2);
	last = memrchr(authority.p, '/', authority.len);
	if (last != NULL)
		base.len = (size_t)(last - base.p);
	buf_put_span(out, base);
	buf_put_char(out, '/');
}

static enum fault fn_uri(struct call *c, const struct tv **ret)
{
	SCOPED_DONE(buf) struct buf out = BUF_INIT(FN_TEXT_MAX);
	struct span base, relative;
	enum fault f = call_text(c, 0, &base);

	if (f == FAULT_NONE)
		f = call_text(c, 1, &relative);
	if (f == FAULT_NONE && memmem(base.p, base.len, "://", 3) == NULL)
		f = call_refuse(c, "the base is no absolute URI");
	if (f != FAULT_NONE)
		return f;
	put_base(&out, base);
	buf_put_span(&out, relative.len > 0 && relative.p[0] == '/' ? span_from(relative, 1) : relative);
	return call_give_buf(c, &out, ret);
}

static const struct fn rows[] = {
	{ "base64", 1, 1, fn_base64, NULL, ARITY_ONLY_ONE },
	{ "base64ToString", 1, 1, fn_base64_to_string, NULL, ARITY_COUNT },
	{ "base64ToJson", 1, 1, fn_base64_to_json, NULL, ARITY_COUNT },
	{ "json", 1, 1, fn_json, NULL, ARITY_ONLY_ONE },
	{ "dataUri", 1, 1, fn_data_uri, NULL, ARITY_COUNT },
	{ "dataUriToString", 1, 1, fn_data_uri_to_string, NULL, ARITY_COUNT },
	{ "uriComponent", 1, 1, fn_uri_component, NULL, ARITY_COUNT },
	{ "uriComponentToString", 1, 1, fn_uri_component_to_string, NULL, ARITY_COUNT },
	{ "uri", 2, 2, fn_uri, NULL, ARITY_COUNT },
};

const struct fn_table fn_encodings = { rows, ARRAY_LEN(rows) };
