#include "vaultd/deploy/deploy_at_start.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/io/json.h"
#include "common/io/server.h"
#include "common/model/principal.h"
#include "common/model/world_clock.h"
#include "common/plain/text.h"
#include "vaultd/arm/group_name.h"

enum { FILE_MAX = 4 << 20, BODY_MAX = 6 << 20, NAME_POOL_MAX = 32 << 20, HOST_SIZE = 32, REFERENCES_MAX = 16 };

/* One start, until its deployment has ended. */
struct start {
	struct deploy_at_start s;
};

/* The type that a parameter declares, by itself or through a definition; empty when it is not to be found. */
static struct span type_of(const struct tv *template, const struct tv *declared)
{
	static const char prefix[] = "#/definitions/";

	for (unsigned i = 0; declared != NULL && i < REFERENCES_MAX; i++) {
		struct span ref = tv_text(tv_get(declared, "$ref"));

		if (tv_get(declared, "type") != NULL)
			return tv_text(tv_get(declared, "type"));
		if (!span_starts_nocase(ref, SPAN_LIT(prefix)))
			break;
		declared = tv_get_span(tv_get(template, "definitions"), span_from(ref, sizeof(prefix) - 1));
	}
	return SPAN_EMPTY;
}

/* What is not declared is refused with Azure's own sentence, so how it is sent does not matter. */
static bool is_text(const struct tv *template, struct span name)
{
	struct span type = type_of(template, tv_get_span(tv_get(template, "parameters"), name));

	return type.len == 0 || span_eq_nocase(type, SPAN_LIT("string")) ||
	       span_eq_nocase(type, SPAN_LIT("securestring"));
}

static bool stands_before(const struct setting_list *list, size_t at, struct span name)
{
	struct span other;

	for (size_t i = 0; i < at; i++) {
		span_cut(span_cstr(list->items[i]), '=', &other);
		if (span_eq_nocase(other, name))
			return true;
	}
	return false;
}

/* A parameter of another type than a string is given as JSON. */
static enum fault put_parameter(const struct tv *template, const struct setting_list *list, size_t at,
				struct json_out *o, struct err *err)
{
	const char *item = list->items[at];
	struct span name, value = span_cut(span_cstr(item), '=', &name);
	SCOPED(json_doc) struct json_doc *doc = NULL;

	if (value.p == NULL || name.len == 0)
		return err_say(err, FAULT_INVALID, "", "parameter: \"%s\" has not the form name=value", item);
	if (stands_before(list, at, name))
		return err_say(err, FAULT_INVALID, "", "parameter: %.*s is given twice", SPAN_ARG(name));
	json_out_object_at(o, name);
	if (is_text(template, name))
		json_out_str(o, "value", value);
	else if (json_parse(value, &doc, NULL) == FAULT_NONE)
		json_out_raw(o, "value", value);
	else
		return err_say(err, FAULT_INVALID, "", "parameter: %.*s takes JSON, which \"%.*s\" is not",
			       SPAN_ARG(name), SPAN_ARG(value));
	json_out_object_end(o);
	return FAULT_NONE;
}

static enum fault write_body(const struct deploy_at_start *s, struct buf *out, struct err *err)
{
	SCOPED_DONE(buf) struct buf text = BUF_INIT(FILE_MAX);
	struct pool pool;
	const struct tv *template = NULL;
	struct err why = ERR_INIT;
	struct json_out o;
	enum fault f = file_read(s->path, &text, &why);

	if (f == FAULT_TOO_LARGE)
		return err_say(err, f, "", "template: %s is larger than %d MiB", s->path, FILE_MAX >> 20);
	if (f != FAULT_NONE)
		return err_say(err, f, "", "template: %s cannot be read", s->path);
	pool_init(&pool, NAME_POOL_MAX);
	f = tv_parse(&pool, buf_span(&text), TV_TEMPLATE, &template, &why);
	if (f == FAULT_INVALID)
		err_say(err, f, "", "template: %s: %s", s->path, why.message);
	else if (f != FAULT_NONE)
		err_say(err, f, "", "template: %s has more values than a deployment may", s->path);
	json_out_init(&o, out);
	json_out_object(&o, NULL);
	json_out_object(&o, "properties");
	json_out_cstr(&o, "mode", "Incremental");
	json_out_object(&o, "parameters");
	for (size_t i = 0; f == FAULT_NONE && i < s->parameters->n; i++)
		f = put_parameter(template, s->parameters, i, &o, err);
	json_out_object_end(&o);
	json_out_raw(&o, "template", buf_span(&text));
	json_out_object_end(&o);
	json_out_object_end(&o);
	pool_done(&pool);
	return f == FAULT_NONE ? buf_fault(out) : f;
}

