#ifndef SANDVAULT_MODEL_STOCK_H
#define SANDVAULT_MODEL_STOCK_H

/*
 * RSA keys made ahead of need, in the user's own cache directory (0700, files 0600), shared by all sandboxes of the
 * user. Each is used once: taking one removes it. Any process, any thread.
 */

#include "common/io/keypair.h"

enum { STOCK_DIR_SIZE = 4096 };

struct stock {
	char dir[STOCK_DIR_SIZE]; /* "" : no stock, every take misses */
};

/* Makes the directory. A directory that is not ours alone (owner, mode) is refused with a sentence. */
enum fault stock_open(const char *dir, struct stock *ret, struct err *err) MUST_USE;
/* FAULT_NOT_FOUND when there is none of that size. The file is gone afterwards, even if the key then fails to load. */
enum fault stock_take(const struct stock *s, unsigned bits, struct secret *ret_der) MUST_USE;
enum fault stock_put(const struct stock *s, unsigned bits, struct span der, const struct rng *rng) MUST_USE;
unsigned stock_count(const struct stock *s, unsigned bits);

#endif
