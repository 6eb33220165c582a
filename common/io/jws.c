#include "common/io/jws.h"

#include "common/io/digest.h"
#include "common/plain/text.h"

/* Far above any token of ours; the caller's own buffer has the last word. */
enum { TOKEN_MAX = 256 * 1024 };

static const struct key_alg *rs256(void)
{
	return key_alg_find(SPAN_LIT("RS256"));
}

enum fault jws_sign_rs256(struct keypair *k, struct span header, struct span payload, const struct rng *rng,
			  struct buf *out)
{
	SCOPED_DONE(buf) struct buf token = BUF_INIT(TOKEN_MAX);
	SCOPED_DONE(buf) struct buf sig = BUF_INIT(KEYPAIR_SIGNATURE_MAX);
	uint8_t digest[SHA256_LEN];

	base64url_encode(&token, header);
	buf_put_char(&token, '.');
	base64url_encode(&token, payload);
	enum fault f = buf_fault(&token);
	if (f != FAULT_NONE)
		return f;

	sha256(buf_span(&token), digest);
	f = key_sign(k, rs256(), span_of(digest, sizeof(digest)), rng, &sig, NULL);
	if (f != FAULT_NONE)
		return f;
	buf_put_char(&token, '.');
	base64url_encode(&token, buf_span(&sig));
	f = buf_fault(&token);
	if (f != FAULT_NONE)
		return f;
	buf_put_span(out, buf_span(&token));
	return buf_fault(out);
}

void jws_done(struct jws *j)
{
	buf_done(&j->header);
	buf_done(&j->payload);
	buf_done(&j->sig);
}

enum fault jws_parse(struct span token, struct jws *ret)
{
	struct span header, payload;
	struct span rest = span_cut(token, '.', &header);

	if (rest.p == NULL)
		return FAULT_INVALID;
	/* A further '.' stays in the signature, where base64url refuses it. */
	struct span sig = span_cut(rest, '.', &payload);
	if (sig.p == NULL)
		return FAULT_INVALID;

	buf_clear(&ret->header);
	buf_clear(&ret->payload);
	buf_clear(&ret->sig);
	enum fault f = base64url_decode(&ret->header, header);
	if (f == FAULT_NONE)
		f = base64url_decode(&ret->payload, payload);
	if (f == FAULT_NONE)
		f = base64url_decode(&ret->sig, sig);
	if (f != FAULT_NONE)
		return f;
	ret->header_b64 = header;
	ret->signed_part = span_first(token, header.len + 1 + payload.len);
	return FAULT_NONE;
}

enum fault jws_verify_rs256(const struct jws *j, const struct jwk_public *pub, bool *ret_valid)
{
	uint8_t digest[SHA256_LEN];

	sha256(j->signed_part, digest);
	return key_verify(pub, rs256(), span_of(digest, sizeof(digest)), buf_span(&j->sig), ret_valid);
}
