#include "common/io/mbed.h"

#include <mbedtls/asn1.h>
#include <mbedtls/bignum.h>
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/ecp.h>
#include <mbedtls/md.h>
#include <mbedtls/pk.h>
#include <mbedtls/x509.h>

/* An error code is a high-level part plus the low-level one that caused it; these bits hold the latter. */
enum { LOW_LEVEL_BITS = 0x7f };

int mbed_rng_fill(void *arg, unsigned char *p, size_t n)
{
	struct mbed_rng *r = arg;

	if (!r->has_failed && rng_fill(r->rng, p, n) == FAULT_NONE)
		return 0;
	r->has_failed = true;
	return MBEDTLS_ERR_CTR_DRBG_ENTROPY_SOURCE_FAILED;
}

static bool is_out_of_memory(int ret)
{
	int low = -(-ret & LOW_LEVEL_BITS);
	int high = ret - low;

	return low == MBEDTLS_ERR_MPI_ALLOC_FAILED || low == MBEDTLS_ERR_ASN1_ALLOC_FAILED ||
	       high == MBEDTLS_ERR_ECP_ALLOC_FAILED || high == MBEDTLS_ERR_MD_ALLOC_FAILED ||
	       high == MBEDTLS_ERR_PK_ALLOC_FAILED || high == MBEDTLS_ERR_X509_ALLOC_FAILED;
}

enum fault mbed_fault(int ret, const struct mbed_rng *rng)
{
	if (ret >= 0)
		return FAULT_NONE;
	if (rng != NULL && rng->has_failed)
		return FAULT_RANDOM;
	return is_out_of_memory(ret) ? FAULT_MEMORY : FAULT_CRYPTO;
}
