#include "common/plain/span.h"

#include "common/plain/text.h"

bool span_starts_nocase(struct span s, struct span prefix)
{
	if (s.len < prefix.len)
		return false;
	for (size_t i = 0; i < prefix.len; i++) {
		if (ascii_lower(s.p[i]) != ascii_lower(prefix.p[i]))
			return false;
	}
	return true;
}

bool span_eq_nocase(struct span a, struct span b)
{
	return a.len == b.len && span_starts_nocase(a, b);
}

struct span span_cut(struct span s, char c, struct span *head)
{
	const char *at = s.len == 0 ? NULL : memchr(s.p, c, s.len);

	if (at == NULL) {
		*head = s;
		return (struct span){ NULL, 0 };
	}
	size_t n = (size_t)(at - s.p);
	*head = (struct span){ s.p, n };
	return (struct span){ at + 1, s.len - n - 1 };
}

struct span span_trim(struct span s)
{
	while (s.len > 0 && s.p[0] == ' ')
		s = span_from(s, 1);
	while (s.len > 0 && s.p[s.len - 1] == ' ')
		s.len--;
	return s;
}
