#include "vaultd/arm/arm_access.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/model/rbac_world.h"
#include "common/model/role_deny.h"
#include "common/plain/text.h"
#include "policy/scope.h"
#include "vaultd/arm/arm_scope.h"

enum { ACTION_MAX = 64 };

static bool ends_with(const char *s, const char *tail)
{
	size_t n = strlen(s), m = strlen(tail);

	return n >= m && strcmp(s + n - m, tail) == 0;
}

/* A slash inside a name would make it look like a place further down. */
static enum fault put_segment(struct buf *out, struct span raw, struct err *err)
{
	SCOPED_DONE(buf) struct buf name = BUF_INIT(raw.len);

	percent_decode(&name, raw, false);
	if (buf_fault(&name) != FAULT_NONE)
		return buf_fault(&name);
	if (name.len == 0 || memchr(name.data, '/', name.len) != NULL || memchr(name.data, '\0', name.len) != NULL)
		return err_say(err, FAULT_INVALID, "InvalidRequestUri",
			       "The request URI contains the invalid name '%.*s'.", SPAN_ARG(span_first(raw, 256)));
	buf_put_char(out, '/');
	buf_put_span(out, buf_span(&name));
	return FAULT_NONE;
}

/* The path as names, without the name of an action at its end. */
static enum fault find_scope(struct arm_op *op, const char *action, struct err *err)
{
	SCOPED_DONE(buf) struct buf text = BUF_INIT(op->request->path.len + 2);
	struct pool *pool = http_exchange_pool(op->x);
	struct route_path path;
	enum fault f = route_split(op->request->path, &path);
	char *folded;

	while (f == FAULT_NONE && path.n > 0 && path.seg[path.n - 1].len == 0)
		path.n--;
	if (ends_with(action, "/action") && path.n > 0)
		path.n--;
	for (size_t i = 0; f == FAULT_NONE && i < path.n; i++)
		if (path.seg[i].len > 0)
			f = put_segment(&text, path.seg[i], err);
	if (text.len == 0)
		buf_put_char(&text, '/');
	if (f == FAULT_NONE)
		f = buf_fault(&text);
	if (f != FAULT_NONE)
		return f;
	op->scope = pool_dup(pool, buf_span(&text));
	folded = pool_alloc(pool, text.len + 1);
	if (op->scope.p == NULL || folded == NULL)
		return FAULT_MEMORY;
	return scope_fold(op->scope, folded, text.len + 1, &op->scope_folded);
}

/* A verdict, and the id of what it comes from: an assignment or a deny assignment. */
struct decision {
	struct verdict verdict;
	char id[ID_SIZE];
	char rule[RBAC_RULE_SIZE];
};

static enum fault decide(struct arm_op *op, const char *action, struct span scope_folded, struct decision *ret)
{
	struct rbac_query q = { .principal_id = span_cstr(op->caller->object_id),
				.scope = scope_folded,
				.action = span_cstr(action),
				.now_s = op->now_s };
	const struct rbac_world *w;
	enum fault f = rbac_cache_get(op->d->roles, op->txn, &w);

	if (f != FAULT_NONE)
		return f;
	ret->verdict = rbac_decide(w, &q);
	snprintf(ret->id, sizeof(ret->id), "%.*s", SPAN_ARG(rbac_rule_id(w, &ret->verdict)));
	rbac_rule_text(w, &ret->verdict, ret->rule);
	return FAULT_NONE;
}

static enum fault say_denied(const struct arm_op *op, const char *action, struct span scope, const char *id,
			     struct err *err)
{
	const struct caller *c = op->caller;
	struct deny_assignment d;
	enum fault f = deny_assignment_get_effective(op->txn, span_cstr(id), &d);

	if (f != FAULT_NONE)
		return f == FAULT_NOT_FOUND ? FAULT_STORE : f;
	return err_say(
		err, FAULT_DENIED, "DenyAssignmentAuthorizationFailed",
		"The client '%s' with object id '%s' has permission to perform action '%s' on scope '%.*s'; however, "
		"the access is denied because of the deny assignment with name '%.*s' and Id '%s' at scope '%.*s'.",
		c->app_id, c->object_id, action, SPAN_ARG(scope), SPAN_ARG(d.name), id, SPAN_ARG(d.scope));
}

static enum fault refuse(const struct arm_op *op, const char *action, struct span scope, const struct decision *d,
			 struct err *err)
{
	const struct caller *c = op->caller;

	if (d->verdict.reason == REASON_RBAC_DENY_ASSIGNMENT)
		return say_denied(op, action, scope, d->id, err);
	return err_say(
		err, FAULT_DENIED, "AuthorizationFailed",
		"The client '%s' with object id '%s' does not have authorization to perform action '%s' over scope "
		"'%.*s' or the scope is invalid. If access was recently granted, please refresh your credentials.",
		c->app_id, c->object_id, action, SPAN_ARG(scope));
}

