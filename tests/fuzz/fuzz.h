#ifndef SANDVAULT_TESTS_FUZZ_H
#define SANDVAULT_TESTS_FUZZ_H

/*
 * What a fuzz target is: one function that takes any bytes, and promises that it keeps about them. A broken promise
 * ends the process, as a crash does. Targets leave nothing behind from one input to the next, so that an input fails
 * alone as it did among others.
 */

#include "common/plain/base.h"
#include "common/plain/fault.h"
#include "common/plain/rng.h"
#include "common/plain/span.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_CHECK(claim)                                                                                              \
	do {                                                                                                           \
		if (!(claim))                                                                                          \
			fuzz_broken(#claim, __FILE__, __LINE__);                                                       \
	} while (0)

/* Says the claim and ends the process. */
void fuzz_broken(const char *claim, const char *file, int line) __attribute__((noreturn));

/* Takes the first byte off as a number; 0 when there is none. */
uint8_t fuzz_take_byte(struct span *rest);

/* The same bytes after each rewind: what a target does with an input must not depend on the machine's generator. */
struct rng fuzz_rng(void);
void fuzz_rng_rewind(void);

#endif
