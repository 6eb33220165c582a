#ifndef SANDVAULT_POLICY_VERDICT_H
#define SANDVAULT_POLICY_VERDICT_H

/*
 * What a decision says: allow, deny or cannot tell, why, and which rule decided. A verdict that cannot tell is never an
 * allow.
 */

#include <stddef.h>

enum verdict_kind { VERDICT_DENY = 0, VERDICT_ALLOW, VERDICT_CANNOT_TELL };

enum reason {
	REASON_NONE = 0,
	REASON_NO_CALLER,		    /* nobody was named */
	REASON_ACCESS_POLICY,		    /* an access-policy entry grants the permission */
	REASON_ACCESS_POLICY_NO_ENTRY,	    /* no entry names the caller */
	REASON_ACCESS_POLICY_NO_PERMISSION, /* entries name the caller, none has the permission */
	REASON_NO_ROLE_ASSIGNMENT,	    /* the vault asks for a role, and no assignment gives one */
	REASON_KEY_USABLE,
	REASON_KEY_OPERATION_NOT_LISTED, /* key_ops lacks the operation */
	REASON_KEY_DISABLED,
	REASON_KEY_NOT_YET_VALID,
	REASON_KEY_EXPIRED,
	REASON_PURGE_PROTECTED,
	REASON_RBAC_ASSIGNMENT,	       /* a role assignment grants the action */
	REASON_RBAC_DENY_ASSIGNMENT,   /* a deny assignment wins over whatever grants it */
	REASON_RBAC_CONDITION,	       /* only a grant under a condition, which cannot be evaluated */
	REASON_RBAC_NOT_YET_EFFECTIVE, /* only a grant that has not propagated yet */
	REASON_RBAC_NO_PERMISSION,     /* assignments name the caller here, none of their roles has the action */
	REASON_NET_OPEN,	       /* the default action lets everybody through */
	REASON_NET_DEFAULT,	       /* no rule lets the address through, and the default is to deny */
	REASON_NET_IP_RULE,
	REASON_NET_VNET_RULE,
	REASON_NET_TRUSTED_SERVICE,    /* the bypass for trusted services */
	REASON_NET_DISABLED,	       /* no public access, and the caller is not a trusted service */
	REASON_NET_DISABLED_NO_BYPASS, /* no public access for anybody */
	REASON_KEY_DELETED,	       /* the name belongs to a deleted key that can be recovered */
	REASON_KEY_CHANGING,	       /* being deleted, recovered, or changed by somebody else meanwhile */
	REASON_KEY_EXISTS,	       /* the name belongs to a living key */
	REASON_VAULT_DELETED,	       /* before the request, or while it was at work */
	REASON_KEY_NOT_FOUND,
	REASON_CONTROL_PLANE,	  /* the control plane, at work for a caller whom it let through */
	REASON_REGISTRY_KEY_LOST, /* the registry cannot open what it stores */
	REASON_TOKEN_SCOPE,	  /* the token was not issued for it */
};

#define VERDICT_NO_RULE ((size_t)-1)

struct verdict {
	enum verdict_kind kind;
	enum reason reason;
	size_t rule; /* index of the deciding rule among those given, VERDICT_NO_RULE when it was none */
};

/* "access-policy-no-permission": stable words that tests and audit lines use. */
const char *reason_name(enum reason r);
/* "allow", "deny", "cannot-tell"; "none" when nothing was decided. */
const char *verdict_word(const struct verdict *v);

#endif
