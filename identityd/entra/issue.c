#include "identityd/entra/issue.h"

#include <stdlib.h>

#include "common/io/jobs.h"
#include "common/io/jws.h"
#include "identityd/entra/signing.h"
#include "identityd/entra/token_cache.h"

enum { HEADER_MAX = 512, PAYLOAD_MAX = 16 << 10, TOKEN_MAX = 32 << 10, KEY_MAX = 4096 };

void order_free(struct token_order *o)
{
	if (o == NULL)
		return;
	signer_release(o->signer);
	buf_done(&o->header);
	buf_done(&o->payload);
	buf_done(&o->text);
	free(o);
}

/* Whatever makes one token differ from another, its times aside. */
static void cache_key(struct buf *out, const struct claims *c)
{
	buf_printf(out, "%s\n%s\n%s\n%s\n%s", c->tenant_id, c->object_id, c->app_id, c->az_rid, c->audience);
}

static bool take_cached(struct op *op, struct token_order *o)
{
	SCOPED_DONE(buf) struct buf key = BUF_INIT(KEY_MAX);
	const struct cached_token *hit;

	cache_key(&key, &o->claims);
	if (!o->is_cached || buf_fault(&key) != FAULT_NONE)
		return false;
	hit = token_cache_get(op->d->tokens, buf_span(&key), op->now_s);
	if (hit == NULL)
		return false;
	buf_clear(&o->text);
	buf_put_span(&o->text, secret_span(&hit->text));
	o->claims.issued_s = hit->not_before_s;
	o->claims.expires_s = hit->expires_s;
	return buf_fault(&o->text) == FAULT_NONE;
}

static void keep(struct op *op, const struct token_order *o)
{
	SCOPED_DONE(buf) struct buf key = BUF_INIT(KEY_MAX);

	cache_key(&key, &o->claims);
	if (o->is_cached && buf_fault(&key) == FAULT_NONE)
		token_cache_put(op->d->tokens, buf_span(&key), buf_span(&o->text), o->claims.issued_s,
				o->claims.expires_s);
}

static enum fault prepare(struct op *op, struct token_order *o)
{
	enum fault f;

	claims_set_times(&o->claims, op->now_s, op->d->token_lifetime_s);
	o->signer = signing_take(op->d->signing);
	f = claims_write_header(signer_kid(o->signer), &o->header);
	return f != FAULT_NONE ? f : claims_write(&o->claims, &op->d->world.rng, &o->payload);
}

enum fault order_new(struct op *op, const struct claims *claims, bool is_cached, struct err *err UNUSED)
{
	struct token_order *o = calloc(1, sizeof(*o));

	if (o == NULL)
		return FAULT_MEMORY;
	op->order = o;
	o->op = op;
	o->claims = *claims;
	o->is_cached = is_cached;
	o->header = BUF_INIT(HEADER_MAX);
	o->payload = BUF_INIT(PAYLOAD_MAX);
	o->text = BUF_SECRET_INIT(TOKEN_MAX);
	return take_cached(op, o) ? FAULT_NONE : prepare(op, o);
}

static void finish(struct token_order *o, enum fault f)
{
	struct err err = ERR_INIT;

	o->token = buf_span(&o->text);
	/* As the service counts: one second less than what is left. */
	o->expires_in_s = o->claims.expires_s - o->op->now_s - 1;
	o->done(o->op, f, &err);
}

static void sign_work(void *arg)
{
	struct token_order *o = arg;

	o->was_run = true;
	o->fault = jws_sign_rs256(signer_pair(o->signer), buf_span(&o->header), buf_span(&o->payload),
				  &o->op->d->world.rng, &o->text);
}

static void sign_done(void *arg)
{
	struct token_order *o = arg;
	enum fault f = o->was_run ? o->fault : FAULT_UNAVAILABLE;

	/* Another request may have asked for the same meanwhile: both get the first one's. */
	if (f == FAULT_NONE && !take_cached(o->op, o))
		keep(o->op, o);
	finish(o, f);
}

void order_run(struct op *op, void (*done)(struct op *op, enum fault f, struct err *err))
{
	struct token_order *o = op->order;
	enum fault f;

	o->done = done;
	if (o->signer == NULL) {
		finish(o, FAULT_NONE);
		return;
	}
	f = jobs_submit(op->d->signers, sign_work, sign_done, o);
	if (f != FAULT_NONE)
		finish(o, f);
}
