#include "identityd/entra/make_key.h"

#include "common/io/digest.h"
#include "common/io/x509.h"
#include "common/plain/text.h"

enum { KEY_BITS = 2048, EXPONENT = 65537, DAY_S = 86400, CERT_DAYS = 5 * 365 };

void made_key_done(struct made_key *m)
{
	keypair_free(TAKE(m->pair));
	secret_done(&m->der);
}

static enum fault take_or_generate(const struct stock *stock, const struct rng *rng, struct made_key *m)
{
	enum fault f = stock_take(stock, KEY_BITS, &m->der);

	if (f == FAULT_NONE)
		f = keypair_from_der(secret_span(&m->der), rng, &m->pair);
	/* A stock that is empty or damaged costs time, nothing else. */
	if (f == FAULT_NONE || f == FAULT_MEMORY)
		return f;
	f = keypair_generate_rsa(KEY_BITS, EXPONENT, rng, &m->pair);
	return f != FAULT_NONE ? f : keypair_to_der(m->pair, &m->der);
}

static enum fault certify(const struct rng *rng, int64_t now_s, struct made_key *m)
{
	SCOPED_DONE(buf) struct buf cert = BUF_INIT(SIGNING_CERT_MAX);
	SCOPED_DONE(buf) struct buf kid = BUF_INIT(KID_SIZE - 1);
	struct x509_request req = { .common_name = "Sandvault token signing",
				    .not_before_s = now_s - DAY_S,
				    .not_after_s = now_s + (int64_t)CERT_DAYS * DAY_S };
	uint8_t print[SHA1_LEN];
	enum fault f = x509_issue(&req, m->pair, NULL, SPAN_EMPTY, rng, &cert, NULL);

	if (f != FAULT_NONE)
		return f;
	sha1(buf_span(&cert), print);
	base64url_encode(&kid, span_of(print, sizeof(print)));
	if (buf_fault(&kid) != FAULT_NONE)
		return kid.fault;
	memcpy(m->record.kid, kid.data, kid.len + 1);
	memcpy(m->record.cert_der, cert.data, cert.len);
	m->record.cert_len = cert.len;
	return FAULT_NONE;
}

enum fault make_key(const struct stock *stock, const struct rng *rng, int64_t now_s, struct made_key *ret)
{
	struct made_key m = { .record = { .created_s = now_s } };
	enum fault f = take_or_generate(stock, rng, &m);

	if (f == FAULT_NONE)
		f = keypair_public(m.pair, &m.record.pub);
	if (f == FAULT_NONE)
		f = certify(rng, now_s, &m);
	if (f != FAULT_NONE) {
		made_key_done(&m);
		return f;
	}
	*ret = m;
	return FAULT_NONE;
}
