#include "vaultd/keyvault/rotation_dates.h"

enum { DAY_S = 86400, DATES_MAX = 1 << 20 };

static bool next_date(const struct rotation_policy *p, const struct rotation_version *v, int64_t not_before_s,
		      int64_t *ret)
{
	struct rotation_due due = rotation_due(p, v);

	*ret = due.at_s > not_before_s ? due.at_s : not_before_s;
	return due.is_set;
}

/* The dates that each version after the newest would have had; of those passed, the first that is still made up for. */
bool rotation_next(const struct key_head *h, const struct key_version *newest, const struct rotation_policy *p,
		   int64_t now_s, int64_t *ret_created_s)
{
	struct rotation_version v = { newest->created_s, newest->has_exp, newest->exp_s };
	/* A policy does not reach back behind the day it was set, nor a version behind its own creation. */
	int64_t not_before_s = h->rotation.updated_s > v.created_s ? h->rotation.updated_s : v.created_s;
	int64_t dates[ROTATION_MISSED_MAX], at;
	size_t n = 0;

	if (!newest->enabled)
		return false;
	while (n < DATES_MAX && next_date(p, &v, not_before_s, &at) && at <= now_s) {
		struct rotation_due exp = rotation_new_expiry(p, at);

		dates[n++ % ROTATION_MISSED_MAX] = at;
		v = (struct rotation_version){ at, exp.is_set, exp.at_s };
		not_before_s = at + DAY_S;
	}
	if (n == 0)
		return false;
	*ret_created_s = dates[n < ROTATION_MISSED_MAX ? 0 : n % ROTATION_MISSED_MAX];
	return true;
}

bool rotation_notice_due(const struct key_version *v, const struct rotation_policy *p, int64_t now_s)
{
	struct rotation_version version = { v->created_s, v->has_exp, v->exp_s };
	struct rotation_due due = rotation_notify_due(p, &version);

	return due.is_set && due.at_s <= now_s;
}