/* "{namespace}/register/action" is said with the namespace of the path. NULL: no memory. */
static const char *action_of(struct arm_op *op, const struct arm_row *row)
{
	static const char mark[] = "{namespace}";
	SCOPED_DONE(buf) struct buf b = BUF_INIT(op->request->path.len + sizeof(mark) + ACTION_MAX);

	if (strncmp(row->action, mark, strlen(mark)) != 0)
		return row->action;
	buf_put_span(&b, arm_capture(op, "namespace"));
	buf_put_cstr(&b, row->action + strlen(mark));
	return buf_fault(&b) == FAULT_NONE ? pool_dup(http_exchange_pool(op->x), buf_span(&b)).p : NULL;
}

enum fault arm_authorize(struct arm_op *op, const struct arm_row *row, struct err *err)
{
	const char *action = row->action == NULL ? NULL : action_of(op, row);
	struct decision d;
	enum fault f;

	if (row->action == NULL)
		return FAULT_NONE;
	f = action == NULL ? FAULT_MEMORY : find_scope(op, action, err);
	if (f != FAULT_NONE || (row->traits & ARM_FILTERED) != 0)
		return f;
	f = decide(op, action, op->scope_folded, &d);
	if (f != FAULT_NONE)
		return f;
	op->verdict = d.verdict;
	snprintf(op->rule, sizeof(op->rule), "%s", d.rule);
	return d.verdict.kind == VERDICT_ALLOW ? FAULT_NONE : refuse(op, action, op->scope, &d, err);
}

/* Another question than the path's. */
static enum fault ask(struct arm_op *op, const char *action, const char *id, struct decision *ret)
{
	size_t size = strlen(id) + 1;
	char *text = malloc(size);
	struct span folded;
	enum fault f = text == NULL ? FAULT_MEMORY : scope_fold(span_cstr(id), text, size, &folded);

	if (f == FAULT_NONE)
		f = decide(op, action, folded, ret);
	free(text);
	return f;
}

enum fault arm_may(struct arm_op *op, const char *action, const char *id, bool *ret)
{
	struct decision d;
	enum fault f = ask(op, action, id, &d);

	if (f == FAULT_NONE)
		*ret = d.verdict.kind == VERDICT_ALLOW;
	return f;
}

enum fault arm_must(struct arm_op *op, const char *action, const char *id, struct err *err)
{
	struct decision d;
	enum fault f = ask(op, action, id, &d);

	if (f != FAULT_NONE || d.verdict.kind == VERDICT_ALLOW)
		return f;
	/* The audit names what refused, not what let the request come this far. */
	op->verdict = d.verdict;
	snprintf(op->rule, sizeof(op->rule), "%s", d.rule);
	return refuse(op, action, span_cstr(id), &d, err);
}

enum fault arm_must_linked(struct arm_op *op, const char *own, const char *action, const char *id, struct err *err)
{
	const struct caller *c = op->caller;
	enum fault f = arm_must(op, action, id, err);

	if (f != FAULT_DENIED || op->verdict.reason == REASON_RBAC_DENY_ASSIGNMENT)
		return f;
	return err_say(err, f, "LinkedAuthorizationFailed",
		       "The client '%s' with object id '%s' has permission to perform action '%s' on scope '%.*s'; "
		       "however, it "
		       "does not have permission to perform action '%s' on the linked scope(s) '%s' or the linked "
		       "scope(s) are "
		       "invalid.",
		       c->app_id, c->object_id, own, SPAN_ARG(op->scope), action, id);
}

enum fault arm_sees_subscription(struct arm_op *op, bool *ret)
{
	struct span me = span_cstr(op->caller->object_id), folded;
	char id[64], text[64];
	const struct rbac_world *w;
	bool sees = false;
	enum fault f;

	snprintf(id, sizeof(id), "/subscriptions/%s", op->d->world.subscription_id);
	f = scope_fold(span_cstr(id), text, sizeof(text), &folded);
	if (f == FAULT_NONE)
		f = rbac_cache_get(op->d->roles, op->txn, &w);
	if (f != FAULT_NONE)
		return f;
	for (size_t i = 0; !sees && i < w->rules.n_assignments; i++) {
		const struct rbac_assignment *a = &w->rules.assignments[i];
		bool is_felt = a->effective_from_s <= op->now_s &&
			       (a->effective_until_s == 0 || op->now_s < a->effective_until_s);

		sees = is_felt && span_eq(a->principal_id, me) &&
		       (scope_contains(a->scope, folded) || scope_contains(folded, a->scope));
	}
	*ret = sees;
	return FAULT_NONE;
}
