#ifndef SANDVAULT_TESTS_FUZZ_ROUTE_IDENTITYD_H
#define SANDVAULT_TESTS_FUZZ_ROUTE_IDENTITYD_H

/* identityd's rows, apart from vaultd's: both daemons have doors of their own, and one file cannot see both. */

#include "common/io/http.h"

/* Through identityd's routes with a request of our own making; x lends its pool. */
void route_identityd(struct http_exchange *x, const struct http_request *request);
/* The same bytes as a form, which is a query in a body. */
void parse_form(struct span text);

#endif
