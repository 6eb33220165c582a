#include "vaultd/registry/reg_scope.h"

static const struct {
	const char *word;
	enum reg_access access;
} words[] = {
	{ "pull", REG_PULL },	       { "push", REG_PUSH },	       { "delete", REG_DELETE },
	{ "metadata_read", REG_LIST }, { "metadata_write", REG_PUSH },
};

const char *reg_scope_word(enum reg_access access)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (words[i].access == access)
			return words[i].word;
	return "*";
}

struct scope_parts {
	struct span type, name, actions;
};

/* A name may have a colon of its own: the last one counts. */
static bool split(struct span scope, struct scope_parts *ret)
{
	struct span rest = span_cut(scope, ':', &ret->type);
	size_t at = rest.p == NULL ? 0 : rest.len;

	while (at > 0 && rest.p[at - 1] != ':')
		at--;
	if (at == 0)
		return false;
	ret->name = span_first(rest, at - 1);
	ret->actions = span_of(rest.p + at, rest.len - at);
	return true;
}

/* Who may pull sees the tags, too. */
static bool action_is(struct span word, enum reg_access access)
{
	if (span_eq_cstr(word, "*"))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (span_eq_cstr(word, words[i].word))
			return words[i].access == access || (access == REG_LIST && words[i].access == REG_PULL);
	return false;
}

static bool has_one(struct span scope, struct span repository, enum reg_access access)
{
	struct scope_parts p;
	struct span rest, one;
	bool has = false;

	if (!split(scope, &p))
		return false;
	if (access == REG_CATALOG) {
		if (!span_eq_cstr(p.type, "registry") || !span_eq_cstr(p.name, "catalog"))
			return false;
	} else if (!span_eq_cstr(p.type, "repository") || !span_eq(p.name, repository)) {
		return false;
	}
	for (rest = p.actions; rest.p != NULL && !has;) {
		rest = span_cut(rest, ',', &one);
		has = action_is(one, access);
	}
	return has;
}

bool reg_scope_has(const char *scope, struct span repository, enum reg_access access)
{
	struct span rest = span_cstr(scope), one;

	if (strcmp(scope, REG_SCOPE_ALL) == 0)
		return true;
	while (rest.p != NULL && rest.len > 0) {
		rest = span_cut(rest, ' ', &one);
		if (has_one(one, repository, access))
			return true;
	}
	return false;
}

/* A "*" stands for what one has of everything. */
static enum fault grant_word(struct reg_op *op, const char *object_id, struct span word, struct buf *out, bool *any)
{
	char rule[RBAC_RULE_SIZE];
	struct verdict v;

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		enum fault f;

		if (!span_eq_cstr(word, "*") && !span_eq_cstr(word, words[i].word))
			continue;
		f = reg_may(op, object_id, words[i].access, &v, rule);
		if (f != FAULT_NONE)
			return f;
		if (v.kind != VERDICT_ALLOW)
			continue;
		if (*any)
			buf_put_char(out, ',');
		buf_put_cstr(out, words[i].word);
		*any = true;
	}
	return FAULT_NONE;
}

static enum fault grant_catalog(struct reg_op *op, const char *object_id, struct buf *out)
{
	char rule[RBAC_RULE_SIZE];
	struct verdict v;
	enum fault f = reg_may(op, object_id, REG_CATALOG, &v, rule);

	if (f == FAULT_NONE && v.kind == VERDICT_ALLOW)
		buf_printf(out, "%sregistry:catalog:*", out->len > 0 ? " " : "");
	return f;
}

static enum fault grant_repository(struct reg_op *op, const char *object_id, const struct scope_parts *p,
				   struct buf *out)
{
	SCOPED_DONE(buf) struct buf actions = BUF_INIT(256);
	struct span rest = p->actions, one;
	enum fault f = FAULT_NONE;
	bool any = false;

	while (f == FAULT_NONE && rest.p != NULL) {
		rest = span_cut(rest, ',', &one);
		f = grant_word(op, object_id, one, &actions, &any);
	}
	if (f == FAULT_NONE && any)
		buf_printf(out, "%srepository:%.*s:%s", out->len > 0 ? " " : "", SPAN_ARG(p->name), buf_cstr(&actions));
	return f == FAULT_NONE ? buf_fault(&actions) : f;
}

enum fault reg_grant(struct reg_op *op, const char *object_id, struct span scope, struct buf *out)
{
	struct scope_parts p;

	if (!split(scope, &p))
		return FAULT_NONE;
	if (span_eq_cstr(p.type, "registry") && span_eq_cstr(p.name, "catalog"))
		return grant_catalog(op, object_id, out);
	if (!span_eq_cstr(p.type, "repository") || !reg_name_is_valid(p.name))
		return FAULT_NONE;
	return grant_repository(op, object_id, &p, out);
}
