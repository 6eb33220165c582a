#include "vaultd/deploy/deploy_state.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/model/azure_names.h"

enum { POOL_MAX = 128 << 20 };

static const struct tv *member(const struct tv *object, const char *name)
{
	return tv_get(object, name);
}

static enum fault read_mode(struct deploy *p, const struct tv *properties, struct err *err)
{
	struct span mode = tv_text(member(properties, "mode"));

	p->is_complete = span_eq_nocase(mode, SPAN_LIT("Complete"));
	if (p->is_complete || span_eq_nocase(mode, SPAN_LIT("Incremental")))
		return FAULT_NONE;
	return err_say(err, FAULT_INVALID, "InvalidDeploymentMode",
		       "The deployment mode '%.*s' is not valid. The mode must be 'Incremental' or 'Complete'.",
		       SPAN_ARG(mode));
}

/* What deployment() gives. */
static const struct tv *say_deployment(struct deploy *p, const struct tv *properties)
{
	struct pool *pool = &p->pool;
	struct tv_member *m = pool_alloc(pool, 2 * sizeof(*m));

	if (m == NULL)
		return NULL;
	m[0] = (struct tv_member){ SPAN_LIT("name"), tv_string(pool, p->name) };
	m[1] = (struct tv_member){ SPAN_LIT("properties"), properties };
	return m[0].value == NULL ? NULL : tv_object(pool, m, 2);
}

/* What environment() gives: the names of the cloud that the caller came by. */
static const struct tv *say_environment(struct deploy *p)
{
	SCOPED_DONE(buf) struct buf text = BUF_INIT(1024);
	const struct tv *v = NULL;
	unsigned port = p->d->tls_port;

	if (azure_name_is(p->host))
		buf_put_cstr(&text, "{\"name\":\"AzureCloud\",\"resourceManager\":\"https://management.azure.com/\","
				    "\"suffixes\":{\"acrLoginServer\":\".azurecr.io\","
				    "\"keyvaultDns\":\"." AZURE_VAULT_SUFFIX "\"}}");
	else
		buf_printf(&text,
			   "{\"name\":\"Sandvault\",\"resourceManager\":\"https://localhost:%u/\",\"suffixes\":{"
			   "\"acrLoginServer\":\".azurecr.localhost:%u\",\"keyvaultDns\":\".vault.localhost:%u\"}}",
			   port, port, port);
	if (buf_fault(&text) != FAULT_NONE ||
	    tv_parse(&p->pool, pool_dup(&p->pool, buf_span(&text)), TV_TEMPLATE, &v, NULL) != FAULT_NONE)
		return NULL;
	return v;
}

static enum fault make_plan(struct deploy *p, const struct tv *properties, int64_t now_ms, struct deploy_fault *at,
			    struct err *err)
{
	struct template_place place = { 0, 0, SPAN_EMPTY };
	const struct tv *tags = NULL;
	struct template_input in = {
		.pool = &p->pool,
		.template = p->template,
		.parameters = tv_type(member(properties, "parameters")) == TV_NULL ? NULL
										   : member(properties, "parameters"),
		.facts = { .tenant_id = span_cstr(p->d->world.tenant_id),
			   .subscription_id = span_cstr(p->d->world.subscription_id),
			   .subscription_name = SPAN_LIT("Sandvault"),
			   .group = span_cstr(p->group.name),
			   .group_location = span_cstr(p->group.location),
			   .deployment = say_deployment(p, properties),
			   .environment = say_environment(p),
			   .now_ms = now_ms,
			   .rng = &p->d->world.rng },
		.lookup = { p, deploy_lookup },
	};
	enum fault f = FAULT_NONE;

	if (p->group.tags[0] != '\0')
		f = tv_parse(&p->pool, span_cstr(p->group.tags), TV_TEMPLATE, &tags, err);
	in.facts.group_tags = tags;
	if (f == FAULT_NONE)
		f = template_plan(&in, &p->plan, &place, err);
	if (f == FAULT_INVALID)
		deploy_place(&place, at);
	return f;
}

static enum fault make_items(struct deploy *p)
{
	p->n_items = plan_count(p->plan);
	p->items = pool_alloc(&p->pool, (p->n_items + 1) * sizeof(*p->items));
	if (p->items == NULL)
		return FAULT_MEMORY;
	for (size_t i = 0; i < p->n_items; i++) {
		const struct planned_resource *r = plan_resource(p->plan, i);
		uint8_t id[8];
		enum fault f = rng_fill(&p->d->world.rng, id, sizeof(id));

		if (f != FAULT_NONE)
			return f;
		hex_encode(p->items[i].operation_id, span_of(id, sizeof(id)));
		p->items[i].p = p;
		p->items[i].index = i;
		p->items[i].step = r->is_existing || r->is_left_out ? STEP_DONE : STEP_WAITING;
	}
	return deploy_order_init(p);
}

