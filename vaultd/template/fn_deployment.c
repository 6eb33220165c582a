#include "vaultd/template/fn.h"

#include "common/plain/text.h"

enum { OBJECT_MAX = 8, ID_MAX = 512 };

/* An object being put together; a value that could not be made leaves it NULL at the end. */
struct making {
	struct call *c;
	struct tv_member *members;
	size_t n;
	bool is_broken;
};

static struct making make(struct call *c)
{
	struct making m = { .c = c, .members = pool_alloc(c->pool, OBJECT_MAX * sizeof(*m.members)) };

	m.is_broken = m.members == NULL;
	return m;
}

static void put(struct making *m, const char *name, const struct tv *v)
{
	if (v == NULL || m->is_broken)
		m->is_broken = true;
	else
		m->members[m->n++] = (struct tv_member){ span_cstr(name), v };
}

static void put_text(struct making *m, const char *name, struct span text)
{
	put(m, name, tv_string(m->c->pool, text));
}

static void put_id(struct making *m, const char *root, struct span id)
{
	SCOPED_DONE(buf) struct buf out = BUF_INIT(ID_MAX);

	buf_put_cstr(&out, root);
	buf_put_span(&out, id);
	put_text(m, "id", buf_fault(&out) == FAULT_NONE ? pool_dup(m->c->pool, buf_span(&out)) : span_of(NULL, 0));
}

static enum fault give(struct making *m, const struct tv **ret)
{
	return call_give(m->c, m->is_broken ? NULL : tv_object(m->c->pool, m->members, m->n), ret);
}

static enum fault fn_subscription(struct call *c, const struct tv **ret)
{
	const struct expr_facts *facts = c->env->facts;
	struct making m = make(c);

	put_id(&m, "/subscriptions/", facts->subscription_id);
	put_text(&m, "subscriptionId", facts->subscription_id);
	put_text(&m, "tenantId", facts->tenant_id);
	put_text(&m, "displayName", facts->subscription_name);
	return give(&m, ret);
}

static enum fault fn_tenant(struct call *c, const struct tv **ret)
{
	struct making m = make(c);

	put_text(&m, "countryCode", SPAN_LIT("US"));
	put_text(&m, "displayName", SPAN_LIT("Sandvault"));
	put_id(&m, "/tenants/", c->env->facts->tenant_id);
	put_text(&m, "tenantId", c->env->facts->tenant_id);
	return give(&m, ret);
}

static const struct tv *group_id(struct call *c)
{
	SCOPED_DONE(buf) struct buf out = BUF_INIT(ID_MAX);

	buf_put_cstr(&out, "/subscriptions/");
	buf_put_span(&out, c->env->facts->subscription_id);
	buf_put_cstr(&out, "/resourceGroups/");
	buf_put_span(&out, c->env->facts->group);
	return buf_fault(&out) == FAULT_NONE ? tv_string(c->pool, pool_dup(c->pool, buf_span(&out))) : NULL;
}

static enum fault fn_resource_group(struct call *c, const struct tv **ret)
{
	const struct expr_facts *facts = c->env->facts;
	struct making m = make(c);
	struct tv_member *state = pool_alloc(c->pool, sizeof(*state));

	if (facts->group.len == 0)
		return call_misplaced(c);
	if (state == NULL)
		return call_give(c, NULL, ret);
	*state = (struct tv_member){ SPAN_LIT("provisioningState"), tv_string(c->pool, SPAN_LIT("Succeeded")) };
	put(&m, "id", group_id(c));
	put_text(&m, "name", facts->group);
	put_text(&m, "type", SPAN_LIT("Microsoft.Resources/resourceGroups"));
	put_text(&m, "location", facts->group_location);
	put(&m, "tags", facts->group_tags == NULL ? tv_object(c->pool, NULL, 0) : facts->group_tags);
	put(&m, "properties", state->value == NULL ? NULL : tv_object(c->pool, state, 1));
	return give(&m, ret);
}

static enum fault give_fact(struct call *c, const struct tv *fact, const struct tv **ret)
{
	return fact == NULL ? call_misplaced(c) : call_give(c, fact, ret);
}

static enum fault fn_deployment_of(struct call *c, const struct tv **ret)
{
	return give_fact(c, c->env->facts->deployment, ret);
}

static enum fault fn_environment(struct call *c, const struct tv **ret)
{
	return give_fact(c, c->env->facts->environment, ret);
}

