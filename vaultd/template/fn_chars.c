#include "vaultd/template/fn_chars.h"

/* What a byte of UTF-8 adds: the first of four begins two units. */
static size_t units(char c)
{
	unsigned char u = (unsigned char)c;

	return (u & 0xc0) == 0x80 ? 0 : u >= 0xf0 ? 2 : 1;
}

size_t chars_count(struct span text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++)
		n += units(text.p[i]);
	return n;
}

size_t chars_offset(struct span text, size_t n)
{
	size_t at = 0, seen = 0;

	while (at < text.len && (seen < n || units(text.p[at]) == 0))
		seen += units(text.p[at++]);
	return at;
}
