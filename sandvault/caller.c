#include "sandvault/caller.h"

#include <stdio.h>
#include <string.h>

#include "common/plain/text.h"
#include "sandvault/running.h"

enum { TIMEOUT_MS = 15 * 1000, URL_MAX = 16 * 1024, CA_PATH_MAX = 4096 };

/* One request; *ret_doc when the body is JSON, whatever the status. */
static enum fault exchange(const struct front *front, const struct http_client_request *req, int *ret_status,
			   struct json_doc **ret_doc, struct err *err)
{
	SCOPED_DONE(http_client_reply) struct http_client_reply reply = HTTP_CLIENT_REPLY_INIT(REPLY_BODY_MAX);
	enum fault f = http_client_send(req, &front->clock, &front->rng, &reply, err);

	if (f != FAULT_NONE)
		return f;
	if (json_parse(buf_span(&reply.body), ret_doc, NULL) != FAULT_NONE)
		return err_say(err, FAULT_IO, "", "the answer (status %d) is not JSON", reply.status);
	*ret_status = reply.status;
	return FAULT_NONE;
}

/* {"error_description": …} of the token endpoints, {"error": {"message": …}} of all others. */
static enum fault say_refusal(int status, const struct json_doc *doc, struct err *err)
{
	const struct json *root = json_root(doc), *error = json_get(root, "error");
	struct span text = json_string(json_get(root, "error_description"));
	struct span line;

	if (text.len == 0)
		text = json_string(json_get(error, "message"));
	if (text.len == 0)
		text = json_string(error);
	if (text.len == 0)
		return err_say(err, FAULT_DENIED, "", "the answer has status %d", status);
	(void)span_cut(text, '\r', &line);
	return err_say(err, FAULT_DENIED, "", "%.*s", SPAN_ARG(line));
}

static enum fault take_token(int status, const struct json_doc *doc, struct secret *ret, struct err *err)
{
	struct span token = json_string(json_get(json_root(doc), "access_token"));

	if (status != 200)
		return say_refusal(status, doc, err);
	if (token.len == 0 || token.len > TOKEN_MAX)
		return err_say(err, FAULT_IO, "", "the answer holds no token");
	return secret_set(ret, token.p, token.len);
}

static enum fault ca_path(const struct json_doc *d, char out[CA_PATH_MAX], struct err *err)
{
	struct span ca = endpoint(d, "ca");

	if (ca.len == 0 || ca.len >= CA_PATH_MAX)
		return err_say(err, FAULT_INVALID, "", "endpoints.json names no certificate authority");
	memcpy(out, ca.p, ca.len);
	out[ca.len] = '\0';
	return FAULT_NONE;
}

static void add_field(struct buf *b, const char *name, struct span value)
{
	buf_printf(b, "%s%s=", b->len == 0 ? "" : "&", name);
	percent_encode(b, value);
}

static enum fault admin_token(const struct front *front, const struct json_doc *d, struct span resource,
			      struct secret *ret, struct err *err)
{
	SCOPED_DONE(buf) struct buf url = BUF_INIT(URL_MAX);
	SCOPED_DONE(buf) struct buf form = BUF_SECRET_INIT(URL_MAX);
	SCOPED(json_doc) struct json_doc *doc = NULL;
	char ca[CA_PATH_MAX];
	int status = 0;
	enum fault f = ca_path(d, ca, err);

	if (f != FAULT_NONE)
		return f;
	buf_printf(&url, "%.*s/%.*s/oauth2/token", SPAN_ARG(endpoint(d, "login")), SPAN_ARG(endpoint(d, "tenant")));
	add_field(&form, "grant_type", SPAN_LIT("client_credentials"));
	add_field(&form, "client_id", endpoint(d, "client_id"));
	add_field(&form, "client_secret", endpoint(d, "client_secret"));
	add_field(&form, "resource", resource);
	if (url.fault != FAULT_NONE || form.fault != FAULT_NONE)
		return err_say(err, FAULT_TOO_LARGE, "", "the resource is too long");
	struct http_client_request req = {
		.method = "POST",
		.url = buf_cstr(&url),
		.headers = "Content-Type: application/x-www-form-urlencoded\r\n",
		.body = buf_span(&form),
		.ca_path = ca,
		.timeout_ms = TIMEOUT_MS,
	};
	f = exchange(front, &req, &status, &doc, err);
	return f != FAULT_NONE ? f : take_token(status, doc, ret, err);
}

