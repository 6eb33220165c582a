#include "tests/support/template_env.h"

#include <stdlib.h>
#include <string.h>

static const char values[] = "{\"text\":\"Ab\",\"number\":7,\"flag\":true,\"none\":null,\"list\":[1,2,3],"
			     "\"object\":{\"a\":1,\"b\":{\"c\":[10,20]}}}";
static const char resource[] = "{\"id\":\"/x/kv\",\"location\":\"westus\",\"properties\":{\"uri\":\"https://kv/\"}}";

static const struct tv *parse(struct template_env *t, const char *text)
{
	const struct tv *v = NULL;

	if (tv_parse(&t->pool, span_cstr(text), TV_TEMPLATE, &v, NULL) != FAULT_NONE)
		abort();
	return v;
}

static enum fault find_value(void *arg, struct span name, const struct tv **ret, struct err *err)
{
	const struct template_env *t = arg;
	const struct tv *v = tv_get_span(t->values, name);

	if (v == NULL)
		return err_say(err, FAULT_INVALID, "", "no value '%.*s'", SPAN_ARG(name));
	*ret = v;
	return FAULT_NONE;
}

static enum fault loop_index(void *arg UNUSED, struct span name, int64_t *ret, struct err *err)
{
	if (name.len > 0 && !span_eq_cstr(name, "loop"))
		return err_say(err, FAULT_INVALID, "", "no loop '%.*s'", SPAN_ARG(name));
	*ret = 3;
	return FAULT_NONE;
}

static enum fault find_resource(void *arg, struct span what, struct span version UNUSED, const struct tv **ret,
				struct err *err)
{
	if (!span_eq_cstr(what, "kv"))
		return err_say(err, FAULT_INVALID, "", "no resource '%.*s'", SPAN_ARG(what));
	*ret = parse(arg, resource);
	return FAULT_NONE;
}

static enum fault count_up(void *arg UNUSED, void *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		((uint8_t *)p)[i] = (uint8_t)i;
	return FAULT_NONE;
}

void template_env_init(struct template_env *t, size_t pool_max)
{
	memset(t, 0, sizeof(*t));
	pool_init(&t->pool, pool_max);
	t->rng.fill = count_up;
	t->values = parse(t, values);
	t->facts = (struct expr_facts){
		.tenant_id = SPAN_LIT(ENV_TENANT),
		.subscription_id = SPAN_LIT(ENV_SUBSCRIPTION),
		.subscription_name = SPAN_LIT("Sub"),
		.group = SPAN_LIT("rg"),
		.group_location = SPAN_LIT("westus"),
		.group_tags = parse(t, "{\"env\":\"test\"}"),
		.deployment = parse(t, "{\"name\":\"main\"}"),
		.environment = parse(t, "{\"name\":\"AzureCloud\"}"),
		.now_ms = INT64_C(1680878414123), /* 2023-04-07T14:40:14.123Z, a Friday */
		.rng = &t->rng,
	};
	t->env = (struct expr_env){
		.pool = &t->pool,
		.facts = &t->facts,
		.is_default_value = true,
		.arg = t,
		.parameter = find_value,
		.variable = find_value,
		.copy_index = loop_index,
		.reference = find_resource,
	};
}

void template_env_done(struct template_env *t)
{
	pool_done(&t->pool);
}

enum fault template_env_eval(struct template_env *t, const char *text, struct buf *out, struct err *err)
{
	const struct tv *v = tv_string(&t->pool, span_cstr(text)), *made = NULL;
	enum fault f = v == NULL ? FAULT_MEMORY : expr_eval(&t->env, v, &made, NULL, err);

	if (f != FAULT_NONE)
		return f;
	tv_write(out, made);
	return buf_fault(out);
}
