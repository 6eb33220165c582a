#ifndef SANDVAULT_IO_MBED_H
#define SANDVAULT_IO_MBED_H

/*
 * What every file that calls mbedTLS needs: our random bytes in its callback's shape, its error codes as faults.
 * Private to common/io.
 */

#include "common/plain/fault.h"
#include "common/plain/rng.h"

/* For mbedTLS values whose free function takes their address: MBED_SCOPED(mbedtls_mpi_free) mbedtls_mpi n; */
#define MBED_SCOPED(free_fn) __attribute__((cleanup(free_fn)))

/* One per operation, on the stack; the library gets mbed_rng_fill and the address of this. */
struct mbed_rng {
	const struct rng *rng;
	bool has_failed;
};

int mbed_rng_fill(void *arg, unsigned char *p, size_t n);

/* 0 is FAULT_NONE. A failing generator is FAULT_RANDOM whatever the library made of it; rng may be NULL. Anything that
 * is neither that nor memory is FAULT_CRYPTO: where it is the caller's input that is wrong, the caller of this knows.
 */
enum fault mbed_fault(int ret, const struct mbed_rng *rng) MUST_USE;

#endif
