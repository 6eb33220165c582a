#include "vaultd/arm/deny_make.h"

#include "policy/propagation.h"
#include "vaultd/arm/deny_scope.h"

enum fault deny_assignment_make(const struct vaultd *d, struct txn *t, int64_t now_ms, struct deny_assignment *a,
				struct err *err)
{
	enum fault f = deny_scope_check(&d->world, t, a, err);

	a->created_ms = a->updated_ms = now_ms;
	a->effective_from_s = propagation_due(now_ms / 1000, d->propagation_delay_s);
	if (f == FAULT_NONE)
		f = deny_assignment_sweep(t, now_ms / 1000);
	return f == FAULT_NONE ? deny_assignment_put(t, a) : f;
}
