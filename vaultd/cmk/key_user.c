#include "vaultd/cmk/key_user.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/io/json.h"
#include "common/io/json_out.h"
#include "common/model/azure_names.h"
#include "common/plain/text.h"
#include "vaultd/cmk/registry_key.h"

#define API_VERSION "7.4"
#define ALGORITHM "RSA-OAEP-256"
enum { TARGET_MAX = 1024, BODY_MAX = 4096, BYTES_MAX = 2048, HTTPS_PORT = 443, KEY_NAME_LEN_MAX = 127 };

/* One call on its way. */
struct key_call {
	key_got *got; /* one of the two */
	key_made *made;
	void *arg;
};

/* Names and versions of keys: an escape or a query would make the request another one. */
static bool is_plain(struct span s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = ascii_lower(s.p[i]);

		if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-')
			return false;
	}
	return true;
}

enum fault key_ref_parse(struct span identifier, struct key_ref *ret)
{
	struct span rest, head;
	struct host_parts parts;
	struct key_ref k = { .version = SPAN_EMPTY };

	if (!span_starts_nocase(identifier, SPAN_LIT("https://")))
		return FAULT_INVALID;
	rest = span_cut(span_from(identifier, 8), '/', &k.host);
	host_split(k.host, &parts);
	rest = span_cut(rest.p == NULL ? SPAN_EMPTY : rest, '/', &head);
	if (parts.door != DOOR_VAULT || !span_eq_nocase(head, SPAN_LIT("keys")) || rest.p == NULL)
		return FAULT_INVALID;
	rest = span_cut(rest, '/', &k.name);
	if (rest.p != NULL)
		k.version = rest;
	if (k.name.len == 0 || k.name.len > KEY_NAME_LEN_MAX || !is_plain(k.name) || !is_plain(k.version))
		return FAULT_INVALID;
	*ret = k;
	return FAULT_NONE;
}

bool key_ref_is_here(const struct vaultd *d, const struct key_ref *key)
{
	struct span name, port = span_cut(key->host, ':', &name);
	int64_t n = 0;

	if (port.p == NULL)
		return true;
	if (int_parse(port, &n) != FAULT_NONE)
		return false;
	return n == HTTPS_PORT || (n == d->tls_port && !azure_name_is(key->host));
}

/* What a status of the data plane means to its user. */
static enum fault fault_of(int status)
{
	switch (status) {
	case 200:
		return FAULT_NONE;
	case 401:
	case 403:
		return FAULT_DENIED;
	case 404:
		return FAULT_NOT_FOUND;
	case 400:
		return FAULT_INVALID;
	case 409:
		return FAULT_CONFLICT;
	default:
		return FAULT_UNAVAILABLE;
	}
}

static void copy(char *out, size_t size, const struct json *v)
{
	struct span text = json_string(v);

	snprintf(out, size, "%.*s", SPAN_ARG(text));
}

static void give_facts(struct key_call *c, enum fault f, const struct err *err, const struct json *body)
{
	const struct json *key = json_get(body, "key");
	struct key_facts facts = { .is_enabled = json_bool(json_get(json_get(body, "attributes"), "enabled")) };

	copy(facts.kid, sizeof(facts.kid), json_get(key, "kid"));
	copy(facts.kty, sizeof(facts.kty), json_get(key, "kty"));
	c->got(c->arg, f, err, &facts);
}

static void give_bytes(struct key_call *c, enum fault f, const struct err *err, const struct json *body)
{
	SCOPED_DONE(buf) struct buf bytes = BUF_SECRET_INIT(BYTES_MAX);

	if (f == FAULT_NONE)
		f = base64url_decode(&bytes, json_string(json_get(body, "value")));
	c->made(c->arg, f, err, buf_span(&bytes));
}

static void on_reply(void *arg, int status, struct span text)
{
	struct key_call *c = arg;
	SCOPED(json_doc) struct json_doc *doc = NULL;
	struct err err = ERR_INIT;
	enum fault f = fault_of(status);

	if (f == FAULT_NONE)
		f = json_parse(text, &doc, &err);
	else
		inner_error(text, &err);
	(c->got != NULL ? give_facts : give_bytes)(c, f, &err, doc == NULL ? NULL : json_root(doc));
	free(c);
}

static enum fault call(const struct key_user *u, const struct key_ref *key, const char *operation, struct span body,
		       const struct key_call *c)
{
	SCOPED_DONE(buf) struct buf target = BUF_INIT(TARGET_MAX);
	struct inner_request q = { .method = operation == NULL ? HTTP_GET : HTTP_POST,
				   .host = key->host,
				   .body = body,
				   .caller = &u->caller,
				   .user_agent = u->user_agent };
	struct key_call *copied = malloc(sizeof(*copied));
	enum fault f = copied == NULL ? FAULT_MEMORY : addr_parse(SPAN_LIT(REGISTRY_ADDRESS), &q.from);

	buf_printf(&target, "/keys/%.*s/%.*s", SPAN_ARG(key->name), SPAN_ARG(key->version));
	if (operation != NULL)
		buf_printf(&target, "/%s", operation);
	buf_put_cstr(&target, "?api-version=" API_VERSION);
	q.target = buf_span(&target);
	if (f == FAULT_NONE)
		f = buf_fault(&target);
	if (f == FAULT_NONE) {
		*copied = *c;
		f = inner_send(u->d, &q, on_reply, copied);
	}
	if (f != FAULT_NONE)
		free(copied);
	return f;
}

enum fault key_user_get(const struct key_user *u, const struct key_ref *key, key_got *done, void *arg)
{
	return call(u, key, NULL, SPAN_EMPTY, &(struct key_call){ .got = done, .arg = arg });
}

static enum fault call_with(const struct key_user *u, const struct key_ref *key, const char *operation,
			    struct span value, key_made *done, void *arg)
{
	SCOPED_DONE(buf) struct buf body = BUF_SECRET_INIT(BODY_MAX);
	struct json_out o;

	json_out_init(&o, &body);
	json_out_object(&o, NULL);
	json_out_cstr(&o, "alg", ALGORITHM);
	json_out_b64u(&o, "value", value);
	json_out_object_end(&o);
	if (buf_fault(&body) != FAULT_NONE)
		return buf_fault(&body);
	return call(u, key, operation, buf_span(&body), &(struct key_call){ .made = done, .arg = arg });
}

enum fault key_user_wrap(const struct key_user *u, const struct key_ref *key, struct span plain, key_made *done,
			 void *arg)
{
	return call_with(u, key, "wrapkey", plain, done, arg);
}

enum fault key_user_unwrap(const struct key_user *u, const struct key_ref *key, struct span wrapped, key_made *done,
			   void *arg)
{
	return call_with(u, key, "unwrapkey", wrapped, done, arg);
}
