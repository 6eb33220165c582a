#include "vaultd/control/due_purge.h"

#include "common/model/purge.h"

_Static_assert(sizeof(struct purge_place) <= DUE_STATE_SIZE, "a run's memory holds the place");

enum fault due_purge_keys(struct vaultd *d, struct due_run *run, int64_t now_s, struct err *err)
{
	bool has_more = false;
	enum fault f = purge_keys_step(&d->world, now_s, due_state(run), &has_more, err);

	if (has_more)
		due_again(run);
	return f;
}

enum fault due_purge_vaults(struct vaultd *d, struct due_run *run, int64_t now_s, struct err *err)
{
	bool has_more = false;
	enum fault f = purge_vaults_step(&d->world, now_s, &has_more, err);

	if (has_more)
		due_again(run);
	return f;
}
