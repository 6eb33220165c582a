#include "vaultd/arm/resource_filter.h"

/* Takes a word off the front. */
static struct span take_word(struct span *rest)
{
	struct span s = span_trim(*rest);
	size_t n = 0;

	while (n < s.len && s.p[n] != ' ')
		n++;
	*rest = span_from(s, n);
	return span_first(s, n);
}

/* Takes 'text' off the front. Names and types hold no quotes, so none is ever doubled. */
static bool take_literal(struct span *rest, struct span *ret)
{
	struct span s = span_trim(*rest), literal, after;

	if (s.len < 2 || s.p[0] != '\'')
		return false;
	after = span_cut(span_from(s, 1), '\'', &literal);
	if (after.p == NULL)
		return false;
	*ret = literal;
	*rest = after;
	return true;
}

static struct span *member_at(struct resource_filter *f, struct span member)
{
	if (span_eq_nocase(member, SPAN_LIT("resourceType")))
		return &f->type;
	if (span_eq_nocase(member, SPAN_LIT("name")))
		return &f->name;
	if (span_eq_nocase(member, SPAN_LIT("resourceGroup")))
		return &f->group;
	return span_eq_nocase(member, SPAN_LIT("location")) ? &f->location : NULL;
}

static bool take_clause(struct span *rest, struct resource_filter *ret)
{
	struct span *member = member_at(ret, take_word(rest));

	return span_eq_nocase(take_word(rest), SPAN_LIT("eq")) && member != NULL && take_literal(rest, member);
}

enum fault resource_filter_read(struct span text, struct resource_filter *ret, struct err *err)
{
	struct resource_filter f = { .type = { NULL, 0 } };
	struct span rest = span_trim(text);
	bool is_good = true;

	while (is_good && rest.len > 0) {
		is_good = take_clause(&rest, &f);
		rest = span_trim(rest);
		if (is_good && rest.len > 0)
			is_good = span_eq_nocase(take_word(&rest), SPAN_LIT("and")) && span_trim(rest).len > 0;
	}
	if (!is_good)
		return err_say(
			err, FAULT_INVALID, "InvalidFilterInQueryString",
			"Invalid $filter '%.*s' specified in the query string. Sandvault knows resourceType, name, "
			"resourceGroup and location with 'eq', joined by 'and'.",
			SPAN_ARG(text));
	*ret = f;
	return FAULT_NONE;
}

static bool fits(struct span wanted, const char *has)
{
	return wanted.p == NULL || span_eq_nocase(wanted, span_cstr(has));
}

bool resource_filter_fits(const struct resource_filter *f, const struct resource *r)
{
	return fits(f->type, r->type) && fits(f->name, r->name) && fits(f->group, r->group) &&
	       fits(f->location, r->location);
}
