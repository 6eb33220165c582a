#include "common/model/role_scope.h"

#include "common/model/role_assignment.h"
#include "common/model/role_deny.h"
#include "policy/scope.h"

enum fault role_scope_drop(struct txn *t, const char *id)
{
	char text[SCOPE_SIZE];
	struct span folded;
	enum fault f = scope_fold(span_cstr(id), text, sizeof(text), &folded);

	/* Nothing stands at what is no scope. */
	if (f == FAULT_INVALID)
		return FAULT_NONE;
	if (f == FAULT_NONE)
		f = role_assignment_drop_scope(t, folded);
	return f == FAULT_NONE ? deny_assignment_drop_scope(t, folded) : f;
}
