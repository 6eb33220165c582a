#include "vaultd/keyvault/rotation_due.h"

#include <stdlib.h>

#include "common/io/jobs.h"
#include "vaultd/keyvault/due_find.h"
#include "vaultd/keyvault/kv.h"
#include "vaultd/keyvault/kv_successor.h"
#include "vaultd/keyvault/rotation_audit.h"
#include "vaultd/keyvault/rotation_dates.h"

_Static_assert(sizeof(struct due_place) <= DUE_STATE_SIZE, "a run's memory holds the place");

/* One key's rotation: its versions are made one after the other. */
struct rotation {
	struct vaultd *d;
	struct due_run *run;
	int64_t now_s;
	struct due_key place;
	char newest[KEY_VERSION_SIZE]; /* when the key was prepared */
	struct kv_generation key;
	enum fault fault; /* of the worker */
	unsigned n_made;
	/* For the audit, once the transaction is through. */
	char made[KEY_VERSION_SIZE], told[KEY_VERSION_SIZE];
};

static void rotation_free(struct rotation *r)
{
	if (r != NULL)
		kv_generation_done(&r->key);
	free(r);
}

/* The key as it is now, and the date of the version to be made; FAULT_NOT_FOUND when none is (any more). */
static enum fault look_again(struct rotation *r, struct txn *t, struct key_head *head, struct key_version *newest,
			     int64_t *created_s)
{
	struct rotation_policy policy;
	enum rotation_problem problem;
	struct span name = span_cstr(r->place.name);
	enum fault f = key_get(t, r->place.uid, name, head);

	if (f == FAULT_NONE)
		f = key_version_get(t, r->place.uid, name, span_cstr(head->current), newest);
	if (f == FAULT_NONE)
		f = key_rotation_policy(&head->rotation, &policy, &problem);
	if (f != FAULT_NONE)
		return f;
	if (!rotation_next(head, newest, &policy, r->now_s, created_s))
		return FAULT_NOT_FOUND;
	if (strcmp(head->notified, head->current) != 0 && rotation_notice_due(newest, &policy, *created_s))
		memcpy(r->told, head->current, sizeof(r->told));
	return FAULT_NONE;
}

static enum fault store_in(struct rotation *r, struct txn *t, struct err *err)
{
	struct span name = span_cstr(r->place.name);
	struct key_head head;
	struct key_version newest, v;
	int64_t created_s;
	enum fault f = look_again(r, t, &head, &newest, &created_s);

	/* Somebody made another version meanwhile. */
	if (f == FAULT_NONE && strcmp(head.current, r->newest) != 0)
		f = FAULT_NOT_FOUND;
	if (f == FAULT_NONE)
		f = kv_successor(&head, &newest, &r->key, created_s, &v, err);
	if (f == FAULT_NONE)
		f = kv_draw_version(&r->d->world.rng, &v);
	if (f == FAULT_NONE)
		f = kv_put_version(&r->d->world, t, r->place.uid, name, &v, secret_span(&r->key.der));
	if (f != FAULT_NONE)
		return f;
	memcpy(r->made, v.version, sizeof(r->made));
	memcpy(head.current, v.version, sizeof(head.current));
	return key_put(t, r->place.uid, &head);
}

static enum fault store(struct rotation *r, struct err *err)
{
	struct txn *t;
	enum fault f = r->fault;

	if (f == FAULT_NONE)
		f = txn_begin(r->d->world.store, TXN_WRITE, &t, err);
	if (f != FAULT_NONE)
		return f;
	r->told[0] = '\0';
	f = store_in(r, t, err);
	if (f != FAULT_NONE) {
		txn_abort(t);
		return f;
	}
	f = txn_commit(t, err);
	if (f != FAULT_NONE)
		return f;
	r->n_made++;
	if (r->told[0] != '\0')
		rotation_audit(r->d, &r->place, r->told, r->now_s, ROTATION_AUDIT_NEAR_EXPIRY);
	rotation_audit(r->d, &r->place, r->made, r->now_s, ROTATION_AUDIT_ROTATED);
	return FAULT_NONE;
}

static void work(void *arg)
{
	struct rotation *r = arg;

	r->fault = kv_generation_run(&r->key);
}

static void worked(void *arg);

/* Prepares what is due next, if anything, and gives it to the pool. FAULT_NOT_FOUND: nothing is. */
static enum fault start(struct rotation *r, struct err *err)
{
	struct key_head head;
	struct key_version newest;
	int64_t created_s;
	struct txn *t;
	enum fault f = r->n_made == ROTATION_MISSED_MAX ? FAULT_NOT_FOUND
							: txn_begin(r->d->world.store, TXN_READ, &t, err);

