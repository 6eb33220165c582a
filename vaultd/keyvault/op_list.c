#include "vaultd/keyvault/kv.h"

#include <stdio.h>

#include "common/plain/text.h"

enum { PAGE_MAX = 25, MARKER_MAX = 512 };

/* One page being written: item by item, until it is full and one more is known to follow. */
struct page {
	struct kv_op *op;
	int64_t size;
	int64_t written;
	char last[KEY_NAME_SIZE]; /* marker of the last item written */
	bool has_more;
	enum fault fault;
	const struct key_head *head; /* lists of versions */
};

static enum fault read_size(const struct kv_op *op, int64_t *ret, struct err *err)
{
	struct span text = http_query(op->request, "maxresults");

	*ret = PAGE_MAX;
	if (text.p == NULL)
		return FAULT_NONE;
	if (int_parse(text, ret) != FAULT_NONE || *ret < 1 || *ret > PAGE_MAX)
		return err_say(err, FAULT_INVALID, "BadParameter",
			       "Invalid value for maxresults: %.*s. It must be between 1 and %d.", SPAN_ARG(text),
			       PAGE_MAX);
	return FAULT_NONE;
}

/* $skiptoken is base64url of {"NextMarker":"2!LENGTH!BASE64","TargetLocation":0}, opaque to clients. */
static enum fault read_marker(struct kv_op *op, struct buf *out, struct err *err)
{
	struct span token = http_query(op->request, "$skiptoken"), marker, part;
	SCOPED_DONE(buf) struct buf text = BUF_INIT(MARKER_MAX);
	SCOPED(json_doc) struct json_doc *doc = NULL;

	if (token.p == NULL)
		return FAULT_NONE;
	if (base64url_decode(&text, token) == FAULT_NONE && json_parse(buf_span(&text), &doc, NULL) == FAULT_NONE) {
		marker = json_string(json_get(json_root(doc), "NextMarker"));
		marker = span_cut(marker, '!', &part);
		marker = span_cut(marker, '!', &part);
		if (marker.p != NULL && base64url_decode(out, marker) == FAULT_NONE && out->len > 0 &&
		    out->len < KEY_NAME_SIZE)
			return FAULT_NONE;
	}
	return err_say(err, FAULT_INVALID, "BadParameter", "Invalid value for $skiptoken.");
}

static void write_next_link(struct kv_op *op, const char *last)
{
	SCOPED_DONE(buf) struct buf marker = BUF_INIT(MARKER_MAX);
	SCOPED_DONE(buf) struct buf plain = BUF_INIT(MARKER_MAX);
	SCOPED_DONE(buf) struct buf link = BUF_INIT(8192);
	struct span host = op->request->host, max = http_query(op->request, "maxresults");
	bool has_port = memchr(host.p, ':', host.len) != NULL;

	base64url_encode(&marker, span_cstr(last));
	buf_printf(&plain, "{\"NextMarker\":\"2!%zu!%s\",\"TargetLocation\":0}", marker.len, buf_cstr(&marker));
	buf_printf(&link, "https://%.*s%s%.*s?api-version=%.*s&$skiptoken=", SPAN_ARG(host), has_port ? "" : ":443",
		   SPAN_ARG(op->request->path), SPAN_ARG(op->api_text));
	base64url_encode(&link, buf_span(&plain));
	if (max.p != NULL)
		buf_printf(&link, "&maxresults=%.*s", SPAN_ARG(max));
	json_out_str(&op->out, "nextLink", buf_span(&link));
}

/* True when this item still fits. */
static bool has_room(struct page *p, const char *marker)
{
	if (p->written == p->size) {
		p->has_more = true;
		return false;
	}
	p->written++;
	snprintf(p->last, sizeof(p->last), "%s", marker);
	return true;
}

static bool write_key(const struct key_head *h, void *arg)
{
	struct page *p = arg;
	struct key_version v;

	if (kv_key_phase(p->op, h) != KEY_SETTLED)
		return true;
	if (!has_room(p, h->name))
		return false;
	p->fault = key_version_get(p->op->txn, p->op->vault.uid, span_cstr(h->name), span_cstr(h->current), &v);
	if (p->fault != FAULT_NONE)
		return false;
	if (h->deleted_s != 0)
		kv_write_deleted_item(p->op, h, &v);
	else
		kv_write_item(p->op, h, &v, false);
	return true;
}

static bool write_version(const struct key_version *v, void *arg)
{
	struct page *p = arg;

	if (!has_room(p, v->version))
		return false;
	kv_write_item(p->op, p->head, v, true);
	return true;
}

typedef enum fault each_fn(struct page *p, struct span after);

static enum fault each_key(struct page *p, struct span after)
{
	return key_each(p->op->txn, p->op->vault.uid, after, write_key, p);
}

static enum fault each_deleted(struct page *p, struct span after)
{
	return key_each_deleted(p->op->txn, p->op->vault.uid, after, p->op->now_s, write_key, p);
}

/* Versions of an unknown key are an empty list, not a 404. */
static enum fault each_version(struct page *p, struct span after)
{
	struct key_head head;
	enum fault f = key_get(p->op->txn, p->op->vault.uid, p->op->name, &head);

	if (f != FAULT_NONE)
		return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
	if (kv_key_phase(p->op, &head) != KEY_SETTLED)
		return FAULT_NONE;
	p->head = &head;
	f = key_version_each(p->op->txn, p->op->vault.uid, p->op->name, after, write_version, p);
	p->head = NULL;
	return f;
}

static enum fault write_page(struct kv_op *op, each_fn *each, struct err *err)
{
	SCOPED_DONE(buf) struct buf after = BUF_INIT(MARKER_MAX);
	struct page p = { .op = op };
	enum fault f = read_size(op, &p.size, err);

	if (f == FAULT_NONE)
		f = read_marker(op, &after, err);
	if (f != FAULT_NONE)
		return f;
	json_out_object(&op->out, NULL);
	json_out_array(&op->out, "value");
	f = each(&p, buf_span(&after));
	json_out_array_end(&op->out);
	if (p.has_more)
		write_next_link(op, p.last);
	else
		json_out_null(&op->out, "nextLink");
	json_out_object_end(&op->out);
	return f != FAULT_NONE ? f : p.fault;
}

enum fault op_get_keys(struct kv_op *op, struct err *err)
{
	return write_page(op, each_key, err);
}

enum fault op_get_key_versions(struct kv_op *op, struct err *err)
{
	return write_page(op, each_version, err);
}

enum fault op_get_deleted_keys(struct kv_op *op, struct err *err)
{
	return write_page(op, each_deleted, err);
}
