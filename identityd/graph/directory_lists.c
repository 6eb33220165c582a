/* Lists of service principals and of applications, and single ones by their ids. */

#include "identityd/graph/graph.h"
#include "identityd/graph/graph_filter.h"
#include "identityd/graph/graph_page.h"

/* The same principals, looked at in two ways. */
struct view {
	const char *set, *resource;
	bool is_application;
};
static const struct view service_principals = { "servicePrincipals", "ServicePrincipal", false };
static const struct view applications = { "applications", "Application", true };

enum property {
	PROPERTY_ID,
	PROPERTY_APP_ID,
	PROPERTY_DISPLAY_NAME,
	PROPERTY_TYPE,
	PROPERTY_NAMES,
	PROPERTY_ALTERNATIVE
};

static const struct {
	const char *name;
	bool is_list;
	bool is_of_applications;
} properties[] = {
	[PROPERTY_ID] = { "id", false, true },
	[PROPERTY_APP_ID] = { "appId", false, true },
	[PROPERTY_DISPLAY_NAME] = { "displayName", false, true },
	[PROPERTY_TYPE] = { "servicePrincipalType", false, false },
	[PROPERTY_NAMES] = { "servicePrincipalNames", true, false },
	[PROPERTY_ALTERNATIVE] = { "alternativeNames", true, false },
};

static const char *text_of(const struct view *v, const struct principal *p, enum property property)
{
	switch (property) {
	case PROPERTY_ID:
		return v->is_application ? graph_application_id(p) : p->object_id;
	case PROPERTY_APP_ID:
	case PROPERTY_NAMES:
		return p->app_id;
	case PROPERTY_DISPLAY_NAME:
		return p->display_name;
	case PROPERTY_TYPE:
		return p->kind == PRINCIPAL_APPLICATION ? "Application" : "ManagedIdentity";
	case PROPERTY_ALTERNATIVE:
		return p->resource_id;
	}
	return "";
}

static enum fault find_property(const struct view *v, const struct graph_filter *f, enum property *ret, struct err *err)
{
	*ret = PROPERTY_ID;
	if (f->comparison == GRAPH_ALL)
		return FAULT_NONE;
	for (size_t i = 0; i < ARRAY_LEN(properties); i++) {
		*ret = (enum property)i;
		if (span_eq_nocase(f->property, span_cstr(properties[i].name)) &&
		    properties[i].is_list == (f->comparison == GRAPH_ANY_EQ) &&
		    (!v->is_application || properties[i].is_of_applications))
			return FAULT_NONE;
	}
	return err_say(err, FAULT_INVALID, "Request_UnsupportedQuery",
		       "Unsupported or invalid query filter clause specified for property '%.*s' of resource '%s'.",
		       SPAN_ARG(span_first(f->property, 64)), v->resource);
}

struct listing {
	struct op *op;
	const struct view *view;
	struct graph_filter filter;
	enum property property;
	struct graph_page page;
};

static void write_one(struct op *op, const struct view *v, const struct principal *p)
{
	if (v->is_application)
		graph_write_application(op, p);
	else
		graph_write_service_principal(op, p, false);
}

static bool is_in_view(const struct view *v, const struct principal *p)
{
	return !v->is_application || p->kind == PRINCIPAL_APPLICATION;
}

static enum fault list_one(const struct principal *p, void *arg)
{
	struct listing *l = arg;

	if (!is_in_view(l->view, p) || !graph_filter_fits(&l->filter, span_cstr(text_of(l->view, p, l->property))) ||
	    !graph_page_wants(&l->page))
		return FAULT_NONE;
	json_out_object(&l->op->out, NULL);
	write_one(l->op, l->view, p);
	json_out_object_end(&l->op->out);
	return FAULT_NONE;
}

/*
 * az has no name for a managed identity that it signed in as, and asks for these words. They mean the caller.
 */
static void resolve_own_names(struct listing *l)
{
	if (l->property != PROPERTY_NAMES || (!span_eq_cstr(l->filter.value, "systemAssignedIdentity") &&
					      !span_eq_cstr(l->filter.value, "userAssignedIdentity")))
		return;
	l->property = PROPERTY_ID;
	l->filter.value = span_cstr(l->op->caller->object_id);
}

