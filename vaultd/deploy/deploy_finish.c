#include "common/io/json.h"
#include "common/io/log.h"
#include "common/model/world_clock.h"
#include "vaultd/deploy/deploy_state.h"

#define RESOURCES_VERSION SPAN_LIT("2021-04-01")
#define FAILED_SENTENCE                                                                                                \
	"At least one resource deployment operation failed. Please list deployment operations for details. Please "    \
	"see "                                                                                                         \
	"https://aka.ms/DeployOperations for usage details."

static void finish_outputs(void *arg);

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
	return deploy_error(p, "DeploymentFailed", SPAN_EMPTY, FAILED_SENTENCE, SPAN_EMPTY, buf_span(&b));
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

static void fail_whole(struct deploy *p, const char *code, const char *message, struct span info)
{
	p->error = deploy_error(p, code, SPAN_EMPTY, message, info, SPAN_EMPTY);
	conclude(p, DEPLOYMENT_FAILED);
}

static void finish_outputs(void *arg)
{
	struct deploy *p = arg;
	struct template_place at = { 0, 0, SPAN_EMPTY };
	struct deploy_fault place = { "" };
	struct err why = ERR_INIT;
	enum fault f = plan_outputs(p->plan, &p->outputs, &at, &why);

	if (f == FAULT_UNAVAILABLE && p->wanted != NULL && !p->is_stopped) {
		deploy_fetch(p, finish_outputs, p);
		return;
	}
	if (f == FAULT_NONE) {
		conclude(p, DEPLOYMENT_SUCCEEDED);
		return;
	}
	deploy_place(&at, &place);
	fail_whole(p, "DeploymentOutputEvaluationFailed", why.message[0] != '\0' ? why.message : fault_name(f),
		   span_cstr(place.info));
}

static void delete_next(struct deploy *p);

static void on_deleted(void *arg, int status, struct span body)
{
	struct deploy *p = arg;
	struct err why = ERR_INIT;

	if (status < 300) {
		delete_next(p);
		return;
	}
	inner_error(body, &why);
	fail_whole(p, why.code[0] != '\0' ? why.code : "DeploymentFailed", why.message, SPAN_EMPTY);
}

static void delete_next(struct deploy *p)
{
	if (p->next_extra == p->n_extra || p->is_stopped) {
		finish_outputs(p);
		return;
	}
	if (deploy_send(p, HTTP_DELETE, p->extra[p->next_extra++], RESOURCES_VERSION, SPAN_EMPTY, on_deleted, p) !=
	    FAULT_NONE)
		fail_whole(p, "DeploymentFailed", "A resource that the template does not name could not be deleted.",
			   SPAN_EMPTY);
}

static bool is_planned(const struct deploy *p, struct span id)
{
	for (size_t i = 0; i < p->n_items; i++) {
		const struct planned_resource *r = plan_resource(p->plan, i);

		if (!r->is_left_out && span_eq_nocase(r->id, id))
			return true;
	}
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
		fail_whole(p, "DeploymentFailed", "The group's resources could not be listed.", SPAN_EMPTY);
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
		fail_whole(p, "DeploymentFailed", "The group's resources could not be listed.", SPAN_EMPTY);
}

void deploy_finish(struct deploy *p)
{
	bool has_failed = false;

	for (size_t i = 0; i < p->n_items; i++)
		has_failed |= p->items[i].step == STEP_FAILED;
	if (has_failed)
		conclude(p, DEPLOYMENT_FAILED);
	else if (p->is_canceled || p->is_stopped)
		conclude(p, DEPLOYMENT_CANCELED);
	else if (p->is_complete)
		list_group(p);
	else
		finish_outputs(p);
}
