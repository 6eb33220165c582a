#include "policy/verdict.h"

const char *reason_name(enum reason r)
{
	switch (r) {
	case REASON_NONE:
		return "none";
	case REASON_NO_CALLER:
		return "no-caller";
	case REASON_ACCESS_POLICY:
		return "access-policy";
	case REASON_ACCESS_POLICY_NO_ENTRY:
		return "access-policy-no-entry";
	case REASON_ACCESS_POLICY_NO_PERMISSION:
		return "access-policy-no-permission";
	case REASON_NO_ROLE_ASSIGNMENT:
		return "no-role-assignment";
	case REASON_KEY_USABLE:
		return "key-usable";
	case REASON_KEY_OPERATION_NOT_LISTED:
		return "key-operation-not-listed";
	case REASON_KEY_DISABLED:
		return "key-disabled";
	case REASON_KEY_NOT_YET_VALID:
		return "key-not-yet-valid";
	case REASON_KEY_EXPIRED:
		return "key-expired";
	case REASON_PURGE_PROTECTED:
		return "purge-protected";
	}
	return "unknown";
}
