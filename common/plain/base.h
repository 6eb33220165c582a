#ifndef SANDVAULT_PLAIN_BASE_H
#define SANDVAULT_PLAIN_BASE_H

/*
 * Words every room uses: scoped cleanup, giving a value away, array length.
 *
 * DEFINE_SCOPED(type, free_fn) makes SCOPED(type) usable for `struct type *`:
 *
 *     SCOPED(key) struct key *k = NULL;      freed at scope end …
 *     *ret_key = TAKE(k);                    … unless it left
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define UNUSED __attribute__((unused))

#define DEFINE_SCOPED(type, free_fn)                                                                                   \
	static inline UNUSED void scoped_##type(struct type **p)                                                       \
	{                                                                                                              \
		free_fn(*p);                                                                                           \
	}                                                                                                              \
	struct type

/* For embedded objects: SCOPED_DONE(buf) struct buf b = …; runs buf_done(&b) at scope end. */
#define SCOPED(type) __attribute__((cleanup(scoped_##type)))
#define SCOPED_DONE(type) __attribute__((cleanup(type##_done)))

#define TAKE(p)                                                                                                        \
	({                                                                                                             \
		__typeof__(p) taken_ = (p);                                                                            \
		(p) = NULL;                                                                                            \
		taken_;                                                                                                \
	})

#endif