static enum fault find_group(struct vaultd *d, const char *name, struct group *ret, struct err *err)
{
	struct span subscription = span_cstr(d->world.subscription_id);
	struct err why = ERR_INIT;
	struct txn *t;
	enum fault f = group_check_name(span_cstr(name), &why);

	if (f != FAULT_NONE)
		return err_say(err, f, "", "template-group: %s", why.message);
	f = txn_begin(d->world.store, TXN_WRITE, &t, err);
	if (f != FAULT_NONE)
		return f;
	f = group_get(t, subscription, span_cstr(name), ret);
	if (f == FAULT_NOT_FOUND) {
		memset(ret, 0, sizeof(*ret));
		snprintf(ret->subscription_id, sizeof(ret->subscription_id), "%s", d->world.subscription_id);
		snprintf(ret->name, sizeof(ret->name), "%s", name);
		snprintf(ret->location, sizeof(ret->location), WORLD_LOCATION);
		f = group_put(t, ret);
		return f == FAULT_NONE ? txn_commit(t, err) : (txn_abort(t), f);
	}
	txn_abort(t);
	return f;
}

/* As a token of the administrator would say it. */
static void admin(const struct vaultd *d, struct caller *c)
{
	memset(c, 0, sizeof(*c));
	snprintf(c->tenant_id, sizeof(c->tenant_id), "%s", d->world.tenant_id);
	snprintf(c->object_id, sizeof(c->object_id), "%s", d->world.admin_object_id);
	snprintf(c->app_id, sizeof(c->app_id), "%s", d->world.admin_app_id);
}

static void on_done(void *arg, enum deployment_state state, const struct err *why)
{
	struct start *start = arg;
	struct deploy_at_start s = start->s;
	struct err err = ERR_INIT;
	enum fault f = FAULT_NONE;

	free(start);
	if (state != DEPLOYMENT_SUCCEEDED)
		f = err_say(&err, FAULT_INVALID, "", "template: %s: %s", s.path, why->message);
	s.done(s.arg, f, &err);
}

/* The name that az would give it: the file's without its ending, and what a name cannot have as hyphens. */
static void name_of(const char *path, char out[DEPLOYMENT_NAME_SIZE])
{
	const char *base = strrchr(path, '/') == NULL ? path : strrchr(path, '/') + 1;
	char *dot;

	snprintf(out, DEPLOYMENT_NAME_SIZE, "%s", base);
	dot = strrchr(out, '.');
	if (dot != NULL && dot != out)
		*dot = '\0';
	for (char *c = out; *c != '\0'; c++)
		if (!deployment_name_has(*c))
			*c = '-';
}

static enum fault plan(const struct deploy_at_start *s, struct deploy **ret, struct err *err)
{
	SCOPED_DONE(buf) struct buf body = BUF_SECRET_INIT(BODY_MAX);
	char host[HOST_SIZE], name[DEPLOYMENT_NAME_SIZE];
	struct deploy_fault at = { "" };
	struct err why = ERR_INIT;
	struct caller caller;
	struct group g;
	struct deploy_input in = { .d = s->d, .caller = &caller, .group = &g };
	enum fault f = write_body(s, &body, err);

	if (f == FAULT_NONE)
		f = find_group(s->d, s->group, &g, err);
	if (f == FAULT_NONE)
		f = world_now_read(&s->d->world, &s->d->clock, &in.now_ms, err);
	if (f == FAULT_NONE)
		f = addr_parse(SPAN_LIT("127.0.0.1"), &in.from);
	if (f != FAULT_NONE)
		return f;
	admin(s->d, &caller);
	name_of(s->path, name);
	snprintf(host, sizeof(host), "localhost:%u", s->d->tls_port);
	in.host = span_cstr(host);
	in.name = span_cstr(name);
	in.body = buf_span(&body);
	f = deploy_new(&in, ret, &at, &why);
	return f == FAULT_NONE ? f : err_say(err, f, "", "template: %s: %s", s->path, why.message);
}

enum fault deploy_at_start(const struct deploy_at_start *s, struct err *err)
{
	struct start *start = calloc(1, sizeof(*start));
	struct deploy *p = NULL;
	enum fault f = start == NULL ? FAULT_MEMORY : plan(s, &p, err);

	if (f == FAULT_NONE) {
		start->s = *s;
		f = deploy_start(p, on_done, start, err);
	}
	if (f != FAULT_NONE)
		free(start);
	return f;
}
