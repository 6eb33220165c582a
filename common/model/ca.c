#include "common/model/ca.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "common/io/server.h"
#include "common/io/tls.h"
#include "common/io/x509.h"

#define CERT_LABEL "CERTIFICATE"
#define KEY_LABEL "EC PRIVATE KEY"

/* Some verifiers take no server certificate of over 398 days; an authority is trusted by hand, so it should last. */
#define DAY_S INT64_C(86400)
#define LEAF_LIFE_S (397 * DAY_S)
#define CA_LIFE_S (3650 * DAY_S)
/* Containers and virtual machines run with clocks a little behind. */
#define BACKDATE_S DAY_S
enum { TLS_FILE_MAX = 1 << 16 };

/* A single label before ".localhost" needs naming: verifiers refuse the wildcard "*.localhost". */
static const char *const leaf_names[] = { "localhost",	       "vault.localhost",     "*.vault.localhost",
					  "azurecr.localhost", "*.azurecr.localhost", NULL };
/* In a certificate of their own: nobody who looks at the other one's finds names that are not this machine's. */
static const char *const azure_names[] = {
	"login.microsoftonline.com", "login.windows.net", "sts.windows.net", "management.azure.com",
	"graph.microsoft.com",	     "*.vault.azure.net", "*.azurecr.io",    NULL,
};
static const char *const leaf_ips[] = { "127.0.0.1", "::1" };

static const struct leaf {
	const char *cert_name, *key_name;
	const char *common_name;
	const char *const *dns_names;
	size_t n_ips; /* of leaf_ips */
} own_leaf = { "leaf.pem", "leaf.key", "Sandvault", leaf_names, ARRAY_LEN(leaf_ips) },
  azure_leaf = { "azure.pem", "azure.key", "Sandvault in Azure's place", azure_names, 0 };

/* One key and its certificate, as files and as values. */
struct cert {
	struct keypair *key;
	struct buf der; /* the certificate */
	int64_t not_after_s;
};
#define CERT_INIT                                                                                                      \
	{                                                                                                              \
		.der = BUF_INIT(TLS_FILE_MAX)                                                                          \
	}

static void cert_done(struct cert *c)
{
	keypair_free(TAKE(c->key));
	buf_done(&c->der);
}

/* The directory, held locked. */
struct tls_dir {
	char path[PATH_SIZE];
	int lock_fd;
	const struct rng *rng;
	int64_t now_s;
};

static void tls_dir_done(struct tls_dir *d)
{
	if (d->lock_fd >= 0)
		close(d->lock_fd);
}

void tls_material_done(struct tls_material *m)
{
	buf_done(&m->chain_pem);
	buf_done(&m->key_pem);
	buf_done(&m->azure_chain_pem);
	buf_done(&m->azure_key_pem);
}

static enum fault file_path(const struct tls_dir *d, const char *name, char out[PATH_SIZE + 16])
{
	return snprintf(out, PATH_SIZE + 16, "%s/%s", d->path, name) >= PATH_SIZE + 16 ? FAULT_INVALID : FAULT_NONE;
}

static enum fault tls_dir_open(struct tls_dir *d, const char *data_dir, struct err *err)
{
	char lock[PATH_SIZE + 16];
	enum fault f;

	if ((size_t)snprintf(d->path, sizeof(d->path), "%s/tls", data_dir) >= sizeof(d->path))
		return err_say(err, FAULT_INVALID, "", "the path of the data directory %s is too long", data_dir);
	f = dir_make(d->path, err);
	if (f == FAULT_NONE)
		f = file_path(d, "lock", lock);
	if (f != FAULT_NONE)
		return f;
	d->lock_fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	while (d->lock_fd >= 0 && flock(d->lock_fd, LOCK_EX) != 0)
		if (errno != EINTR)
			return err_say(err, FAULT_IO, "", "cannot lock %s: %s", lock, strerror(errno));
	if (d->lock_fd < 0)
		return err_say(err, FAULT_IO, "", "cannot open %s: %s", lock, strerror(errno));
	return FAULT_NONE;
}

static enum fault read_pem(const struct tls_dir *d, const char *name, const char *label, struct buf *out_der,
			   struct err *err)
{
	SCOPED_DONE(buf) struct buf text = BUF_SECRET_INIT(TLS_FILE_MAX);
	char path[PATH_SIZE + 16];
	enum fault f = file_path(d, name, path);

	if (f == FAULT_NONE)
		f = file_read(path, &text, err);
	if (f != FAULT_NONE)
		return f;
	if (pem_decode(buf_span(&text), label, out_der) != FAULT_NONE)
		return err_say(err, FAULT_INVALID, "", "%s holds no \"%s\": mend it, or remove %s to have it made anew",
			       path, label, d->path);
	return FAULT_NONE;
}

