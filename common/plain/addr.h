#ifndef SANDVAULT_PLAIN_ADDR_H
#define SANDVAULT_PLAIN_ADDR_H

/*
 * IP addresses and prefixes as values. IPv4 is held in mapped form (::ffff:a.b.c.d), so the two compare as one.
 */

#include "common/plain/base.h"
#include "common/plain/fault.h"
#include "common/plain/span.h"

struct addr {
	uint8_t bytes[16];
};

struct addr_prefix {
	struct addr addr; /* host bits zero */
	uint8_t len;	  /* 0 … 128, counted on the mapped form (an IPv4 /24 is 120) */
};

enum { ADDR_TEXT_MAX = 46 };

enum fault addr_parse(struct span text, struct addr *ret) MUST_USE;
/* "10.0.0.1", "10.0.0.0/8", "::1/128"; host bits beyond the length are refused. */
enum fault addr_prefix_parse(struct span text, struct addr_prefix *ret) MUST_USE;
bool addr_in_prefix(const struct addr *a, const struct addr_prefix *p);
bool addr_is_ipv4(const struct addr *a);
/* 127.0.0.0/8 or ::1. */
bool addr_is_loopback(const struct addr *a);
/* The usual text; a mapped IPv4 address without the mapping. out has room for ADDR_TEXT_MAX. */
void addr_format(char out[ADDR_TEXT_MAX], const struct addr *a);

#endif