	if (f != FAULT_NONE)
		return f;
	f = look_again(r, t, &head, &newest, &created_s);
	kv_generation_done(&r->key);
	r->key = (struct kv_generation){ .d = NULL };
	if (f == FAULT_NONE) {
		memcpy(r->newest, head.current, sizeof(r->newest));
		kv_generation_like(&r->key, &newest);
	}
	txn_abort(t);
	if (f != FAULT_NONE)
		return f;
	kv_generation_prepare(&r->key, r->d);
	r->fault = FAULT_UNAVAILABLE; /* until the worker has been at it: a shutdown may drop the job */
	return jobs_submit(r->key.where, work, worked, r);
}

static void worked(void *arg)
{
	struct rotation *r = arg;
	struct due_run *run = r->run;
	struct err err = ERR_INIT;
	enum fault f = store(r, &err);

	/* At a shutdown the stock may be gone already: what is left falls due again at the next start. */
	if (f == FAULT_NONE)
		f = jobs_is_stopping(r->key.where) ? FAULT_UNAVAILABLE : start(r, &err);
	if (f == FAULT_NONE)
		return;
	rotation_free(r);
	/* Nothing left to do, or somebody was faster: both are well. */
	due_release(run, f == FAULT_NOT_FOUND || f == FAULT_CONFLICT ? FAULT_NONE : f, &err);
}

static enum fault rotate(struct vaultd *d, struct due_run *run, int64_t now_s, const struct due_key *k, struct err *err)
{
	struct rotation *r = calloc(1, sizeof(*r));
	enum fault f;

	if (r == NULL)
		return FAULT_MEMORY;
	r->d = d;
	r->run = run;
	r->now_s = now_s;
	r->place = *k;
	f = start(r, err);
	if (f == FAULT_NONE)
		due_hold(run);
	else
		rotation_free(r);
	return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
}

static bool is_rotation_due(const struct key_head *h, const struct key_version *newest, const struct rotation_policy *p,
			    int64_t now_s)
{
	int64_t created_s;

	return h->rotation.is_set && rotation_next(h, newest, p, now_s, &created_s);
}

static enum fault find(struct vaultd *d, struct due_run *run, int64_t now_s, due_test *is_due, struct due_found *ret,
		       struct err *err)
{
	struct txn *t;
	enum fault f = txn_begin(d->world.store, TXN_READ, &t, err);

	if (f != FAULT_NONE)
		return f;
	f = due_find(t, due_state(run), now_s, is_due, ret);
	txn_abort(t);
	return f;
}

enum fault rotation_due_keys(struct vaultd *d, struct due_run *run, int64_t now_s, struct err *err)
{
	struct due_found found;
	enum fault f = find(d, run, now_s, is_rotation_due, &found, err);

	for (size_t i = 0; f == FAULT_NONE && i < found.n; i++)
		f = rotate(d, run, now_s, &found.keys[i], err);
	if (f == FAULT_NONE && found.has_more)
		due_again(run);
	return f;
}

static bool is_notice_due(const struct key_head *h, const struct key_version *newest, const struct rotation_policy *p,
			  int64_t now_s)
{
	return strcmp(h->notified, h->current) != 0 && rotation_notice_due(newest, p, now_s);
}

/* Told once for each version: the key's head remembers. */
static enum fault tell(struct vaultd *d, int64_t now_s, const struct due_key *k, struct err *err)
{
	struct key_head head;
	struct txn *t;
	enum fault f = txn_begin(d->world.store, TXN_WRITE, &t, err);

	if (f != FAULT_NONE)
		return f;
	f = key_get(t, k->uid, span_cstr(k->name), &head);
	if (f == FAULT_NONE) {
		memcpy(head.notified, head.current, sizeof(head.notified));
		f = key_put(t, k->uid, &head);
	}
	if (f != FAULT_NONE) {
		txn_abort(t);
		return f;
	}
	f = txn_commit(t, err);
	if (f == FAULT_NONE)
		rotation_audit(d, k, head.current, now_s, ROTATION_AUDIT_NEAR_EXPIRY);
	return f;
}

enum fault rotation_due_notices(struct vaultd *d, struct due_run *run, int64_t now_s, struct err *err)
{
	struct due_found found;
	enum fault f = find(d, run, now_s, is_notice_due, &found, err);

	for (size_t i = 0; f == FAULT_NONE && i < found.n; i++)
		f = tell(d, now_s, &found.keys[i], err);
	if (f == FAULT_NONE && found.has_more)
		due_again(run);
	return f;
}
