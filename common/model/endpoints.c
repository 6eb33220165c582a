#include "common/model/endpoints.h"

#include <stdio.h>

#include "common/io/json_out.h"
#include "common/io/record.h"
#include "common/io/server.h"
#include "common/model/host.h"
#include "common/model/tables.h"

#define VAULTD_KEY SPAN_LIT("endpoints/vaultd")
#define CONTROL_KEY SPAN_LIT("endpoints/control")
#define IDENTITYD_KEY SPAN_LIT("endpoints/identityd")

enum { ENDPOINTS_VERSION = 1, ENDPOINTS_RECORD_MAX = 256, CONTROL_RECORD_MAX = 2 * PATH_SIZE };
enum { CONTROL_TOKEN_MAX = 4096 };
enum { TAG_TLS_PORT = 1, TAG_LOGIN_PORT = 2, TAG_IMDS_PORT = 3, TAG_CONTROL = 4, TAG_PROXY_PORT = 5 };

static enum fault publish(struct txn *t, struct span key, struct buf *b)
{
	return buf_fault(b) != FAULT_NONE ? b->fault : txn_put(t, TABLE_META, key, buf_span(b));
}

enum fault endpoints_publish_vaultd(struct txn *t, uint16_t tls_port)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(ENDPOINTS_RECORD_MAX);

	record_begin(&b, ENDPOINTS_VERSION, 1);
	record_put_int(&b, TAG_TLS_PORT, tls_port);
	return publish(t, VAULTD_KEY, &b);
}

enum fault endpoints_publish_control(struct txn *t, const char *place)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(CONTROL_RECORD_MAX);

	record_begin(&b, ENDPOINTS_VERSION, 1);
	record_put_cstr(&b, TAG_CONTROL, place);
	return publish(t, CONTROL_KEY, &b);
}

enum fault endpoints_publish_identityd(struct txn *t, const struct endpoints *e)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(ENDPOINTS_RECORD_MAX);

	record_begin(&b, ENDPOINTS_VERSION, 1);
	record_put_int(&b, TAG_LOGIN_PORT, e->login_port);
	record_put_int(&b, TAG_IMDS_PORT, e->imds_port);
	record_put_int(&b, TAG_PROXY_PORT, e->proxy_port);
	return publish(t, IDENTITYD_KEY, &b);
}

static enum fault set_port(struct span value, uint16_t *ret)
{
	int64_t n;
	enum fault f = record_int(value, &n);

	if (f == FAULT_NONE && (n < 0 || n > UINT16_MAX))
		f = FAULT_STORE;
	if (f == FAULT_NONE)
		*ret = (uint16_t)n;
	return f;
}

static enum fault set_field(struct endpoints *e, uint16_t tag, struct span value)
{
	switch (tag) {
	case TAG_TLS_PORT:
		return set_port(value, &e->tls_port);
	case TAG_LOGIN_PORT:
		return set_port(value, &e->login_port);
	case TAG_IMDS_PORT:
		return set_port(value, &e->imds_port);
	case TAG_PROXY_PORT:
		return set_port(value, &e->proxy_port);
	default:
		return FAULT_NONE;
	}
}

/* The empty span when there is none; in the transaction. */
static enum fault control_place(struct txn *t, struct span *ret)
{
	struct record_reader r;
	struct span record, value;
	uint16_t tag;
	enum fault f = txn_get(t, TABLE_META, CONTROL_KEY, &record);

	*ret = SPAN_EMPTY;
	if (f == FAULT_NONE)
		f = record_open(&r, record, ENDPOINTS_VERSION);
	while (f == FAULT_NONE && (f = record_next(&r, &tag, &value)) == FAULT_NONE)
		if (tag == TAG_CONTROL)
			*ret = value;
	return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
}

/* One line; whoever made it put it there before it told where it listens. */
static enum fault control_token(const struct world *w, struct buf *out)
{
	char path[PATH_SIZE + 32];
	enum fault f;

	snprintf(path, sizeof(path), "%s/%s", w->data_dir, CONTROL_TOKEN_FILE);
	f = file_read(path, out, NULL);
	while (out->len > 0 && (out->data[out->len - 1] == '\n' || out->data[out->len - 1] == '\r'))
		out->len--;
	return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
}

static enum fault read_part(struct txn *t, struct span key, struct endpoints *e)
{
	struct record_reader r;
	struct span record, value;
	uint16_t tag;
	enum fault f = txn_get(t, TABLE_META, key, &record);

