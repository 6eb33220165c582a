#include <stdlib.h>

#include "common/io/seal.h"
#include "vaultd/cmk/registry_key.h"
#include "vaultd/cmk/registry_refuse.h"

struct opening {
	struct registry r;
	struct key_user user;
	registry_key_opened *done;
	void *arg;
};

static void on_unwrapped(void *arg, enum fault f, const struct err *err, struct span bytes)
{
	struct opening *o = arg;
	struct sealer under = { .key = SECRET_INIT };
	SCOPED_DONE(secret) struct secret data_key = SECRET_INIT;
	struct err why = ERR_INIT;

	if (f == FAULT_NONE)
		f = secret_set(&under.key, bytes.p, bytes.len);
	if (f == FAULT_NONE)
		f = registry_data_key(&under, &o->r, &data_key);
	secret_done(&under.key);
	if (f == FAULT_DENIED || f == FAULT_NOT_FOUND || f == FAULT_INVALID || f == FAULT_CONFLICT) {
		registry_refuse_key(&o->r, o->user.caller.app_id, &why);
		o->done(o->arg, FAULT_DENIED, &why, SPAN_EMPTY);
	} else {
		o->done(o->arg, f, f == FAULT_NONE ? &why : err, secret_span(&data_key));
	}
	free(o);
}

enum fault registry_key_open_as(const struct registry *r, const struct key_user *u, registry_key_opened *done,
				void *arg)
{
	struct opening *o = calloc(1, sizeof(*o));
	struct key_ref key;
	enum fault f;

	if (o == NULL)
		return FAULT_MEMORY;
	o->r = *r;
	o->user = *u;
	o->done = done;
	o->arg = arg;
	f = key_ref_parse(span_cstr(o->r.versioned_key_identifier), &key);
	if (f == FAULT_NONE)
		f = key_user_unwrap(&o->user, &key, span_of(o->r.wrapped, o->r.wrapped_len), on_unwrapped, o);
	if (f != FAULT_NONE)
		free(o);
	return f;
}

/* No key of a customer's: the sandbox's own root key seals it. */
static enum fault open_plain(struct vaultd *d, const struct registry *r, registry_key_opened *done, void *arg)
{
	SCOPED_DONE(secret) struct secret data_key = SECRET_INIT;
	struct err err = ERR_INIT;
	enum fault f = registry_data_key(&d->world.sealer, r, &data_key);

	if (f == FAULT_NONE)
		done(arg, FAULT_NONE, &err, secret_span(&data_key));
	return f;
}

enum fault registry_key_open(struct vaultd *d, const struct registry *r, registry_key_opened *done, void *arg,
			     struct err *err)
{
	struct key_user user;
	struct txn *t;
	enum fault f;

	if (r->key_identifier[0] == '\0')
		return open_plain(d, r, done, arg);
	f = txn_begin(d->world.store, TXN_READ, &t, err);
	if (f != FAULT_NONE)
		return f;
	f = registry_key_user(d, t, r, &user);
	txn_abort(t);
	if (f == FAULT_NOT_FOUND)
		return registry_refuse_identity(err);
	return f == FAULT_NONE ? registry_key_open_as(r, &user, done, arg) : f;
}
