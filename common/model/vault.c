#include "common/model/vault.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/io/record.h"
#include "common/model/key.h"
#include "common/model/role_scope.h"
#include "common/model/tables.h"
#include "common/plain/text.h"

enum { VAULT_VERSION = 1, VAULT_RECORD_MAX = 16 << 20, POLICY_RECORD_MAX = 64 << 10, SCOPE_MAX = 512 };

/* Numbers are for ever: a stored record is read by every later release. */
enum vault_tag {
	TAG_UID = 1,
	TAG_SUBSCRIPTION = 2,
	TAG_GROUP = 3,
	TAG_NAME = 4,
	TAG_LOCATION = 5,
	TAG_TENANT = 6,
	TAG_TAGS = 7,
	TAG_PREMIUM = 8,
	TAG_RETENTION = 9,
	TAG_PURGE_PROTECTED = 10,
	TAG_RBAC = 11,
	TAG_FOR_DEPLOYMENT = 12,
	TAG_FOR_DISK = 13,
	TAG_FOR_TEMPLATE = 14,
	TAG_PUBLIC_DISABLED = 15,
	TAG_NETWORK_ACLS = 16,
	TAG_POLICY = 17, /* one for each entry, in order */
	TAG_CREATED_BY = 18,
	TAG_CREATED_TYPE = 19,
	TAG_CREATED_MS = 20,
	TAG_MODIFIED_BY = 21,
	TAG_MODIFIED_TYPE = 22,
	TAG_MODIFIED_MS = 23,
	TAG_DELETED_S = 24,
	TAG_PURGE_S = 25,
};

enum policy_tag {
	POLICY_TENANT = 1,
	POLICY_OBJECT = 2,
	POLICY_APPLICATION = 3,
	POLICY_PERMISSIONS = 4,
	POLICY_KEYS = 5,
};

void vault_init(struct vault *v)
{
	memset(v, 0, sizeof(*v));
}

void vault_done(struct vault *v)
{
	for (size_t i = 0; i < v->n_policies; i++)
		free(v->policies[i].permissions);
	free(v->policies);
	free(v->tags);
	free(v->network_acls);
	vault_init(v);
}

static void fold_name(char out[VAULT_NAME_SIZE], struct span name)
{
	snprintf(out, VAULT_NAME_SIZE, "%.*s", SPAN_ARG(name));
	ascii_lower_str(out);
}

static void encode_policy(struct buf *b, const struct access_policy_entry *e)
{
	SCOPED_DONE(buf) struct buf one = BUF_INIT(POLICY_RECORD_MAX);

	record_begin(&one, VAULT_VERSION, VAULT_VERSION);
	record_put_cstr(&one, POLICY_TENANT, e->tenant_id);
	record_put_cstr(&one, POLICY_OBJECT, e->object_id);
	record_put_cstr(&one, POLICY_APPLICATION, e->application_id);
	record_put_cstr(&one, POLICY_PERMISSIONS, e->permissions);
	record_put_int(&one, POLICY_KEYS, e->keys);
	record_put(b, TAG_POLICY, buf_span(&one));
	if (buf_fault(&one) != FAULT_NONE)
		b->fault = buf_fault(&one);
}

