#include "policy/access_policy.h"

#include <stdlib.h>

#include "common/plain/base.h"

static bool names_caller(const struct access_policy_rule *r, const struct access_policy_query *q)
{
	if (!span_eq(r->object_id, q->object_id) || !span_eq(r->tenant_id, q->tenant_id))
		return false;
	return r->application_id.len == 0 || (q->is_on_behalf_of && span_eq(r->application_id, q->app_id));
}

static bool is_nobody(const struct access_policy_query *q)
{
	return q->object_id.len == 0 || q->tenant_id.len == 0;
}

static struct verdict refused_for(enum reason r)
{
	return (struct verdict){ VERDICT_DENY, r, VERDICT_NO_RULE };
}

/* Lays one rule over what the earlier ones said; true when it grants, which ends the matter. */
static bool weigh(const struct access_policy_rule *rule, size_t place, const struct access_policy_query *q,
		  struct verdict *v)
{
	if (!names_caller(rule, q))
		return false;
	if ((rule->keys & ACTION_BIT(q->action)) != 0) {
		*v = (struct verdict){ VERDICT_ALLOW, REASON_ACCESS_POLICY, place };
		return true;
	}
	v->reason = REASON_ACCESS_POLICY_NO_PERMISSION;
	v->rule = place;
	return false;
}

struct verdict access_policy_decide(const struct access_policy_rule *rules, size_t n_rules,
				    const struct access_policy_query *q)
{
	struct verdict v = refused_for(is_nobody(q) ? REASON_NO_CALLER : REASON_ACCESS_POLICY_NO_ENTRY);

	for (size_t i = 0; !is_nobody(q) && i < n_rules; i++)
		if (weigh(&rules[i], i, q, &v))
			break;
	return v;
}

static int compare_spans(struct span a, struct span b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int c = n == 0 ? 0 : memcmp(a.p, b.p, n);

	return c != 0 ? c : (a.len > b.len) - (a.len < b.len);
}

static int compare_places(const void *a, const void *b, void *rules)
{
	size_t x = *(const size_t *)a, y = *(const size_t *)b;
	const struct access_policy_rule *r = rules;
	int c = compare_spans(r[x].object_id, r[y].object_id);

	return c != 0 ? c : (x > y) - (x < y);
}

enum fault access_policy_index_make(const struct access_policy_rule *rules, size_t n_rules,
				    struct access_policy_index *ret)
{
	size_t *places = malloc((n_rules + 1) * sizeof(*places));

	if (places == NULL)
		return FAULT_MEMORY;
	for (size_t i = 0; i < n_rules; i++)
		places[i] = i;
	qsort_r(places, n_rules, sizeof(*places), compare_places, (void *)(uintptr_t)rules);
	*ret = (struct access_policy_index){ rules, places, n_rules };
	return FAULT_NONE;
}

void access_policy_index_done(struct access_policy_index *i)
{
	free(i->by_object);
	*i = (struct access_policy_index){ NULL, NULL, 0 };
}

/* The first place whose object id is not before the caller's. */
static size_t first_of(const struct access_policy_index *i, struct span object_id)
{
	size_t low = 0, high = i->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_spans(i->rules[i->by_object[middle]].object_id, object_id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct verdict access_policy_decide_indexed(const struct access_policy_index *i, const struct access_policy_query *q)
{
	struct verdict v = refused_for(is_nobody(q) ? REASON_NO_CALLER : REASON_ACCESS_POLICY_NO_ENTRY);

	if (is_nobody(q))
		return v;
	for (size_t at = first_of(i, q->object_id); at < i->n; at++) {
		size_t place = i->by_object[at];

		if (!span_eq(i->rules[place].object_id, q->object_id) || weigh(&i->rules[place], place, q, &v))
			break;
	}
	return v;
}
