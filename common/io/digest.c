#include "common/io/digest.h"

#include <mbedtls/md.h>
#include <mbedtls/sha256.h>
#include <stdlib.h>
#include <string.h>

static void digest(mbedtls_md_type_t type, struct span in, uint8_t *out)
{
	/* Can only fail when the library was built without the hash: nothing could go on from there. */
	if (mbedtls_md(mbedtls_md_info_from_type(type), (const unsigned char *)in.p, in.len, out) != 0)
		abort();
}

void sha1(struct span in, uint8_t out[SHA1_LEN])
{
	digest(MBEDTLS_MD_SHA1, in, out);
}

void sha256(struct span in, uint8_t out[SHA256_LEN])
{
	digest(MBEDTLS_MD_SHA256, in, out);
}

static void save(struct sha256_state *s, const mbedtls_sha256_context *c)
{
	memcpy(s->total, c->total, sizeof(s->total));
	memcpy(s->state, c->state, sizeof(s->state));
	memcpy(s->block, c->buffer, sizeof(s->block));
}

static void load(mbedtls_sha256_context *c, const struct sha256_state *s)
{
	mbedtls_sha256_init(c);
	memcpy(c->total, s->total, sizeof(s->total));
	memcpy(c->state, s->state, sizeof(s->state));
	memcpy(c->buffer, s->block, sizeof(s->block));
}

void sha256_begin(struct sha256_state *s)
{
	mbedtls_sha256_context c;

	mbedtls_sha256_init(&c);
	if (mbedtls_sha256_starts_ret(&c, 0) != 0)
		abort();
	save(s, &c);
	mbedtls_sha256_free(&c);
}

void sha256_add(struct sha256_state *s, struct span in)
{
	mbedtls_sha256_context c;

	load(&c, s);
	if (mbedtls_sha256_update_ret(&c, (const unsigned char *)in.p, in.len) != 0)
		abort();
	save(s, &c);
	mbedtls_sha256_free(&c);
}

void sha256_end(const struct sha256_state *s, uint8_t out[SHA256_LEN])
{
	mbedtls_sha256_context c;

	load(&c, s);
	if (mbedtls_sha256_finish_ret(&c, out) != 0)
		abort();
	mbedtls_sha256_free(&c);
}
