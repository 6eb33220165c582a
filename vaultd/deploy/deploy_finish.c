#include "common/io/json.h"
#include "common/io/log.h"
#include "common/model/world_clock.h"
#include "vaultd/deploy/deploy_state.h"

#include <stdio.h>

#define OUTPUT_CODE "DeploymentOutputEvaluationFailed"
#define RESOURCES_VERSION SPAN_LIT("2021-04-01")
#define FAILED_SENTENCE                                                                                                \
	"At least one resource deployment operation failed. Please list deployment operations for details. Please "    \
	"see "                                                                                                         \
	"https://aka.ms/DeployOperations for usage details."

enum { ID_MAX = 512 };

static void finish_outputs(void *arg);

static struct span own_id(struct deploy *p)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(ID_MAX);
	struct span id;

	buf_printf(&b, "/subscriptions/%s/resourceGroups/%s/providers/Microsoft.Resources/deployments/%.*s",
		   p->group.subscription_id, p->group.name, SPAN_ARG(p->name));
	id = buf_fault(&b) == FAULT_NONE ? pool_dup(&p->pool, buf_span(&b)) : SPAN_EMPTY;
	return id.p == NULL ? SPAN_EMPTY : id;
}

/* The whole's error: what the items say is in details. */
static struct span gather_errors(struct deploy *p)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(DEPLOY_TEXT_MAX);
	struct json_out o;

	json_out_init(&o, &b);
	json_out_array(&o, NULL);
	for (size_t i = 0; i < p->n_items; i++)
		if (p->items[i].error.len > 0)
			json_out_raw(&o, NULL, p->items[i].error);
	json_out_array_end(&o);
	if (buf_fault(&b) != FAULT_NONE)
		return SPAN_EMPTY;
	return deploy_error(p, "DeploymentFailed", own_id(p), FAILED_SENTENCE, SPAN_EMPTY, buf_span(&b));
}

static void conclude(struct deploy *p, enum deployment_state state)
{
	enum fault f;

	p->state = state;
	if (state == DEPLOYMENT_CANCELED)
		p->error = deploy_error(p, "DeploymentCanceled", SPAN_EMPTY, "The deployment was canceled.", SPAN_EMPTY,
					SPAN_EMPTY);
	else if (state == DEPLOYMENT_FAILED && p->error.len == 0)
		p->error = gather_errors(p);
	/* A daemon that stops leaves it as it is: the next start says that it failed. */
	f = p->is_stopped ? FAULT_NONE : deploy_store(p, NULL);
	if (f != FAULT_NONE)
		log_error("deployment %.*s: its end could not be noted: %s", SPAN_ARG(p->name), fault_name(f));
	deploy_end(p);
}

/* The output's name in "outputs.NAME.value". */
static struct span output_name(struct span path)
{
	static const char quoted[] = "outputs['", plain[] = "outputs.";
	struct span name = SPAN_EMPTY;

	if (span_starts_nocase(path, SPAN_LIT(quoted)))
		span_cut(span_from(path, sizeof(quoted) - 1), '\'', &name);
	else if (span_starts_nocase(path, SPAN_LIT(plain)))
		span_cut(span_from(path, sizeof(plain) - 1), '.', &name);
	return name;
}

/* Everything was deployed; what it should give back is at fault. */
static void fail_outputs(struct deploy *p, enum fault f, const struct template_place *at, const struct err *why)
{
	SCOPED_DONE(buf) struct buf details = BUF_INIT(DEPLOY_TEXT_MAX);
	struct span name = output_name(at->path.p == NULL ? SPAN_EMPTY : at->path);
	struct deploy_fault place = { "" };
	char sentence[ERR_MESSAGE_MAX];

	deploy_place(at, &place);
	snprintf(sentence, sizeof(sentence),
		 "Unable to evaluate template outputs: '%.*s'. Please see error details and deployment operations. "
		 "Please see https://aka.ms/arm-common-errors for usage details.",
		 SPAN_ARG(name));
	buf_put_char(&details, '[');
	buf_put_span(&details, deploy_error(p, why->code[0] != '\0' ? why->code : OUTPUT_CODE, name,
					    why->message[0] != '\0' ? why->message : fault_name(f),
					    span_cstr(place.info), SPAN_EMPTY));
	buf_put_char(&details, ']');
	p->error = deploy_error(p, OUTPUT_CODE, SPAN_EMPTY, sentence, SPAN_EMPTY, buf_span(&details));
	conclude(p, DEPLOYMENT_FAILED);
}

static void fail_whole(struct deploy *p, const char *message)
{
	p->error = deploy_error(p, "DeploymentFailed", own_id(p), message, SPAN_EMPTY, SPAN_EMPTY);
	conclude(p, DEPLOYMENT_FAILED);
}

