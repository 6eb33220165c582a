#include "common/io/utf8.h"

#include <stdint.h>

static bool is_tail(uint8_t c)
{
	return (c & 0xc0) == 0x80;
}

/* Only the second byte's range depends on the first: that is where long forms, surrogates and the upper end show. */
static bool is_second(uint8_t first, uint8_t c)
{
	switch (first) {
	case 0xe0:
		return c >= 0xa0 && c <= 0xbf;
	case 0xed:
		return c >= 0x80 && c <= 0x9f;
	case 0xf0:
		return c >= 0x90 && c <= 0xbf;
	case 0xf4:
		return c >= 0x80 && c <= 0x8f;
	default:
		return is_tail(c);
	}
}

size_t utf8_char_len(struct span s)
{
	const uint8_t *p = (const uint8_t *)s.p;
	size_t n;

	if (s.len == 0)
		return 0;
	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	n = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (s.len < n || !is_second(p[0], p[1]))
		return 0;
	for (size_t i = 2; i < n; i++) {
		if (!is_tail(p[i]))
			return 0;
	}
	return n;
}
