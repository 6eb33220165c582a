#include "policy/action.h"

#include "common/plain/base.h"
#include "common/plain/text.h"

static const struct {
	const char *word;
	const char *rbac;
} rows[ACTION_COUNT] = {
#define KEYS(tail) "Microsoft.KeyVault/vaults/keys/" tail
	[ACTION_KEYS_GET] = { "get", KEYS("read") },
	[ACTION_KEYS_LIST] = { "list", KEYS("read") },
	[ACTION_KEYS_CREATE] = { "create", KEYS("create/action") },
	[ACTION_KEYS_IMPORT] = { "import", KEYS("import/action") },
	[ACTION_KEYS_UPDATE] = { "update", KEYS("update/action") },
	[ACTION_KEYS_DELETE] = { "delete", KEYS("delete") },
	[ACTION_KEYS_RECOVER] = { "recover", KEYS("recover/action") },
	[ACTION_KEYS_PURGE] = { "purge", KEYS("purge/action") },
	[ACTION_KEYS_BACKUP] = { "backup", KEYS("backup/action") },
	[ACTION_KEYS_RESTORE] = { "restore", KEYS("restore/action") },
	[ACTION_KEYS_ENCRYPT] = { "encrypt", KEYS("encrypt/action") },
	[ACTION_KEYS_DECRYPT] = { "decrypt", KEYS("decrypt/action") },
	[ACTION_KEYS_WRAP] = { "wrapKey", KEYS("wrap/action") },
	[ACTION_KEYS_UNWRAP] = { "unwrapKey", KEYS("unwrap/action") },
	[ACTION_KEYS_SIGN] = { "sign", KEYS("sign/action") },
	[ACTION_KEYS_VERIFY] = { "verify", KEYS("verify/action") },
	[ACTION_KEYS_ROTATE] = { "rotate", KEYS("rotate/action") },
	[ACTION_KEYS_GET_ROTATION_POLICY] = { "getrotationpolicy",
					      "Microsoft.KeyVault/vaults/keyrotationpolicies/read" },
	[ACTION_KEYS_SET_ROTATION_POLICY] = { "setrotationpolicy",
					      "Microsoft.KeyVault/vaults/keyrotationpolicies/write" },
	[ACTION_KEYS_RELEASE] = { "release", KEYS("release/action") },
#undef KEYS
};

const char *action_policy_word(enum action a)
{
	return rows[a].word;
}

const char *action_rbac_string(enum action a)
{
	return rows[a].rbac;
}

action_set action_set_of_word(struct span word)
{
	if (span_eq_nocase(word, SPAN_LIT("all")))
		return (ACTION_BIT(ACTION_COUNT) - 1) & ~ACTION_BIT(ACTION_KEYS_PURGE);
	for (unsigned a = 0; a < ARRAY_LEN(rows); a++)
		if (span_eq_nocase(word, span_cstr(rows[a].word)))
			return ACTION_BIT(a);
	return 0;
}

bool action_matches(struct span pattern, struct span action)
{
	size_t at = 0, star = SIZE_MAX, from = 0; /* the last star seen, and where what it stands for ends */

	for (size_t i = 0; i < action.len;) {
		if (at < pattern.len && pattern.p[at] == '*') {
			star = at++;
			from = i;
		} else if (at < pattern.len && ascii_lower(pattern.p[at]) == ascii_lower(action.p[i])) {
			at++;
			i++;
		} else if (star != SIZE_MAX) {
			at = star + 1;
			i = ++from;
		} else {
			return false;
		}
	}
	while (at < pattern.len && pattern.p[at] == '*')
		at++;
	return at == pattern.len;
}
