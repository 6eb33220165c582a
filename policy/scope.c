#include "policy/scope.h"

#include "common/plain/text.h"

bool scope_contains(struct span outer, struct span inner)
{
	if (outer.len == 0 || outer.p[0] != '/' || inner.len < outer.len)
		return false;
	if (memcmp(outer.p, inner.p, outer.len) != 0)
		return false;
	return outer.len == 1 || inner.len == outer.len || inner.p[outer.len] == '/';
}

enum fault scope_fold(struct span id, char *out, size_t cap, struct span *ret_folded)
{
	if (id.len == 0 || id.p[0] != '/')
		return FAULT_INVALID;
	if (id.len > 1 && id.p[id.len - 1] == '/' && --id.len == 1)
		return FAULT_INVALID;
	if (id.len >= cap)
		return FAULT_TOO_LARGE;
	for (size_t i = 0; i < id.len; i++) {
		bool is_end = i + 1 == id.len || id.p[i + 1] == '/';

		if (id.p[i] == '/' && is_end && id.len > 1)
			return FAULT_INVALID;
		out[i] = ascii_lower(id.p[i]);
	}
	out[id.len] = '\0';
	*ret_folded = span_of(out, id.len);
	return FAULT_NONE;
}
