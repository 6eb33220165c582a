#include "vaultd/authn.h"

#include <stdlib.h>

#include "common/io/http.h"
#include "vaultd/vaultd.h"

enum { SLOTS = 1024 };

/* A token that passed. */
struct passed {
	struct secret token;
	uint64_t snapshot; /* the signing key was there in this state of the store */
	struct checked_token is;
};

struct authn {
	struct vaultd *d;
	uint64_t salt;
	struct passed slots[SLOTS];
};

enum fault authn_new(struct vaultd *d, struct authn **ret)
{
	struct authn *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return FAULT_MEMORY;
	a->d = d;
	if (rng_fill(&d->world.rng, &a->salt, sizeof(a->salt)) != FAULT_NONE) {
		free(a);
		return FAULT_RANDOM;
	}
	*ret = a;
	return FAULT_NONE;
}

void authn_free(struct authn *a)
{
	if (a == NULL)
		return;
	for (size_t i = 0; i < SLOTS; i++)
		secret_done(&a->slots[i].token);
	free(a);
}

/* Only a place to look: the whole token is compared afterwards. The signature, at the end, spreads best. */
static struct passed *slot_for(struct authn *a, struct span token)
{
	uint64_t h = a->salt ^ token.len;
	size_t from = token.len > 64 ? token.len - 64 : 0;

	for (size_t i = from; i < token.len; i++)
		h = (h ^ (unsigned char)token.p[i]) * 1099511628211u;
	return &a->slots[(h >> 20) % SLOTS];
}

/* A key that left the store takes its tokens with it. */
static bool is_still_signed(struct passed *p, struct txn *t)
{
	struct signing_key key;

	if (p->snapshot == txn_snapshot(t))
		return true;
	if (signing_key_get(t, span_cstr(p->is.kid), &key) != FAULT_NONE)
		return false;
	p->snapshot = txn_snapshot(t);
	return true;
}

static enum fault find_passed(struct authn *a, struct txn *t, struct span token, struct passed **ret,
			      struct authn_failure *out)
{
	struct passed *p = slot_for(a, token), fresh = { .token = SECRET_INIT };
	enum fault f;

	if (p->token.len > 0 && constant_time_eq(secret_span(&p->token), token) && is_still_signed(p, t)) {
		*ret = p;
		return FAULT_NONE;
	}
	f = token_verify(&a->d->world, t, token, &fresh.is, out);
	if (f == FAULT_NONE)
		f = secret_set(&fresh.token, token.p, token.len);
	if (f != FAULT_NONE)
		return f;
	fresh.snapshot = txn_snapshot(t);
	secret_done(&p->token);
	*p = fresh;
	*ret = p;
	return FAULT_NONE;
}

enum fault authenticate(struct authn *a, struct txn *t, struct http_exchange *x, const char *const *audiences,
			int64_t now_s, const struct caller **ret, struct authn_failure *ret_failure)
{
	struct span token = bearer_token(http_exchange_header(x, "Authorization"));
	const struct caller *self = http_exchange_sender(x);
	struct passed *p;
	enum fault f;

	*ret_failure = (struct authn_failure){ .problem = AUTHN_OK };
	if (self != NULL) { /* our own request: vaultd/inner.h */
		*ret = self;
		return FAULT_NONE;
	}
	if (token.len == 0)
		return authn_fail(ret_failure, AUTHN_MISSING, SPAN_EMPTY);
	f = find_passed(a, t, token, &p, ret_failure);
	if (f == FAULT_NONE)
		f = token_accept(&p->is, audiences, now_s, ret_failure);
	if (f == FAULT_NONE)
		*ret = &p->is.caller;
	return f;
}
