/* Keys of a vault as resources: the control plane asks the data plane, at work for a caller whom it let through. */

#include <stdio.h>

#include "common/model/azure_names.h"
#include "common/plain/text.h"
#include "vaultd/arm/arm_handlers.h"
#include "vaultd/arm/arm_scope.h"
#include "vaultd/arm/vault_key_body.h"
#include "vaultd/arm/vault_lookup.h"
#include "vaultd/arm/vault_reply.h"
#include "vaultd/client_address.h"
#include "vaultd/inner.h"

#define API "?api-version=7.4"
enum { TARGET_MAX = 4096, BODY_MAX = 256 << 10, LINK_MAX = 40 << 10 };

/* One request's way to the data plane and back. */
struct key_work {
	struct arm_op *op;
	struct caller caller;
	char host[128], vault_id[VAULT_ID_SIZE], location[LOCATION_SIZE];
	struct span path;			/* "/keys/NAME" and what follows */
	struct span create_body, rotation_body; /* of a PUT; rotation_body empty: none */
	struct span marker;			/* $skiptoken of a list: the data plane's own */
	struct span answer;			/* what the data plane said last */
	bool is_list, is_version;
};

static enum fault new_work(struct arm_op *op, struct key_work **ret, struct err *err)
{
	struct key_work *w = pool_alloc(http_exchange_pool(op->x), sizeof(*w));
	SCOPED_DONE(vault) struct vault v;
	enum fault f;

	vault_init(&v);
	f = w == NULL ? FAULT_MEMORY : vault_of_path(op, &v, err);
	if (f != FAULT_NONE)
		return f;
	w->op = op;
	w->caller = *op->caller;
	w->caller.is_control_plane = true;
	if (azure_name_is(op->request->host))
		snprintf(w->host, sizeof(w->host), "%s." AZURE_VAULT_SUFFIX, v.name);
	else
		snprintf(w->host, sizeof(w->host), "%s.vault.localhost:%u", v.name, op->d->tls_port);
	ascii_lower_str(w->host);
	vault_print_id(w->vault_id, &v);
	memcpy(w->location, v.location, sizeof(w->location));
	op->work = w;
	*ret = w;
	return FAULT_NONE;
}

static enum fault keep(struct arm_op *op, struct buf *b, struct span *ret)
{
	*ret = buf_fault(b) == FAULT_NONE ? pool_dup(http_exchange_pool(op->x), buf_span(b)) : SPAN_EMPTY;
	return ret->p == NULL ? FAULT_MEMORY : buf_fault(b);
}

/* Captures are decoded: a question mark in one must not begin a query. */
static void put_segment(struct buf *b, struct span segment)
{
	if (segment.p == NULL)
		return;
	buf_put_char(b, '/');
	percent_encode(b, segment);
}

/* "/keys/NAME/VERSION"; what the request's path does not have is left out. */
static enum fault print_path(struct arm_op *op, struct key_work *w, const char *tail)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(TARGET_MAX);
	struct span name = arm_capture(op, "key"), version = arm_capture(op, "version");

	buf_put_cstr(&b, "/keys");
	put_segment(&b, name);
	put_segment(&b, version);
	buf_put_cstr(&b, tail);
	return keep(op, &b, &w->path);
}

static enum fault ask(struct key_work *w, enum http_method method, const char *tail, struct span body, inner_done *done)
{
	SCOPED_DONE(buf) struct buf target = BUF_INIT(TARGET_MAX);
	struct inner_request q = { .method = method,
				   .host = span_cstr(w->host),
				   .body = body,
				   .caller = &w->caller,
				   .from = client_address(w->op->d, w->op->x),
				   .user_agent = "Microsoft.KeyVault" };

	buf_printf(&target, "%.*s%s" API, SPAN_ARG(w->path), tail);
	if (w->is_list && w->marker.len > 0) {
		buf_put_cstr(&target, "&$skiptoken=");
		percent_encode(&target, w->marker);
	}
	if (buf_fault(&target) != FAULT_NONE)
		return buf_fault(&target);
	q.target = buf_span(&target);
	return inner_send(w->op->d, &q, done, w);
}

/* The data plane's next page by way of this one: its marker goes there and back. */
static enum fault write_next_link(struct arm_op *op, struct span theirs)
{
	static const char name[] = "$skiptoken=";
	SCOPED_DONE(buf) struct buf link = BUF_INIT(LINK_MAX);
	const char *at = theirs.len == 0 ? NULL : memmem(theirs.p, theirs.len, name, sizeof(name) - 1);
	struct span marker;

	if (at == NULL)
		return FAULT_NONE;
	span_cut(span_from(theirs, (size_t)(at - theirs.p)), '&', &marker);
	buf_printf(&link, "%s%.*s?api-version=%.*s&%.*s", op->base_url, SPAN_ARG(op->request->path),
		   SPAN_ARG(op->api_version), SPAN_ARG(marker));
	if (buf_fault(&link) == FAULT_NONE)
		json_out_str(&op->out, "nextLink", buf_span(&link));
	return buf_fault(&link);
}

static enum fault write_answer(struct arm_op *op, struct err *err)
{
	struct key_work *w = op->work;
	struct vault_key_shape shape = { w->vault_id, w->location, w->is_version };
	SCOPED(json_doc) struct json_doc *doc = NULL;
	enum fault f = json_parse(w->answer, &doc, err);
	const struct json *list;

