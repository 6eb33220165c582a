#include "common/io/digest.h"

#include <mbedtls/md.h>
#include <stdlib.h>

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