static void finish_outputs(void *arg)
{
	struct deploy *p = arg;
	struct template_place at = { 0, 0, SPAN_EMPTY };
	struct err why = ERR_INIT;
	enum fault f = plan_outputs(p->plan, &p->outputs, &at, &why);

	if (f == FAULT_UNAVAILABLE && p->wanted != NULL && !p->is_stopped) {
		deploy_fetch(p, finish_outputs, p);
		return;
	}
	if (f == FAULT_NONE && p->outputs != NULL) {
		p->said.outputs = deploy_text(p, p->outputs);
		f = p->said.outputs.len == 0 ? FAULT_TOO_LARGE : FAULT_NONE;
	}
	if (f == FAULT_NONE)
		conclude(p, DEPLOYMENT_SUCCEEDED);
	else
		fail_outputs(p, f, &at, &why);
}

static void delete_next(struct deploy *p);

static void on_deleted(void *arg, int status, struct span body)
{
	struct deploy *p = arg;
	SCOPED_DONE(buf) struct buf details = BUF_INIT(DEPLOY_TEXT_MAX);

	/* One that went with another that was deleted before. */
	if (status < 300 || status == 404) {
		delete_next(p);
		return;
	}
	buf_put_char(&details, '[');
	buf_put_span(&details, deploy_reply_error(p, p->extra[p->next_extra - 1], status, body));
	buf_put_char(&details, ']');
	p->error = deploy_error(p, "DeploymentFailed", own_id(p), FAILED_SENTENCE, SPAN_EMPTY, buf_span(&details));
	conclude(p, DEPLOYMENT_FAILED);
}

static void delete_next(struct deploy *p)
{
	if (p->next_extra == p->n_extra || p->is_stopped) {
		finish_outputs(p);
		return;
	}
	if (deploy_send(p, HTTP_DELETE, p->extra[p->next_extra++], RESOURCES_VERSION, SPAN_EMPTY, on_deleted, p) !=
	    FAULT_NONE)
		fail_whole(p, "A resource that the template does not name could not be deleted.");
}

static bool is_planned(const struct deploy *p, struct span id)
{
	for (size_t i = 0; i < p->n_items; i++) {
		const struct planned_resource *r = plan_resource(p->plan, i);

		if (!r->is_left_out && span_eq_nocase(r->id, id))
			return true;
	}
	for (const struct deploy_made *m = p->made; m != NULL; m = m->next)
		if (span_eq_nocase(m->id, id))
			return true;
	return false;
}

static void on_group_listed(void *arg, int status, struct span body)
{
	struct deploy *p = arg;
	SCOPED(json_doc) struct json_doc *doc = NULL;
	const struct json *list = NULL;

	if (status == 200 && json_parse(body, &doc, NULL) == FAULT_NONE)
		list = json_get(json_root(doc), "value");
	if (json_type(list) != JSON_ARRAY) {
		fail_whole(p, "The group's resources could not be listed.");
		return;
	}
	p->extra = pool_alloc(&p->pool, (json_array_len(list) + 1) * sizeof(*p->extra));
	for (size_t i = 0; p->extra != NULL && i < json_array_len(list); i++) {
		struct span id = json_string(json_get(json_array_at(list, i), "id"));

		if (!is_planned(p, id))
			p->extra[p->n_extra++] = pool_dup(&p->pool, id);
	}
	delete_next(p);
}

/* Complete mode: what the group has and the template does not name goes. */
static void list_group(struct deploy *p)
{
	SCOPED_DONE(buf) struct buf id = BUF_INIT(1024);

	buf_printf(&id, "/subscriptions/%s/resourceGroups/%s/resources", p->group.subscription_id, p->group.name);
	if (buf_fault(&id) != FAULT_NONE ||
	    deploy_send(p, HTTP_GET, buf_span(&id), RESOURCES_VERSION, SPAN_EMPTY, on_group_listed, p) != FAULT_NONE)
		fail_whole(p, "The group's resources could not be listed.");
}

void deploy_finish(struct deploy *p)
{
	bool has_failed = false;

	/* Outputs show how everything is in the end. */
	deploy_forget_fetched(p);
	for (size_t i = 0; i < p->n_items; i++)
		has_failed |= p->items[i].step == STEP_FAILED;
	if (p->is_canceled || p->is_stopped)
		conclude(p, DEPLOYMENT_CANCELED);
	else if (has_failed)
		conclude(p, DEPLOYMENT_FAILED);
	else if (p->is_complete)
		list_group(p);
	else
		finish_outputs(p);
}
