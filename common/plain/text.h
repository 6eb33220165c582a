#ifndef SANDVAULT_PLAIN_TEXT_H
#define SANDVAULT_PLAIN_TEXT_H

/*
 * Text forms of values: base64url, base64, hex, UUID, times, strict integers, percent-decoding.
 * Decoders append to a buf and return FAULT_INVALID on foreign input, having appended nothing.
 */

#include "common/plain/base.h"
#include "common/plain/buf.h"
#include "common/plain/rng.h"

/* RFC 4648 section 5 without padding. */
void base64url_encode(struct buf *out, struct span bytes);
/* Padding and foreign characters are refused; stray trailing bits are not (the real service is lenient there).
 * Source: fixtures/sources.md#base64url */
enum fault base64url_decode(struct buf *out, struct span text) MUST_USE;
/* RFC 4648 section 4 with padding. */
void base64_encode(struct buf *out, struct span bytes);
enum fault base64_decode(struct buf *out, struct span text) MUST_USE;

/* Lower-case digits; out has room for 2 * len + 1. */
void hex_encode(char *out, struct span bytes);
/* Exactly n bytes from 2 * n digits of either case. */
enum fault hex_decode(void *out, size_t n, struct span text) MUST_USE;

enum { UUID_LEN = 36, UUID_SIZE = 37 };
/* A random version 4 UUID, lower case, NUL-terminated. */
enum fault uuid_new(const struct rng *rng, char out[UUID_SIZE]) MUST_USE;
bool uuid_is_valid(struct span text);

/* Seconds since 1970 as "2022-06-30T10:53:12Z"; out has room for 21. */
enum { RFC3339_SIZE = 21 };
void rfc3339_format(char out[RFC3339_SIZE], int64_t wall_s);
/* The same with a space in place of T ("2022-06-30 10:53:12Z"), as Entra writes its timestamps. */
void entra_time_format(char out[RFC3339_SIZE], int64_t wall_s);
/* Strict: "YYYY-MM-DDThh:mm:ss[.fraction]Z". */
enum fault rfc3339_parse(struct span text, int64_t *ret_s) MUST_USE;

/* The whole text, an optional minus, no blanks, no overflow. */
enum fault int_parse(struct span text, int64_t *ret) MUST_USE;

/* %XX and, when is_query, '+' as a blank. A broken escape is kept as it stands. */
void percent_decode(struct buf *out, struct span text, bool is_query);
/* Everything but unreserved characters (RFC 3986) escaped. */
void percent_encode(struct buf *out, struct span text);

char ascii_lower(char c);
char ascii_upper(char c);
/* In place. */
void ascii_lower_str(char *s);

#endif
