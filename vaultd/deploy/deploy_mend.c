#include "vaultd/deploy/deploy.h"

#define STOPPED_ERROR                                                                                                  \
	"{\"code\":\"DeploymentFailed\",\"message\":\"The sandbox was stopped while the deployment was under way.\"}"
#define UNNOTED_ERROR                                                                                                  \
	"{\"code\":\"DeploymentFailed\",\"message\":\"The sandbox could not note the end of the deployment. Its log "  \
	"says "                                                                                                        \
	"why.\"}"

static bool is_under_way(const struct deployment *r)
{
	return r->state == DEPLOYMENT_ACCEPTED || r->state == DEPLOYMENT_RUNNING;
}

void deploy_settle(const struct vaultd *d, struct deployment *r)
{
	if (!is_under_way(r) || deploy_find(d, r->group, r->name) != NULL)
		return;
	r->state = DEPLOYMENT_FAILED;
	r->error = SPAN_LIT(UNNOTED_ERROR);
}

struct search {
	char name[DEPLOYMENT_NAME_SIZE], group[GROUP_NAME_SIZE];
	bool is_found;
};

/* Ends the walk at the first one: the table is written before the next look. */
static enum fault look_at(const struct deployment *d, void *arg)
{
	struct search *s = arg;

	if (!is_under_way(d))
		return FAULT_NONE;
	if (d->name.len >= sizeof(s->name) || d->group.len >= sizeof(s->group))
		return FAULT_STORE;
	memcpy(s->name, d->name.p, d->name.len);
	memcpy(s->group, d->group.p, d->group.len);
	s->is_found = true;
	return FAULT_CONFLICT;
}

static enum fault mend_one(struct vaultd *d, struct txn *t, int64_t now_ms, bool *ret_found)
{
	struct span subscription = span_cstr(d->world.subscription_id);
	struct search s = { "", "", false };
	struct deployment one;
	enum fault f = deployment_each(t, subscription, SPAN_EMPTY, look_at, &s);

	*ret_found = s.is_found;
	if (!s.is_found)
		return f;
	f = deployment_get(t, subscription, span_cstr(s.group), span_cstr(s.name), &one);
	if (f != FAULT_NONE)
		return f;
	one.state = DEPLOYMENT_FAILED;
	one.changed_ms = now_ms;
	one.error = SPAN_LIT(STOPPED_ERROR);
	return deployment_put(t, &one);
}

enum fault deploy_mend(struct vaultd *d, int64_t now_ms, struct err *err)
{
	bool is_found = true;
	struct txn *t;
	enum fault f = txn_begin(d->world.store, TXN_WRITE, &t, err);

	if (f != FAULT_NONE)
		return f;
	while (f == FAULT_NONE && is_found)
		f = mend_one(d, t, now_ms, &is_found);
	if (f == FAULT_NONE)
		return txn_commit(t, err);
	txn_abort(t);
	return f;
}
