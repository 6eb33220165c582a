#include "common/model/registry.h"

#include <stdio.h>

#include "common/io/seal.h"
#include "common/model/flat.h"
#include "common/model/place.h"
#include "common/model/role_scope.h"
#include "common/model/tables.h"
#include "common/plain/text.h"

enum { DATA_KEY_LEN = 32 };

static const struct flat_field rows[] = {
	FLAT_BYTES_ROW(1, struct registry, uid, uid_len),
	FLAT_STR_ROW(2, struct registry, subscription_id),
	FLAT_STR_ROW(3, struct registry, group),
	FLAT_STR_ROW(4, struct registry, name),
	FLAT_STR_ROW(5, struct registry, location),
	FLAT_STR_ROW(6, struct registry, tags),
	FLAT_ROW(7, FLAT_UINT, struct registry, sku),
	FLAT_STR_ROW(8, struct registry, properties),
	FLAT_STR_ROW(9, struct registry, system_object_id),
	{ 10, FLAT_STRS, offsetof(struct registry, identities), RESOURCE_ID_SIZE,
	  offsetof(struct registry, n_identities), REGISTRY_IDENTITIES_MAX },
	FLAT_STR_ROW(11, struct registry, key_identifier),
	FLAT_STR_ROW(12, struct registry, versioned_key_identifier),
	FLAT_STR_ROW(13, struct registry, key_identity),
	FLAT_ROW(14, FLAT_INT, struct registry, key_rotated_ms),
	FLAT_ROW(15, FLAT_INT, struct registry, key_checked_s),
	FLAT_ROW(16, FLAT_BOOL, struct registry, is_key_lost),
	FLAT_BYTES_ROW(17, struct registry, wrapped, wrapped_len),
	FLAT_BYTES_ROW(18, struct registry, sealed_data_key, sealed_data_key_len),
	FLAT_STR_ROW(19, struct registry, created_by),
	FLAT_STR_ROW(20, struct registry, created_by_type),
	FLAT_ROW(21, FLAT_INT, struct registry, created_ms),
	FLAT_STR_ROW(22, struct registry, modified_by),
	FLAT_STR_ROW(23, struct registry, modified_by_type),
	FLAT_ROW(24, FLAT_INT, struct registry, modified_ms),
};
static const struct flat_kind kind = { rows, ARRAY_LEN(rows), 1, sizeof(struct registry), TABLE_REGISTRY };

static struct place registry_place(struct span name)
{
	struct place p;

	place_init(&p);
	place_add(&p, name);
	return p;
}

void registry_resource_id(char out[RESOURCE_ID_SIZE], const struct registry *r)
{
	snprintf(out, RESOURCE_ID_SIZE,
		 "/subscriptions/%s/resourceGroups/%s/providers/Microsoft.ContainerRegistry/registries/%s",
		 r->subscription_id, r->group, r->name);
}

enum fault registry_get(struct txn *t, struct span name, struct registry *ret)
{
	struct place at = registry_place(name);

	return flat_get(t, &kind, place_span(&at), ret);
}

static void seal_context(struct buf *out, const struct registry *r)
{
	buf_put_cstr(out, "registry/");
	buf_put(out, r->uid, sizeof(r->uid));
}

enum fault registry_seal_data_key(const struct world *w, const struct sealer *under, struct span data_key,
				  struct registry *r)
{
	SCOPED_DONE(buf) struct buf context = BUF_INIT(STORE_KEY_MAX);
	SCOPED_DONE(buf) struct buf sealed = BUF_INIT(REGISTRY_SEALED_MAX);
	enum fault f;

	seal_context(&context, r);
	f = seal(under, buf_span(&context), data_key, &w->rng, &sealed);
	if (f == FAULT_NONE)
		f = buf_fault(&sealed);
	if (f != FAULT_NONE)
		return f;
	memcpy(r->sealed_data_key, sealed.data, sealed.len);
	r->sealed_data_key_len = sealed.len;
	return FAULT_NONE;
}

enum fault registry_data_key(const struct sealer *under, const struct registry *r, struct secret *ret)
{
	SCOPED_DONE(buf) struct buf context = BUF_INIT(STORE_KEY_MAX);

	seal_context(&context, r);
	return unseal(under, buf_span(&context), span_of(r->sealed_data_key, r->sealed_data_key_len), ret);
}

enum fault registry_begin(const struct world *w, struct registry *r)
{
	uint8_t data_key[DATA_KEY_LEN];
	enum fault f = rng_fill(&w->rng, r->uid, sizeof(r->uid));

	r->uid_len = sizeof(r->uid);
	if (f == FAULT_NONE)
		f = rng_fill(&w->rng, data_key, sizeof(data_key));
	if (f == FAULT_NONE)
		f = registry_seal_data_key(w, &w->sealer, span_of(data_key, sizeof(data_key)), r);
	wipe(data_key, sizeof(data_key));
	return f;
}

enum fault registry_put(struct txn *t, const struct registry *r)
{
	struct place at = registry_place(span_cstr(r->name));

	return flat_put(t, &kind, place_span(&at), r);
}

enum fault registry_del(struct txn *t, struct registry *r)
{
	struct place at = registry_place(span_cstr(r->name));
	char id[RESOURCE_ID_SIZE];
	enum fault f = txn_del(t, TABLE_REGISTRY, place_span(&at));

	registry_resource_id(id, r);
	if (f == FAULT_NONE)
		f = role_scope_drop(t, id);
	if (f == FAULT_NONE)
		f = registry_system_identity_off(t, r);
	return f == FAULT_NONE ? txn_drop(t, TABLE_REGISTRY_BLOB, span_of(r->uid, sizeof(r->uid))) : f;
}

enum fault registry_each(struct txn *t, struct span after, enum fault (*each)(const struct registry *r, void *arg),
			 void *arg)
{
	struct place from = registry_place(after);
	struct registry scratch;
	struct span key, value;
	struct walk w;
	enum fault f;

	place_below(&from);
	f = walk_begin(t, TABLE_REGISTRY, SPAN_EMPTY, after.len == 0 ? SPAN_EMPTY : place_span(&from), &w);
	if (f != FAULT_NONE)
		return f;
	while ((f = walk_next(&w, &key, &value)) == FAULT_NONE) {
		f = flat_decode(value, rows, ARRAY_LEN(rows), kind.version, &scratch, sizeof(scratch));
		if (f == FAULT_NONE)
			f = each(&scratch, arg);
		if (f != FAULT_NONE)
			break;
	}
	walk_done(&w);
	return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
}

enum fault registry_system_identity_on(struct world *w, struct txn *t, struct registry *r)
{
	char id[RESOURCE_ID_SIZE];

	registry_resource_id(id, r);
	return principal_make_system(w, t, r->name, id, r->system_object_id);
}

enum fault registry_system_identity_off(struct txn *t, struct registry *r)
{
	struct principal p;
	enum fault f;

	if (r->system_object_id[0] == '\0')
		return FAULT_NONE;
	f = principal_by_object_id(t, span_cstr(r->system_object_id), &p);
	r->system_object_id[0] = '\0';
	if (f == FAULT_NONE)
		f = principal_del(t, &p);
	return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
}