	if (f == FAULT_NOT_FOUND)
		return FAULT_NONE;
	if (f == FAULT_NONE)
		f = record_open(&r, record, ENDPOINTS_VERSION);
	while (f == FAULT_NONE && (f = record_next(&r, &tag, &value)) == FAULT_NONE)
		f = set_field(e, tag, value);
	return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
}

enum fault endpoints_get(struct txn *t, struct endpoints *ret)
{
	struct endpoints e = { .tls_port = 0 };
	enum fault f = read_part(t, VAULTD_KEY, &e);

	if (f == FAULT_NONE)
		f = read_part(t, IDENTITYD_KEY, &e);
	if (f == FAULT_NONE)
		*ret = e;
	return f;
}

/* What the object is made of; secrets are borrowed from the caller's. */
struct facts {
	const struct world *w;
	struct endpoints e;
	struct span admin_secret;
	const char *identity_header;	    /* "" when there is none */
	struct span control, control_token; /* empty when there are none */
};

/*
 * One file of certificates for every client that has a variable for it. Replacing the system's roots (which is what
 * most of these do) is meant: a client that is set up by this environment talks to the sandbox, and to nobody else by
 * accident. Java has no such variable; its trust store is the user's to fill.
 */
static void put_trust(struct json_out *o, const struct facts *x)
{
	static const char *const names[] = {
		"REQUESTS_CA_BUNDLE",  /* Python, az */
		"CURL_CA_BUNDLE",      /* curl */
		"SSL_CERT_FILE",       /* Go, .NET, OpenSSL; az for the cloud's description alone */
		"NODE_EXTRA_CA_CERTS", /* Node */
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		json_out_fmt(o, names[i], "%s/tls/ca.pem", x->w->data_dir);
}

/*
 * The administrator as an application. With these, DefaultAzureCredential is the administrator (its environment
 * credential comes first); a program that wants a managed identity asks for ManagedIdentityCredential or leaves out
 * AZURE_CLIENT_SECRET. The tenant is "adfs" because with any other tenant the SDKs ask the public cloud about our
 * authority first. Go alone refuses "adfs" against a challenge that names the tenant: vaultd's --challenge-tenant=adfs
 * helps, or a managed identity.
 */
static void put_sign_in(struct json_out *o, const struct facts *x)
{
	json_out_fmt(o, "AZURE_AUTHORITY_HOST", "https://localhost:%u", x->e.login_port);
	json_out_cstr(o, "AZURE_TENANT_ID", "adfs");
	json_out_cstr(o, "AZURE_CLIENT_ID", x->w->admin_app_id);
	json_out_str(o, "AZURE_CLIENT_SECRET", x->admin_secret);
}

/*
 * Managed identity in two dialects. AZURE_POD_IDENTITY_AUTHORITY_HOST moves IMDS for Python, JavaScript, Java and az;
 * Go and .NET do not all know it. The App Service pair is understood by every SDK and by az from 2.74 on, names
 * identities by client, object and resource id, and needs neither authority nor certificates; where both are set the
 * SDKs take the pair. az 2.45 knows neither: it wants MSI_ENDPOINT, which is left out because the SDKs would take it
 * for Cloud Shell.
 */
static void put_managed_identity(struct json_out *o, const struct facts *x)
{
	json_out_fmt(o, "AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:%u", x->e.imds_port);
	if (x->identity_header[0] == '\0')
		return;
	json_out_fmt(o, "IDENTITY_ENDPOINT", "http://127.0.0.1:%u/msi/token", x->e.imds_port);
	json_out_cstr(o, "IDENTITY_HEADER", x->identity_header);
}

/* A configuration of its own keeps the user's real cloud, its sign-ins and caches out of it. The description comes over
 * plain HTTP, since az fetches it before it looks at its certificates. */
static void put_az(struct json_out *o, const struct facts *x)
{
	json_out_fmt(o, "AZURE_CONFIG_DIR", "%s/azure", x->w->data_dir);
	json_out_cstr(o, "AZURE_CORE_COLLECT_TELEMETRY", "0");
	json_out_cstr(o, "AZURE_CORE_INSTANCE_DISCOVERY", "false");
	if (x->e.imds_port != 0)
		json_out_fmt(o, "ARM_CLOUD_METADATA_URL",
			     "http://127.0.0.1:%u/metadata/endpoints?api-version=2019-05-01", x->e.imds_port);
}

/* For scripts, and for this command itself: SANDVAULT_DATA_DIR is its setting. */
static void put_own(struct json_out *o, const struct facts *x)
{
	json_out_cstr(o, "SANDVAULT_DATA_DIR", x->w->data_dir);
	json_out_fmt(o, "SANDVAULT_CA", "%s/tls/ca.pem", x->w->data_dir);
	json_out_cstr(o, "SANDVAULT_TENANT", x->w->tenant_id);
	json_out_cstr(o, "SANDVAULT_SUBSCRIPTION", x->w->subscription_id);
	if (x->e.tls_port != 0) {
		json_out_fmt(o, "SANDVAULT_ARM", "https://localhost:%u", x->e.tls_port);
		json_out_fmt(o, "SANDVAULT_VAULT_SUFFIX", "vault.localhost:%u", x->e.tls_port);
	}
	if (x->e.login_port != 0)
		json_out_fmt(o, "SANDVAULT_LOGIN", "https://localhost:%u", x->e.login_port);
	if (x->e.imds_port != 0)
		json_out_fmt(o, "SANDVAULT_IMDS", "http://127.0.0.1:%u", x->e.imds_port);
}

static void put_env(struct json_out *o, const struct facts *x)
{
	json_out_object(o, "env");
	put_trust(o, x);
	if (x->e.login_port != 0)
		put_sign_in(o, x);
	json_out_cstr(o, "AZURE_SUBSCRIPTION_ID", x->w->subscription_id);
	if (x->e.imds_port != 0)
		put_managed_identity(o, x);
	put_az(o, x);
	put_own(o, x);
	json_out_object_end(o);
}

static void put_object(struct json_out *o, const struct facts *x)
{
	json_out_object(o, NULL);
	if (x->e.tls_port != 0) {
		json_out_fmt(o, "arm", "https://localhost:%u", x->e.tls_port);
		json_out_fmt(o, "vault_suffix", "vault.localhost:%u", x->e.tls_port);
	}
	if (x->e.login_port != 0) {
		json_out_fmt(o, "login", "https://localhost:%u", x->e.login_port);
		json_out_fmt(o, "graph", "https://localhost:%u", x->e.login_port);
	}
	if (x->e.imds_port != 0)
		json_out_fmt(o, "imds", "http://127.0.0.1:%u", x->e.imds_port);
	if (x->e.proxy_port != 0)
		json_out_fmt(o, "proxy", "http://127.0.0.1:%u", x->e.proxy_port);
	json_out_fmt(o, "ca", "%s/tls/ca.pem", x->w->data_dir);
	json_out_cstr(o, "tenant", x->w->tenant_id);
	json_out_cstr(o, "subscription", x->w->subscription_id);
	json_out_cstr(o, "client_id", x->w->admin_app_id);
	json_out_str(o, "client_secret", x->admin_secret);
	if (x->control.len > 0)
		json_out_str(o, "control", x->control);
	if (x->control_token.len > 0)
		json_out_str(o, "control_token", x->control_token);
	json_out_cstr(o, "data_dir", x->w->data_dir);
	put_env(o, x);
	json_out_object_end(o);
}

enum fault endpoints_json(struct world *w, struct txn *t, struct buf *out)
{
	SCOPED_DONE(secret) struct secret admin = SECRET_INIT;
	SCOPED_DONE(buf) struct buf token = BUF_SECRET_INIT(CONTROL_TOKEN_MAX);
	char header[IDENTITY_HEADER_SIZE] = "";
	struct facts x = { .w = w, .identity_header = header };
	struct json_out o;
	enum fault f = endpoints_get(t, &x.e);

	if (f == FAULT_NONE)
		f = world_admin_secret(w, t, &admin);
	if (f == FAULT_NONE)
		f = control_place(t, &x.control);
	if (f == FAULT_NONE)
		f = control_token(w, &token);
	if (f == FAULT_NONE)
		f = identity_header_get(w, t, header);
	if (f != FAULT_NONE && f != FAULT_NOT_FOUND)
		return f;
	x.admin_secret = secret_span(&admin);
	x.control_token = buf_span(&token);
	json_out_init(&o, out);
	put_object(&o, &x);
	wipe(header, sizeof(header));
	return buf_fault(out);
}

enum fault endpoints_write_file(struct world *w, struct span json, struct err *err)
{
	char path[PATH_SIZE + 32];

	snprintf(path, sizeof(path), "%s/endpoints.json", w->data_dir);
	return file_replace(path, json, err);
}
