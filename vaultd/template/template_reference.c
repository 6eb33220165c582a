#include "vaultd/template/template_reference.h"

enum fault reference_unknown(struct plan *p, struct span what, struct err *err)
{
	return plan_refuse(p, NULL, NULL, err,
			   "The template reference '%.*s' is not valid: could not find template resource or resource "
			   "copy with this name. Please see https://aka.ms/arm-function-reference for usage details.",
			   SPAN_ARG(what));
}

static bool is_id(struct span what)
{
	return what.len > 0 && what.p[0] == '/';
}

/* Of several under one name the deployed one. */
static const struct node *best_of(const struct plan *p, const struct index_slot *slot)
{
	const struct node *best = NULL;

	if (slot == NULL)
		return NULL;
	for (const struct index_item *item = slot->items; item != NULL; item = item->next) {
		const struct node *n = p->nodes[item->value];

		if (best == NULL || (best->r.is_left_out && !n->r.is_left_out) ||
		    (best->r.is_existing && !n->r.is_existing && !n->r.is_left_out))
			best = n;
	}
	return best;
}

/* Id and version to look up. */
static enum fault find(struct plan *p, struct span what, struct span *version, struct span *ret_id, struct err *err)
{
	const struct node *n = best_of(p, resource_find(p, what));

	if (n == NULL && !is_id(what))
		return reference_unknown(p, what, err);
	if (n == NULL && version->len == 0)
		return plan_refuse(p, NULL, NULL, err,
				   "The resource '%.*s' is not defined in the template. Please see "
				   "https://aka.ms/arm-syntax for usage details.",
				   SPAN_ARG(id_relative(what)));
	if (n != NULL && version->len == 0)
		*version = n->r.api_version;
	*ret_id = n == NULL ? what : n->r.id;
	return FAULT_NONE;
}

enum fault reference_check(struct plan *p, struct span what, struct span version, struct err *err)
{
	struct span id;
	enum fault f = find(p, what, &version, &id, err);

	return f == FAULT_NONE ? FAULT_UNAVAILABLE : f;
}

enum fault reference_get(struct plan *p, struct span what, struct span version, const struct tv **ret, struct err *err)
{
	struct span id;
	enum fault f = find(p, what, &version, &id, err);

	return f == FAULT_NONE ? p->in.lookup.resource(p->in.lookup.arg, id, version, ret, err) : f;
}
