#include "vaultd/arm/role_filter.h"

#include <stddef.h>

enum clause_form { FORM_CALL, FORM_CALL_TEXT, FORM_EQ };

#define FLAG(kind, name, member)                                                                                       \
	{                                                                                                              \
		(kind), (name), FORM_CALL, offsetof(struct role_filter, member)                                        \
	}
#define TEXT(kind, name, form, member)                                                                                 \
	{                                                                                                              \
		(kind), (name), (form), offsetof(struct role_filter, member)                                           \
	}

static const struct {
	enum role_filter_kind kind;
	const char *name;
	enum clause_form form;
	size_t offset;
} clauses[] = {
	FLAG(ROLE_FILTER_DEFINITIONS, "atScopeAndBelow", at_scope_and_below),
	TEXT(ROLE_FILTER_DEFINITIONS, "roleName", FORM_EQ, role_name),
	TEXT(ROLE_FILTER_DEFINITIONS, "type", FORM_EQ, type),
	FLAG(ROLE_FILTER_ASSIGNMENTS, "atScope", at_scope),
	TEXT(ROLE_FILTER_ASSIGNMENTS, "principalId", FORM_EQ, principal_id),
	TEXT(ROLE_FILTER_ASSIGNMENTS, "assignedTo", FORM_CALL_TEXT, assigned_to),
	FLAG(ROLE_FILTER_DENIES, "atScope", at_scope),
	TEXT(ROLE_FILTER_DENIES, "principalId", FORM_EQ, principal_id),
	TEXT(ROLE_FILTER_DENIES, "assignedTo", FORM_CALL_TEXT, assigned_to),
	TEXT(ROLE_FILTER_DENIES, "denyAssignmentName", FORM_EQ, deny_name),
};

static bool is_word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static struct span take_word(struct span *rest)
{
	struct span s = span_trim(*rest);
	size_t n = 0;

	while (n < s.len && is_word_char(s.p[n]))
		n++;
	*rest = span_from(s, n);
	return span_first(s, n);
}

static bool take_char(struct span *rest, char c)
{
	struct span s = span_trim(*rest);

	if (s.len == 0 || s.p[0] != c)
		return false;
	*rest = span_from(s, 1);
	return true;
}

/* 'text', in which an apostrophe is doubled. */
static bool take_text(struct span *rest, struct pool *pool, struct span *ret)
{
	struct span s = span_trim(*rest);
	char *out = pool_alloc(pool, s.len + 1);
	size_t n = 0, i = 1;

	if (out == NULL || s.len < 2 || s.p[0] != '\'')
		return false;
	for (; i < s.len; i++) {
		if (s.p[i] == '\'' && (i + 1 == s.len || s.p[i + 1] != '\''))
			break;
		i += s.p[i] == '\'';
		out[n++] = s.p[i];
	}
	if (i == s.len)
		return false;
	*rest = span_from(s, i + 1);
	*ret = span_of(out, n);
	return true;
}

static bool take_clause(struct span *rest, enum role_filter_kind kind, struct pool *pool, struct role_filter *ret)
{
	struct span name = take_word(rest), text = { NULL, 0 };

	for (size_t i = 0; i < ARRAY_LEN(clauses); i++) {
		char *into = (char *)ret + clauses[i].offset;
		bool is_call = clauses[i].form != FORM_EQ, is_good;

		if (clauses[i].kind != kind || !span_eq_nocase(name, span_cstr(clauses[i].name)))
			continue;
		is_good = is_call ? take_char(rest, '(') : span_eq_nocase(take_word(rest), SPAN_LIT("eq"));
		if (is_good && clauses[i].form != FORM_CALL)
			is_good = take_text(rest, pool, &text);
		if (is_good && is_call)
			is_good = take_char(rest, ')');
		if (clauses[i].form == FORM_CALL)
			*(bool *)into = true;
		else
			memcpy(into, &text, sizeof(text));
		return is_good;
	}
	return false;
}

static enum fault say_bad(struct span text, enum role_filter_kind kind, struct err *err)
{
	SCOPED_DONE(buf) struct buf known = BUF_INIT(512);
	static const char *const shapes[] = { [FORM_CALL] = "()", [FORM_CALL_TEXT] = "('…')", [FORM_EQ] = " eq '…'" };

	for (size_t i = 0; i < ARRAY_LEN(clauses); i++)
		if (clauses[i].kind == kind)
			buf_printf(&known, "%s%s%s", known.len == 0 ? "" : ", ", clauses[i].name,
				   shapes[clauses[i].form]);
	return err_say(err, FAULT_INVALID, "InvalidFilterInQueryString",
		       "Invalid $filter '%.*s' specified in the query string. Known here: %s.",
		       SPAN_ARG(span_first(text, 512)), buf_cstr(&known));
}

enum fault role_filter_read(struct span text, enum role_filter_kind kind, struct pool *pool, struct role_filter *ret,
			    struct err *err)
{
	struct role_filter filter = { .at_scope = false };
	struct span rest = span_trim(text);
	bool is_good = true;

	while (is_good && rest.len > 0) {
		is_good = take_clause(&rest, kind, pool, &filter);
		rest = span_trim(rest);
		if (is_good && rest.len > 0)
			is_good = span_eq_nocase(take_word(&rest), SPAN_LIT("and")) && span_trim(rest).len > 0;
	}
	if (!is_good)
		return say_bad(text, kind, err);
	if (filter.at_scope && filter.principal_id.p != NULL)
		return err_say(
			err, FAULT_INVALID, "InvalidFilterInQueryString",
			"Invalid $filter '%.*s' specified in the query string. atScope() cannot be combined with "
			"principalId eq; assignedTo('…') can.",
			SPAN_ARG(span_first(text, 512)));
	*ret = filter;
	return FAULT_NONE;
}
