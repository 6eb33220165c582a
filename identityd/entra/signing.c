#include "identityd/entra/signing.h"

#include <stdlib.h>

#include "common/io/jobs.h"
#include "common/io/log.h"
#include "identityd/entra/make_key.h"

/* A former run may have given tokens a longer life than this one does. */
enum { LIFETIME_FLOOR_S = 86400 + 3600, RETRY_S = 60 };

struct signer {
	unsigned refs;
	char kid[KID_SIZE];
	int64_t created_s;
	struct keypair *pair;
};

struct signing {
	struct signing_options opt;
	struct rng rng; /* the world's, but it fails when the pool is stopping */
	struct signer *active, *next;
	int64_t active_since_s;
	bool is_generating;
	int64_t retry_s; /* no new attempt before */
};

/* A key on its way from the pool. */
struct generation {
	struct signing *signing;
	int64_t now_s;
	struct made_key made;
	bool was_run;
	enum fault fault;
};

struct keypair *signer_pair(struct signer *k)
{
	return k->pair;
}

const char *signer_kid(const struct signer *k)
{
	return k->kid;
}

void signer_release(struct signer *k)
{
	if (k == NULL || --k->refs > 0)
		return;
	keypair_free(k->pair);
	free(k);
}

struct signer *signing_take(struct signing *s)
{
	s->active->refs++;
	return s->active;
}

static enum fault signer_new(const struct signing_key *record, struct keypair *take_pair, struct signer **ret)
{
	struct signer *k = calloc(1, sizeof(*k));

	if (k == NULL) {
		keypair_free(take_pair);
		return FAULT_MEMORY;
	}
	k->refs = 1;
	memcpy(k->kid, record->kid, sizeof(k->kid));
	k->created_s = record->created_s;
	k->pair = take_pair;
	*ret = k;
	return FAULT_NONE;
}

/* What the store holds, as far as choosing goes: the two oldest keys that may sign, and how long the older one has. */
struct survey {
	struct signing_key unretired[2];
	size_t n;
	int64_t last_retired_s;
	int64_t forget_before_s;
	struct {
		char kid[KID_SIZE];
	} forgotten[16];
	size_t n_forgotten;
};

static void keep_oldest(struct survey *v, const struct signing_key *k)
{
	if (v->n < 2) {
		v->unretired[v->n++] = *k;
	} else if (k->created_s < v->unretired[1].created_s) {
		v->unretired[1] = *k;
	}
	if (v->n == 2 && v->unretired[1].created_s < v->unretired[0].created_s) {
		struct signing_key older = v->unretired[1];

		v->unretired[1] = v->unretired[0];
		v->unretired[0] = older;
	}
}

static enum fault survey_one(const struct signing_key *k, void *arg)
{
	struct survey *v = arg;

	if (k->retired_s == 0) {
		keep_oldest(v, k);
		return FAULT_NONE;
	}
	if (k->retired_s > v->last_retired_s)
		v->last_retired_s = k->retired_s;
	if (k->retired_s < v->forget_before_s && v->n_forgotten < ARRAY_LEN(v->forgotten))
		memcpy(v->forgotten[v->n_forgotten++].kid, k->kid, sizeof(k->kid));
	return FAULT_NONE;
}

static enum fault look(const struct signing *s, struct txn *t, int64_t now_s, struct survey *ret)
{
	int64_t lifetime_s = s->opt.token_lifetime_s > LIFETIME_FLOOR_S ? s->opt.token_lifetime_s : LIFETIME_FLOOR_S;

	*ret = (struct survey){ .forget_before_s = now_s - lifetime_s };
	return signing_key_each(t, survey_one, ret);
}

static enum fault load_one(const struct signing *s, struct txn *t, const struct signing_key *record,
			   struct signer **ret)
{
	SCOPED_DONE(secret) struct secret der = SECRET_INIT;
	struct keypair *pair = NULL;
	enum fault f = signing_key_private(s->opt.world, t, span_cstr(record->kid), &der);

	if (f == FAULT_NONE)
		f = keypair_from_der(secret_span(&der), &s->opt.world->rng, &pair);
	return f != FAULT_NONE ? f : signer_new(record, pair, ret);
}

static enum fault load(struct signing *s, int64_t now_s, struct err *err)
{
	struct survey seen;
	struct txn *t = NULL;
	enum fault f = txn_begin(s->opt.world->store, TXN_READ, &t, err);

	if (f == FAULT_NONE)
		f = look(s, t, now_s, &seen);
	if (f == FAULT_NONE && seen.n > 0)
		f = load_one(s, t, &seen.unretired[0], &s->active);
	if (f == FAULT_NONE && seen.n > 1)
		f = load_one(s, t, &seen.unretired[1], &s->next);
	txn_abort(t);
	if (f == FAULT_NONE && s->active != NULL)
		s->active_since_s = seen.last_retired_s > s->active->created_s ? seen.last_retired_s
									       : s->active->created_s;
	return f;
}

static enum fault put_made(struct signing *s, const struct made_key *m, struct err *err)
{
	struct txn *t = NULL;
	enum fault f = txn_begin(s->opt.world->store, TXN_WRITE, &t, err);

