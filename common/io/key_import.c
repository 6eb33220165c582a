/* Checking a private key that somebody else made, and taking it in. */

#include "common/io/keypair_impl.h"

#include <mbedtls/bignum.h>

/* A composite passes with a chance below 4^-8. The one who loses by that is the importer. */
enum { PRIME_TEST_ROUNDS = 8 };
/* Public operations must stay cheap, whatever somebody imports. */
enum { EXPONENT_BYTES_MAX = 32 };
/* The primes are found from d by halving e·d - 1; real keys allow a few steps only, crafted ones thousands. */
enum { HALVINGS_MAX = 64 };

static enum fault say_missing(struct err *err, const char *name)
{
	return err_say(err, FAULT_INVALID, "BadParameter", "The key's member '%s' is missing or has an invalid length.",
		       name);
}

static enum fault say_mismatch(struct err *err)
{
	return err_say(err, FAULT_INVALID, "BadParameter", "The key's members do not belong together.");
}

static struct span strip_zeros(struct span s)
{
	while (s.len > 0 && s.p[0] == 0)
		s = (struct span){ s.p + 1, s.len - 1 };
	return s;
}

static bool fits(struct span s, size_t max)
{
	return s.len > 0 && s.len <= max;
}

/* The RSA members without their leading zeros; those that may be missing are then empty. */
struct rsa_members {
	struct span n, e, d, p, q, dp, dq, qi;
};

static enum fault rsa_members_check(const struct rsa_members *m, struct err *err)
{
	const struct {
		const char *name;
		struct span value;
		size_t max;
		bool is_optional;
	} rows[] = {
		{ "n", m->n, RSA_BYTES_MAX, false },	  { "e", m->e, EXPONENT_BYTES_MAX, false },
		{ "d", m->d, RSA_BYTES_MAX, false },	  { "p", m->p, RSA_BYTES_MAX / 2, true },
		{ "q", m->q, RSA_BYTES_MAX / 2, true },	  { "dp", m->dp, RSA_BYTES_MAX / 2, true },
		{ "dq", m->dq, RSA_BYTES_MAX / 2, true }, { "qi", m->qi, RSA_BYTES_MAX / 2, true },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (!(rows[i].is_optional && rows[i].value.len == 0) && !fits(rows[i].value, rows[i].max))
			return say_missing(err, rows[i].name);
	}
	if ((m->p.len == 0) != (m->q.len == 0))
		return say_missing(err, m->p.len == 0 ? "p" : "q");
	if (m->p.len == 0 && m->dp.len + m->dq.len + m->qi.len > 0)
		return say_missing(err, "p");

	size_t bits = 8 * m->n.len - (size_t)__builtin_clz((unsigned char)m->n.p[0]) + 24;
	if (bits != 2048 && bits != 3072 && bits != 4096)
		return err_say(err, FAULT_INVALID, "BadParameter",
			       "The key size %zu is not supported: an RSA key has 2048, 3072 or 4096 bits.", bits);
	return FAULT_NONE;
}

static const unsigned char *raw_or_null(struct span s)
{
	return s.len == 0 ? NULL : (const unsigned char *)s.p;
}

static int mpi_load(mbedtls_mpi *x, struct span s)
{
	return mbedtls_mpi_read_binary(x, (const unsigned char *)s.p, s.len);
}

/* FAULT_INVALID when looking for the primes would take a crafted key for ever. */
static enum fault check_halvings(const struct rsa_members *m)
{
	MBED_SCOPED(mbedtls_mpi_free) mbedtls_mpi d;
	MBED_SCOPED(mbedtls_mpi_free) mbedtls_mpi t;

	mbedtls_mpi_init(&d);
	mbedtls_mpi_init(&t);
	int ret = mpi_load(&d, m->d);
	if (ret == 0)
		ret = mpi_load(&t, m->e);
	if (ret == 0)
		ret = mbedtls_mpi_mul_mpi(&t, &t, &d);
	if (ret == 0)
		ret = mbedtls_mpi_sub_int(&t, &t, 1);
	if (ret != 0)
		return mbed_fault(ret, NULL);
	return mbedtls_mpi_lsb(&t) <= HALVINGS_MAX ? FAULT_NONE : FAULT_INVALID;
}

/* A member that came must be the one that was computed. */
static int compare_given(struct span given, const mbedtls_mpi *computed)
{
	MBED_SCOPED(mbedtls_mpi_free) mbedtls_mpi x;

	mbedtls_mpi_init(&x);
	if (given.len == 0)
		return 0;
	int ret = mpi_load(&x, given);
	if (ret == 0 && mbedtls_mpi_cmp_mpi(&x, computed) != 0)
		ret = MBEDTLS_ERR_RSA_KEY_CHECK_FAILED;
	return ret;
}

static int check_crt(const mbedtls_rsa_context *rsa, const struct rsa_members *m)
{
	MBED_SCOPED(mbedtls_mpi_free) mbedtls_mpi dp;
	MBED_SCOPED(mbedtls_mpi_free) mbedtls_mpi dq;
	MBED_SCOPED(mbedtls_mpi_free) mbedtls_mpi qi;

	mbedtls_mpi_init(&dp);
	mbedtls_mpi_init(&dq);
	mbedtls_mpi_init(&qi);
	int ret = mbedtls_rsa_export_crt(rsa, &dp, &dq, &qi);
	if (ret == 0)
		ret = compare_given(m->dp, &dp);
	if (ret == 0)
		ret = compare_given(m->dq, &dq);
	if (ret == 0)
		ret = compare_given(m->qi, &qi);
	return ret;
}

