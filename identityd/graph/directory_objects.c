/* Objects of the directory by their ids, whatever they are. */

#include "common/io/json.h"
#include "identityd/graph/graph.h"

enum { IDS_MAX = 1000 };

/* No types at all means every type. */
static bool wants_service_principals(const struct json *types)
{
	size_t n = json_array_len(types);

	for (size_t i = 0; i < n; i++) {
		struct span type = json_string(json_array_at(types, i));

		if (span_eq_nocase(type, SPAN_LIT("servicePrincipal")) ||
		    span_eq_nocase(type, SPAN_LIT("directoryObject")))
			return true;
	}
	return n == 0;
}

static enum fault check_ids(const struct json *ids, struct err *err)
{
	if (json_type(ids) != JSON_ARRAY)
		return err_say(err, FAULT_INVALID, "Request_BadRequest",
			       "Invalid value specified for property 'ids' of resource 'DirectoryObject'.");
	if (json_array_len(ids) > IDS_MAX)
		return err_say(err, FAULT_INVALID, "Request_BadRequest",
			       "Too many elements in the collection 'ids': %zu. The maximum is %d.",
			       json_array_len(ids), IDS_MAX);
	for (size_t i = 0; i < json_array_len(ids); i++) {
		struct span id = json_string(json_array_at(ids, i));

		if (!uuid_is_valid(id))
			return err_say(err, FAULT_INVALID, "Request_BadRequest", "Invalid object identifier '%.*s'.",
				       SPAN_ARG(span_first(id, 128)));
	}
	return FAULT_NONE;
}

static enum fault write_found(struct op *op, const struct json *ids)
{
	enum fault f = FAULT_NONE;
	struct principal p;

	for (size_t i = 0; f == FAULT_NONE && i < json_array_len(ids); i++) {
		f = principal_by_object_id(op->txn, json_string(json_array_at(ids, i)), &p);
		if (f == FAULT_NONE) {
			json_out_object(&op->out, NULL);
			graph_write_service_principal(op, &p, true);
			json_out_object_end(&op->out);
		}
		if (f == FAULT_NOT_FOUND)
			f = FAULT_NONE;
	}
	return f;
}

/* POST { ids, types? } → those that exist; the others are passed over. */
enum fault op_graph_get_by_ids(struct op *op, struct err *err)
{
	SCOPED(json_doc) struct json_doc *doc = NULL;
	const struct json *ids;
	enum fault f = json_parse(op->request->body, &doc, NULL);

	if (f == FAULT_INVALID)
		return err_say(err, f, "BadRequest", "Unable to read JSON request payload.");
	if (f != FAULT_NONE)
		return f;
	ids = json_get(json_root(doc), "ids");
	f = check_ids(ids, err);
	if (f != FAULT_NONE)
		return f;
	json_out_object(&op->out, NULL);
	graph_write_context(op, "directoryObjects");
	json_out_array(&op->out, "value");
	if (wants_service_principals(json_get(json_root(doc), "types")))
		f = write_found(op, ids);
	json_out_array_end(&op->out);
	json_out_object_end(&op->out);
	return f;
}

enum fault op_graph_get_directory_object(struct op *op, struct err *err)
{
	struct span id = route_capture(&op->match, "id");
	struct principal p;
	enum fault f = principal_by_object_id(op->txn, id, &p);

	if (f == FAULT_NOT_FOUND)
		return graph_not_found(id, err);
	if (f != FAULT_NONE)
		return f;
	json_out_object(&op->out, NULL);
	graph_write_context(op, "directoryObjects/$entity");
	graph_write_service_principal(op, &p, true);
	json_out_object_end(&op->out);
	return FAULT_NONE;
}
