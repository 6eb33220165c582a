#ifndef SANDVAULT_IO_JWS_H
#define SANDVAULT_IO_JWS_H

/*
 * Compact JWS (RFC 7515): three base64url parts. Only RS256 is signed or verified here; whether a header's alg is
 * acceptable is the caller's question, and it must ask.
 */

#include "common/io/keypair.h"

/* Appends header.payload.signature. header and payload are JSON text. */
enum fault jws_sign_rs256(struct keypair *k, struct span header, struct span payload, const struct rng *rng,
			  struct buf *out) MUST_USE;

struct jws {
	struct span signed_part;	 /* header.payload as sent; inside the token */
	struct span header_b64;		 /* inside the token */
	struct buf header, payload, sig; /* decoded */
};
#define JWS_INIT                                                                                                       \
	{                                                                                                              \
		.header = BUF_INIT(64 * 1024), .payload = BUF_INIT(64 * 1024), .sig = BUF_INIT(1024)                   \
	}
void jws_done(struct jws *j);
/* Splits and decodes; FAULT_INVALID unless there are exactly three parts, all base64url. An empty signature is kept. */
enum fault jws_parse(struct span token, struct jws *ret) MUST_USE;
/* RSASSA-PKCS1-v1_5 with SHA-256. */
enum fault jws_verify_rs256(const struct jws *j, const struct jwk_public *pub, bool *ret_valid) MUST_USE;

#endif
