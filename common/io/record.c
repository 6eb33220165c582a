#include "common/io/record.h"

enum { HEAD_LEN = 2, FIELD_HEAD_LEN = 6 };

void record_begin(struct buf *b, uint8_t version, uint8_t min_reader)
{
	buf_put_u8(b, version);
	buf_put_u8(b, min_reader);
}

void record_put(struct buf *b, uint16_t tag, struct span v)
{
	if (v.len > UINT32_MAX) {
		if (b->fault == FAULT_NONE)
			b->fault = FAULT_TOO_LARGE;
		return;
	}
	buf_put_u16(b, tag);
	buf_put_u32(b, (uint32_t)v.len);
	buf_put_span(b, v);
}

void record_put_cstr(struct buf *b, uint16_t tag, const char *v)
{
	record_put(b, tag, span_cstr(v));
}

void record_put_int(struct buf *b, uint16_t tag, int64_t v)
{
	buf_put_u16(b, tag);
	buf_put_u32(b, 8);
	buf_put_u64(b, (uint64_t)v);
}

void record_put_bool(struct buf *b, uint16_t tag, bool v)
{
	buf_put_u16(b, tag);
	buf_put_u32(b, 1);
	buf_put_u8(b, v ? 1 : 0);
}

static uint64_t get_be(const char *p, size_t n)
{
	uint64_t v = 0;

	for (size_t i = 0; i < n; i++)
		v = v << 8 | (unsigned char)p[i];
	return v;
}

enum fault record_open(struct record_reader *r, struct span bytes, uint8_t reads)
{
	uint8_t version, min_reader;

	if (bytes.len < HEAD_LEN)
		return FAULT_STORE;
	version = (uint8_t)bytes.p[0];
	min_reader = (uint8_t)bytes.p[1];
	/* Zero is never written: a run of zero bytes is no record. */
	if (version == 0 || min_reader == 0 || min_reader > version || min_reader > reads)
		return FAULT_STORE;
	*r = (struct record_reader){ .rest = span_from(bytes, HEAD_LEN), .version = version };
	return FAULT_NONE;
}

enum fault record_next(struct record_reader *r, uint16_t *ret_tag, struct span *ret_value)
{
	size_t len;

	if (r->rest.len == 0)
		return FAULT_NOT_FOUND;
	if (r->rest.len < FIELD_HEAD_LEN)
		return FAULT_STORE;
	len = (size_t)get_be(r->rest.p + 2, 4);
	if (len > r->rest.len - FIELD_HEAD_LEN)
		return FAULT_STORE;
	*ret_tag = (uint16_t)get_be(r->rest.p, 2);
	*ret_value = span_of(r->rest.p + FIELD_HEAD_LEN, len);
	r->rest = span_from(r->rest, FIELD_HEAD_LEN + len);
	return FAULT_NONE;
}

enum fault record_each(struct span bytes, uint8_t reads,
		       enum fault (*field)(uint16_t tag, struct span value, void *into), void *into)
{
	struct record_reader r;
	struct span value;
	uint16_t tag;
	enum fault f = record_open(&r, bytes, reads);

	while (f == FAULT_NONE && (f = record_next(&r, &tag, &value)) == FAULT_NONE)
		f = field(tag, value, into);
	return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
}

enum fault record_int(struct span v, int64_t *ret)
{
	if (v.len != 8)
		return FAULT_STORE;
	*ret = (int64_t)get_be(v.p, 8);
	return FAULT_NONE;
}

enum fault record_bool(struct span v, bool *ret)
{
	if (v.len != 1 || (v.p[0] != 0 && v.p[0] != 1))
		return FAULT_STORE;
	*ret = v.p[0] == 1;
	return FAULT_NONE;
}

enum fault record_str(struct span v, char *out, size_t cap)
{
	/* A NUL inside would make the copy a shorter, different text. */
	if (v.len >= cap || (v.len > 0 && memchr(v.p, '\0', v.len) != NULL))
		return FAULT_STORE;
	if (v.len > 0)
		memcpy(out, v.p, v.len);
	out[v.len] = '\0';
	return FAULT_NONE;
}
