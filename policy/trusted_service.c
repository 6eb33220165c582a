#include "policy/trusted_service.h"

#include "common/plain/base.h"
#include "common/plain/text.h"

int trusted_service_order(struct span a, struct span b)
{
	size_t n = a.len < b.len ? a.len : b.len;

	for (size_t i = 0; i < n; i++) {
		int x = (unsigned char)ascii_lower(a.p[i]), y = (unsigned char)ascii_lower(b.p[i]);

		if (x != y)
			return x - y;
	}
	return (a.len > b.len) - (a.len < b.len);
}

const struct trusted_service *trusted_service_find(const struct trusted_services *list, struct span resource_type)
{
	size_t from = 0, to = list->n;

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		int order = trusted_service_order(resource_type, list->at[middle].type);

		if (order == 0)
			return &list->at[middle];
		if (order < 0)
			to = middle;
		else
			from = middle + 1;
	}
	return NULL;
}

/* "/subscriptions/S/resourceGroups/G/providers/NAMESPACE/TYPE/NAME" and nothing else: the part "NAMESPACE/TYPE". */
static struct span type_of(struct span id)
{
	static const char *const words[] = { "", "subscriptions", NULL, "resourcegroups", NULL, "providers" };
	struct span at = id, head, kind, name;

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		at = span_cut(at, '/', &head);
		if (at.p == NULL || (words[i] == NULL ? head.len == 0 : !span_eq_nocase(head, span_cstr(words[i]))))
			return SPAN_EMPTY;
	}
	name = span_cut(at, '/', &head);
	name = name.p == NULL ? SPAN_EMPTY : span_cut(name, '/', &kind);
	if (name.len == 0 || head.len == 0 || memchr(name.p, '/', name.len) != NULL)
		return SPAN_EMPTY;
	return span_first(at, head.len + 1 + kind.len);
}

bool trusted_service_is(const struct trusted_services *list, struct span xms_mirid)
{
	return trusted_service_find(list, type_of(xms_mirid)) != NULL;
}