static void encode(struct buf *b, const struct vault *v)
{
	record_begin(b, VAULT_VERSION, VAULT_VERSION);
	record_put(b, TAG_UID, span_of(v->uid, sizeof(v->uid)));
	record_put_cstr(b, TAG_SUBSCRIPTION, v->subscription_id);
	record_put_cstr(b, TAG_GROUP, v->group);
	record_put_cstr(b, TAG_NAME, v->name);
	record_put_cstr(b, TAG_LOCATION, v->location);
	record_put_cstr(b, TAG_TENANT, v->tenant_id);
	if (v->tags != NULL)
		record_put_cstr(b, TAG_TAGS, v->tags);
	record_put_bool(b, TAG_PREMIUM, v->is_premium);
	record_put_int(b, TAG_RETENTION, v->retention_days);
	record_put_bool(b, TAG_PURGE_PROTECTED, v->is_purge_protected);
	record_put_int(b, TAG_RBAC, v->rbac);
	record_put_int(b, TAG_FOR_DEPLOYMENT, v->for_deployment);
	record_put_int(b, TAG_FOR_DISK, v->for_disk_encryption);
	record_put_int(b, TAG_FOR_TEMPLATE, v->for_template_deployment);
	record_put_bool(b, TAG_PUBLIC_DISABLED, v->public_access_disabled);
	if (v->network_acls != NULL)
		record_put_cstr(b, TAG_NETWORK_ACLS, v->network_acls);
	for (size_t i = 0; i < v->n_policies; i++)
		encode_policy(b, &v->policies[i]);
	record_put_cstr(b, TAG_CREATED_BY, v->created_by);
	record_put_cstr(b, TAG_CREATED_TYPE, v->created_by_type);
	record_put_int(b, TAG_CREATED_MS, v->created_ms);
	record_put_cstr(b, TAG_MODIFIED_BY, v->modified_by);
	record_put_cstr(b, TAG_MODIFIED_TYPE, v->modified_by_type);
	record_put_int(b, TAG_MODIFIED_MS, v->modified_ms);
	record_put_int(b, TAG_DELETED_S, v->deleted_s);
	record_put_int(b, TAG_PURGE_S, v->purge_s);
}

static enum fault take_text(struct span v, char **ret)
{
	char *p = malloc(v.len + 1);

	if (p == NULL)
		return FAULT_MEMORY;
	memcpy(p, v.p, v.len);
	p[v.len] = '\0';
	free(*ret);
	*ret = p;
	return FAULT_NONE;
}

static enum fault take_tristate(struct span v, enum tristate *ret)
{
	int64_t n = 0;
	enum fault f = record_int(v, &n);

	if (f == FAULT_NONE)
		*ret = n == TRI_TRUE ? TRI_TRUE : n == TRI_FALSE ? TRI_FALSE : TRI_UNSET;
	return f;
}

static enum fault decode_policy_field(struct access_policy_entry *e, uint16_t tag, struct span v)
{
	int64_t n = 0;
	enum fault f;

	switch ((enum policy_tag)tag) {
	case POLICY_TENANT:
		return record_str(v, e->tenant_id, sizeof(e->tenant_id));
	case POLICY_OBJECT:
		return record_str(v, e->object_id, sizeof(e->object_id));
	case POLICY_APPLICATION:
		return record_str(v, e->application_id, sizeof(e->application_id));
	case POLICY_PERMISSIONS:
		return take_text(v, &e->permissions);
	case POLICY_KEYS:
		f = record_int(v, &n);
		e->keys = (action_set)n;
		return f;
	}
	return FAULT_NONE;
}

static enum fault decode_policy(struct vault *v, struct span bytes)
{
	struct access_policy_entry *bigger;
	struct record_reader r;
	struct span value;
	uint16_t tag;
	enum fault f;

	/* Doubling at powers of two: the count itself says when. */
	if ((v->n_policies & (v->n_policies - 1)) == 0) {
		size_t cap = v->n_policies == 0 ? 1 : v->n_policies * 2;

		bigger = realloc(v->policies, cap * sizeof(*bigger));
		if (bigger == NULL)
			return FAULT_MEMORY;
		v->policies = bigger;
	}
	memset(&v->policies[v->n_policies], 0, sizeof(*v->policies));
	v->n_policies++;
	f = record_open(&r, bytes, VAULT_VERSION);
	while (f == FAULT_NONE && (f = record_next(&r, &tag, &value)) == FAULT_NONE)
		f = decode_policy_field(&v->policies[v->n_policies - 1], tag, value);
	return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
}

static enum fault take_int(struct span v, int *ret)
{
	int64_t n = 0;
	enum fault f = record_int(v, &n);

	*ret = (int)n;
	return f;
}

