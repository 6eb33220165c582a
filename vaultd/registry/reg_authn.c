#include <stdio.h>

#include "common/model/token_check.h"
#include "policy/refusal.h"
#include "vaultd/registry/reg.h"

enum { BASIC_MAX = 16 << 10 };

/* Signs in with a token in place of a password. */
#define TOKEN_USER "00000000-0000-0000-0000-000000000000"

static enum fault fail(struct reg_op *op, const char *reason)
{
	op->authn_reason = reason;
	return FAULT_UNAUTHENTICATED;
}

/* A token is of one registry, for a time, and of somebody who is still there. */
static enum fault check(struct reg_op *op, const struct reg_token *t, unsigned kind)
{
	struct principal p;
	enum fault f;

	if (t->kind != kind || t->registry_len != sizeof(t->registry) ||
	    memcmp(t->registry, op->registry.uid, sizeof(t->registry)) != 0)
		return fail(op, authn_problem_name(AUTHN_BAD_AUDIENCE));
	if (op->now_s >= t->expires_s)
		return fail(op, authn_problem_name(AUTHN_EXPIRED));
	if (t->object_id[0] == '\0')
		return FAULT_NONE;
	f = principal_by_object_id(op->txn, span_cstr(t->object_id), &p);
	return f == FAULT_NOT_FOUND ? fail(op, refusal_name(REFUSAL_UNKNOWN_CLIENT)) : f;
}

enum fault reg_token_check(struct reg_op *op, struct span text, enum reg_token_kind kind, struct reg_token *ret)
{
	enum fault f = reg_token_open(&op->d->world, text, ret);

	if (f == FAULT_UNAUTHENTICATED)
		return fail(op, authn_problem_name(AUTHN_MALFORMED));
	return f == FAULT_NONE ? check(op, ret, kind) : f;
}

static enum fault check_secret(struct reg_op *op, struct span app_id, struct span password, struct reg_token *ret)
{
	SCOPED_DONE(secret) struct secret own = SECRET_INIT;
	struct principal p;
	enum fault f = principal_by_app_id(op->txn, app_id, &p);

	if (f == FAULT_NOT_FOUND || (f == FAULT_NONE && p.kind != PRINCIPAL_APPLICATION))
		return fail(op, refusal_name(REFUSAL_UNKNOWN_CLIENT));
	if (f == FAULT_NONE)
		f = principal_secret(&op->d->world, &p, &own);
	if (f == FAULT_NOT_FOUND || (f == FAULT_NONE && !constant_time_eq(secret_span(&own), password)))
		return fail(op, refusal_name(REFUSAL_WRONG_SECRET));
	if (f != FAULT_NONE)
		return f;
	*ret = (struct reg_token){ .expires_s = op->now_s, .scope = REG_SCOPE_ALL };
	snprintf(ret->object_id, sizeof(ret->object_id), "%s", p.object_id);
	snprintf(ret->app_id, sizeof(ret->app_id), "%s", p.app_id);
	return FAULT_NONE;
}

enum fault reg_check_password(struct reg_op *op, struct span user, struct span password, struct reg_token *ret)
{
	enum fault f;

	if (!span_eq_cstr(user, TOKEN_USER))
		return check_secret(op, user, password, ret);
	f = reg_token_check(op, password, REG_TOKEN_REFRESH, ret);
	if (f == FAULT_NONE)
		snprintf(ret->scope, sizeof(ret->scope), "%s", REG_SCOPE_ALL);
	return f;
}

static enum fault check_basic(struct reg_op *op, struct span text, struct reg_token *ret)
{
	SCOPED_DONE(buf) struct buf joined = BUF_SECRET_INIT(BASIC_MAX);
	struct span user, password;
	enum fault f = base64_decode(&joined, text);

	if (f == FAULT_INVALID || f == FAULT_TOO_LARGE)
		return fail(op, refusal_name(REFUSAL_CREDENTIAL_MALFORMED));
	if (f != FAULT_NONE)
		return f;
	password = span_cut(buf_span(&joined), ':', &user);
	if (password.p == NULL)
		return fail(op, refusal_name(REFUSAL_CREDENTIAL_MALFORMED));
	return reg_check_password(op, user, password, ret);
}

enum fault reg_sign_in(struct reg_op *op, struct reg_token *ret)
{
	const char *header = http_exchange_header(op->x, "Authorization");
	struct span scheme, rest = span_cut(span_cstr(header), ' ', &scheme);

	if (header == NULL)
		return fail(op, authn_problem_name(AUTHN_MISSING));
	if (rest.p != NULL && span_eq_nocase(scheme, SPAN_LIT("Basic")))
		return check_basic(op, span_trim(rest), ret);
	if (rest.p != NULL && span_eq_nocase(scheme, SPAN_LIT("Bearer")))
		return reg_token_check(op, span_trim(rest), REG_TOKEN_ACCESS, ret);
	return fail(op, authn_problem_name(AUTHN_MISSING));
}

enum fault reg_authenticate(struct reg_op *op, struct err *err UNUSED)
{
	return op->row->access == REG_OPEN ? FAULT_NONE : reg_sign_in(op, &op->caller);
}