/* What leads to one principal at most is looked up, not searched for. */
static enum fault run(struct listing *l)
{
	bool is_equal = l->filter.comparison == GRAPH_EQ || l->filter.comparison == GRAPH_ANY_EQ;
	bool is_by_app = l->property == PROPERTY_APP_ID || l->property == PROPERTY_NAMES;
	struct principal p;
	enum fault f;

	if (is_equal && is_by_app)
		f = principal_by_app_id(l->op->txn, l->filter.value, &p);
	else if (is_equal && l->property == PROPERTY_ID && !l->view->is_application)
		f = principal_by_object_id(l->op->txn, l->filter.value, &p);
	else
		return principal_each(l->op->txn, list_one, l);
	if (f == FAULT_NONE)
		f = list_one(&p, l);
	return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
}

static enum fault list(struct op *op, const struct view *view, struct err *err)
{
	struct listing l = { .op = op, .view = view };
	struct span text = http_query(op->request, "$filter");
	enum fault f = graph_filter_parse(text, http_exchange_pool(op->x), &l.filter, err);

	if (f == FAULT_NONE)
		f = find_property(view, &l.filter, &l.property, err);
	if (f == FAULT_NONE)
		f = graph_page_begin(op, view->set, &l.page, err);
	if (f != FAULT_NONE)
		return f;
	resolve_own_names(&l);
	f = run(&l);
	graph_page_end(&l.page);
	return f;
}

enum fault op_graph_list_service_principals(struct op *op, struct err *err)
{
	return list(op, &service_principals, err);
}

enum fault op_graph_list_applications(struct op *op, struct err *err)
{
	return list(op, &applications, err);
}

/* ---- one ---- */

static enum fault answer_one(struct op *op, const struct view *v, enum fault f, const struct principal *p,
			     struct span id, struct err *err)
{
	if (f == FAULT_NONE && !is_in_view(v, p))
		f = FAULT_NOT_FOUND;
	if (f == FAULT_NOT_FOUND)
		return graph_not_found(id, err);
	if (f != FAULT_NONE)
		return f;
	json_out_object(&op->out, NULL);
	graph_write_context(op, v->is_application ? "applications/$entity" : "servicePrincipals/$entity");
	write_one(op, v, p);
	json_out_object_end(&op->out);
	return FAULT_NONE;
}

enum fault op_graph_get_service_principal(struct op *op, struct err *err)
{
	struct span id = route_capture(&op->match, "id");
	struct principal p;
	enum fault f = principal_by_object_id(op->txn, id, &p);

	return answer_one(op, &service_principals, f, &p, id, err);
}

enum fault op_graph_get_application(struct op *op, struct err *err)
{
	struct span id = route_capture(&op->match, "id");
	struct principal p;
	enum fault f = principal_by_app_id(op->txn, id, &p);

	return answer_one(op, &applications, f, &p, id, err);
}

/* "servicePrincipals(appId='…')" */
enum fault op_graph_get_by_app_id(struct op *op, struct err *err)
{
	struct span keyed = route_capture(&op->match, "keyed"), set, key = span_cut(keyed, '(', &set);
	struct span head = SPAN_LIT("appId='"), tail = SPAN_LIT("')");
	bool is_application = span_eq_nocase(set, span_cstr(applications.set));
	struct principal p;
	enum fault f;

	if ((!is_application && !span_eq_nocase(set, span_cstr(service_principals.set))) || key.p == NULL ||
	    !span_starts_nocase(key, head) || key.len < head.len + tail.len ||
	    !span_eq(span_from(key, key.len - tail.len), tail))
		return err_say(err, FAULT_NOT_IMPLEMENTED, "",
			       "Graph's '%.*s' is not imitated. See identityd --print-operations for what is.",
			       SPAN_ARG(span_first(keyed, 128)));
	key = span_first(span_from(key, head.len), key.len - head.len - tail.len);
	f = principal_by_app_id(op->txn, key, &p);
	return answer_one(op, is_application ? &applications : &service_principals, f, &p, key, err);
}
