#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>

static uint64_t state;

void fuzz_broken(const char *claim, const char *file, int line)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, claim);
	abort();
}

uint8_t fuzz_take_byte(struct span *rest)
{
	uint8_t b = 0;

	if (rest->len > 0) {
		b = (uint8_t)rest->p[0];
		*rest = span_of(rest->p + 1, rest->len - 1);
	}
	return b;
}

/* splitmix64 */
static enum fault fill(void *arg UNUSED, void *p, size_t n)
{
	unsigned char *o = p;

	for (size_t i = 0; i < n; i++) {
		uint64_t z = state += 0x9e3779b97f4a7c15u;

		z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
		z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
		o[i] = (unsigned char)(z >> 56);
	}
	return FAULT_NONE;
}

struct rng fuzz_rng(void)
{
	return (struct rng){ fill, NULL };
}

void fuzz_rng_rewind(void)
{
	state = 0;
}
