#include "identityd/entra/claims.h"

#include <stdio.h>

#include "common/io/digest.h"
#include "common/io/json_out.h"
#include "common/plain/text.h"

enum { LEEWAY_S = 300, AIO_LEN = 30, UTI_LEN = 16, RH_MAX = 64 };

static void copy_span(char *out, size_t cap, struct span s)
{
	snprintf(out, cap, "%.*s", SPAN_ARG(s));
}

static void copy_resource_id(char out[RESOURCE_ID_SIZE], struct span id)
{
	static const char word[] = "/resourcegroups/";

	copy_span(out, RESOURCE_ID_SIZE, id);
	for (char *p = out; *p != '\0'; p++)
		if (span_starts_nocase(span_cstr(p), SPAN_LIT("/resourcegroups/"))) {
			memcpy(p, word, sizeof(word) - 1);
			return;
		}
}

void claims_init(struct claims *ret, struct span tenant_id, const struct principal *p, struct span host_resource_id,
		 struct span audience)
{
	memset(ret, 0, sizeof(*ret));
	copy_span(ret->tenant_id, sizeof(ret->tenant_id), tenant_id);
	copy_span(ret->object_id, sizeof(ret->object_id), span_cstr(p->object_id));
	copy_span(ret->app_id, sizeof(ret->app_id), span_cstr(p->app_id));
	copy_span(ret->audience, sizeof(ret->audience), audience);
	ret->is_managed = p->kind != PRINCIPAL_APPLICATION;
	if (!ret->is_managed)
		return;
	copy_resource_id(ret->mirid, span_cstr(p->resource_id));
	/* A system-assigned identity is its host's own: the one id says it all. */
	if (p->kind == PRINCIPAL_USER_ASSIGNED)
		copy_resource_id(ret->az_rid, host_resource_id);
}

void claims_set_times(struct claims *c, int64_t now_s, int64_t lifetime_s)
{
	c->issued_s = now_s - LEEWAY_S;
	c->expires_s = now_s + lifetime_s + 1;
}

/* Opaque, and the same for the same client in the same tenant. */
static void put_rh(struct json_out *o, const struct claims *c)
{
	SCOPED_DONE(buf) struct buf text = BUF_INIT(RH_MAX);
	char both[2 * ID_SIZE];
	uint8_t digest[SHA256_LEN];

	snprintf(both, sizeof(both), "%s/%s", c->tenant_id, c->app_id);
	sha256(span_cstr(both), digest);
	buf_put_cstr(&text, "0.A");
	base64url_encode(&text, span_of(digest, sizeof(digest)));
	buf_put_cstr(&text, ".");
	json_out_str(o, "rh", buf_span(&text));
}

static void put_if(struct json_out *o, const char *key, const char *v)
{
	if (v[0] != '\0')
		json_out_cstr(o, key, v);
}

enum fault claims_write(const struct claims *c, const struct rng *rng, struct buf *out)
{
	uint8_t aio[AIO_LEN], uti[UTI_LEN];
	char issuer[sizeof("https://sts.windows.net//") + ID_SIZE];
	struct json_out o;
	enum fault f = rng_fill(rng, aio, sizeof(aio));

	if (f == FAULT_NONE)
		f = rng_fill(rng, uti, sizeof(uti));
	if (f != FAULT_NONE)
		return f;
	snprintf(issuer, sizeof(issuer), "https://sts.windows.net/%s/", c->tenant_id);
	json_out_init(&o, out);
	json_out_object(&o, NULL);
	json_out_cstr(&o, "aud", c->audience);
	json_out_cstr(&o, "iss", issuer);
	json_out_int(&o, "iat", c->issued_s);
	json_out_int(&o, "nbf", c->issued_s);
	json_out_int(&o, "exp", c->expires_s);
	json_out_b64u(&o, "aio", span_of(aio, sizeof(aio)));
	json_out_cstr(&o, "appid", c->app_id);
	json_out_cstr(&o, "appidacr", c->is_managed ? "2" : "1");
	json_out_cstr(&o, "idp", issuer);
	json_out_cstr(&o, "idtyp", "app");
	json_out_cstr(&o, "oid", c->object_id);
	put_rh(&o, c);
	json_out_cstr(&o, "sub", c->object_id);
	json_out_cstr(&o, "tid", c->tenant_id);
	json_out_b64u(&o, "uti", span_of(uti, sizeof(uti)));
	json_out_cstr(&o, "ver", "1.0");
	put_if(&o, "xms_az_rid", c->az_rid);
	put_if(&o, "xms_mirid", c->mirid);
	json_out_object_end(&o);
	return buf_fault(out);
}

enum fault claims_write_header(const char *kid, struct buf *out)
{
	struct json_out o;

	json_out_init(&o, out);
	json_out_object(&o, NULL);
	json_out_cstr(&o, "typ", "JWT");
	json_out_cstr(&o, "alg", "RS256");
	json_out_cstr(&o, "x5t", kid);
	json_out_cstr(&o, "kid", kid);
	json_out_object_end(&o);
	return buf_fault(out);
}
