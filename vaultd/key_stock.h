#ifndef SANDVAULT_VAULTD_KEY_STOCK_H
#define SANDVAULT_VAULTD_KEY_STOCK_H

/*
 * RSA keys made ahead of need: taken from the user's stock (common/model/stock.h), which is filled again by one worker
 * that runs only when the machine has nothing else to do.
 */

#include "common/model/stock.h"

struct event_base;
struct key_stock;

/* wanted_2048, wanted_larger: how many keys of 2048 and of 3072 and 4096 bits to hold ready; 0 and 0 switch refilling
 * off. */
enum fault key_stock_new(struct event_base *base, const struct stock *stock, unsigned wanted_2048,
			 unsigned wanted_larger, const struct rng *rng, struct key_stock **ret) MUST_USE;
/* Ends a generation under way. */
void key_stock_free(struct key_stock *k);
/* False when there is none of that size. Either way a refill is thought of. */
bool key_stock_take(struct key_stock *k, unsigned bits, struct secret *ret_der);

#endif
