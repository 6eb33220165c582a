#ifndef SANDVAULT_VAULTD_REG_TOKEN_H
#define SANDVAULT_VAULTD_REG_TOKEN_H

/*
 * A registry's own tokens: sealed under the sandbox's root key, so that nobody else makes, reads or changes one.
 * Source: fixtures/sources.md#registry-tokens
 */

#include "common/model/registry.h"

enum reg_token_kind { REG_TOKEN_REFRESH = 1, REG_TOKEN_ACCESS = 2 };
enum { REG_REFRESH_LIVES_S = 3 * 3600, REG_ACCESS_LIVES_S = 75 * 60, REG_SCOPE_SIZE = 4096, REG_TOKEN_MAX = 8192 };
#define REG_SCOPE_ALL "*" /* of callers who came with a password: their roles alone decide */

struct reg_token {
	unsigned kind; /* enum reg_token_kind */
	uint8_t registry[REGISTRY_UID_LEN];
	size_t registry_len;
	char object_id[ID_SIZE], app_id[ID_SIZE]; /* "": anybody */
	int64_t expires_s;
	char scope[REG_SCOPE_SIZE]; /* "repository:a:pull,push repository:b:pull" */
};

enum fault reg_token_seal(const struct world *w, const struct reg_token *token, struct buf *out) MUST_USE;
/* FAULT_UNAUTHENTICATED: not one of ours. */
enum fault reg_token_open(const struct world *w, struct span text, struct reg_token *ret) MUST_USE;

#endif