/* id_name NULL: the machine's own identity. */
static enum fault imds_token(const struct front *front, const struct json_doc *d, const char *id_name, struct span id,
			     struct span resource, struct secret *ret, struct err *err)
{
	SCOPED_DONE(buf) struct buf query = BUF_INIT(URL_MAX);
	SCOPED_DONE(buf) struct buf url = BUF_INIT(URL_MAX);
	SCOPED(json_doc) struct json_doc *doc = NULL;
	int status = 0;
	enum fault f;

	add_field(&query, "api-version", SPAN_LIT("2018-02-01"));
	add_field(&query, "resource", resource);
	if (id_name != NULL)
		add_field(&query, id_name, id);
	buf_printf(&url, "%.*s/metadata/identity/oauth2/token?%s", SPAN_ARG(endpoint(d, "imds")), buf_cstr(&query));
	if (query.fault != FAULT_NONE || url.fault != FAULT_NONE)
		return err_say(err, FAULT_TOO_LARGE, "", "the resource or the identity is too long");
	struct http_client_request req = {
		.method = "GET",
		.url = buf_cstr(&url),
		.headers = "Metadata: true\r\n",
		.timeout_ms = TIMEOUT_MS,
	};
	f = exchange(front, &req, &status, &doc, err);
	return f != FAULT_NONE ? f : take_token(status, doc, ret, err);
}

enum fault caller_token(const struct front *front, const struct json_doc *d, const char *as, struct span resource,
			struct secret *ret, struct err *err)
{
	struct span id = span_cstr(as);
	enum fault f;

	if (strcmp(as, "admin") == 0 || span_eq_nocase(id, endpoint(d, "client_id")))
		return admin_token(front, d, resource, ret, err);
	if (strcmp(as, "system") == 0)
		return imds_token(front, d, NULL, SPAN_EMPTY, resource, ret, err);
	if (as[0] == '/')
		return imds_token(front, d, "msi_res_id", id, resource, ret, err);
	if (!uuid_is_valid(id))
		return err_say(err, FAULT_INVALID, "",
			       "\"%s\" is neither admin, nor system, nor a client id, object id or resource id", as);
	/* Which of the two it is, only the service can tell. */
	f = imds_token(front, d, "client_id", id, resource, ret, err);
	return f == FAULT_DENIED ? imds_token(front, d, "object_id", id, resource, ret, err) : f;
}

enum fault caller_get(const struct front *front, const struct json_doc *d, const char *url, const struct secret *token,
		      struct json_doc **ret, struct err *err)
{
	SCOPED_DONE(buf) struct buf headers = BUF_SECRET_INIT(TOKEN_MAX + 256);
	SCOPED(json_doc) struct json_doc *doc = NULL;
	char ca[CA_PATH_MAX];
	int status = 0;
	enum fault f = ca_path(d, ca, err);

	buf_printf(&headers, "Authorization: Bearer %.*s\r\n", SPAN_ARG(secret_span(token)));
	if (f == FAULT_NONE)
		f = buf_fault(&headers);
	if (f != FAULT_NONE)
		return f;
	struct http_client_request req = {
		.method = "GET",
		.url = url,
		.headers = buf_cstr(&headers),
		.ca_path = ca,
		.timeout_ms = TIMEOUT_MS,
	};
	f = exchange(front, &req, &status, &doc, err);
	if (f == FAULT_NONE && status != 200)
		f = say_refusal(status, doc, err);
	if (f != FAULT_NONE)
		return f;
	*ret = TAKE(doc);
	return FAULT_NONE;
}