static enum fault write_pem(const struct tls_dir *d, const char *name, const char *label, struct span der,
			    struct err *err)
{
	SCOPED_DONE(buf) struct buf text = BUF_SECRET_INIT(TLS_FILE_MAX);
	char path[PATH_SIZE + 16];
	enum fault f = file_path(d, name, path);

	pem_encode(&text, label, der);
	if (f == FAULT_NONE)
		f = buf_fault(&text);
	return f != FAULT_NONE ? f : file_replace(path, buf_span(&text), err);
}

static void remove_file(const struct tls_dir *d, const char *name)
{
	char path[PATH_SIZE + 16];

	if (file_path(d, name, path) == FAULT_NONE)
		unlink(path);
}

/* FAULT_NOT_FOUND when there is no certificate; any other fault is trouble with what is there. */
static enum fault cert_read(const struct tls_dir *d, const char *cert_name, const char *key_name, struct cert *ret,
			    struct err *err)
{
	SCOPED_DONE(buf) struct buf key_der = BUF_SECRET_INIT(TLS_FILE_MAX);
	enum fault f = read_pem(d, cert_name, CERT_LABEL, &ret->der, NULL);

	if (f == FAULT_NOT_FOUND)
		return f;
	if (f != FAULT_NONE) {
		buf_clear(&ret->der);
		return read_pem(d, cert_name, CERT_LABEL, &ret->der, err);
	}
	if (x509_not_after(buf_span(&ret->der), &ret->not_after_s) != FAULT_NONE)
		return err_say(err, FAULT_INVALID, "", "%s/%s is not a certificate: remove %s to have it made anew",
			       d->path, cert_name, d->path);
	f = read_pem(d, key_name, KEY_LABEL, &key_der, err);
	if (f == FAULT_NOT_FOUND)
		return err_say(err, FAULT_INVALID, "", "%s/%s has lost its key %s: put it back, or remove %s", d->path,
			       cert_name, key_name, d->path);
	if (f == FAULT_NONE && keypair_from_der(buf_span(&key_der), d->rng, &ret->key) != FAULT_NONE)
		return err_say(err, FAULT_INVALID, "", "%s/%s is not a private key: remove %s to have it made anew",
			       d->path, key_name, d->path);
	return f;
}

/* The old certificate goes, then the key comes, then the certificate: one that is there has its key, come what may. */
static enum fault cert_write(const struct tls_dir *d, const char *cert_name, const char *key_name, const struct cert *c,
			     struct err *err)
{
	SCOPED_DONE(secret) struct secret key_der = SECRET_INIT;
	enum fault f = keypair_to_der(c->key, &key_der);

	remove_file(d, cert_name);
	if (f == FAULT_NONE)
		f = write_pem(d, key_name, KEY_LABEL, secret_span(&key_der), err);
	return f != FAULT_NONE ? f : write_pem(d, cert_name, CERT_LABEL, buf_span(&c->der), err);
}

static enum fault make_authority(const struct tls_dir *d, struct cert *ret, struct err *err)
{
	struct x509_request req = {
		.common_name = "Sandvault local authority",
		.is_ca = true,
		.not_before_s = d->now_s - BACKDATE_S,
		.not_after_s = d->now_s + CA_LIFE_S,
	};
	enum fault f = keypair_generate_ec(CURVE_P256, d->rng, &ret->key);

	/* A leaf of the authority before this one must not outlive it. */
	remove_file(d, own_leaf.cert_name);
	remove_file(d, azure_leaf.cert_name);
	if (f == FAULT_NONE)
		f = x509_issue(&req, ret->key, ret->key, SPAN_EMPTY, d->rng, &ret->der, err);
	if (f != FAULT_NONE)
		return f;
	ret->not_after_s = req.not_after_s;
	return cert_write(d, "ca.pem", "ca.key", ret, err);
}

/* An authority that a new leaf would outlive is replaced; the user then has to trust the new one. */
static enum fault authority_ensure(const struct tls_dir *d, struct cert *ret, struct err *err)
{
	enum fault f = cert_read(d, "ca.pem", "ca.key", ret, err);

	if (f == FAULT_NONE && ret->not_after_s - d->now_s >= LEAF_LIFE_S)
		return FAULT_NONE;
	if (f != FAULT_NONE && f != FAULT_NOT_FOUND)
		return f;
	cert_done(ret);
	ret->der = BUF_INIT(TLS_FILE_MAX);
	return make_authority(d, ret, err);
}

