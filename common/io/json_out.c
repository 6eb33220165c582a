#include "common/io/json_out.h"

#include "common/io/utf8.h"
#include "common/plain/text.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void json_out_init(struct json_out *o, struct buf *buf)
{
	*o = (struct json_out){ .buf = buf };
}

static void put_escape(struct buf *b, unsigned char c)
{
	static const char short_forms[0x20] = { ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r' };

	if (c == '"' || c == '\\')
		buf_printf(b, "\\%c", c);
	else if (short_forms[c] != '\0')
		buf_printf(b, "\\%c", short_forms[c]);
	else
		buf_printf(b, "\\u%04x", c);
}

static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c != '"' && c != '\\';
}

/* How many bytes stand for themselves. Most strings are plain ASCII from end to end. */
static size_t plain_run(struct span v)
{
	size_t run = 0, n = 1;

	while (n > 0 && run < v.len && is_plain((unsigned char)v.p[run])) {
		n = (unsigned char)v.p[run] < 0x80 ? 1 : utf8_char_len(span_from(v, run));
		run += n;
	}
	return run;
}

/* Bytes that are no UTF-8 (from a percent-decoded path, say) become U+FFFD: a reply is JSON whatever was asked. */
static void put_string(struct buf *b, struct span v)
{
	buf_put_char(b, '"');
	while (v.len > 0) {
		size_t run = plain_run(v);

		buf_put(b, v.p, run);
		v = span_from(v, run);
		if (v.len == 0)
			break;
		if ((unsigned char)v.p[0] >= 0x80)
			buf_put_cstr(b, "\xef\xbf\xbd");
		else
			put_escape(b, (unsigned char)v.p[0]);
		v = span_from(v, 1);
	}
	buf_put_char(b, '"');
}

/* The comma before a member or element, and its name; key.p is NULL for none. */
static void put_lead(struct json_out *o, struct span key)
{
	if (o->has_member[o->depth])
		buf_put_char(o->buf, ',');
	o->has_member[o->depth] = true;
	if (key.p == NULL)
		return;
	put_string(o->buf, key);
	buf_put_char(o->buf, ':');
}

static void put_key(struct json_out *o, const char *key)
{
	put_lead(o, key == NULL ? span_of(NULL, 0) : span_cstr(key));
}

static void enter(struct json_out *o, char bracket)
{
	assert(o->depth + 1 < JSON_OUT_DEPTH_MAX);
	buf_put_char(o->buf, bracket);
	o->depth++;
	o->has_member[o->depth] = false;
}

static void leave(struct json_out *o, char bracket)
{
	assert(o->depth > 0);
	buf_put_char(o->buf, bracket);
	o->depth--;
}

void json_out_object(struct json_out *o, const char *key)
{
	put_key(o, key);
	enter(o, '{');
}

void json_out_object_end(struct json_out *o)
{
	leave(o, '}');
}

void json_out_array(struct json_out *o, const char *key)
{
	put_key(o, key);
	enter(o, '[');
}

void json_out_array_end(struct json_out *o)
{
	leave(o, ']');
}

void json_out_str(struct json_out *o, const char *key, struct span v)
{
	put_key(o, key);
	put_string(o->buf, v);
}

void json_out_cstr(struct json_out *o, const char *key, const char *v)
{
	json_out_str(o, key, span_cstr(v));
}

void json_out_fmt(struct json_out *o, const char *key, const char *fmt, ...)
{
	char short_text[512], *text = short_text, *long_text = NULL;
	va_list ap, again;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(short_text, sizeof(short_text), fmt, ap);
	if (n >= (int)sizeof(short_text)) {
		text = long_text = malloc((size_t)n + 1);
		if (text != NULL)
			vsnprintf(text, (size_t)n + 1, fmt, again);
	}
	va_end(again);
	va_end(ap);
	if (n >= 0 && text != NULL)
		json_out_str(o, key, span_of(text, (size_t)n));
	else if (o->buf->fault == FAULT_NONE)
		o->buf->fault = FAULT_MEMORY;
	free(long_text);
}

void json_out_int(struct json_out *o, const char *key, int64_t v)
{
	put_key(o, key);
	buf_printf(o->buf, "%" PRId64, v);
}

void json_out_bool(struct json_out *o, const char *key, bool v)
{
	put_key(o, key);
	buf_put_cstr(o->buf, v ? "true" : "false");
}

void json_out_null(struct json_out *o, const char *key)
{
	put_key(o, key);
	buf_put_cstr(o->buf, "null");
}

void json_out_b64u(struct json_out *o, const char *key, struct span bytes)
{
	put_key(o, key);
	buf_put_char(o->buf, '"');
	base64url_encode(o->buf, bytes);
	buf_put_char(o->buf, '"');
}

void json_out_raw(struct json_out *o, const char *key, struct span json)
{
	put_key(o, key);
	buf_put_span(o->buf, json);
}

void json_out_str_at(struct json_out *o, struct span key, struct span v)
{
	put_lead(o, key.p == NULL ? SPAN_EMPTY : key);
	put_string(o->buf, v);
}

void json_out_object_at(struct json_out *o, struct span key)
{
	put_lead(o, key.p == NULL ? SPAN_EMPTY : key);
	enter(o, '{');
}