/* Without this, factors that are no primes pass all other checks and give a key that computes nonsense. */
static int check_primes(const mbedtls_rsa_context *rsa, struct mbed_rng *r)
{
	MBED_SCOPED(mbedtls_mpi_free) mbedtls_mpi p;
	MBED_SCOPED(mbedtls_mpi_free) mbedtls_mpi q;

	mbedtls_mpi_init(&p);
	mbedtls_mpi_init(&q);
	int ret = mbedtls_rsa_export(rsa, NULL, &p, &q, NULL, NULL);
	if (ret == 0)
		ret = mbedtls_mpi_is_prime_ext(&p, PRIME_TEST_ROUNDS, mbed_rng_fill, r);
	if (ret == 0)
		ret = mbedtls_mpi_is_prime_ext(&q, PRIME_TEST_ROUNDS, mbed_rng_fill, r);
	return ret;
}

static int rsa_load(mbedtls_rsa_context *rsa, const struct rsa_members *m, struct mbed_rng *r)
{
	int ret = mbedtls_rsa_import_raw(rsa, raw_or_null(m->n), m->n.len, raw_or_null(m->p), m->p.len,
					 raw_or_null(m->q), m->q.len, raw_or_null(m->d), m->d.len, raw_or_null(m->e),
					 m->e.len);

	if (ret == 0)
		ret = mbedtls_rsa_complete(rsa);
	if (ret == 0)
		ret = mbedtls_rsa_check_privkey(rsa);
	if (ret == 0)
		ret = check_crt(rsa, m);
	if (ret == 0)
		ret = check_primes(rsa, r);
	return ret;
}

static enum fault import_rsa(const struct jwk_private *jwk, const struct rng *rng, struct keypair **ret,
			     struct err *err)
{
	const struct rsa_members m = {
		.n = strip_zeros(jwk->n),
		.e = strip_zeros(jwk->e),
		.d = strip_zeros(jwk->d),
		.p = strip_zeros(jwk->p),
		.q = strip_zeros(jwk->q),
		.dp = strip_zeros(jwk->dp),
		.dq = strip_zeros(jwk->dq),
		.qi = strip_zeros(jwk->qi),
	};
	enum fault f = rsa_members_check(&m, err);

	if (f != FAULT_NONE)
		return f;
	f = m.p.len == 0 ? check_halvings(&m) : FAULT_NONE;
	if (f != FAULT_NONE)
		return f == FAULT_INVALID ? say_mismatch(err) : f;

	SCOPED(keypair) struct keypair *k = NULL;
	f = keypair_new(KTY_RSA, CURVE_NONE, &k);
	if (f != FAULT_NONE)
		return f;

	struct mbed_rng r = { .rng = rng };
	f = mbed_fault(rsa_load(mbedtls_pk_rsa(k->pk), &m, &r), &r);
	if (f == FAULT_CRYPTO)
		return say_mismatch(err);
	if (f == FAULT_NONE)
		*ret = TAKE(k);
	return f;
}

/* d·G must be the public point. */
static int check_ec_pair(mbedtls_ecp_keypair *ec, struct mbed_rng *r)
{
	MBED_SCOPED(mbedtls_ecp_point_free) mbedtls_ecp_point q;

	mbedtls_ecp_point_init(&q);
	int ret = mbedtls_ecp_check_privkey(&ec->grp, &ec->d);
	if (ret == 0)
		ret = mbedtls_ecp_mul(&ec->grp, &q, &ec->d, &ec->grp.G, mbed_rng_fill, r);
	if (ret == 0 && mbedtls_ecp_point_cmp(&q, &ec->Q) != 0)
		ret = MBEDTLS_ERR_ECP_INVALID_KEY;
	return ret;
}

static enum fault ec_load(mbedtls_ecp_keypair *ec, const struct jwk_private *jwk, const struct rng *rng)
{
	struct span d = strip_zeros(jwk->d);
	int ret = mbedtls_ecp_group_load(&ec->grp, key_curve_group(jwk->crv));

	if (ret == 0)
		ret = mpi_load(&ec->d, d);
	if (ret != 0)
		return mbed_fault(ret, NULL);

	enum fault f = ec_point_load(&ec->grp, jwk->crv, strip_zeros(jwk->x), strip_zeros(jwk->y), &ec->Q);
	if (f != FAULT_NONE)
		return f;

	struct mbed_rng r = { .rng = rng };
	f = mbed_fault(check_ec_pair(ec, &r), &r);
	return f == FAULT_CRYPTO ? FAULT_INVALID : f;
}

static enum fault import_ec(const struct jwk_private *jwk, const struct rng *rng, struct keypair **ret, struct err *err)
{
	size_t max = key_curve_bytes(jwk->crv);

	if (max == 0)
		return say_missing(err, "crv");
	if (!fits(strip_zeros(jwk->d), max))
		return say_missing(err, "d");
	if (jwk->x.len == 0 || strip_zeros(jwk->x).len > max)
		return say_missing(err, "x");
	if (jwk->y.len == 0 || strip_zeros(jwk->y).len > max)
		return say_missing(err, "y");

	SCOPED(keypair) struct keypair *k = NULL;
	enum fault f = keypair_new(KTY_EC, jwk->crv, &k);
	if (f == FAULT_NONE)
		f = ec_load(mbedtls_pk_ec(k->pk), jwk, rng);
	if (f == FAULT_INVALID)
		return say_mismatch(err);
	if (f == FAULT_NONE)
		*ret = TAKE(k);
	return f;
}

enum fault keypair_import(const struct jwk_private *jwk, const struct rng *rng, struct keypair **ret, struct err *err)
{
	switch (jwk->kty) {
	case KTY_RSA:
		return import_rsa(jwk, rng, ret, err);
	case KTY_EC:
		return import_ec(jwk, rng, ret, err);
	}
	return say_missing(err, "kty");
}
