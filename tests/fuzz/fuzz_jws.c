/*
 * Bearer tokens: splitting, header, signature, claims, through vaultd's own authenticate. An input is either a token as
 * it comes off the wire ('T' first), or a header and, after a line break, a payload that are signed here with the key
 * that vaultd knows ('S' first), so that the claims are reached as well.
 */

#include <stdlib.h>

#include "common/io/http.h"
#include "common/io/jws.h"
#include "common/model/signing_key.h"
#include "common/plain/text.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/tmpdir.h"
#include "tests/unit/jose_vectors.h"
#include "vaultd/authn.h"
#include "vaultd/vaultd.h"

enum { NOW_S = 1700000000, MEMBER_MAX = 1024, HEADER_MAX = 256 << 10 };

#define AUDIENCE "https://vault.azure.net"

static char dir[TMPDIR_SIZE];
static struct vaultd d;
static struct keypair *signer;
static struct signing_key known;
/* The token as the Authorization header has it. */
static const char *authorization;

/* Stands in for the one of http.c, which is then not linked: authenticate asks the exchange for nothing else. */
const char *http_exchange_header(const struct http_exchange *x UNUSED, const char *name)
{
	FUZZ_CHECK(strcmp(name, "Authorization") == 0);
	return authorization;
}

/* The same: no request here is the daemon's own. */
const void *http_exchange_sender(const struct http_exchange *x UNUSED)
{
	return NULL;
}

static void tear_down(void)
{
	authn_free(d.authn);
	keypair_free(signer);
	world_done(&d.world);
	tmpdir_remove(dir);
}

static void decode(struct buf *out, const char *text)
{
	FUZZ_CHECK(base64url_decode(out, span_cstr(text)) == FAULT_NONE);
}

static void make_signer(void)
{
	SCOPED_DONE(buf) struct buf n = BUF_INIT(MEMBER_MAX);
	SCOPED_DONE(buf) struct buf e = BUF_INIT(MEMBER_MAX);
	SCOPED_DONE(buf) struct buf key_d = BUF_INIT(MEMBER_MAX);
	struct jwk_private jwk = { .kty = KTY_RSA };

	decode(&n, RFC7515_A2_N);
	decode(&e, RFC7515_A2_E);
	decode(&key_d, RFC7515_A2_D);
	jwk.n = buf_span(&n);
	jwk.e = buf_span(&e);
	jwk.d = buf_span(&key_d);
	FUZZ_CHECK(keypair_import(&jwk, &d.world.rng, &signer, NULL) == FAULT_NONE);
}

static void publish_key(void)
{
	struct txn *t;

	known = (struct signing_key){ .kid = "fuzz", .created_s = NOW_S };
	FUZZ_CHECK(keypair_public(signer, &known.pub) == FAULT_NONE);
	FUZZ_CHECK(txn_begin(d.world.store, TXN_WRITE, &t, NULL) == FAULT_NONE);
	FUZZ_CHECK(signing_key_put(&d.world, t, &known, SPAN_LIT("never read")) == FAULT_NONE);
	FUZZ_CHECK(txn_commit(t, NULL) == FAULT_NONE);
}

static void set_up(void)
{
	struct rng rng = fuzz_rng();

	tmpdir_make(dir);
	FUZZ_CHECK(world_open(dir, true, &rng, NOW_S, &d.world, NULL) == FAULT_NONE);
	make_signer();
	publish_key();
	FUZZ_CHECK(authn_new(&d, &d.authn) == FAULT_NONE);
	atexit(tear_down);
}

static void check_caller(const struct caller *c)
{
	FUZZ_CHECK(strcmp(c->audience, AUDIENCE) == 0);
	FUZZ_CHECK(strlen(c->tenant_id) == UUID_LEN && strlen(c->object_id) <= UUID_LEN &&
		   strlen(c->app_id) <= UUID_LEN);
	FUZZ_CHECK(strlen(c->xms_mirid) < CLAIM_RESOURCE_SIZE && strlen(c->xms_az_rid) < CLAIM_RESOURCE_SIZE);
}

static enum fault ask(struct txn *t)
{
	static const char *const audiences[] = { AUDIENCE, NULL };
	const struct caller *caller = NULL;
	struct authn_failure why;
	enum fault f = authenticate(d.authn, t, NULL, audiences, NOW_S, &caller, &why);

	if (f == FAULT_NONE)
		check_caller(caller);
	else
		FUZZ_CHECK(f == FAULT_UNAUTHENTICATED && why.problem != AUTHN_OK);
	return f;
}

/* What is remembered of a token that passed must say the same. */
static void authenticate_token(struct span token)
{
	SCOPED_DONE(buf) struct buf header = BUF_INIT(HEADER_MAX);
	struct txn *t;
	enum fault f;

	buf_put_cstr(&header, "Bearer ");
	buf_put_span(&header, token);
	if (buf_fault(&header) != FAULT_NONE)
		return;
	authorization = buf_cstr(&header);
	FUZZ_CHECK(txn_begin(d.world.store, TXN_READ, &t, NULL) == FAULT_NONE);
	f = ask(t);
	FUZZ_CHECK(f != FAULT_NONE || ask(t) == FAULT_NONE);
	txn_abort(t);
}

static void parse_token(struct span token)
{
	SCOPED_DONE(jws) struct jws j = JWS_INIT;
	bool is_valid = false;

	if (jws_parse(token, &j) != FAULT_NONE)
		return;
	FUZZ_CHECK(j.signed_part.p == token.p && j.signed_part.len < token.len);
	FUZZ_CHECK(j.header_b64.len < j.signed_part.len && j.signed_part.p[j.header_b64.len] == '.');
	FUZZ_CHECK(jws_verify_rs256(&j, &known.pub, &is_valid) == FAULT_NONE);
}

static void sign_and_authenticate(struct span in)
{
	SCOPED_DONE(buf) struct buf token = BUF_INIT(HEADER_MAX);
	struct span header, payload = span_cut(in, '\n', &header);
	enum fault f = jws_sign_rs256(signer, header, payload.p == NULL ? SPAN_EMPTY : payload, &d.world.rng, &token);

	FUZZ_CHECK(f == FAULT_NONE || f == FAULT_TOO_LARGE);
	if (f != FAULT_NONE)
		return;
	authenticate_token(buf_span(&token));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = span_of(data, size);

	if (d.authn == NULL)
		set_up();
	fuzz_rng_rewind();
	if (fuzz_take_byte(&in) == 'S') {
		sign_and_authenticate(in);
	} else {
		parse_token(in);
		authenticate_token(in);
	}
	return 0;
}
