#include "vaultd/template/unique.h"

#include <stdio.h>

#include "common/io/digest.h"

enum { BLOCK = 8 };

static uint32_t rotate(uint32_t v, unsigned by)
{
	return v << by | v >> (32 - by);
}

/* Up to four bytes, the first the lowest. */
static uint32_t load(struct span bytes)
{
	uint32_t v = 0;

	for (size_t i = 0; i < bytes.len && i < 4; i++)
		v |= (uint32_t)(unsigned char)bytes.p[i] << 8 * i;
	return v;
}

static uint32_t scramble_low(uint32_t v)
{
	return rotate(v * 0x239b961bU, 15) * 0xab0e9789U;
}

static uint32_t scramble_high(uint32_t v)
{
	return rotate(v * 0xab0e9789U, 17) * 0x239b961bU;
}

static uint32_t finish(uint32_t v)
{
	v = (v ^ v >> 16) * 0x85ebca6bU;
	v = (v ^ v >> 13) * 0xc2b2ae35U;
	return v ^ v >> 16;
}

uint64_t unique_hash(struct span text)
{
	uint32_t low = 0, high = 0;
	struct span rest = text;

	for (; rest.len >= BLOCK; rest = span_from(rest, BLOCK)) {
		low = rotate(low ^ scramble_low(load(rest)), 19) + high;
		low = low * 5 + 0x561ccd1bU;
		high = rotate(high ^ scramble_high(load(span_from(rest, 4))), 13) + low;
		high = high * 5 + 0x0bcaa747U;
	}
	low ^= scramble_low(load(rest));
	high ^= scramble_high(load(span_from(rest, 4)));
	low ^= (uint32_t)text.len;
	high ^= (uint32_t)text.len;
	low += high;
	high += low;
	low = finish(low);
	high = finish(high);
	low += high;
	high += low;
	return (uint64_t)high << 32 | low;
}

/* Five bits a letter from the top; the last letter has the four that are left, moved up. */
void unique_string(struct span text, char out[UNIQUE_LEN])
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
	uint64_t hash = unique_hash(text);

	for (size_t i = 0; i < UNIQUE_LEN; i++) {
		out[i] = letters[hash >> 59];
		hash <<= 5;
	}
}

enum fault unique_guid(struct span text, char out[UUID_SIZE])
{
	static const uint8_t space[16] = { 0x11, 0xfb, 0x06, 0xfb, 0x71, 0x2d, 0x4d, 0xdd,
					   0x98, 0xc7, 0xe7, 0x1b, 0xbd, 0x58, 0x88, 0x30 };
	SCOPED_DONE(buf) struct buf name = BUF_INIT(sizeof(space) + text.len);
	uint8_t d[SHA1_LEN];
	enum fault f;

	buf_put(&name, space, sizeof(space));
	buf_put_span(&name, text);
	f = buf_fault(&name);
	if (f != FAULT_NONE)
		return f;
	sha1(buf_span(&name), d);
	d[6] = (uint8_t)((d[6] & 0x0f) | 0x50); /* version 5 */
	d[8] = (uint8_t)((d[8] & 0x3f) | 0x80); /* the RFC's variant */
	snprintf(out, UUID_SIZE, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", d[0], d[1],
		 d[2], d[3], d[4], d[5], d[6], d[7], d[8], d[9], d[10], d[11], d[12], d[13], d[14], d[15]);
	return FAULT_NONE;
}
