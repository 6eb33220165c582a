/*
 * Puts COUNT RSA-2048 keys into the stock in DIR, so that a start can be measured that finds some.
 *
 * usage: bench_stock DIR COUNT
 */

#include <stdio.h>
#include <stdlib.h>

#include "common/model/stock.h"

enum { BITS = 2048, EXPONENT = 65537 };

static enum fault put_one(const struct stock *s, const struct rng *rng)
{
	SCOPED(keypair) struct keypair *key = NULL;
	SCOPED_DONE(secret) struct secret der = SECRET_INIT;
	enum fault f = keypair_generate_rsa(BITS, EXPONENT, rng, &key);

	if (f == FAULT_NONE)
		f = keypair_to_der(key, &der);
	return f == FAULT_NONE ? stock_put(s, BITS, secret_span(&der), rng) : f;
}

int main(int argc, char **argv)
{
	struct rng rng = rng_system();
	struct err err = ERR_INIT;
	struct stock s;
	enum fault f;

	if (argc < 3) {
		fprintf(stderr, "usage: bench_stock DIR COUNT\n");
		return 2;
	}
	f = stock_open(argv[1], &s, &err);
	for (long i = atol(argv[2]); f == FAULT_NONE && i > 0; i--)
		f = put_one(&s, &rng);
	if (f != FAULT_NONE)
		fprintf(stderr, "bench_stock: %s\n", err.message[0] != '\0' ? err.message : fault_name(f));
	return f == FAULT_NONE ? 0 : 1;
}
