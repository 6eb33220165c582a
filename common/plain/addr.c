#include "common/plain/addr.h"

#include <arpa/inet.h>

static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

enum { MAPPED_BITS = 96, ADDR_BITS = 128 };

enum fault addr_parse(struct span text, struct addr *ret)
{
	char s[ADDR_TEXT_MAX];
	struct addr a;

	if (text.len == 0 || text.len >= sizeof(s) || memchr(text.p, '\0', text.len) != NULL)
		return FAULT_INVALID;
	memcpy(s, text.p, text.len);
	s[text.len] = '\0';

	if (strchr(s, ':') != NULL) {
		if (inet_pton(AF_INET6, s, a.bytes) != 1)
			return FAULT_INVALID;
	} else {
		memcpy(a.bytes, mapped, sizeof(mapped));
		if (inet_pton(AF_INET, s, a.bytes + sizeof(mapped)) != 1)
			return FAULT_INVALID;
	}
	*ret = a;
	return FAULT_NONE;
}

/* One to three digits without needless zeros, at most max. */
static enum fault len_parse(struct span text, unsigned max, unsigned *ret)
{
	unsigned v = 0;

	if (text.len == 0 || text.len > 3 || (text.len > 1 && text.p[0] == '0'))
		return FAULT_INVALID;
	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] < '0' || text.p[i] > '9')
			return FAULT_INVALID;
		v = v * 10 + (unsigned)(text.p[i] - '0');
	}
	if (v > max)
		return FAULT_INVALID;
	*ret = v;
	return FAULT_NONE;
}

/* The bits of byte i that a prefix of len bits covers. */
static uint8_t byte_mask(unsigned len, unsigned i)
{
	if (len >= (i + 1) * 8)
		return 0xff;
	if (len <= i * 8)
		return 0;
	return (uint8_t)(0xff << (8 - (len - i * 8)) & 0xff);
}

enum fault addr_prefix_parse(struct span text, struct addr_prefix *ret)
{
	struct addr_prefix p;
	struct span head;
	struct span tail = span_cut(text, '/', &head);
	unsigned len = ADDR_BITS;

	if (addr_parse(head, &p.addr) != FAULT_NONE)
		return FAULT_INVALID;
	if (tail.p != NULL) {
		/* Which form was written says what the number counts; ::ffff:10.0.0.0/104 counts on 128. */
		bool is_ipv6_text = memchr(head.p, ':', head.len) != NULL;
		unsigned base = is_ipv6_text ? 0 : MAPPED_BITS;

		if (len_parse(tail, ADDR_BITS - base, &len) != FAULT_NONE)
			return FAULT_INVALID;
		len += base;
	}
	for (unsigned i = 0; i < sizeof(p.addr.bytes); i++) {
		if ((p.addr.bytes[i] & ~byte_mask(len, i) & 0xff) != 0)
			return FAULT_INVALID;
	}
	p.len = (uint8_t)len;
	*ret = p;
	return FAULT_NONE;
}

bool addr_in_prefix(const struct addr *a, const struct addr_prefix *p)
{
	for (unsigned i = 0; i < sizeof(a->bytes); i++) {
		if (((a->bytes[i] ^ p->addr.bytes[i]) & byte_mask(p->len, i)) != 0)
			return false;
	}
	return true;
}

bool addr_is_ipv4(const struct addr *a)
{
	return memcmp(a->bytes, mapped, sizeof(mapped)) == 0;
}

bool addr_is_loopback(const struct addr *a)
{
	static const struct addr one = { .bytes = { [15] = 1 } };

	if (addr_is_ipv4(a))
		return a->bytes[sizeof(mapped)] == 127;
	return memcmp(a->bytes, one.bytes, sizeof(one.bytes)) == 0;
}

void addr_format(char out[ADDR_TEXT_MAX], const struct addr *a)
{
	const char *s;

	if (addr_is_ipv4(a))
		s = inet_ntop(AF_INET, a->bytes + sizeof(mapped), out, ADDR_TEXT_MAX);
	else
		s = inet_ntop(AF_INET6, a->bytes, out, ADDR_TEXT_MAX);
	if (s == NULL)
		out[0] = '\0';
}
