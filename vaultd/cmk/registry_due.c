#include <stdio.h>
#include <stdlib.h>

#include "common/io/log.h"
#include "vaultd/cmk/registry_key.h"

/* At most so many wait for the vault at a time, and are looked at in one turn of the loop. */
enum { PERIOD_S = 3600, CHECKS_AT_ONCE = 4, LOOKS_AT_ONCE = 32 };

/* One registry's check. */
struct check {
	struct vaultd *d;
	struct batch *batch;
	struct registry before, after;
	struct key_user user;
	bool has_moved, is_lost;
};

/* Those that are on their way together: what they found is written in one transaction, when the last has ended. */
struct batch {
	struct vaultd *d;
	struct due_run *run;
	int64_t now_s;
	struct check *checks[CHECKS_AT_ONCE];
	size_t n, n_under_way;
};

/* What a run remembers from step to step. */
struct place {
	char name[REGISTRY_NAME_SIZE];
};
_Static_assert(sizeof(struct place) <= DUE_STATE_SIZE, "a run's memory holds the place");

struct search {
	int64_t now_s;
	struct place *at;
	struct check *found[CHECKS_AT_ONCE];
	size_t n_found;
	unsigned n_looks;
};

/* Whether the registry still has the key that the check saw. */
static bool is_same_key(const struct registry *a, const struct registry *b)
{
	return memcmp(a->uid, b->uid, sizeof(a->uid)) == 0 && strcmp(a->key_identifier, b->key_identifier) == 0 &&
	       strcmp(a->versioned_key_identifier, b->versioned_key_identifier) == 0 &&
	       strcmp(a->key_identity, b->key_identity) == 0 && a->wrapped_len == b->wrapped_len &&
	       memcmp(a->wrapped, b->wrapped, a->wrapped_len) == 0;
}

static void take_key(struct registry *r, const struct registry *from)
{
	memcpy(r->versioned_key_identifier, from->versioned_key_identifier, sizeof(r->versioned_key_identifier));
	memcpy(r->wrapped, from->wrapped, sizeof(r->wrapped));
	r->wrapped_len = from->wrapped_len;
	memcpy(r->sealed_data_key, from->sealed_data_key, sizeof(r->sealed_data_key));
	r->sealed_data_key_len = from->sealed_data_key_len;
	r->key_rotated_ms = from->key_rotated_ms;
}

static enum fault store(struct txn *t, const struct check *c)
{
	struct registry r;
	enum fault f = registry_get(t, span_cstr(c->before.name), &r);

	/* Somebody changed or deleted it meanwhile: theirs counts. */
	if (f == FAULT_NOT_FOUND || (f == FAULT_NONE && !is_same_key(&r, &c->before)))
		return FAULT_NONE;
	if (f != FAULT_NONE)
		return f;
	if (c->has_moved)
		take_key(&r, &c->after);
	r.is_key_lost = c->is_lost;
	r.key_checked_s = c->batch->now_s;
	return registry_put(t, &r);
}

static enum fault store_all(const struct batch *b, struct err *err)
{
	struct txn *t;
	enum fault f = txn_begin(b->d->world.store, TXN_WRITE, &t, err);

	if (f != FAULT_NONE)
		return f;
	for (size_t i = 0; f == FAULT_NONE && i < b->n; i++)
		f = store(t, b->checks[i]);
	if (f == FAULT_NONE)
		return txn_commit(t, err);
	txn_abort(t);
	return f;
}

static void log_change(const struct check *c)
{
	if (c->has_moved || c->is_lost != c->before.is_key_lost)
		log_info("registry %s: %s %s", c->before.name, c->is_lost ? "lost its key" : "uses",
			 c->has_moved ? c->after.versioned_key_identifier : c->before.versioned_key_identifier);
}

static void end(struct check *c, bool has_moved)
{
	struct batch *b = c->batch;
	struct due_run *run = b->run;
	struct err err = ERR_INIT;
	enum fault f;

	c->has_moved = has_moved;
	if (--b->n_under_way > 0)
		return;
	f = store_all(b, &err);
	for (size_t i = 0; i < b->n; i++) {
		if (f == FAULT_NONE)
			log_change(b->checks[i]);
		free(b->checks[i]);
	}
	free(b);
	due_release(run, f, &err);
}

static void end_lost(struct check *c)
{
	c->is_lost = true;
	end(c, false);
}

