#include "common/model/trusted_list.h"

#include <stdlib.h>

#include "common/io/json.h"
#include "common/plain/text.h"

enum { LIST_MAX = 1 << 20 };

static bool is_type(struct span s)
{
	struct span space, type = span_cut(s, '/', &space);

	return space.len > 0 && type.len > 0 && memchr(type.p, '/', type.len) == NULL;
}

static enum fault read_service(const struct json *one, struct pool *pool, struct trusted_service *ret, struct err *err)
{
	struct span type = json_string(json_get(one, "type")), service = json_string(json_get(one, "service"));
	char *folded;

	if (!is_type(type))
		return err_say(err, FAULT_INVALID, "", "a trusted service has no resource type");
	if (service.len == 0 || json_string(json_get(one, "source")).len == 0)
		return err_say(err, FAULT_INVALID, "", "the trusted type %.*s has no service or no source",
			       SPAN_ARG(type));
	folded = pool_strndup(pool, type.p, type.len);
	ret->service = pool_dup(pool, service);
	if (folded == NULL || ret->service.p == NULL)
		return FAULT_MEMORY;
	ascii_lower_str(folded);
	ret->type = span_of(folded, type.len);
	return FAULT_NONE;
}

static int in_order(const void *a, const void *b)
{
	const struct trusted_service *x = a, *y = b;

	return trusted_service_order(x->type, y->type);
}

static enum fault sort(struct trusted_service *at, size_t n, struct err *err)
{
	qsort(at, n, sizeof(*at), in_order);
	for (size_t i = 1; i < n; i++)
		if (span_eq(at[i - 1].type, at[i].type))
			return err_say(err, FAULT_INVALID, "", "the trusted type %.*s is listed twice",
				       SPAN_ARG(at[i].type));
	return FAULT_NONE;
}

enum fault trusted_list_read(struct span text, struct trusted_list *ret, struct err *err)
{
	SCOPED(json_doc) struct json_doc *doc = NULL;
	struct trusted_list l = { .services = { NULL, 0 } };
	struct trusted_service *at;
	const struct json *services;
	enum fault f = json_parse(text, &doc, err);
	size_t n;

	if (f != FAULT_NONE)
		return f;
	services = json_get(json_root(doc), "services");
	n = json_array_len(services);
	if (n == 0)
		return err_say(err, FAULT_INVALID, "", "there are no trusted services");
	pool_init(&l.pool, LIST_MAX);
	at = pool_alloc(&l.pool, n * sizeof(*at));
	f = at == NULL ? FAULT_MEMORY : FAULT_NONE;
	for (size_t i = 0; f == FAULT_NONE && i < n; i++)
		f = read_service(json_array_at(services, i), &l.pool, &at[i], err);
	if (f == FAULT_NONE)
		f = sort(at, n, err);
	l.services = (struct trusted_services){ at, n };
	if (f == FAULT_NONE)
		*ret = l;
	else
		pool_done(&l.pool);
	return f;
}

void trusted_list_done(struct trusted_list *l)
{
	pool_done(&l->pool);
	*l = (struct trusted_list){ .services = { NULL, 0 } };
}
