#ifndef SANDVAULT_VAULTD_REG_SCOPE_H
#define SANDVAULT_VAULTD_REG_SCOPE_H

/* Scopes of tokens: "repository:NAME:ACTION,ACTION", "registry:catalog:*", with blanks between. */

#include "vaultd/registry/reg.h"

/* Whether a token's scope has it for the repository (of the catalog: whatever the repository). */
bool reg_scope_has(const char *scope, struct span repository, enum reg_access access);
/* The word for it. */
const char *reg_scope_word(enum reg_access access);

#endif
