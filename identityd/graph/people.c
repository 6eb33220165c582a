/* Users and groups: this directory has none, and nobody signs in as one. */

#include "identityd/graph/graph.h"
#include "identityd/graph/graph_page.h"

/* Every caller is an application or a managed identity. */
enum fault op_graph_me(struct op *op UNUSED, struct err *err)
{
	return err_say(err, FAULT_INVALID, "BadRequest",
		       "/me request is only valid with delegated authentication flow.");
}

static enum fault list_nothing(struct op *op, const char *set, struct err *err)
{
	struct graph_page page;
	enum fault f = graph_page_begin(op, set, &page, err);

	if (f == FAULT_NONE)
		graph_page_end(&page);
	return f;
}

enum fault op_graph_list_users(struct op *op, struct err *err)
{
	return list_nothing(op, "users", err);
}

enum fault op_graph_list_groups(struct op *op, struct err *err)
{
	return list_nothing(op, "groups", err);
}

enum fault op_graph_no_such_object(struct op *op, struct err *err)
{
	return graph_not_found(route_capture(&op->match, "id"), err);
}
