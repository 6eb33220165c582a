#include <inttypes.h>
#include <stdio.h>

#include "common/plain/text.h"
#include "policy/lifetime.h"
#include "vaultd/arm/arm_handlers.h"
#include "vaultd/arm/arm_page.h"
#include "vaultd/arm/arm_scope.h"
#include "vaultd/arm/arm_text.h"
#include "vaultd/arm/vault_reply.h"

enum { OPERATION_MAX = 64, LOCATION_HEADER_MAX = 34 << 10 };

static void write_deleted(struct arm_op *op, const struct vault *v)
{
	char folded[LOCATION_SIZE] = "", deleted[RFC3339_SIZE], purge[RFC3339_SIZE];
	struct json_out *o = &op->out;

	if (arm_location_fold(span_cstr(v->location), folded) != FAULT_NONE)
		folded[0] = '\0';
	rfc3339_format(deleted, v->deleted_s);
	rfc3339_format(purge, v->purge_s);
	json_out_object(o, NULL);
	json_out_fmt(o, "id", "/subscriptions/%s/providers/Microsoft.KeyVault/locations/%s/deletedVaults/%s",
		     v->subscription_id, folded, v->name);
	json_out_cstr(o, "name", v->name);
	json_out_cstr(o, "type", "Microsoft.KeyVault/deletedVaults");
	json_out_object(o, "properties");
	vault_write_id(o, "vaultId", v);
	json_out_cstr(o, "location", v->location);
	json_out_raw(o, "tags", v->tags == NULL ? SPAN_LIT("{}") : span_cstr(v->tags));
	json_out_cstr(o, "deletionDate", deleted);
	json_out_cstr(o, "scheduledPurgeDate", purge);
	if (v->is_purge_protected)
		json_out_bool(o, "purgeProtectionEnabled", true);
	json_out_object_end(o);
	json_out_object_end(o);
}

/* A deleted vault is one of its location. */
static enum fault deleted_of_path(const struct arm_op *op, struct vault *ret, struct err *err)
{
	struct span name = arm_capture(op, "vault");
	enum fault f = vault_get_deleted(op->txn, name, op->now_s, ret);

	if (f == FAULT_NONE && !arm_location_eq(span_cstr(ret->location), arm_capture(op, "location"))) {
		vault_done(ret);
		f = FAULT_NOT_FOUND;
	}
	if (f == FAULT_NOT_FOUND)
		return err_say(err, f, "DeletedVaultNotFound", "The specified deleted vault '%.*s' does not exist.",
			       SPAN_ARG(name));
	return f;
}

/* GET …/locations/{location}/deletedVaults/{vault} */
enum fault deleted_vaults_get(struct arm_op *op, struct err *err)
{
	SCOPED_DONE(vault) struct vault v;
	enum fault f;

	vault_init(&v);
	f = deleted_of_path(op, &v, err);
	if (f == FAULT_NONE)
		write_deleted(op, &v);
	return f;
}

static enum fault list_one(const struct vault *v, void *arg)
{
	struct arm_page *page = arg;

	if (arm_page_wants(page))
		write_deleted(page->op, v);
	return FAULT_NONE;
}

/* GET …/deletedVaults */
enum fault deleted_vaults_list(struct arm_op *op, struct err *err)
{
	struct arm_page page;
	enum fault f = arm_page_begin(op, &page, err);

	if (f == FAULT_NONE)
		f = vault_each_deleted(op->txn, op->now_s, list_one, &page);
	if (f != FAULT_NONE)
		return f;
	arm_page_end(&page);
	json_out_object_end(&op->out);
	return FAULT_NONE;
}

/* Where the result is to be had: the name of the operation says when it was done, so nothing is kept. */
static enum fault add_result_location(struct arm_op *op)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(LOCATION_HEADER_MAX);
	char done[OPERATION_MAX];
	int n = snprintf(done, sizeof(done), "purge %" PRId64, op->now_s);

	buf_printf(&b, "%s/subscriptions/%s/providers/Microsoft.KeyVault/locations/", op->base_url,
		   op->d->world.subscription_id);
	percent_encode(&b, arm_capture(op, "location"));
	buf_put_cstr(&b, "/operationResults/");
	base64url_encode(&b, span_of(done, (size_t)n));
	buf_printf(&b, "?api-version=%.*s", SPAN_ARG(op->api_version));
	if (buf_fault(&b) == FAULT_NONE)
		http_reply_header(op->x, "Location", buf_cstr(&b));
	return buf_fault(&b);
}

/* POST …/deletedVaults/{vault}/purge → 202 and where to ask; it is done already. */
enum fault deleted_vaults_purge(struct arm_op *op, struct err *err)
{
	SCOPED_DONE(vault) struct vault v;
	enum fault f;

	vault_init(&v);
	f = deleted_of_path(op, &v, err);
	if (f != FAULT_NONE)
		return f;
	if (purge_decide(v.is_purge_protected).kind != VERDICT_ALLOW) {
		op->verdict = purge_decide(v.is_purge_protected);
		op->rule[0] = '\0';
		return err_say(err, FAULT_METHOD, "MethodNotAllowed", "Operation 'DeletedVaultPurge' is not allowed.");
	}
	f = vault_purge(op->txn, &v);
	if (f == FAULT_NONE)
		f = add_result_location(op);
	op->status = 202;
	return f;
}

/* Back from the operation's name; false for a name we never gave. */
static bool read_operation(struct span name, int64_t *ret_done_s)
{
	static const char prefix[] = "purge ";
	SCOPED_DONE(buf) struct buf b = BUF_INIT(OPERATION_MAX);

	if (base64url_decode(&b, name) != FAULT_NONE || !span_starts_nocase(buf_span(&b), span_cstr(prefix)))
		return false;
	return int_parse(span_from(buf_span(&b), strlen(prefix)), ret_done_s) == FAULT_NONE;
}

/* GET …/operationResults/{operation} */
enum fault deleted_vaults_operation_result(struct arm_op *op, struct err *err)
{
	struct span name = arm_capture(op, "operation");
	char at[RFC3339_SIZE];
	int64_t done_s = 0;

	if (!read_operation(name, &done_s))
		return err_say(err, FAULT_NOT_FOUND, "OperationNotFound", "The operation '%.*s' was not found.",
			       SPAN_ARG(name));
	entra_time_format(at, done_s);
	json_out_object(&op->out, NULL);
	json_out_cstr(&op->out, "createdDateTime", at);
	json_out_cstr(&op->out, "lastActionDateTime", at);
	json_out_cstr(&op->out, "status", "Succeeded");
	json_out_object_end(&op->out);
	return FAULT_NONE;
}
