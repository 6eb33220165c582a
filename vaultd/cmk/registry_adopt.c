#include <stdio.h>
#include <stdlib.h>

#include "common/io/seal.h"
#include "common/model/world_clock.h"
#include "common/plain/text.h"
#include "vaultd/cmk/registry_key.h"
#include "vaultd/cmk/registry_refuse.h"

/* One adoption on its way: got → opened → wrapped → tried. */
struct adoption {
	struct registry_adoption a;
	char versioned[REGISTRY_KEY_ID_SIZE];
	struct sealer fresh;	/* the secret that the key will wrap */
	struct secret data_key; /* opened */
	uint8_t wrapped[REGISTRY_WRAPPED_MAX];
	size_t wrapped_len;
	bool asked_former_user;
};

static void end(struct adoption *p, enum fault f, const struct err *err)
{
	struct registry_adoption a = p->a;

	secret_done(&p->fresh.key);
	secret_done(&p->data_key);
	free(p);
	a.done(a.arg, f, err);
}

static void refuse(struct adoption *p)
{
	struct err err = ERR_INIT;
	enum fault f = registry_refuse_key(p->a.r, p->a.user->caller.app_id, &err);

	end(p, f, &err);
}

/* FAULT_NONE when p waits for an answer; anything else ends it. */
static void go_on(struct adoption *p, enum fault f)
{
	struct err err = ERR_INIT;

	if (f != FAULT_NONE)
		end(p, f, &err);
}

static enum fault keep(struct adoption *p)
{
	struct registry *r = p->a.r;
	int64_t now_ms = 0;
	enum fault f = world_now_read(&p->a.d->world, &p->a.d->clock, &now_ms, NULL);

	if (f == FAULT_NONE)
		f = registry_seal_data_key(&p->a.d->world, &p->fresh, secret_span(&p->data_key), r);
	if (f != FAULT_NONE)
		return f;
	memcpy(r->wrapped, p->wrapped, p->wrapped_len);
	r->wrapped_len = p->wrapped_len;
	snprintf(r->versioned_key_identifier, sizeof(r->versioned_key_identifier), "%s", p->versioned);
	if (p->a.former != NULL)
		r->key_rotated_ms = now_ms;
	r->key_checked_s = now_ms / 1000;
	r->is_key_lost = false;
	return FAULT_NONE;
}

static void on_tried(void *arg, enum fault f, const struct err *err UNUSED, struct span bytes)
{
	struct adoption *p = arg;
	struct err none = ERR_INIT;

	if (f != FAULT_NONE || !constant_time_eq(bytes, secret_span(&p->fresh.key)))
		refuse(p);
	else
		end(p, keep(p), &none);
}

/* An identity that may not unwrap is found out now, not at the first use. */
static void on_wrapped(void *arg, enum fault f, const struct err *err UNUSED, struct span bytes)
{
	struct adoption *p = arg;
	struct key_ref key;

	if (f != FAULT_NONE || bytes.len > sizeof(p->wrapped)) {
		refuse(p);
		return;
	}
	memcpy(p->wrapped, bytes.p, bytes.len);
	p->wrapped_len = bytes.len;
	f = key_ref_parse(span_cstr(p->versioned), &key);
	if (f == FAULT_NONE)
		f = key_user_unwrap(p->a.user, &key, bytes, on_tried, p);
	go_on(p, f);
}

static void wrap(struct adoption *p)
{
	struct key_ref key;
	enum fault f = secret_alloc(&p->fresh.key, SEAL_KEY_LEN);

	if (f == FAULT_NONE)
		f = rng_fill(&p->a.d->world.rng, p->fresh.key.p, p->fresh.key.len);
	if (f == FAULT_NONE)
		f = key_ref_parse(span_cstr(p->versioned), &key);
	if (f == FAULT_NONE)
		f = key_user_wrap(p->a.user, &key, secret_span(&p->fresh.key), on_wrapped, p);
	go_on(p, f);
}

static void on_opened(void *arg, enum fault f, const struct err *err, struct span bytes);

static enum fault open_former(struct adoption *p, const struct key_user *user)
{
	const struct registry *former = p->a.former;
	struct key_ref key;
	enum fault f = key_ref_parse(span_cstr(former->versioned_key_identifier), &key);

	return f != FAULT_NONE
		       ? f
		       : key_user_unwrap(user, &key, span_of(former->wrapped, former->wrapped_len), on_opened, p);
}

/* The key is the same vault's or another's: the identity of before may be the only one that can open it. */
static void on_opened(void *arg, enum fault f, const struct err *err UNUSED, struct span bytes)
{
	struct adoption *p = arg;
	struct sealer former = { .key = SECRET_INIT };

	if (f != FAULT_NONE && p->a.former_user != NULL && !p->asked_former_user) {
		p->asked_former_user = true;
		go_on(p, open_former(p, p->a.former_user));
		return;
	}
	if (f == FAULT_NONE)
		f = secret_set(&former.key, bytes.p, bytes.len);
	if (f == FAULT_NONE)
		f = registry_data_key(&former, p->a.former, &p->data_key);
	secret_done(&former.key);
	if (f != FAULT_NONE)
		refuse(p);
	else
		wrap(p);
}

static void open_data_key(struct adoption *p)
{
	enum fault f;

	if (p->a.former != NULL && p->a.former->key_identifier[0] != '\0') {
		go_on(p, open_former(p, p->a.user));
		return;
	}
	f = registry_data_key(&p->a.d->world.sealer, p->a.r, &p->data_key);
	if (f == FAULT_NONE)
		wrap(p);
	else
		go_on(p, f);
}

static bool is_rsa(const char *kty)
{
	return strcmp(kty, "RSA") == 0 || strcmp(kty, "RSA-HSM") == 0;
}

static void on_got(void *arg, enum fault f, const struct err *err UNUSED, const struct key_facts *facts)
{
	struct adoption *p = arg;
	struct err why = ERR_INIT;

	if (f == FAULT_NONE && !is_rsa(facts->kty)) {
		f = registry_refuse_kind(p->a.r, facts->kty, &why);
		end(p, f, &why);
		return;
	}
	if (f != FAULT_NONE || !facts->is_enabled) {
		refuse(p);
		return;
	}
	snprintf(p->versioned, sizeof(p->versioned), "%s", facts->kid);
	open_data_key(p);
}

enum fault registry_key_adopt(const struct registry_adoption *a)
{
	struct adoption *p;
	struct key_ref key;
	enum fault f = key_ref_parse(span_cstr(a->r->key_identifier), &key);

	if (f != FAULT_NONE)
		return f;
	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return FAULT_MEMORY;
	p->a = *a;
	f = key_user_get(a->user, &key, on_got, p);
	if (f != FAULT_NONE)
		free(p);
	return f;
}
