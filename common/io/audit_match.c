#include "common/io/audit_read.h"

#include "common/io/json.h"
#include "common/plain/text.h"

static bool contains_nocase(struct span s, struct span part)
{
	char first;

	if (part.len == 0)
		return true;
	first = ascii_lower(part.p[0]);
	for (size_t i = 0; i + part.len <= s.len; i++)
		if (ascii_lower(s.p[i]) == first && span_eq_nocase(span_of(s.p + i, part.len), part))
			return true;
	return false;
}

/* Most lines are told apart without parsing them: what is looked for stands in the text as it is. */
static bool may_match(const struct audit_filter *f, struct span line)
{
	const struct span parts[] = { f->operation, f->caller, f->vault, f->result };

	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (!contains_nocase(line, parts[i]))
			return false;
	return true;
}

static bool is_one_of(struct span wanted, const struct json *object, const char *const *names)
{
	if (wanted.len == 0)
		return true;
	for (; *names != NULL; names++)
		if (span_eq_nocase(json_string(json_get(object, *names)), wanted))
			return true;
	return false;
}

static bool is_vault(struct span wanted, struct span resource_id)
{
	struct span name = SPAN_EMPTY;

	if (wanted.len == 0)
		return true;
	while (resource_id.p != NULL)
		resource_id = span_cut(resource_id, '/', &name);
	return span_eq_nocase(name, wanted);
}

static bool is_result(struct span wanted, const struct json *line)
{
	static const char *const results[] = { "resultType", "resultSignature", NULL };
	static const char *const decisions[] = { "verdict", "reason", NULL };
	int64_t status;

	if (is_one_of(wanted, line, results) || is_one_of(wanted, json_get(line, "decision"), decisions))
		return true;
	return int_parse(wanted, &status) == FAULT_NONE &&
	       status == json_int(json_get(json_get(line, "properties"), "httpStatusCode"));
}

bool audit_matches(const struct audit_filter *f, struct span line)
{
	static const char *const operations[] = { "operationName", NULL };
	static const char *const claims[] = { "oid", "appid", "xms_mirid", "xms_az_rid", NULL };
	SCOPED(json_doc) struct json_doc *doc = NULL;
	const struct json *root;

	if (f->operation.len + f->caller.len + f->vault.len + f->result.len == 0)
		return true;
	if (!may_match(f, line) || json_parse(line, &doc, NULL) != FAULT_NONE)
		return false;
	root = json_root(doc);
	return is_one_of(f->operation, root, operations) &&
	       is_one_of(f->caller, json_get(json_get(root, "identity"), "claim"), claims) &&
	       is_vault(f->vault, json_string(json_get(root, "resourceId"))) && is_result(f->result, root);
}
