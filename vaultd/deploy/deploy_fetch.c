#include "vaultd/deploy/deploy_state.h"

/* For a resource that the template names no version of. */
#define ANY_VERSION SPAN_LIT("2023-07-01")
enum { TARGET_MAX = 8 << 10, FETCHED_FIRST = 16 };

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
	const struct index_slot *slot = index_find(&p->fetched_by_id, id);

	return slot == NULL || slot->items == NULL ? NULL : p->fetched[slot->items->value];
}

void deploy_forget_fetched(struct deploy *p)
{
	p->n_fetched = 0;
	index_init(&p->fetched_by_id, &p->pool);
}

static enum fault grow(struct deploy *p)
{
	size_t cap = p->cap_fetched == 0 ? FETCHED_FIRST : 2 * p->cap_fetched;
	struct deploy_fetched **all;

	if (p->n_fetched < p->cap_fetched)
		return FAULT_NONE;
	all = pool_alloc(&p->pool, cap * sizeof(struct deploy_fetched *));
	if (all == NULL)
		return FAULT_MEMORY;
	if (p->n_fetched > 0)
		memcpy(all, p->fetched, p->n_fetched * sizeof(struct deploy_fetched *));
	p->fetched = all;
	p->cap_fetched = cap;
	return FAULT_NONE;
}

static enum fault add(struct deploy *p, struct span id, struct span api_version, struct deploy_fetched **ret)
{
	struct deploy_fetched *x = pool_alloc(&p->pool, sizeof(*x));
	enum fault f = grow(p);

	if (x == NULL || f != FAULT_NONE)
		return FAULT_MEMORY;
	x->id = pool_dup(&p->pool, id);
	/* The engine names the version of what the template has. */
	x->api_version = pool_dup(&p->pool, api_version.len > 0 ? api_version : ANY_VERSION);
	if (x->id.p == NULL || x->api_version.p == NULL)
		return FAULT_MEMORY;
	p->fetched[p->n_fetched] = x;
	*ret = x;
	return index_put(&p->fetched_by_id, x->id, p->n_fetched++);
}

enum fault deploy_lookup(void *arg, struct span id, struct span api_version, const struct tv **ret, struct err *err)
{
	struct deploy *p = arg;
	struct deploy_fetched *x = find(p, id);

	if (x == NULL) {
		enum fault f = add(p, id, api_version, &x);

		if (f != FAULT_NONE)
			return f;
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