	if (f != FAULT_NONE)
		return FAULT_IO;
	if (!w->is_list) {
		vault_key_write(&op->out, &shape, json_root(doc));
		return FAULT_NONE;
	}
	list = json_get(json_root(doc), "value");
	json_out_object(&op->out, NULL);
	json_out_array(&op->out, "value");
	for (size_t i = 0; i < json_array_len(list); i++)
		vault_key_write(&op->out, &shape, json_array_at(list, i));
	json_out_array_end(&op->out);
	f = write_next_link(op, json_string(json_get(json_root(doc), "nextLink")));
	json_out_object_end(&op->out);
	return f;
}

/* What the data plane refused is refused in its words. */
static void refuse(struct key_work *w, int status, struct span body)
{
	struct err why = ERR_INIT;
	enum fault f = status == 404   ? FAULT_NOT_FOUND
		       : status == 409 ? FAULT_CONFLICT
		       : status == 403 ? FAULT_DENIED
		       : status == 400 ? FAULT_INVALID
				       : FAULT_UNAVAILABLE;

	inner_error(body, &why);
	arm_resume(w->op, f, &why, TXN_READ, NULL);
}

static void end(struct key_work *w, struct span body)
{
	w->answer = pool_dup(http_exchange_pool(w->op->x), body);
	arm_resume(w->op, w->answer.p == NULL ? FAULT_MEMORY : FAULT_NONE, NULL, TXN_READ, write_answer);
}

static void go_on(struct key_work *w, enum fault f)
{
	if (f != FAULT_NONE)
		arm_resume(w->op, f, NULL, TXN_READ, NULL);
}

static void on_got(void *arg, int status, struct span body)
{
	struct key_work *w = arg;

	if (status == 200)
		end(w, body);
	else
		refuse(w, status, body);
}

static void get(struct arm_op *op)
{
	go_on(op->work, ask(op->work, HTTP_GET, "", SPAN_EMPTY, on_got));
}

static enum fault start_get(struct arm_op *op, const char *tail, bool is_list, bool is_version, struct err *err)
{
	struct key_work *w;
	enum fault f = new_work(op, &w, err);

	if (f == FAULT_NONE)
		f = print_path(op, w, tail);
	if (f != FAULT_NONE)
		return f;
	w->is_list = is_list;
	w->marker = http_query(op->request, "$skiptoken");
	w->is_version = is_version;
	op->wait = get;
	return FAULT_NONE;
}

/* GET …/vaults/{vault}/keys/{key} */
enum fault vault_keys_get(struct arm_op *op, struct err *err)
{
	return start_get(op, "", false, false, err);
}

/* GET …/vaults/{vault}/keys: by pages of the data plane, without the keys themselves. */
enum fault vault_keys_list(struct arm_op *op, struct err *err)
{
	return start_get(op, "", true, false, err);
}

/* GET …/vaults/{vault}/keys/{key}/versions/{version} */
enum fault vault_key_versions_get(struct arm_op *op, struct err *err)
{
	return start_get(op, "", false, true, err);
}

/* GET …/vaults/{vault}/keys/{key}/versions */
enum fault vault_key_versions_list(struct arm_op *op, struct err *err)
{
	return start_get(op, "/versions", true, true, err);
}

static void on_policy(void *arg, int status, struct span body)
{
	struct key_work *w = arg;

	if (status == 200)
		get(w->op);
	else
		refuse(w, status, body);
}

static void on_created(void *arg, int status, struct span body)
{
	struct key_work *w = arg;

	if (status != 200)
		refuse(w, status, body);
	else if (w->rotation_body.len == 0)
		end(w, body);
	else
		go_on(w, ask(w, HTTP_PUT, "/rotationpolicy", w->rotation_body, on_policy));
}

/* One that exists is left as it is. */
static void on_looked(void *arg, int status, struct span body)
{
	struct key_work *w = arg;

	if (status == 200)
		end(w, body);
	else if (status == 404)
		go_on(w, ask(w, HTTP_POST, "/create", w->create_body, on_created));
	else
		refuse(w, status, body);
}

static void look(struct arm_op *op)
{
	go_on(op->work, ask(op->work, HTTP_GET, "", SPAN_EMPTY, on_looked));
}

static enum fault read_bodies(struct arm_op *op, struct key_work *w, struct err *err)
{
	SCOPED_DONE(buf) struct buf create = BUF_INIT(BODY_MAX);
	SCOPED_DONE(buf) struct buf rotation = BUF_INIT(BODY_MAX);
	struct json_out o, policy;
	bool has_policy = false;
	enum fault f;

	json_out_init(&o, &create);
	json_out_init(&policy, &rotation);
	f = vault_key_create_body(op->body, &o, err);
	if (f == FAULT_NONE)
		f = vault_key_rotation_body(op->body, &policy, &has_policy, err);
	if (f == FAULT_NONE)
		f = keep(op, &create, &w->create_body);
	w->rotation_body = SPAN_EMPTY;
	if (f == FAULT_NONE && has_policy)
		f = keep(op, &rotation, &w->rotation_body);
	return f;
}

/* PUT …/vaults/{vault}/keys/{key} → 200: makes the first version; a key that exists is answered as it is. */
enum fault vault_keys_put(struct arm_op *op, struct err *err)
{
	struct key_work *w;
	enum fault f = new_work(op, &w, err);

	if (f == FAULT_NONE)
		f = print_path(op, w, "");
	if (f == FAULT_NONE)
		f = read_bodies(op, w, err);
	if (f == FAULT_NONE)
		op->wait = look;
	return f;
}
