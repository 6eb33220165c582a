#include "common/model/principal.h"

#include <stdio.h>

#include "common/model/flat.h"
#include "common/model/place.h"
#include "common/model/tables.h"
#include "common/plain/text.h"

static const struct flat_field rows[] = {
	FLAT_STR_ROW(1, struct principal, object_id),
	FLAT_STR_ROW(2, struct principal, app_id),
	FLAT_ROW(3, FLAT_UINT, struct principal, kind),
	FLAT_STR_ROW(4, struct principal, display_name),
	FLAT_STR_ROW(5, struct principal, resource_id),
	FLAT_ROW(6, FLAT_BOOL, struct principal, is_admin),
	FLAT_BYTES_ROW(7, struct principal, sealed_secret, sealed_secret_len),
};
static const struct flat_kind kind = { rows, ARRAY_LEN(rows), 1, sizeof(struct principal), TABLE_PRINCIPAL };
_Static_assert(sizeof(enum principal_kind) == sizeof(unsigned), "stored as FLAT_UINT");

/* The index by application id. */
struct app {
	char object_id[ID_SIZE];
};
static const struct flat_field app_rows[] = { FLAT_STR_ROW(1, struct app, object_id) };
static const struct flat_kind app_kind = { app_rows, ARRAY_LEN(app_rows), 1, sizeof(struct app), TABLE_APP };

static struct place id_place(struct span id)
{
	struct place p;

	place_init(&p);
	place_add(&p, id);
	return p;
}

enum fault principal_by_object_id(struct txn *t, struct span object_id, struct principal *ret)
{
	struct place at = id_place(object_id);

	return flat_get(t, &kind, place_span(&at), ret);
}

enum fault principal_by_app_id(struct txn *t, struct span app_id, struct principal *ret)
{
	struct place at = id_place(app_id);
	struct app app;
	enum fault f = flat_get(t, &app_kind, place_span(&at), &app);

	if (f != FAULT_NONE)
		return f;
	f = principal_by_object_id(t, span_cstr(app.object_id), ret);
	/* An index that leads nowhere is the store's trouble. */
	return f == FAULT_NOT_FOUND ? FAULT_STORE : f;
}

static enum fault drop_app(struct txn *t, struct span app_id)
{
	struct place at = id_place(app_id);
	enum fault f = txn_del(t, TABLE_APP, place_span(&at));

	return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
}

/* The application id it had before, when another, leads to it no longer. */
static enum fault drop_former_app(struct txn *t, const struct principal *p)
{
	struct principal former;
	enum fault f = principal_by_object_id(t, span_cstr(p->object_id), &former);

	if (f != FAULT_NONE)
		return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
	if (span_eq_nocase(span_cstr(former.app_id), span_cstr(p->app_id)))
		return FAULT_NONE;
	return drop_app(t, span_cstr(former.app_id));
}

enum fault principal_put(struct txn *t, const struct principal *p)
{
	struct place at = id_place(span_cstr(p->object_id)), app_at = id_place(span_cstr(p->app_id));
	struct app app;
	enum fault f = flat_get(t, &app_kind, place_span(&app_at), &app);

	if (f == FAULT_NONE && !span_eq_nocase(span_cstr(app.object_id), span_cstr(p->object_id)))
		return FAULT_CONFLICT;
	if (f != FAULT_NONE && f != FAULT_NOT_FOUND)
		return f;
	f = drop_former_app(t, p);
	memcpy(app.object_id, p->object_id, sizeof(app.object_id));
	if (f == FAULT_NONE)
		f = flat_put(t, &app_kind, place_span(&app_at), &app);
	return f != FAULT_NONE ? f : flat_put(t, &kind, place_span(&at), p);
}

enum fault principal_del(struct txn *t, const struct principal *p)
{
	struct place at = id_place(span_cstr(p->object_id));
	enum fault f = drop_app(t, span_cstr(p->app_id));

	return f != FAULT_NONE ? f : txn_del(t, TABLE_PRINCIPAL, place_span(&at));
}

struct visit {
	enum fault (*each)(const struct principal *p, void *arg);
	void *arg;
};

static enum fault visit_one(const void *one, void *arg)
{
	const struct visit *v = arg;

	return v->each(one, v->arg);
}

enum fault principal_each(struct txn *t, enum fault (*each)(const struct principal *p, void *arg), void *arg)
{
	struct visit v = { each, arg };
	struct principal scratch;

	return flat_walk(t, &kind, SPAN_EMPTY, &scratch, visit_one, &v);
}

enum { SEAL_CONTEXT_MAX = 64 };

/* Binds a sealed secret to the principal whose it is. */
static void seal_context(struct buf *out, const struct principal *p)
{
	struct place at = id_place(span_cstr(p->object_id));

	buf_put_cstr(out, "principal/");
	buf_put_span(out, place_span(&at));
}

enum fault principal_make_system(const struct world *w, struct txn *t, const char *name, const char *resource_id,
				 char out_object_id[ID_SIZE])
{
	struct principal p = { .kind = PRINCIPAL_SYSTEM_ASSIGNED };
	enum fault f = uuid_new(&w->rng, p.object_id);

	if (f == FAULT_NONE)
		f = uuid_new(&w->rng, p.app_id);
	if (f != FAULT_NONE)
		return f;
	snprintf(p.display_name, sizeof(p.display_name), "%s", name);
	snprintf(p.resource_id, sizeof(p.resource_id), "%s", resource_id);
	memcpy(out_object_id, p.object_id, ID_SIZE);
	return principal_put(t, &p);
}

enum fault principal_set_secret(const struct world *w, struct principal *p, struct span secret)
{
	SCOPED_DONE(buf) struct buf context = BUF_INIT(SEAL_CONTEXT_MAX);
	SCOPED_DONE(buf) struct buf sealed = BUF_INIT(SEALED_SECRET_MAX);
	enum fault f;

	seal_context(&context, p);
	f = buf_fault(&context);
	if (f == FAULT_NONE)
		f = seal(&w->sealer, buf_span(&context), secret, &w->rng, &sealed);
	if (f != FAULT_NONE)
		return f;
	memcpy(p->sealed_secret, sealed.data, sealed.len);
	p->sealed_secret_len = sealed.len;
	return FAULT_NONE;
}

enum fault principal_secret(const struct world *w, const struct principal *p, struct secret *ret)
{
	SCOPED_DONE(buf) struct buf context = BUF_INIT(SEAL_CONTEXT_MAX);

	if (p->sealed_secret_len == 0)
		return FAULT_NOT_FOUND;
	seal_context(&context, p);
	if (buf_fault(&context) != FAULT_NONE)
		return context.fault;
	return unseal(&w->sealer, buf_span(&context), span_of(p->sealed_secret, p->sealed_secret_len), ret);
}
