#include "vaultd/registry/reg_token.h"

#include <stdio.h>

#include "common/io/record.h"
#include "common/plain/text.h"

enum { RECORD_VERSION = 1, RECORD_MAX = 5000 };
enum { TAG_KIND = 1, TAG_REGISTRY, TAG_OBJECT_ID, TAG_APP_ID, TAG_EXPIRES, TAG_SCOPE };
#define CONTEXT SPAN_LIT("registry-token")

enum fault reg_token_seal(const struct world *w, const struct reg_token *token, struct buf *out)
{
	SCOPED_DONE(buf) struct buf plain = BUF_INIT(RECORD_MAX);
	SCOPED_DONE(buf) struct buf sealed = BUF_INIT(RECORD_MAX + SEAL_OVERHEAD);
	enum fault f;

	record_begin(&plain, RECORD_VERSION, RECORD_VERSION);
	record_put_int(&plain, TAG_KIND, token->kind);
	record_put(&plain, TAG_REGISTRY, span_of(token->registry, sizeof(token->registry)));
	record_put_cstr(&plain, TAG_OBJECT_ID, token->object_id);
	record_put_cstr(&plain, TAG_APP_ID, token->app_id);
	record_put_int(&plain, TAG_EXPIRES, token->expires_s);
	record_put_cstr(&plain, TAG_SCOPE, token->scope);
	if (buf_fault(&plain) != FAULT_NONE)
		return buf_fault(&plain);
	f = seal(&w->sealer, CONTEXT, buf_span(&plain), &w->rng, &sealed);
	if (f == FAULT_NONE)
		base64url_encode(out, buf_span(&sealed));
	return f == FAULT_NONE ? buf_fault(out) : f;
}

static enum fault read_field(uint16_t tag, struct span value, void *into)
{
	struct reg_token *t = into;

	int64_t kind = 0;
	enum fault f;

	switch (tag) {
	case TAG_KIND:
		f = record_int(value, &kind);
		t->kind = (unsigned)kind;
		return f;
	case TAG_REGISTRY:
		if (value.len != sizeof(t->registry))
			return FAULT_STORE;
		memcpy(t->registry, value.p, value.len);
		t->registry_len = value.len;
		return FAULT_NONE;
	case TAG_OBJECT_ID:
		return record_str(value, t->object_id, sizeof(t->object_id));
	case TAG_APP_ID:
		return record_str(value, t->app_id, sizeof(t->app_id));
	case TAG_EXPIRES:
		return record_int(value, &t->expires_s);
	case TAG_SCOPE:
		return record_str(value, t->scope, sizeof(t->scope));
	default:
		return FAULT_NONE;
	}
}

static enum fault decode(struct span bytes, struct reg_token *ret)
{
	*ret = (struct reg_token){ .kind = 0 };
	return record_each(bytes, RECORD_VERSION, read_field, ret);
}

enum fault reg_token_open(const struct world *w, struct span text, struct reg_token *ret)
{
	SCOPED_DONE(buf) struct buf sealed = BUF_INIT(REG_TOKEN_MAX);
	SCOPED_DONE(secret) struct secret plain = SECRET_INIT;
	enum fault f = text.len > REG_TOKEN_MAX ? FAULT_INVALID : base64url_decode(&sealed, text);

	if (f == FAULT_NONE)
		f = unseal(&w->sealer, CONTEXT, buf_span(&sealed), &plain);
	if (f == FAULT_NONE)
		f = decode(secret_span(&plain), ret);
	return f == FAULT_NONE || f == FAULT_MEMORY ? f : FAULT_UNAUTHENTICATED;
}
