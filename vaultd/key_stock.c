#include "vaultd/key_stock.h"

#include <stdlib.h>

#include "common/io/jobs.h"
#include "common/io/log.h"

enum { ONLY_WHEN_IDLE = 19, EXPONENT = 65537 };

static const unsigned sizes[] = { 2048, 3072, 4096 };

struct key_stock {
	struct stock stock;
	unsigned wanted[ARRAY_LEN(sizes)];
	struct rng rng;
	struct jobs *jobs;
	bool is_making; /* one at a time */
	unsigned bits;	/* of the key being made */
	enum fault fault;
};

static enum fault stoppable_fill(void *arg, void *p, size_t n)
{
	struct key_stock *k = arg;

	if (jobs_is_stopping(k->jobs))
		return FAULT_RANDOM;
	return rng_fill(&k->rng, p, n);
}

static void make_one(void *arg)
{
	struct key_stock *k = arg;
	struct rng rng = { stoppable_fill, k };
	SCOPED(keypair) struct keypair *key = NULL;
	struct secret der = SECRET_INIT;

	k->fault = keypair_generate_rsa(k->bits, EXPONENT, &rng, &key);
	if (k->fault == FAULT_NONE)
		k->fault = keypair_to_der(key, &der);
	if (k->fault == FAULT_NONE)
		k->fault = stock_put(&k->stock, k->bits, secret_span(&der), &k->rng);
	secret_done(&der);
}

static void refill(struct key_stock *k);

static void made_one(void *arg)
{
	struct key_stock *k = arg;

	k->is_making = false;
	if (jobs_is_stopping(k->jobs))
		return;
	if (k->fault == FAULT_NONE)
		refill(k);
	else
		log_warn("keys are not made ahead of need any more: %s", fault_name(k->fault));
}

/* Small keys first: they are asked for most. */
static void refill(struct key_stock *k)
{
	for (size_t i = 0; i < ARRAY_LEN(sizes) && !k->is_making; i++) {
		if (stock_count(&k->stock, sizes[i]) >= k->wanted[i])
			continue;
		k->bits = sizes[i];
		k->fault = FAULT_UNAVAILABLE;
		k->is_making = jobs_submit(k->jobs, make_one, made_one, k) == FAULT_NONE;
	}
}

enum fault key_stock_new(struct event_base *base, const struct stock *stock, unsigned wanted_2048,
			 unsigned wanted_larger, const struct rng *rng, struct key_stock **ret)
{
	struct key_stock *k = calloc(1, sizeof(*k));
	enum fault f;

	if (k == NULL)
		return FAULT_MEMORY;
	k->stock = *stock;
	k->rng = *rng;
	if (stock->dir[0] != '\0') {
		k->wanted[0] = wanted_2048;
		k->wanted[1] = k->wanted[2] = wanted_larger;
	}
	f = jobs_new(base, 1, ONLY_WHEN_IDLE, &k->jobs);
	if (f != FAULT_NONE) {
		free(k);
		return f;
	}
	refill(k);
	*ret = k;
	return FAULT_NONE;
}

void key_stock_free(struct key_stock *k)
{
	if (k == NULL)
		return;
	jobs_free(k->jobs);
	free(k);
}

bool key_stock_take(struct key_stock *k, unsigned bits, struct secret *ret_der)
{
	bool is_there = stock_take(&k->stock, bits, ret_der) == FAULT_NONE;

	refill(k);
	return is_there;
}
