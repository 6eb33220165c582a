#include "tests/fuzz/route_identityd.h"

#include "identityd/entra/form.h"
#include "identityd/operation.h"
#include "tests/fuzz/fuzz.h"

void route_identityd(struct http_exchange *x, const struct http_request *request)
{
	struct op op = { .x = x, .request = request };
	struct err err = ERR_INIT;

	if (op_route(&op, &err) == FAULT_NONE)
		FUZZ_CHECK(op.row != NULL && op.match.n <= ROUTE_CAPTURES_MAX);
	else
		FUZZ_CHECK(err.message[0] != '\0');
}

void parse_form(struct span text)
{
	SCOPED_DONE(form) struct form form;
	size_t total = 0;

	FUZZ_CHECK(form_parse(text, &form) == FAULT_NONE);
	FUZZ_CHECK(form.n <= FORM_PAIRS_MAX);
	for (size_t i = 0; i < form.n; i++)
		total += form.pairs[i].name.len + form.pairs[i].value.len;
	FUZZ_CHECK(total <= text.len);
	(void)form_get(&form, "grant_type");
}