static void on_opened(void *arg, enum fault f, const struct err *err UNUSED, struct span data_key UNUSED)
{
	struct check *c = arg;

	c->is_lost = f != FAULT_NONE;
	end(c, false);
}

static void on_adopted(void *arg, enum fault f, const struct err *err UNUSED)
{
	struct check *c = arg;

	if (f == FAULT_NONE)
		end(c, true);
	else
		end_lost(c);
}

/* A newer version than the one in use is moved to; the same one is only tried. */
static void on_got(void *arg, enum fault f, const struct err *err UNUSED, const struct key_facts *facts)
{
	struct check *c = arg;

	if (f != FAULT_NONE) {
		end_lost(c);
		return;
	}
	if (strcmp(facts->kid, c->before.versioned_key_identifier) == 0) {
		f = registry_key_open_as(&c->before, &c->user, on_opened, c);
	} else {
		struct registry_adoption a = {
			.d = c->d, .r = &c->after, .former = &c->before, .user = &c->user, .done = on_adopted, .arg = c
		};

		f = registry_key_adopt(&a);
	}
	if (f != FAULT_NONE)
		end_lost(c);
}

/* Outside any transaction: the vault begins its own. */
static void start(struct check *c, enum fault f)
{
	struct key_ref key;

	if (f == FAULT_NONE)
		f = key_ref_parse(span_cstr(c->before.key_identifier), &key);
	if (f == FAULT_NONE && key.version.len > 0)
		f = registry_key_open_as(&c->before, &c->user, on_opened, c);
	else if (f == FAULT_NONE)
		f = key_user_get(&c->user, &key, on_got, c);
	if (f != FAULT_NONE)
		end_lost(c);
}

/* Ends the walk with FAULT_UNAVAILABLE when this turn has enough. */
static enum fault look_at(const struct registry *r, void *arg)
{
	struct search *s = arg;
	struct check *c;

	if (s->n_found == CHECKS_AT_ONCE || s->n_looks++ == LOOKS_AT_ONCE)
		return FAULT_UNAVAILABLE;
	memcpy(s->at->name, r->name, sizeof(s->at->name));
	/* A clock that was set back makes the last look one of the future: it counts as none. */
	if (r->key_identifier[0] == '\0' || (r->key_checked_s <= s->now_s && s->now_s < r->key_checked_s + PERIOD_S))
		return FAULT_NONE;
	c = calloc(1, sizeof(*c));
	if (c == NULL)
		return FAULT_MEMORY;
	c->before = *r;
	c->after = *r;
	s->found[s->n_found++] = c;
	return FAULT_NONE;
}

static enum fault start_all(struct vaultd *d, struct due_run *run, const struct search *s, const enum fault *has_user)
{
	struct batch *b = s->n_found == 0 ? NULL : calloc(1, sizeof(*b));

	if (s->n_found == 0)
		return FAULT_NONE;
	for (size_t i = 0; b == NULL && i < s->n_found; i++)
		free(s->found[i]);
	if (b == NULL)
		return FAULT_MEMORY;
	*b = (struct batch){ .d = d, .run = run, .now_s = s->now_s, .n = s->n_found, .n_under_way = s->n_found };
	memcpy(b->checks, s->found, sizeof(b->checks));
	due_hold(run);
	/* The last one may end it all. */
	for (size_t i = 0; i < s->n_found; i++) {
		s->found[i]->d = d;
		s->found[i]->batch = b;
	}
	for (size_t i = 0; i < s->n_found; i++)
		start(s->found[i], has_user[i]);
	return FAULT_NONE;
}

enum fault registry_due_checks(struct vaultd *d, struct due_run *run, int64_t now_s, struct err *err)
{
	struct search s = { .now_s = now_s, .at = due_state(run) };
	enum fault has_user[CHECKS_AT_ONCE];
	struct txn *t;
	enum fault f = txn_begin(d->world.store, TXN_READ, &t, err), started;

	if (f != FAULT_NONE)
		return f;
	f = registry_each(t, span_cstr(s.at->name), look_at, &s);
	if (f == FAULT_UNAVAILABLE) {
		due_again(run);
		f = FAULT_NONE;
	}
	for (size_t i = 0; i < s.n_found; i++)
		has_user[i] = registry_key_user(d, t, &s.found[i]->before, &s.found[i]->user);
	txn_abort(t);
	started = start_all(d, run, &s, has_user);
	return f == FAULT_NONE ? started : f;
}
