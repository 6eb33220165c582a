#include "policy/rotation.h"

#include "common/plain/base.h"

static const struct duration seven_days = { .days = 7 };
static const struct duration least_expiry = { .days = 28 };
static const struct rotation_moment default_notify = { ROTATION_BEFORE_EXPIRY, { .days = 30 } };

enum rotation_problem rotation_policy_add(struct rotation_policy *p, enum rotation_action action,
					  struct rotation_moment when)
{
	struct rotation_moment *slot = action == ROTATION_ROTATE ? &p->rotate : &p->notify;

	if (slot->trigger != ROTATION_NEVER)
		return action == ROTATION_ROTATE ? ROTATION_TWO_ROTATES : ROTATION_TWO_NOTIFIES;
	*slot = when;
	return ROTATION_OK;
}

bool rotation_policy_add_default_notify(struct rotation_policy *p)
{
	if (p->notify.trigger != ROTATION_NEVER)
		return false;
	p->notify = default_notify;
	return true;
}

/* A key made on 1 February of a common year: the month that follows is the shortest, and two are 59 days. */
#define SAMPLE_CREATED_S INT64_C(980985600)

static enum rotation_problem check_rotate(const struct rotation_policy *p)
{
	const struct rotation_version v = { SAMPLE_CREATED_S, p->has_expiry,
					    duration_after(SAMPLE_CREATED_S, &p->expiry) };
	struct rotation_due due = rotation_due(p, &v);

	if (p->rotate.trigger == ROTATION_NEVER)
		return ROTATION_OK;
	if (!due.is_set)
		return ROTATION_NEEDS_EXPIRY;
	if (due.at_s < duration_after(v.created_s, &seven_days))
		return ROTATION_TOO_SOON;
	if (v.has_exp && due.at_s > duration_before(v.exp_s, &seven_days))
		return ROTATION_TOO_LATE;
	return ROTATION_OK;
}

enum rotation_problem rotation_policy_check(const struct rotation_policy *p)
{
	if (p->notify.trigger == ROTATION_AFTER_CREATE)
		return ROTATION_NOTIFY_AFTER_CREATE;
	if (p->has_expiry &&
	    duration_after(SAMPLE_CREATED_S, &p->expiry) < duration_after(SAMPLE_CREATED_S, &least_expiry))
		return ROTATION_EXPIRY_TOO_SHORT;
	return check_rotate(p);
}

const char *rotation_problem_text(enum rotation_problem problem)
{
	switch (problem) {
	case ROTATION_OK:
		return "The rotation policy is valid.";
	case ROTATION_TWO_ROTATES:
		return "A rotation policy has at most one lifetime action of type Rotate.";
	case ROTATION_TWO_NOTIFIES:
		return "A rotation policy has at most one lifetime action of type Notify.";
	case ROTATION_NOTIFY_AFTER_CREATE:
		return "A lifetime action of type Notify takes the trigger timeBeforeExpiry, not timeAfterCreate.";
	case ROTATION_EXPIRY_TOO_SHORT:
		return "The expiryTime of a rotation policy is at least 28 days.";
	case ROTATION_NEEDS_EXPIRY:
		return "A lifetime action of type Rotate with the trigger timeBeforeExpiry needs an expiryTime.";
	case ROTATION_TOO_SOON:
		return "A rotation takes place at least 7 days after the key's creation.";
	case ROTATION_TOO_LATE:
		return "A rotation takes place at least 7 days before the key's expiry.";
	}
	return "";
}

static struct rotation_due moment_due(const struct rotation_moment *m, const struct rotation_version *v)
{
	switch (m->trigger) {
	case ROTATION_NEVER:
		break;
	case ROTATION_AFTER_CREATE:
		return (struct rotation_due){ true, duration_after(v->created_s, &m->time) };
	case ROTATION_BEFORE_EXPIRY:
		if (v->has_exp)
			return (struct rotation_due){ true, duration_before(v->exp_s, &m->time) };
		break;
	}
	return (struct rotation_due){ false, 0 };
}

struct rotation_due rotation_due(const struct rotation_policy *p, const struct rotation_version *v)
{
	return moment_due(&p->rotate, v);
}

struct rotation_due rotation_notify_due(const struct rotation_policy *p, const struct rotation_version *v)
{
	return moment_due(&p->notify, v);
}

struct rotation_due rotation_new_expiry(const struct rotation_policy *p, int64_t created_s)
{
	if (!p->has_expiry)
		return (struct rotation_due){ false, 0 };
	return (struct rotation_due){ true, duration_after(created_s, &p->expiry) };
}
