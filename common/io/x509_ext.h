#ifndef SANDVAULT_IO_X509_EXT_H
#define SANDVAULT_IO_X509_EXT_H

/* The extensions of a certificate that we make. Private to common/io. */

#include "common/io/der.h"
#include "common/io/x509.h"

/* Writes the whole [3] element. Both identifiers are key hashes; for a self-signed certificate they are the same. */
void x509_ext_write(struct der *d, const struct x509_request *req, struct span subject_key_id,
		    struct span authority_key_id);

#endif
