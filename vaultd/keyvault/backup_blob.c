#include "vaultd/keyvault/backup_blob.h"

#include "common/plain/text.h"

/*
 * The five parts of a JWE hold: the header; as encrypted key, random bytes of its length; the seal's nonce; its
 * ciphertext; its tag. Header and encrypted key are bound as context.
 */
static const char marker[] = "&AzureKeyVaultKeyBackupV1.microsoft.com";

enum {
	ENCRYPTED_KEY_LEN = 256,
	NONCE_LEN = 12,
	TAG_LEN = 16,
	HEADER_MAX = 1024,
	CONTEXT_MAX = 4096,
	BLOB_MAX = 2 << 20
};

struct parts {
	struct span header, encrypted_key, nonce, cipher, tag; /* base64url */
};

static void put_context(struct buf *out, const struct parts *p)
{
	buf_put_cstr(out, "key-backup");
	buf_put_u8(out, 0);
	buf_put_span(out, p->header);
	buf_put_char(out, '.');
	buf_put_span(out, p->encrypted_key);
}

static enum fault draw_head(const struct rng *rng, struct buf *header, struct buf *encrypted_key)
{
	SCOPED_DONE(buf) struct buf json = BUF_INIT(HEADER_MAX);
	uint8_t bytes[ENCRYPTED_KEY_LEN];
	char kid[UUID_SIZE];
	enum fault f = uuid_new(rng, kid);

	if (f == FAULT_NONE)
		f = rng_fill(rng, bytes, sizeof(bytes));
	if (f != FAULT_NONE)
		return f;
	buf_printf(&json, "{\"kid\":\"%s\",\"alg\":\"RSA-OAEP-256\",\"enc\":\"A256CBC-HS512\"}", kid);
	base64url_encode(header, buf_span(&json));
	base64url_encode(encrypted_key, span_of(bytes, sizeof(bytes)));
	return buf_fault(&json);
}

static void put_part(struct buf *out, struct span bytes)
{
	buf_put_char(out, '.');
	base64url_encode(out, bytes);
}

enum fault backup_blob_seal(const struct sealer *s, const struct rng *rng, struct span content, struct buf *out)
{
	SCOPED_DONE(buf) struct buf header = BUF_INIT(HEADER_MAX);
	SCOPED_DONE(buf) struct buf encrypted_key = BUF_INIT(HEADER_MAX);
	SCOPED_DONE(buf) struct buf context = BUF_INIT(CONTEXT_MAX);
	SCOPED_DONE(buf) struct buf sealed = BUF_INIT(BLOB_MAX);
	struct parts p = { .header = SPAN_EMPTY };
	enum fault f = draw_head(rng, &header, &encrypted_key);

	if (f != FAULT_NONE)
		return f;
	p.header = buf_span(&header);
	p.encrypted_key = buf_span(&encrypted_key);
	put_context(&context, &p);
	f = buf_fault(&context);
	if (f == FAULT_NONE)
		f = seal(s, buf_span(&context), content, rng, &sealed);
	if (f != FAULT_NONE)
		return f;
	buf_put_cstr(out, marker);
	buf_put_span(out, p.header);
	buf_put_char(out, '.');
	buf_put_span(out, p.encrypted_key);
	put_part(out, span_first(buf_span(&sealed), NONCE_LEN));
	put_part(out, span_from(buf_span(&sealed), NONCE_LEN + TAG_LEN));
	put_part(out, span_first(span_from(buf_span(&sealed), NONCE_LEN), TAG_LEN));
	return buf_fault(out);
}

static bool split(struct span blob, struct parts *p)
{
	struct span rest;

	if (blob.len < sizeof(marker) - 1 || memcmp(blob.p, marker, sizeof(marker) - 1) != 0)
		return false;
	rest = span_cut(span_from(blob, sizeof(marker) - 1), '.', &p->header);
	if (rest.p != NULL)
		rest = span_cut(rest, '.', &p->encrypted_key);
	if (rest.p != NULL)
		rest = span_cut(rest, '.', &p->nonce);
	if (rest.p != NULL)
		rest = span_cut(rest, '.', &p->cipher);
	p->tag = rest;
	return rest.p != NULL;
}

enum fault backup_blob_open(const struct sealer *s, struct span blob, struct secret *ret)
{
	SCOPED_DONE(buf) struct buf context = BUF_INIT(CONTEXT_MAX);
	SCOPED_DONE(buf) struct buf sealed = BUF_INIT(BLOB_MAX);
	struct parts p = { .header = SPAN_EMPTY };
	enum fault f = FAULT_INVALID;

	if (!split(blob, &p))
		return FAULT_INVALID;
	put_context(&context, &p);
	if (base64url_decode(&sealed, p.nonce) != FAULT_NONE || sealed.len != NONCE_LEN ||
	    base64url_decode(&sealed, p.tag) != FAULT_NONE || sealed.len != NONCE_LEN + TAG_LEN ||
	    base64url_decode(&sealed, p.cipher) != FAULT_NONE || context.fault != FAULT_NONE)
		return FAULT_INVALID;
	f = unseal(s, buf_span(&context), buf_span(&sealed), ret);
	return f == FAULT_CRYPTO ? FAULT_INVALID : f;
}
