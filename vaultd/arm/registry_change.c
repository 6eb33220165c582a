#include "vaultd/arm/registry_change.h"

#include "vaultd/arm/arm_scope.h"
#include "vaultd/arm/registry_body.h"
#include "vaultd/arm/registry_encryption.h"
#include "vaultd/arm/registry_lookup.h"
#include "vaultd/arm/registry_operation.h"
#include "vaultd/cmk/registry_key.h"

/* One change on its way; in the exchange's pool. */
struct change_work {
	struct arm_op *op;
	struct registry_change c;
	struct key_user user, former_user;
};

static enum fault switch_system(struct arm_op *op, const struct registry_change *c)
{
	bool has = c->next->system_object_id[0] != '\0';

	if (has == c->wants_system)
		return FAULT_NONE;
	return has ? registry_system_identity_off(op->txn, c->next)
		   : registry_system_identity_on(&op->d->world, op->txn, c->next);
}

/* Whether it is a change that Azure takes its time for. */
static bool is_slow(const struct registry_change *c)
{
	const struct registry *a = c->former, *b = c->next;

	if (a == NULL || c->adopts || a->n_identities != b->n_identities ||
	    strcmp(a->system_object_id, b->system_object_id) != 0)
		return true;
	for (size_t i = 0; i < a->n_identities; i++)
		if (strcmp(a->identities[i], b->identities[i]) != 0)
			return true;
	return false;
}

static enum fault write_change(struct arm_op *op, struct registry_change *c)
{
	struct registry *r = c->next;
	enum fault f = switch_system(op, c);

	registry_stamp(op, r);
	if (c->former == NULL) {
		memcpy(r->created_by, r->modified_by, sizeof(r->created_by));
		memcpy(r->created_by_type, r->modified_by_type, sizeof(r->created_by_type));
		r->created_ms = r->modified_ms;
	}
	if (f == FAULT_NONE)
		f = registry_put(op->txn, r);
	if (f != FAULT_NONE)
		return f;
	return is_slow(c) ? registry_operation_begin(op, r, c->former) : registry_operation_write(op, r);
}

/* Whether the registry is still what the change began with. Its times do not tell: the clock may stand still. What the
 * hourly look noted meanwhile does not count. */
static bool is_same(const struct registry *former, struct registry *found)
{
	found->key_checked_s = former->key_checked_s;
	found->is_key_lost = former->is_key_lost;
	return memcmp(former, found, sizeof(*former)) == 0;
}

static enum fault say_changed(const struct registry *r, struct err *err)
{
	return err_say(err, FAULT_CONFLICT, "ConflictingOperation",
		       "Another operation changed the registry %s meanwhile. Please retry.", r->name);
}

/* The vault has answered. */
static enum fault finish(struct arm_op *op, struct err *err)
{
	struct change_work *w = op->work;
	const struct registry *former = w->c.former;
	struct registry *r = w->c.next, *found = registry_alloc(op);
	struct group g;
	enum fault f = found == NULL ? FAULT_MEMORY : arm_group(op, &g, err);

	if (f != FAULT_NONE)
		return f;
	f = registry_get(op->txn, span_cstr(r->name), found);
	if (f != FAULT_NONE && f != FAULT_NOT_FOUND)
		return f;
	if ((f == FAULT_NONE) != (former != NULL) || (former != NULL && !is_same(former, found)))
		return say_changed(r, err);
	/* The same key, looked at anew, is no rotation. */
	if (former != NULL && strcmp(former->versioned_key_identifier, r->versioned_key_identifier) == 0 &&
	    strcmp(former->key_identity, r->key_identity) == 0)
		r->key_rotated_ms = former->key_rotated_ms;
	return write_change(op, &w->c);
}

static void on_adopted(void *arg, enum fault f, const struct err *err)
{
	arm_resume(arg, f, err, TXN_WRITE, finish);
}

static void ask_vault(struct arm_op *op)
{
	struct change_work *w = op->work;
	const struct registry_adoption a = { .d = op->d,
					     .r = w->c.next,
					     .former = w->c.former,
					     .user = &w->user,
					     .former_user = w->former_user.d == NULL ? NULL : &w->former_user,
					     .done = on_adopted,
					     .arg = op };
	enum fault f = registry_key_adopt(&a);

	if (f != FAULT_NONE)
		arm_resume(op, f, NULL, TXN_WRITE, finish);
}

static enum fault begin_adoption(struct arm_op *op, struct change_work *w, struct err *err)
{
	enum fault f = registry_key_user(op->d, op->txn, w->c.next, &w->user);

	if (f == FAULT_NOT_FOUND)
		return registry_say_no_identity(op->txn, w->c.next, err);
	if (f == FAULT_NONE && w->c.former != NULL) {
		f = registry_key_user(op->d, op->txn, w->c.former, &w->former_user);
		if (f == FAULT_NOT_FOUND)
			f = FAULT_NONE;
	}
	if (f != FAULT_NONE)
		return f;
	op->work = w;
	op->wait = ask_vault;
	return FAULT_NONE;
}

enum fault registry_change(struct arm_op *op, const struct registry *former, struct registry *next, struct err *err)
{
	struct change_work *w = pool_alloc(http_exchange_pool(op->x), sizeof(*w));
	enum fault f;

	if (w == NULL)
		return FAULT_MEMORY;
	w->op = op;
	w->c.former = former;
	w->c.next = next;
	f = registry_body_read(op, &w->c, err);
	if (f != FAULT_NONE)
		return f;
	return w->c.adopts ? begin_adoption(op, w, err) : write_change(op, &w->c);
}
