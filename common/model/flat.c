#include "common/model/flat.h"

enum { FLAT_RECORD_MAX = 128 << 10 };

static size_t count_of(const struct flat_field *row, const void *from)
{
	size_t n;

	memcpy(&n, (const char *)from + row->count, sizeof(n));
	return n;
}

static void encode_field(struct buf *out, const struct flat_field *row, const void *from)
{
	const char *at = (const char *)from + row->offset;
	int64_t number;
	unsigned word;

	switch (row->type) {
	case FLAT_STR:
		record_put_cstr(out, row->tag, at);
		return;
	case FLAT_STRS:
		for (size_t i = 0; i < count_of(row, from); i++)
			record_put_cstr(out, row->tag, at + i * row->cap);
		return;
	case FLAT_BYTES:
		record_put(out, row->tag, span_of(at, count_of(row, from)));
		return;
	case FLAT_INT:
		memcpy(&number, at, sizeof(number));
		record_put_int(out, row->tag, number);
		return;
	case FLAT_UINT:
		memcpy(&word, at, sizeof(word));
		record_put_int(out, row->tag, word);
		return;
	case FLAT_BOOL:
		record_put_bool(out, row->tag, *(const bool *)at);
		return;
	}
}

void flat_encode(struct buf *out, const struct flat_field *rows, size_t n_rows, uint8_t version, const void *from)
{
	record_begin(out, version, version);
	for (size_t i = 0; i < n_rows; i++)
		encode_field(out, &rows[i], from);
}

static enum fault decode_list_item(const struct flat_field *row, struct span value, void *into)
{
	size_t n = count_of(row, into);
	enum fault f;

	if (n == row->max)
		return FAULT_STORE;
	f = record_str(value, (char *)into + row->offset + n * row->cap, row->cap);
	n++;
	memcpy((char *)into + row->count, &n, sizeof(n));
	return f;
}

static enum fault decode_bytes(const struct flat_field *row, struct span value, void *into)
{
	if (value.len > row->cap)
		return FAULT_STORE;
	if (value.len > 0)
		memcpy((char *)into + row->offset, value.p, value.len);
	memcpy((char *)into + row->count, &value.len, sizeof(value.len));
	return FAULT_NONE;
}

static enum fault decode_number(const struct flat_field *row, struct span value, char *at)
{
	int64_t number = 0;
	enum fault f = record_int(value, &number);
	unsigned word = (unsigned)number;

	if (f != FAULT_NONE)
		return f;
	if (row->type == FLAT_INT) {
		memcpy(at, &number, sizeof(number));
		return FAULT_NONE;
	}
	if (number < 0 || number > UINT32_MAX)
		return FAULT_STORE;
	memcpy(at, &word, sizeof(word));
	return FAULT_NONE;
}

static enum fault decode_field(const struct flat_field *row, struct span value, void *into)
{
	char *at = (char *)into + row->offset;

	switch (row->type) {
	case FLAT_STR:
		return record_str(value, at, row->cap);
	case FLAT_STRS:
		return decode_list_item(row, value, into);
	case FLAT_BYTES:
		return decode_bytes(row, value, into);
	case FLAT_INT:
	case FLAT_UINT:
		return decode_number(row, value, at);
	case FLAT_BOOL:
		return record_bool(value, (bool *)at);
	}
	return FAULT_STORE;
}

enum fault flat_decode(struct span bytes, const struct flat_field *rows, size_t n_rows, uint8_t reads, void *into,
		       size_t into_size)
{
	struct record_reader r;
	struct span value;
	uint16_t tag;
	enum fault f = record_open(&r, bytes, reads);

	memset(into, 0, into_size);
	while (f == FAULT_NONE && (f = record_next(&r, &tag, &value)) == FAULT_NONE)
		for (size_t i = 0; i < n_rows && f == FAULT_NONE; i++)
			if (rows[i].tag == tag)
				f = decode_field(&rows[i], value, into);
	return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
}

enum fault flat_get(struct txn *t, const struct flat_kind *k, struct span key, void *into)
{
	struct span bytes;
	enum fault f = txn_get(t, k->table, key, &bytes);

	return f != FAULT_NONE ? f : flat_decode(bytes, k->rows, k->n_rows, k->version, into, k->size);
}

enum fault flat_put(struct txn *t, const struct flat_kind *k, struct span key, const void *from)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(FLAT_RECORD_MAX);

	flat_encode(&b, k->rows, k->n_rows, k->version, from);
	if (buf_fault(&b) != FAULT_NONE)
		return b.fault;
	return txn_put(t, k->table, key, buf_span(&b));
}

enum fault flat_walk(struct txn *t, const struct flat_kind *k, struct span prefix, void *scratch,
		     enum fault (*each)(const void *one, void *arg), void *arg)
{
	struct span key, value;
	struct walk w;
	enum fault f = walk_begin(t, k->table, prefix, SPAN_EMPTY, &w);
	bool is_end = false;

	if (f != FAULT_NONE)
		return f;
	while (f == FAULT_NONE) {
		f = walk_next(&w, &key, &value);
		is_end = f == FAULT_NOT_FOUND;
		if (f == FAULT_NONE)
			f = flat_decode(value, k->rows, k->n_rows, k->version, scratch, k->size);
		if (f == FAULT_NONE)
			f = each(scratch, arg);
	}
	walk_done(&w);
	return is_end ? FAULT_NONE : f;
}
