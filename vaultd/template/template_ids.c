/* The ids of a template's resources. */

#include "vaultd/template/template_plan.h"

enum { ID_MAX = 4096 };

static const char providers[] = "/providers/";

size_t segments_count(struct span text)
{
	size_t n = 0;

	while (text.p != NULL && text.len > 0) {
		struct span head;

		text = span_cut(text, '/', &head);
		n += head.len > 0;
	}
	return n;
}

struct span id_relative(struct span id)
{
	for (size_t i = id.len; i-- > 0;)
		if (span_starts_nocase(span_from(id, i), SPAN_LIT(providers)))
			return span_from(id, i + sizeof(providers) - 1);
	return id;
}

/* Type and name in turns: "Microsoft.KeyVault/vaults/v/keys/k". */
static void put_relative(struct buf *out, struct span type, struct span name)
{
	struct span head;

	type = span_cut(type, '/', &head);
	buf_put_span(out, head);
	while (type.p != NULL) {
		struct span turn = SPAN_EMPTY;

		type = span_cut(type, '/', &head);
		if (name.p != NULL)
			name = span_cut(name, '/', &turn);
		buf_printf(out, "/%.*s/%.*s", SPAN_ARG(head), SPAN_ARG(turn));
	}
}

/* The scope that the resource lies in, without a slash at its end: its own, or the deployment's. */
static void put_scope(struct buf *out, const struct plan *p, const struct node_scope *s)
{
	const struct expr_facts *facts = &p->in.facts;
	struct span group = s->group.len > 0 ? s->group : facts->group;

	if (s->scope.len > 0 && s->scope.p[0] == '/') {
		buf_put_span(out, span_first(s->scope, s->scope.len - (s->scope.p[s->scope.len - 1] == '/')));
		return;
	}
	buf_printf(out, "/subscriptions/%.*s",
		   SPAN_ARG(s->subscription.len > 0 ? s->subscription : facts->subscription_id));
	/* Another subscription without a group is a deployment at the subscription. */
	if (group.len > 0 && (s->group.len > 0 || s->subscription.len == 0))
		buf_printf(out, "/resourceGroups/%.*s", SPAN_ARG(group));
	if (s->scope.len > 0)
		buf_printf(out, "/providers/%.*s", SPAN_ARG(s->scope));
}

static enum fault keep(struct pool *pool, struct buf *id, struct span *ret)
{
	if (buf_fault(id) != FAULT_NONE)
		return buf_fault(id);
	*ret = pool_dup(pool, buf_span(id));
	return ret->p == NULL ? FAULT_MEMORY : FAULT_NONE;
}

/* A group is no provider's resource, but resourceId() writes its id as if it were. */
static enum fault identify_group(struct plan *p, struct node *n, struct span subscription)
{
	SCOPED_DONE(buf) struct buf id = BUF_INIT(ID_MAX);

	buf_printf(&id, "/subscriptions/%.*s", SPAN_ARG(subscription));
	size_t relative = id.len + 1;
	buf_printf(&id, "/resourceGroups/%.*s", SPAN_ARG(n->r.name));
	enum fault f = keep(p->pool, &id, &n->r.id);
	if (f != FAULT_NONE)
		return f;
	n->relative = span_from(n->r.id, relative);
	buf_clear(&id);
	buf_printf(&id, "/subscriptions/%.*s%s%.*s/%.*s", SPAN_ARG(subscription), providers, SPAN_ARG(n->r.type),
		   SPAN_ARG(n->r.name));
	return keep(p->pool, &id, &n->other_id);
}

enum fault node_identify(struct plan *p, struct node *n, const struct node_scope *scope)
{
	static const char groups[] = "Microsoft.Resources/resourceGroups";
	SCOPED_DONE(buf) struct buf id = BUF_INIT(ID_MAX);
	const struct span own = scope->subscription;

	if (span_eq_nocase(n->r.type, SPAN_LIT(groups)))
		return identify_group(p, n, own.len > 0 ? own : p->in.facts.subscription_id);
	put_scope(&id, p, scope);
	buf_put_cstr(&id, providers);
	size_t relative = id.len;
	put_relative(&id, n->r.type, n->r.name);
	enum fault f = keep(p->pool, &id, &n->r.id);
	if (f == FAULT_NONE)
		n->relative = span_from(n->r.id, relative);
	return f;
}

struct span node_scope_of(const struct node *n)
{
	struct span head = span_first(n->r.id, n->r.id.len - n->relative.len);

	if (head.len < sizeof(providers) - 1)
		return SPAN_EMPTY;
	head.len -= sizeof(providers) - 1;
	return head.len == 0 ? SPAN_LIT("/") : head;
}
