#ifndef SANDVAULT_MODEL_CA_H
#define SANDVAULT_MODEL_CA_H

/*
 * The sandbox's own certificate authority in <data-dir>/tls/: ca.pem, ca.key (0600); leaf.pem, leaf.key (0600) for the
 * sandbox's names, azure.pem, azure.key for Azure's own, which clients of the proxy use. Made on first start; a leaf is
 * renewed at a start when less than a third of its life is left, or when a name is missing. Certificates follow the
 * machine's clock.
 */

#include "common/model/world.h"

struct tls_material {
	struct buf chain_pem;			   /* leaf, then authority */
	struct buf key_pem;			   /* secret */
	struct buf azure_chain_pem, azure_key_pem; /* the same for Azure's names; empty with a user's own */
};
#define TLS_MATERIAL_INIT                                                                                              \
	{                                                                                                              \
		.chain_pem = BUF_INIT(1 << 20), .key_pem = BUF_SECRET_INIT(1 << 20),                                   \
		.azure_chain_pem = BUF_INIT(1 << 20), .azure_key_pem = BUF_SECRET_INIT(1 << 20)                        \
	}
void tls_material_done(struct tls_material *m);

/* Two daemons may race here: a lock file in the directory serialises them. */
enum fault ca_open(const char *data_dir, const struct rng *rng, int64_t now_s, struct tls_material *ret,
		   struct err *err) MUST_USE;
/* A user's own certificate and key files. */
enum fault ca_load(const char *cert_path, const char *key_path, struct tls_material *ret, struct err *err) MUST_USE;

struct tls_context;
/* What a server shows: the sandbox's leaf, and to those who ask for a name of Azure's the other one. */
enum fault ca_context(const struct tls_material *m, const struct rng *rng, struct tls_context **ret,
		      struct err *err) MUST_USE;

#endif
