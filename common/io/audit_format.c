#include "common/io/audit.h"

#include <inttypes.h>
#include <stdio.h>

#include "common/io/http.h"
#include "common/io/json_out.h"
#include "common/plain/text.h"

/* Texts that a client sends are cut, so that a line has a ceiling. */
enum { SHORT_MAX = 512, TEXT_MAX = 2048, RESOURCE_MAX = 1024, URI_MAX = 4096, TIME_SIZE = 32 };

const char *audit_signature(int status)
{
	switch (status) {
	case 403:
		return "Forbidden";
	case 401:
		return "Unauthorized";
	case 404:
		return "Not Found";
	default:
		return http_status_phrase(status);
	}
}

/* Seven digits after the point, as the service writes them. */
static void put_time(struct json_out *o, int64_t at_ms)
{
	char text[RFC3339_SIZE + sizeof(".0000000")];
	int ms = (int)(at_ms % 1000);

	rfc3339_format(text, at_ms / 1000);
	memcpy(text + RFC3339_SIZE - 2, ".0000000Z", sizeof(".0000000Z"));
	for (int i = 2; i >= 0; i--, ms /= 10)
		text[RFC3339_SIZE - 1 + i] = (char)('0' + ms % 10);
	json_out_cstr(o, "time", text);
}

static void put_upper(struct json_out *o, const char *key, struct span v)
{
	char upper[RESOURCE_MAX];

	v = span_first(v, RESOURCE_MAX);
	for (size_t i = 0; i < v.len; i++)
		upper[i] = ascii_upper(v.p[i]);
	json_out_str(o, key, span_of(upper, v.len));
}

static void put_known(struct json_out *o, const char *key, const char *v)
{
	if (v[0] != '\0')
		json_out_str(o, key, span_first(span_cstr(v), RESOURCE_MAX));
}

static void put_identity(struct json_out *o, const struct audit_record *r)
{
	json_out_object(o, "identity");
	if (r->object_id[0] != '\0' || r->app_id[0] != '\0') {
		json_out_object(o, "claim");
		put_known(o, "oid", r->object_id);
		put_known(o, "appid", r->app_id);
		put_known(o, "xms_mirid", r->mirid);
		put_known(o, "xms_az_rid", r->az_rid);
		json_out_object_end(o);
	}
	json_out_object_end(o);
}

/* The names whose values say what was asked for; any other may carry a credential by mistake. */
static bool is_harmless(struct span name)
{
	static const char *const names[] = {
		"api-version", "api%2Dversion", "maxresults",	"$skiptoken", "$skip",	   "$top",
		"$filter",     "$expand",	"resource",	"client_id",  "object_id", "principal_id",
		"mi_res_id",   "msi_res_id",	"bypass_cache", "format",     "scope",	   "client-request-id",
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (span_eq_nocase(name, span_cstr(names[i])))
			return true;
	return false;
}

static void put_query(struct buf *b, struct span query)
{
	char before = '?';

	while (query.len > 0) {
		struct span one, name, value;

		query = span_cut(query, '&', &one);
		value = span_cut(one, '=', &name);
		if (one.len == 0)
			continue;
		buf_put_char(b, before);
		buf_put_span(b, span_first(name, SHORT_MAX));
		before = '&';
		if (value.p == NULL)
			continue;
		buf_put_char(b, '=');
		buf_put_span(b, is_harmless(name) ? value : SPAN_LIT("REDACTED"));
	}
}

static void put_uri(struct json_out *o, const struct audit_record *r)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(256 << 10);

	/* Of what was no request nothing is known. */
	if (r->host.len > 0 || r->path.len > 0)
		buf_put_cstr(&b, r->is_tls ? "https://" : "http://");
	buf_put_span(&b, r->host);
	buf_put_span(&b, r->path);
	put_query(&b, r->query);
	json_out_str(o, "requestUri", span_first(buf_span(&b), URI_MAX));
}

static void put_properties(struct json_out *o, const struct audit_record *r)
{
	json_out_object(o, "properties");
	if (r->id.len > 0)
		json_out_str(o, "id", span_first(r->id, TEXT_MAX));
	json_out_str(o, "clientInfo", span_first(r->client_info, SHORT_MAX));
	put_uri(o, r);
	json_out_int(o, "httpStatusCode", r->status);
	json_out_object_end(o);
}

static void put_decision(struct json_out *o, const struct audit_record *r)
{
	json_out_object(o, "decision");
	json_out_cstr(o, "verdict", r->verdict[0] == '\0' ? "none" : r->verdict);
	json_out_cstr(o, "reason", r->reason[0] == '\0' ? "none" : r->reason);
	put_known(o, "rule", r->rule);
	json_out_object_end(o);
}

void audit_format(struct buf *out, const struct audit_record *r)
{
	char ip[ADDR_TEXT_MAX] = "";
	struct json_out o;

	if (r->caller_ip != NULL)
		addr_format(ip, r->caller_ip);
	json_out_init(&o, out);
	json_out_object(&o, NULL);
	put_time(&o, r->at_ms);
	put_upper(&o, "resourceId", r->resource_id);
	json_out_str(&o, "operationName", r->operation);
	if (r->api_version.len > 0)
		json_out_str(&o, "operationVersion", span_first(r->api_version, SHORT_MAX));
	json_out_cstr(&o, "category", "AuditEvent");
	json_out_cstr(&o, "resultType", r->status < 400 ? "Success" : "Failure");
	json_out_cstr(&o, "resultSignature", audit_signature(r->status));
	json_out_str(&o, "resultDescription", span_first(span_cstr(r->description), TEXT_MAX));
	json_out_fmt(&o, "durationMs", "%" PRId64, r->duration_ms);
	json_out_cstr(&o, "callerIpAddress", ip);
	json_out_cstr(&o, "correlationId", r->correlation_id);
	put_identity(&o, r);
	put_properties(&o, r);
	put_decision(&o, r);
	json_out_object_end(&o);
	buf_put_char(out, '\n');
}
