#include "tests/support/planned.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { POOL_MAX = 256 * 1024 * 1024, TEXT_MAX = 16 * 1024 * 1024 };

static const char group[] = "/subscriptions/s/resourceGroups/rg/providers/";

/* Everything exists but what is called missing. What is read says what it was asked for. */
static enum fault look_up(void *arg, struct span id, struct span version, const struct tv **ret, struct err *err)
{
	struct planned *t = arg;
	char *text = pool_alloc(&t->pool, 2 * id.len + 256);
	struct span name = id;

	for (struct span rest = id; rest.p != NULL;)
		rest = span_cut(rest, '/', &name);
	if (span_eq_cstr(name, "missing"))
		return err_say(err, FAULT_NOT_FOUND, "ResourceNotFound", "The Resource '%.*s' was not found.",
			       SPAN_ARG(name));
	sprintf(text,
		"{\"id\":\"%.*s\",\"properties\":{\"version\":\"%.*s\",\"clientId\":\"c-%.*s\",\"principalId\":\"p-%.*"
		"s\","
		"\"vaultUri\":\"https://%.*s/\"}}",
		SPAN_ARG(id), SPAN_ARG(version), SPAN_ARG(name), SPAN_ARG(name), SPAN_ARG(name));
	return tv_parse(&t->pool, span_cstr(text), TV_TEMPLATE, ret, err);
}

static const struct tv *read_json(struct planned *t, const char *text)
{
	const struct tv *v = NULL;
	struct err err = ERR_INIT;
	char *copy = pool_strndup(&t->pool, text, strlen(text));

	for (char *p = copy; *p != '\0'; p++)
		if (*p == '`')
			*p = '"';
	if (tv_parse(&t->pool, span_cstr(copy), TV_TEMPLATE, &v, &err) != FAULT_NONE)
		fail_msg("%s in %.200s", err.message, copy);
	return v;
}

void planned_init(struct planned *t, const char *text, const char *parameters)
{
	*t = (struct planned){ .place = { .path = SPAN_EMPTY } };
	pool_init(&t->pool, POOL_MAX);
	t->in.pool = &t->pool;
	t->in.template = read_json(t, text);
	t->in.parameters = parameters == NULL ? NULL : read_json(t, parameters);
	t->in.facts.tenant_id = SPAN_LIT("t");
	t->in.facts.subscription_id = SPAN_LIT("s");
	t->in.facts.subscription_name = SPAN_LIT("sub");
	t->in.facts.group = SPAN_LIT("rg");
	t->in.facts.group_location = SPAN_LIT("westeurope");
	t->in.lookup = (struct template_lookup){ t, look_up };
	t->fault = template_plan(&t->in, &t->plan, &t->place, &t->err);
}

void planned_init_file(struct planned *t, const char *file, const char *parameters)
{
	char path[512];
	char *text = calloc(1, TEXT_MAX);
	const char *here = strrchr(__FILE__, '/');

	snprintf(path, sizeof(path), "%.*s/../../fixtures/templates/%s", (int)(here - __FILE__), __FILE__, file);
	FILE *in = fopen(path, "r");
	if (in == NULL || text == NULL)
		fail_msg("%s cannot be read", path);
	text[fread(text, 1, TEXT_MAX - 1, in)] = '\0';
	fclose(in);
	planned_init(t, text, parameters);
	free(text);
}

void planned_done(struct planned *t)
{
	pool_done(&t->pool);
}

static const char *kept(struct planned *t, struct buf *b)
{
	char *text = pool_strndup(&t->pool, buf_cstr(b), b->len);

	for (char *p = text; *p != '\0'; p++)
		if (*p == '"')
			*p = '`';
	return text;
}

static void put_resource(struct buf *b, const struct planned_resource *r)
{
	struct span id = r->id;
	bool is_near = span_starts_nocase(id, SPAN_LIT(group));

	if (is_near)
		id = span_from(id, sizeof(group) - 1);
	buf_printf(b, "%s%s%.*s", b->len > 0 ? "; " : "", is_near ? "~/" : "", SPAN_ARG(id));
	for (size_t i = 0; i < r->n_after; i++)
		buf_printf(b, "%s%zu", i == 0 ? " <" : ",", r->after[i]);
	buf_printf(b, "%s%s", r->is_existing ? " existing" : "", r->is_left_out ? " out" : "");
}

const char *planned_shown(struct planned *t)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(TEXT_MAX);

	for (size_t i = 0; i < plan_count(t->plan); i++)
		put_resource(&b, plan_resource(t->plan, i));
	return kept(t, &b);
}

const char *planned_text(struct planned *t, const struct tv *v)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(TEXT_MAX);

	tv_write(&b, v);
	return kept(t, &b);
}

const char *planned_place(struct planned *t, const struct template_place *place)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(TEXT_MAX);

	buf_printf(&b, "%u:%u %.*s", place->line, place->column, SPAN_ARG(place->path));
	return kept(t, &b);
}