static enum fault ask(struct call *c, enum fault (*of)(void *, struct span, const struct tv **, struct err *),
		      const struct tv **ret)
{
	struct span name;
	const struct tv *v = NULL;
	enum fault f = call_text(c, 0, &name);

	if (f != FAULT_NONE)
		return f;
	if (of == NULL)
		return call_misplaced(c);
	f = of(c->env->arg, name, &v, c->err);
	return f == FAULT_NONE ? call_give(c, v == NULL ? tv_null(c->pool) : v, ret) : f;
}

static enum fault fn_parameters(struct call *c, const struct tv **ret)
{
	return ask(c, c->env->parameter, ret);
}

static enum fault fn_variables(struct call *c, const struct tv **ret)
{
	return ask(c, c->env->variable, ret);
}

/* ([name][, offset]) */
static enum fault fn_copy_index(struct call *c, const struct tv **ret)
{
	bool is_named = c->n > 0 && tv_type(c->args[0]) == TV_STRING;
	struct span name = is_named ? c->args[0]->text : SPAN_EMPTY;
	size_t offset_at = is_named ? 1 : 0;
	int64_t index = 0, offset = 0;
	enum fault f = FAULT_NONE;

	if (c->n > offset_at + 1)
		return call_wrong_type(c, 0, "of type 'String'");
	if (c->n == offset_at + 1)
		f = call_int(c, offset_at, &offset);
	if (f == FAULT_NONE && c->env->copy_index == NULL)
		f = call_misplaced(c);
	if (f == FAULT_NONE)
		f = c->env->copy_index(c->env->arg, name, &index, c->err);
	if (f == FAULT_NONE && __builtin_add_overflow(index, offset, &index))
		f = call_refuse(c, "the offset is too large");
	return f == FAULT_NONE ? call_give(c, tv_int(c->pool, index), ret) : f;
}

/* The properties, or everything when 'Full' is asked. */
static enum fault fn_reference(struct call *c, const struct tv **ret)
{
	struct span what, version = SPAN_EMPTY, full = SPAN_EMPTY;
	const struct tv *whole = NULL, *v;
	enum fault f = call_text(c, 0, &what);

	if (f == FAULT_NONE && c->n > 1)
		f = call_text(c, 1, &version);
	if (f == FAULT_NONE && c->n > 2)
		f = call_text(c, 2, &full);
	if (f != FAULT_NONE)
		return f;
	if (c->n > 2 && !span_eq_nocase(full, SPAN_LIT("Full")))
		return call_refuse(c, "the third argument can only be 'Full'");
	if (c->env->reference == NULL)
		return call_misplaced(c);
	f = c->env->reference(c->env->arg, what, version, &whole, c->err);
	if (f != FAULT_NONE)
		return f;
	v = c->n > 2 ? whole : tv_get(whole, "properties");
	return call_give(c, v == NULL ? tv_object(c->pool, NULL, 0) : v, ret);
}

static enum fault fn_providers(struct call *c, const struct tv **ret UNUSED)
{
	return err_say(c->err, FAULT_INVALID, "",
		       "The template function 'providers' is not available: the service has deprecated it.");
}

/* Different at each deployment, so only where a parameter can keep it. */
static enum fault fn_new_guid(struct call *c, const struct tv **ret)
{
	char text[UUID_SIZE];
	enum fault f;

	if (!c->env->is_default_value || c->env->facts->rng == NULL)
		return call_misplaced(c);
	f = uuid_new(c->env->facts->rng, text);
	if (f != FAULT_NONE)
		return err_say(c->err, f, "", "no random bytes for newGuid()");
	return call_give_text(c, pool_dup(c->pool, span_of(text, UUID_LEN)), ret);
}

static const struct fn rows[] = {
	{ "parameters", 1, 1, fn_parameters, NULL, ARITY_ONLY_ONE },
	{ "variables", 1, 1, fn_variables, NULL, ARITY_ONLY_ONE },
	{ "copyIndex", 0, 2, fn_copy_index, NULL, ARITY_COUNT },
	{ "reference", 1, 3, fn_reference, NULL, ARITY_COUNT },
	{ "resourceGroup", 0, 0, fn_resource_group, NULL, ARITY_COUNT },
	{ "subscription", 0, 0, fn_subscription, NULL, ARITY_COUNT },
	{ "tenant", 0, 0, fn_tenant, NULL, ARITY_COUNT },
	{ "deployment", 0, 0, fn_deployment_of, NULL, ARITY_COUNT },
	{ "environment", 0, 0, fn_environment, NULL, ARITY_COUNT },
	{ "newGuid", 0, 0, fn_new_guid, NULL, ARITY_COUNT },
	{ "providers", 1, 2, fn_providers, NULL, ARITY_COUNT },
};

const struct fn_table fn_deployment = { rows, ARRAY_LEN(rows) };