static enum fault make_leaf(const struct tls_dir *d, const struct leaf *l, const struct cert *ca, struct cert *ret,
			    struct err *err)
{
	struct addr ips[ARRAY_LEN(leaf_ips)];
	struct x509_request req = {
		.common_name = l->common_name,
		.dns_names = l->dns_names,
		.ips = ips,
		.n_ips = l->n_ips,
		.not_before_s = d->now_s - BACKDATE_S,
		.not_after_s = d->now_s + LEAF_LIFE_S,
	};
	enum fault f = FAULT_NONE;

	for (size_t i = 0; f == FAULT_NONE && i < l->n_ips; i++)
		f = addr_parse(span_cstr(leaf_ips[i]), &ips[i]);
	if (f == FAULT_NONE)
		f = keypair_generate_ec(CURVE_P256, d->rng, &ret->key);
	if (f == FAULT_NONE)
		f = x509_issue(&req, ret->key, ca->key, buf_span(&ca->der), d->rng, &ret->der, err);
	if (f != FAULT_NONE)
		return f;
	ret->not_after_s = req.not_after_s;
	return cert_write(d, l->cert_name, l->key_name, ret, err);
}

/* Nobody has trusted the leaf itself, so whatever is wrong with it is healed by a new one. */
static enum fault leaf_ensure(const struct tls_dir *d, const struct leaf *l, const struct cert *ca, struct cert *ret,
			      struct err *err)
{
	bool has_names = false;
	enum fault f = cert_read(d, l->cert_name, l->key_name, ret, NULL);

	if (f == FAULT_NONE)
		f = x509_has_names(buf_span(&ret->der), l->dns_names, &has_names);
	if (f == FAULT_NONE && has_names && ret->not_after_s - d->now_s >= LEAF_LIFE_S / 3)
		return FAULT_NONE;
	cert_done(ret);
	ret->der = BUF_INIT(TLS_FILE_MAX);
	return make_leaf(d, l, ca, ret, err);
}

static enum fault add_leaf(const struct tls_dir *d, const struct leaf *l, const struct cert *ca, struct buf *chain_pem,
			   struct buf *key_pem, struct err *err)
{
	SCOPED_DONE(cert) struct cert leaf = CERT_INIT;
	SCOPED_DONE(secret) struct secret key_der = SECRET_INIT;
	enum fault f = leaf_ensure(d, l, ca, &leaf, err);

	if (f == FAULT_NONE)
		f = keypair_to_der(leaf.key, &key_der);
	if (f != FAULT_NONE)
		return f;
	pem_encode(chain_pem, CERT_LABEL, buf_span(&leaf.der));
	pem_encode(chain_pem, CERT_LABEL, buf_span(&ca->der));
	pem_encode(key_pem, KEY_LABEL, secret_span(&key_der));
	return chain_pem->fault != FAULT_NONE ? chain_pem->fault : buf_fault(key_pem);
}

enum fault ca_open(const char *data_dir, const struct rng *rng, int64_t now_s, struct tls_material *ret,
		   struct err *err)
{
	SCOPED_DONE(tls_dir) struct tls_dir d = { .lock_fd = -1, .rng = rng, .now_s = now_s };
	SCOPED_DONE(cert) struct cert ca = CERT_INIT;
	enum fault f = tls_dir_open(&d, data_dir, err);

	if (f == FAULT_NONE)
		f = authority_ensure(&d, &ca, err);
	if (f == FAULT_NONE)
		f = add_leaf(&d, &own_leaf, &ca, &ret->chain_pem, &ret->key_pem, err);
	if (f == FAULT_NONE)
		f = add_leaf(&d, &azure_leaf, &ca, &ret->azure_chain_pem, &ret->azure_key_pem, err);
	return f;
}

enum fault ca_load(const char *cert_path, const char *key_path, struct tls_material *ret, struct err *err)
{
	enum fault f = file_read(cert_path, &ret->chain_pem, err);

	return f != FAULT_NONE ? f : file_read(key_path, &ret->key_pem, err);
}

enum fault ca_context(const struct tls_material *m, const struct rng *rng, struct tls_context **ret, struct err *err)
{
	struct tls_context *tls;
	enum fault f = tls_context_new(buf_span(&m->chain_pem), buf_span(&m->key_pem), rng, &tls, err);

	if (f != FAULT_NONE)
		return f;
	if (m->azure_chain_pem.len > 0)
		f = tls_context_add(tls, buf_span(&m->azure_chain_pem), buf_span(&m->azure_key_pem), err);
	if (f == FAULT_NONE)
		*ret = tls;
	else
		tls_context_free(tls);
	return f;
}