/* What would change the outcome, and is not done. */
static enum fault refuse_not_imitated(const struct tv *properties, struct err *err)
{
	static const struct {
		const char *member, *what;
	} rows[] = {
		{ "templateLink",
		  "Sandvault fetches nothing from the network: send the template itself instead of a templateLink." },
		{ "parametersLink",
		  "Sandvault fetches nothing from the network: send the parameters themselves instead "
		  "of a parametersLink." },
		{ "onErrorDeployment", "Sandvault does not deploy an earlier deployment again when this one fails: "
				       "leave out onErrorDeployment." },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (tv_type(member(properties, rows[i].member)) != TV_NULL)
			return err_say(err, FAULT_NOT_IMPLEMENTED, "NotImplemented", "%s", rows[i].what);
	return FAULT_NONE;
}

static enum fault read_body(struct deploy *p, struct span body, int64_t now_ms, struct deploy_fault *at,
			    struct err *err)
{
	struct span text = pool_dup(&p->pool, body);
	const struct tv *root = NULL, *properties;
	struct err why = ERR_INIT;
	enum fault f = text.p == NULL ? FAULT_TOO_LARGE : tv_parse(&p->pool, text, TV_BODY, &root, &why);

	if (f == FAULT_INVALID)
		return err_say(err, f, "InvalidRequestContent",
			       "The request content was invalid and could not be deserialized: '%s'.", why.message);
	if (f != FAULT_NONE)
		return f;
	properties = member(root, "properties");
	if (tv_type(properties) != TV_OBJECT)
		return err_say(err, FAULT_INVALID, "InvalidRequestContent",
			       "The request content was invalid and could not be deserialized: 'properties must be an "
			       "object'.");
	f = read_mode(p, properties, err);
	if (f != FAULT_NONE)
		return f;
	f = refuse_not_imitated(properties, err);
	if (f != FAULT_NONE)
		return f;
	p->template = member(properties, "template");
	if (tv_type(p->template) != TV_OBJECT)
		return err_say(err, FAULT_INVALID, "InvalidTemplate",
			       "Deployment template validation failed: 'The template must be an object.'.");
	return make_plan(p, properties, now_ms, at, err);
}

static enum fault draw_ids(struct deploy *p)
{
	uint64_t number = 0;
	enum fault f = uuid_new(&p->d->world.rng, p->correlation_id);

	if (f == FAULT_NONE)
		f = rng_fill(&p->d->world.rng, &number, sizeof(number));
	/* Twenty digits. */
	snprintf(p->operation_id, sizeof(p->operation_id), "085%017" PRIu64, number % UINT64_C(100000000000000000));
	return f;
}

/* What is told of it again and again. */
static enum fault say_fixed(struct deploy *p)
{
	struct deployment *d = &p->said;

	d->template_hash = template_hash(&p->pool, p->template);
	d->template = deploy_text(p, p->template);
	d->parameters = deploy_text(p, plan_parameters(p->plan));
	d->providers = deploy_text(p, plan_providers(p->plan));
	d->dependencies = deploy_text(p, plan_dependencies(p->plan));
	/* The others are never empty: two of them are lists. */
	return d->template.len == 0 || d->parameters.len == 0 || d->providers.len == 0 || d->dependencies.len == 0
		       ? FAULT_TOO_LARGE
		       : FAULT_NONE;
}

/* Where the engine runs out of its memory it cannot say more. */
static enum fault say_size(enum fault f, struct err *err)
{
	if ((f != FAULT_TOO_LARGE && f != FAULT_MEMORY) || err == NULL || err->message[0] != '\0')
		return f;
	return err_say(err, FAULT_TOO_LARGE, "DeploymentSizeExceeded",
		       "The template with everything that its expressions make takes more memory than a deployment "
		       "may: %d MiB, of it %d MiB of text.",
		       POOL_MAX >> 20, DEPLOY_TEXT_MAX >> 20);
}

enum fault deploy_new(const struct deploy_input *in, struct deploy **ret, struct deploy_fault *ret_fault,
		      struct err *err)
{
	struct deploy *p = calloc(1, sizeof(*p));
	enum fault f;

	if (p == NULL)
		return FAULT_MEMORY;
	pool_init(&p->pool, POOL_MAX);
	p->d = in->d;
	p->caller = *in->caller;
	p->from = in->from;
	p->group = *in->group;
	p->started_ms = in->now_ms;
	p->state = DEPLOYMENT_ACCEPTED;
	p->made_end = &p->made;
	deploy_forget_fetched(p);
	p->operations_text = p->resources_text = BUF_INIT(DEPLOY_TEXT_MAX);
	p->host = pool_dup(&p->pool, in->host);
	p->name = pool_dup(&p->pool, in->name);
	ret_fault->info[0] = '\0';
	f = p->host.p == NULL || p->name.p == NULL ? FAULT_MEMORY : draw_ids(p);
	if (f == FAULT_NONE)
		f = read_body(p, in->body, in->now_ms, ret_fault, err);
	if (f == FAULT_NONE)
		f = make_items(p);
	if (f == FAULT_NONE)
		f = say_fixed(p);
	if (f == FAULT_NONE)
		*ret = p;
	else
		deploy_free(p);
	return say_size(f, err);
}

void deploy_free(struct deploy *p)
{
	if (p == NULL)
		return;
	buf_done(&p->operations_text);
	buf_done(&p->resources_text);
	pool_done(&p->pool);
	free(p);
}

struct span deploy_text(struct deploy *p, const struct tv *v)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(DEPLOY_TEXT_MAX);
	struct span text;

	if (v == NULL)
		return SPAN_EMPTY;
	tv_write(&b, v);
	if (buf_fault(&b) != FAULT_NONE)
		return SPAN_EMPTY;
	text = pool_dup(&p->pool, buf_span(&b));
	return text.p == NULL ? SPAN_EMPTY : text;
}