	if (f == FAULT_NONE)
		f = signing_key_put(s->opt.world, t, &m->record, secret_span(&m->der));
	if (f == FAULT_NONE)
		return txn_commit(t, err);
	txn_abort(t);
	return f;
}

static enum fault adopt(struct signing *s, struct made_key *m, struct signer **into, struct err *err)
{
	enum fault f = put_made(s, m, err);

	return f != FAULT_NONE ? f : signer_new(&m->record, TAKE(m->pair), into);
}

static enum fault make_first(struct signing *s, int64_t now_s, struct err *err)
{
	SCOPED_DONE(made_key) struct made_key m = { .pair = NULL };
	enum fault f = make_key(s->opt.stock, &s->opt.world->rng, now_s, &m);

	if (f != FAULT_NONE)
		return err_say(err, f, "", "cannot make a token-signing key (%s)", fault_name(f));
	s->active_since_s = now_s;
	return adopt(s, &m, &s->active, err);
}

static void generate_work(void *arg)
{
	struct generation *g = arg;

	g->was_run = true;
	g->fault = make_key(g->signing->opt.stock, &g->signing->rng, g->now_s, &g->made);
}

static void generate_done(void *arg)
{
	struct generation *g = arg;
	struct signing *s = g->signing;
	struct err err = ERR_INIT;
	enum fault f = g->was_run ? g->fault : FAULT_UNAVAILABLE;

	if (f == FAULT_NONE)
		f = adopt(s, &g->made, &s->next, &err);
	if (f != FAULT_NONE && !jobs_is_stopping(s->opt.generation))
		log_warn("the next token-signing key could not be made (%s) %s", fault_name(f), err.message);
	s->is_generating = false;
	s->retry_s = f == FAULT_NONE ? 0 : g->now_s + RETRY_S;
	made_key_done(&g->made);
	free(g);
}

static enum fault start_generation(struct signing *s, int64_t now_s)
{
	struct generation *g;
	enum fault f;

	if (s->next != NULL || s->is_generating || (now_s < s->retry_s && now_s >= s->retry_s - RETRY_S))
		return FAULT_NONE;
	g = calloc(1, sizeof(*g));
	if (g == NULL)
		return FAULT_MEMORY;
	g->signing = s;
	g->now_s = now_s;
	f = jobs_submit(s->opt.generation, generate_work, generate_done, g);
	if (f != FAULT_NONE)
		free(g);
	else
		s->is_generating = true;
	return f;
}

static enum fault forget(struct txn *t, const struct survey *seen)
{
	enum fault f = FAULT_NONE;

	for (size_t i = 0; i < seen->n_forgotten && f == FAULT_NONE; i++)
		f = signing_key_del(t, span_cstr(seen->forgotten[i].kid));
	return f;
}

static enum fault retire_active(struct signing *s, int64_t now_s, struct err *err)
{
	struct survey seen;
	struct txn *t = NULL;
	enum fault f = txn_begin(s->opt.world->store, TXN_WRITE, &t, err);

	if (f == FAULT_NONE)
		f = signing_key_retire(t, span_cstr(s->active->kid), now_s);
	if (f == FAULT_NONE)
		f = look(s, t, now_s, &seen);
	if (f == FAULT_NONE)
		f = forget(t, &seen);
	if (f == FAULT_NONE)
		return txn_commit(t, err);
	txn_abort(t);
	return f;
}

enum fault signing_tend(struct signing *s, int64_t now_s, struct err *err)
{
	enum fault f;

	if (s->next != NULL && now_s - s->active_since_s >= s->opt.max_age_s) {
		f = retire_active(s, now_s, err);
		if (f != FAULT_NONE)
			return f;
		log_info("token-signing key %s is retired, %s signs from now on", s->active->kid, s->next->kid);
		signer_release(s->active);
		s->active = TAKE(s->next);
		s->active_since_s = now_s;
	}
	/* Tokens can be had without a next key; the attempt is repeated. */
	f = start_generation(s, now_s);
	return f == FAULT_UNAVAILABLE ? FAULT_NONE : f;
}

/* Making a key takes a third of a second; a daemon that ends does not wait for it. */
static enum fault fill_unless_stopping(void *arg, void *p, size_t n)
{
	struct signing *s = arg;

	if (jobs_is_stopping(s->opt.generation))
		return FAULT_RANDOM;
	return rng_fill(&s->opt.world->rng, p, n);
}

enum fault signing_new(const struct signing_options *opt, int64_t now_s, struct signing **ret, struct err *err)
{
	struct signing *s = calloc(1, sizeof(*s));
	enum fault f;

	if (s == NULL)
		return FAULT_MEMORY;
	s->opt = *opt;
	s->rng = (struct rng){ fill_unless_stopping, s };
	f = load(s, now_s, err);
	if (f == FAULT_NONE && s->active == NULL)
		f = make_first(s, now_s, err);
	if (f == FAULT_NONE)
		f = signing_tend(s, now_s, err);
	if (f != FAULT_NONE) {
		signing_free(s);
		return f;
	}
	*ret = s;
	return FAULT_NONE;
}

void signing_free(struct signing *s)
{
	if (s == NULL)
		return;
	signer_release(s->active);
	signer_release(s->next);
	free(s);
}