static enum fault decode_field(struct vault *v, uint16_t tag, struct span value)
{
	switch ((enum vault_tag)tag) {
	case TAG_UID:
		if (value.len != sizeof(v->uid))
			return FAULT_STORE;
		memcpy(v->uid, value.p, value.len);
		return FAULT_NONE;
	case TAG_SUBSCRIPTION:
		return record_str(value, v->subscription_id, sizeof(v->subscription_id));
	case TAG_GROUP:
		return record_str(value, v->group, sizeof(v->group));
	case TAG_NAME:
		return record_str(value, v->name, sizeof(v->name));
	case TAG_LOCATION:
		return record_str(value, v->location, sizeof(v->location));
	case TAG_TENANT:
		return record_str(value, v->tenant_id, sizeof(v->tenant_id));
	case TAG_TAGS:
		return take_text(value, &v->tags);
	case TAG_PREMIUM:
		return record_bool(value, &v->is_premium);
	case TAG_RETENTION:
		return take_int(value, &v->retention_days);
	case TAG_PURGE_PROTECTED:
		return record_bool(value, &v->is_purge_protected);
	case TAG_RBAC:
		return take_tristate(value, &v->rbac);
	case TAG_FOR_DEPLOYMENT:
		return take_tristate(value, &v->for_deployment);
	case TAG_FOR_DISK:
		return take_tristate(value, &v->for_disk_encryption);
	case TAG_FOR_TEMPLATE:
		return take_tristate(value, &v->for_template_deployment);
	case TAG_PUBLIC_DISABLED:
		return record_bool(value, &v->public_access_disabled);
	case TAG_NETWORK_ACLS:
		return take_text(value, &v->network_acls);
	case TAG_POLICY:
		return decode_policy(v, value);
	case TAG_CREATED_BY:
		return record_str(value, v->created_by, sizeof(v->created_by));
	case TAG_CREATED_TYPE:
		return record_str(value, v->created_by_type, sizeof(v->created_by_type));
	case TAG_CREATED_MS:
		return record_int(value, &v->created_ms);
	case TAG_MODIFIED_BY:
		return record_str(value, v->modified_by, sizeof(v->modified_by));
	case TAG_MODIFIED_TYPE:
		return record_str(value, v->modified_by_type, sizeof(v->modified_by_type));
	case TAG_MODIFIED_MS:
		return record_int(value, &v->modified_ms);
	case TAG_DELETED_S:
		return record_int(value, &v->deleted_s);
	case TAG_PURGE_S:
		return record_int(value, &v->purge_s);
	}
	return FAULT_NONE; /* a later release's field */
}

static enum fault decode(struct span bytes, struct vault *v)
{
	struct record_reader r;
	struct span value;
	uint16_t tag;
	enum fault f = record_open(&r, bytes, VAULT_VERSION);

	while (f == FAULT_NONE && (f = record_next(&r, &tag, &value)) == FAULT_NONE)
		f = decode_field(v, tag, value);
	if (f == FAULT_NOT_FOUND)
		return FAULT_NONE;
	vault_done(v);
	return f;
}

static enum fault get_from(struct txn *t, unsigned table, struct span name, struct vault *ret)
{
	char key[VAULT_NAME_SIZE];
	struct span bytes;
	enum fault f;

	if (name.len == 0 || name.len >= VAULT_NAME_SIZE)
		return FAULT_NOT_FOUND;
	fold_name(key, name);
	f = txn_get(t, table, span_cstr(key), &bytes);
	return f == FAULT_NONE ? decode(bytes, ret) : f;
}

static enum fault put_into(struct txn *t, unsigned table, const struct vault *v)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(VAULT_RECORD_MAX);
	char key[VAULT_NAME_SIZE];
	enum fault f;

	encode(&b, v);
	f = buf_fault(&b);
	fold_name(key, span_cstr(v->name));
	return f == FAULT_NONE ? txn_put(t, table, span_cstr(key), buf_span(&b)) : f;
}

