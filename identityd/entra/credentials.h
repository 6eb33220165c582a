#ifndef SANDVAULT_IDENTITYD_CREDENTIALS_H
#define SANDVAULT_IDENTITYD_CREDENTIALS_H

/* How a client proves who it is at the token endpoint: a secret in the form or by HTTP Basic, or an assertion
 * (assertion.h). */

#include "common/model/principal.h"
#include "identityd/entra/form.h"
#include "identityd/operation.h"

struct credentials {
	struct buf basic;					  /* decoded header; secret */
	struct span client_id, secret, assertion, assertion_type; /* p NULL: not given; inside basic or the form */
};
void credentials_done(struct credentials *c);

/* authorization: the header, or NULL. FAULT_INVALID with AADSTS900144 when no client is named. */
enum fault credentials_read(const struct form *form, const char *authorization, struct credentials *ret,
			    struct err *err) MUST_USE;
/* FAULT_INVALID: no such application; FAULT_UNAUTHENTICATED: it is not that one. Words are AADSTS's. */
enum fault credentials_check(const struct op *op, const struct credentials *c, struct principal *ret,
			     struct err *err) MUST_USE;

#endif
