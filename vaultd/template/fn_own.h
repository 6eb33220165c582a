#ifndef SANDVAULT_VAULTD_TEMPLATE_FN_OWN_H
#define SANDVAULT_VAULTD_TEMPLATE_FN_OWN_H

/*
 * Functions that a template defines itself, called as "namespace.name(…)". The section is
 * [{"namespace":"n","members":{"f":{"parameters":[{"name":"p","type":"string"}],"output":{"type":"string","value":…}}}}].
 */

#include "vaultd/template/fn.h"

/* Whether the name has a namespace. */
bool fn_own_is(const struct expr *call);
/* Whether the section defines it and it takes so many arguments. */
enum fault fn_own_check(const struct expr *call, const struct tv *section, struct err *err) MUST_USE;
/* Its output with the arguments as its parameters: it sees neither the template's nor any resource. */
enum fault fn_own_call(struct eval *e, const struct expr *call, const struct tv *const *args,
		       const struct tv **ret) MUST_USE;

#endif