static enum fault del_from(struct txn *t, unsigned table, const struct vault *v)
{
	char key[VAULT_NAME_SIZE];

	fold_name(key, span_cstr(v->name));
	return txn_del(t, table, span_cstr(key));
}

enum fault vault_get(struct txn *t, struct span name, struct vault *ret)
{
	return get_from(t, TABLE_VAULT, name, ret);
}

enum fault vault_put(struct txn *t, const struct vault *v)
{
	return put_into(t, TABLE_VAULT, v);
}

/* The same vault with other dates; the heap parts stay v's. */
static enum fault put_dated(struct txn *t, unsigned table, const struct vault *v, int64_t deleted_s, int64_t purge_s)
{
	struct vault dated = *v;

	dated.deleted_s = deleted_s;
	dated.purge_s = purge_s;
	return put_into(t, table, &dated);
}

enum fault vault_soft_delete(struct txn *t, const struct vault *v, int64_t now_s)
{
	char id[SCOPE_MAX];
	enum fault f = del_from(t, TABLE_VAULT, v);

	/* Recovering the vault does not bring its assignments back. */
	snprintf(id, sizeof(id), "/subscriptions/%s/resourceGroups/%s/providers/Microsoft.KeyVault/vaults/%s",
		 v->subscription_id, v->group, v->name);
	if (f == FAULT_NONE)
		f = role_scope_drop(t, id);
	if (f != FAULT_NONE)
		return f;
	return put_dated(t, TABLE_DELETED_VAULT, v, now_s, now_s + (int64_t)v->retention_days * 86400);
}

enum fault vault_get_deleted(struct txn *t, struct span name, int64_t now_s, struct vault *ret)
{
	enum fault f = get_from(t, TABLE_DELETED_VAULT, name, ret);

	if (f == FAULT_NONE && ret->purge_s <= now_s) {
		vault_done(ret);
		return FAULT_NOT_FOUND;
	}
	return f;
}

enum fault vault_recover(struct txn *t, const struct vault *v)
{
	enum fault f = del_from(t, TABLE_DELETED_VAULT, v);

	return f == FAULT_NONE ? put_dated(t, TABLE_VAULT, v, 0, 0) : f;
}

enum fault vault_purge(struct txn *t, const struct vault *v)
{
	enum fault f = del_from(t, TABLE_DELETED_VAULT, v);

	return f == FAULT_NONE ? key_purge_vault(t, v->uid) : f;
}

static enum fault each_in(struct txn *t, unsigned table, int64_t now_s,
			  enum fault (*each)(const struct vault *v, void *arg), void *arg)
{
	struct walk w;
	struct span key, bytes;
	enum fault f = walk_begin(t, table, SPAN_EMPTY, SPAN_EMPTY, &w);

	if (f != FAULT_NONE)
		return f;
	while ((f = walk_next(&w, &key, &bytes)) == FAULT_NONE) {
		SCOPED_DONE(vault) struct vault v;

		vault_init(&v);
		f = decode(bytes, &v);
		if (f == FAULT_NONE && (table == TABLE_VAULT || v.purge_s > now_s))
			f = each(&v, arg);
		if (f != FAULT_NONE)
			break;
	}
	walk_done(&w);
	return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
}

enum fault vault_each(struct txn *t, enum fault (*each)(const struct vault *v, void *arg), void *arg)
{
	return each_in(t, TABLE_VAULT, 0, each, arg);
}

enum fault vault_each_deleted(struct txn *t, int64_t now_s, enum fault (*each)(const struct vault *v, void *arg),
			      void *arg)
{
	return each_in(t, TABLE_DELETED_VAULT, now_s, each, arg);
}

void vault_rules(const struct vault *v, struct access_policy_rule *out)
{
	for (size_t i = 0; i < v->n_policies; i++) {
		const struct access_policy_entry *e = &v->policies[i];

		out[i] = (struct access_policy_rule){ span_cstr(e->tenant_id), span_cstr(e->object_id),
						      span_cstr(e->application_id), e->keys };
	}
}
