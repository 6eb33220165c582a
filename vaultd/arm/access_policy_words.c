#include "vaultd/arm/access_policy_words.h"

/* In the order of replies. */
const struct permission_category permission_categories[] = {
	{ "keys",
	  { "encrypt",
	    "decrypt",
	    "wrapKey",
	    "unwrapKey",
	    "sign",
	    "verify",
	    "get",
	    "list",
	    "create",
	    "update",
	    "import",
	    "delete",
	    "backup",
	    "restore",
	    "recover",
	    "purge",
	    "release",
	    "rotate",
	    "getrotationpolicy",
	    "setrotationpolicy" } },
	{ "secrets", { "get", "list", "set", "delete", "backup", "restore", "recover", "purge" } },
	{ "certificates",
	  { "get", "list", "delete", "create", "import", "update", "managecontacts", "getissuers", "listissuers",
	    "setissuers", "deleteissuers", "manageissuers", "recover", "purge", "backup", "restore" } },
	{ "storage",
	  { "get", "list", "delete", "set", "update", "regeneratekey", "recover", "purge", "backup", "restore",
	    "setsas", "listsas", "getsas", "deletesas" } },
};

const size_t n_permission_categories = ARRAY_LEN(permission_categories);

bool permission_is_known(const struct permission_category *c, struct span word)
{
	if (span_eq_nocase(word, SPAN_LIT("all")))
		return true;
	for (size_t i = 0; c->words[i] != NULL; i++)
		if (span_eq_nocase(word, span_cstr(c->words[i])))
			return true;
	return false;
}

action_set permission_key_actions(const struct json *list)
{
	action_set set = 0;

	for (size_t i = 0; i < json_array_len(list); i++)
		set |= action_set_of_word(json_string(json_array_at(list, i)));
	return set;
}
