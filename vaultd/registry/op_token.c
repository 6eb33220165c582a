#include <stdio.h>

#include "common/model/token_check.h"
#include "policy/refusal.h"
#include "vaultd/registry/reg.h"

enum { FORM_MAX = 32, OWN_AUDIENCE_SIZE = 48 };

/* Source: fixtures/sources.md#registry-tokens */
struct form {
	struct http_param pairs[FORM_MAX];
	size_t n;
};

static struct span form_get(const struct form *form, const char *name)
{
	for (size_t i = 0; i < form->n; i++)
		if (span_eq_cstr(form->pairs[i].name, name))
			return form->pairs[i].value;
	return SPAN_EMPTY;
}

static enum fault say_grant(struct reg_op *op, struct err *err)
{
	op->authn_reason = refusal_name(REFUSAL_GRANT_UNSUPPORTED);
	return err_say(err, FAULT_INVALID, "UNSUPPORTED", "The grant_type is not one this endpoint takes.");
}

static enum fault reply_token(struct reg_op *op, const char *name, struct reg_token *token)
{
	SCOPED_DONE(buf) struct buf text = BUF_SECRET_INIT(REG_TOKEN_MAX);
	enum fault f;

	memcpy(token->registry, op->registry.uid, sizeof(token->registry));
	token->registry_len = sizeof(token->registry);
	f = reg_token_seal(&op->d->world, token, &text);
	if (f != FAULT_NONE)
		return f;
	json_out_object(&op->out, NULL);
	json_out_str(&op->out, name, buf_span(&text));
	json_out_object_end(&op->out);
	return FAULT_NONE;
}

/* A token of the cloud's sign-in: for the registries' own audience or, unless a policy forbids it, the control plane's.
 */
static enum fault check_cloud_token(struct reg_op *op, struct span text, struct caller *ret)
{
	char own[OWN_AUDIENCE_SIZE], own_slash[OWN_AUDIENCE_SIZE + 1];
	const char *const audiences[] = { "https://containerregistry.azure.net",
					  "https://containerregistry.azure.net/",
					  "https://management.azure.com",
					  "https://management.azure.com/",
					  "https://management.core.windows.net",
					  "https://management.core.windows.net/",
					  own,
					  own_slash,
					  NULL };
	const char *const strict[] = { audiences[0], audiences[1], NULL };
	struct checked_token checked;
	struct authn_failure why = { .problem = AUTHN_OK };
	enum fault f;

	snprintf(own, sizeof(own), "https://localhost:%u", op->d->tls_port);
	snprintf(own_slash, sizeof(own_slash), "%s/", own);
	f = token_verify(&op->d->world, op->txn, text, &checked, &why);
	if (f == FAULT_NONE)
		f = token_accept(&checked, op->settings.arm_tokens ? audiences : strict, op->now_s, &why);
	if (f == FAULT_NONE)
		*ret = checked.caller;
	if (f == FAULT_UNAUTHENTICATED)
		op->authn_reason = authn_problem_name(why.problem);
	return f;
}

/* POST /oauth2/exchange: grant_type=access_token, service, tenant, access_token → { refresh_token }. */
enum fault reg_token_exchange(struct reg_op *op, struct err *err)
{
	struct reg_token token = { .kind = REG_TOKEN_REFRESH, .expires_s = op->now_s + REG_REFRESH_LIVES_S };
	struct form form;
	struct span grant;
	struct caller caller;
	enum fault f;

	form.n = http_exchange_form(op->x, form.pairs, FORM_MAX);
	grant = form_get(&form, "grant_type");
	if (!span_eq_cstr(grant, "access_token") && !span_eq_cstr(grant, "access_token_refresh_token"))
		return say_grant(op, err);
	f = check_cloud_token(op, form_get(&form, "access_token"), &caller);
	if (f != FAULT_NONE)
		return f;
	snprintf(token.object_id, sizeof(token.object_id), "%s", caller.object_id);
	snprintf(token.app_id, sizeof(token.app_id), "%s", caller.app_id);
	op->caller = token;
	return reply_token(op, "refresh_token", &token);
}

/* Scopes come one by one, or several with blanks between. */
static enum fault grant_scopes(struct reg_op *op, const struct http_param *pairs, size_t n, struct reg_token *token)
{
	SCOPED_DONE(buf) struct buf scope = BUF_INIT(REG_SCOPE_SIZE - 1);
	enum fault f = FAULT_NONE;

	for (size_t i = 0; f == FAULT_NONE && i < n; i++) {
		struct span rest = pairs[i].value, one;

		if (!span_eq_cstr(pairs[i].name, "scope"))
			continue;
		while (f == FAULT_NONE && rest.p != NULL) {
			rest = span_cut(rest, ' ', &one);
			f = reg_grant(op, token->object_id, one, &scope);
		}
	}
	if (f == FAULT_NONE)
		f = buf_fault(&scope);
	if (f == FAULT_NONE)
		snprintf(token->scope, sizeof(token->scope), "%s", buf_cstr(&scope));
	return f;
}

/* who: whoever signed in. Its scope is what its roles give of what is asked for, which may be nothing. */
static enum fault issue(struct reg_op *op, const struct reg_token *who, const struct http_param *pairs, size_t n)
{
	struct reg_token token = *who;
	enum fault f;

	token.kind = REG_TOKEN_ACCESS;
	token.expires_s = op->now_s + REG_ACCESS_LIVES_S;
	token.scope[0] = '\0';
	op->caller = token;
	f = grant_scopes(op, pairs, n, &token);
	return f == FAULT_NONE ? reply_token(op, "access_token", &token) : f;
}

/* GET /oauth2/token?service&scope, with a name and password, or without where everybody may pull. */
enum fault reg_token_get(struct reg_op *op, struct err *err UNUSED)
{
	struct reg_token who = { .kind = 0 };
	enum fault f = FAULT_NONE;

	if (http_exchange_header(op->x, "Authorization") != NULL || !op->settings.anonymous_pull)
		f = reg_sign_in(op, &who);
	return f == FAULT_NONE ? issue(op, &who, op->request->query, op->request->n_query) : f;
}

/* POST /oauth2/token: grant_type=refresh_token, or password; service, scope → { access_token }. */
enum fault reg_token_request(struct reg_op *op, struct err *err)
{
	struct reg_token who;
	struct form form;
	struct span grant;
	enum fault f;

	form.n = http_exchange_form(op->x, form.pairs, FORM_MAX);
	grant = form_get(&form, "grant_type");
	if (span_eq_cstr(grant, "refresh_token"))
		f = reg_token_check(op, form_get(&form, "refresh_token"), REG_TOKEN_REFRESH, &who);
	else if (span_eq_cstr(grant, "password"))
		f = reg_check_password(op, form_get(&form, "username"), form_get(&form, "password"), &who);
	else
		return say_grant(op, err);
	return f == FAULT_NONE ? issue(op, &who, form.pairs, form.n) : f;
}
