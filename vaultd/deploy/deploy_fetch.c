#include "vaultd/deploy/deploy_state.h"

#include <stdio.h>

/* For a resource that the template names no version of. */
#define ANY_VERSION SPAN_LIT("2023-07-01")
enum { TARGET_MAX = 8 << 10 };

/* Names come from templates: what a path cannot hold is escaped, its slashes stay. */
static void put_path(struct buf *out, struct span id)
{
	struct span rest = id, segment;

	while (rest.p != NULL) {
		rest = span_cut(rest, '/', &segment);
		percent_encode(out, segment);
		if (rest.p != NULL)
			buf_put_char(out, '/');
	}
}

enum fault deploy_send(struct deploy *p, enum http_method method, struct span id, struct span api_version,
		       struct span body, inner_done *done, void *arg)
{
	SCOPED_DONE(buf) struct buf target = BUF_INIT(TARGET_MAX);
	struct inner_request q = { .method = method,
				   .host = p->host,
				   .body = body,
				   .caller = &p->caller,
				   .from = p->from,
				   .user_agent = "Microsoft.Resources/deployments" };

	put_path(&target, id);
	buf_put_cstr(&target, "?api-version=");
	percent_encode(&target, api_version);
	if (buf_fault(&target) != FAULT_NONE)
		return buf_fault(&target);
	q.target = buf_span(&target);
	return inner_send(p->d, &q, done, arg);
}

static struct deploy_fetched *find(struct deploy *p, struct span id)
{
	for (struct deploy_fetched *x = p->fetched; x != NULL; x = x->next)
		if (span_eq_nocase(x->id, id))
			return x;
	return NULL;
}

static struct span version_for(const struct deploy *p, struct span id, struct span wanted)
{
	if (wanted.len > 0)
		return wanted;
	for (size_t i = 0; i < p->n_items; i++)
		if (span_eq_nocase(plan_resource(p->plan, i)->id, id))
			return plan_resource(p->plan, i)->api_version;
	return ANY_VERSION;
}

enum fault deploy_lookup(void *arg, struct span id, struct span api_version, const struct tv **ret, struct err *err)
{
	struct deploy *p = arg;
	struct deploy_fetched *x = find(p, id);

	if (x == NULL) {
		x = pool_alloc(&p->pool, sizeof(*x));
		if (x == NULL)
			return FAULT_MEMORY;
		x->id = pool_dup(&p->pool, id);
		x->api_version = pool_dup(&p->pool, version_for(p, id, api_version));
		if (x->id.p == NULL || x->api_version.p == NULL)
			return FAULT_MEMORY;
		x->next = p->fetched;
		p->fetched = x;
	}
	if (!x->is_here) {
		p->wanted = x;
		return FAULT_UNAVAILABLE;
	}
	if (x->value == NULL) {
		if (err != NULL && x->err != NULL)
			*err = *x->err;
		return FAULT_NOT_FOUND;
	}
	*ret = x->value;
	return FAULT_NONE;
}

struct fetch {
	struct deploy *p;
	struct deploy_fetched *x;
	void (*then)(void *arg);
	void *arg;
};

static void not_there(struct deploy *p, struct deploy_fetched *x, struct span body)
{
	x->err = pool_alloc(&p->pool, sizeof(*x->err));
	if (x->err == NULL)
		return;
	inner_error(body, x->err);
	x->err->fault = FAULT_NOT_FOUND;
	if (x->err->code[0] == '\0')
		err_say(x->err, FAULT_NOT_FOUND, "ResourceNotFound", "The resource '%.*s' could not be read.",
			SPAN_ARG(x->id));
}

static void on_fetched(void *arg, int status, struct span body)
{
	struct fetch *f = arg;
	struct deploy *p = f->p;
	struct span text = pool_dup(&p->pool, body);

	f->x->is_here = true;
	if (status != 200 || text.p == NULL || tv_parse(&p->pool, text, TV_TEMPLATE, &f->x->value, NULL) != FAULT_NONE)
		not_there(p, f->x, body);
	f->then(f->arg);
}

void deploy_fetch(struct deploy *p, void (*then)(void *arg), void *arg)
{
	struct fetch *f = pool_alloc(&p->pool, sizeof(*f));
	struct deploy_fetched *x = TAKE(p->wanted);

	if (f != NULL) {
		*f = (struct fetch){ p, x, then, arg };
		if (deploy_send(p, HTTP_GET, x->id, x->api_version, SPAN_EMPTY, on_fetched, f) == FAULT_NONE)
			return;
	}
	x->is_here = true;
	not_there(p, x, SPAN_EMPTY);
	then(arg);
}
