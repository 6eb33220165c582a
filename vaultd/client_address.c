#include "vaultd/client_address.h"

#include "common/io/http.h"

static bool is_proxy(const struct addr *a, const struct addr_prefix *proxies, size_t n_proxies)
{
	for (size_t i = 0; i < n_proxies; i++)
		if (addr_in_prefix(a, &proxies[i]))
			return true;
	return false;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* What stands behind the last comma; *list keeps the rest. */
static struct span cut_last(struct span *list)
{
	size_t at = list->len;
	struct span hop;

	while (at > 0 && list->p[at - 1] != ',')
		at--;
	hop = span_of(list->p + at, list->len - at);
	*list = span_first(*list, at == 0 ? 0 : at - 1);
	while (hop.len > 0 && is_blank(hop.p[0]))
		hop = span_of(hop.p + 1, hop.len - 1);
	while (hop.len > 0 && is_blank(hop.p[hop.len - 1]))
		hop.len--;
	return hop;
}

/* Proxies write "192.0.2.1", "192.0.2.1:443", "2001:db8::1" and "[2001:db8::1]:443". */
static enum fault parse_hop(struct span hop, struct addr *ret)
{
	struct span head, port;

	if (hop.len > 0 && hop.p[0] == '[') {
		port = span_cut(span_from(hop, 1), ']', &head);
		if (port.p == NULL || (port.len > 0 && port.p[0] != ':'))
			return FAULT_INVALID;
		return addr_parse(head, ret);
	}
	if (addr_parse(hop, ret) == FAULT_NONE)
		return FAULT_NONE;
	port = span_cut(hop, ':', &head);
	if (port.p == NULL || memchr(port.p, ':', port.len) != NULL)
		return FAULT_INVALID;
	return addr_parse(head, ret);
}

struct addr client_address_behind(const struct addr *peer, const struct addr_prefix *proxies, size_t n_proxies,
				  struct span forwarded_for)
{
	struct addr a = *peer;

	while (forwarded_for.len > 0 && is_proxy(&a, proxies, n_proxies))
		if (parse_hop(cut_last(&forwarded_for), &a) != FAULT_NONE)
			break;
	return a;
}

struct addr client_address(const struct vaultd *d, struct http_exchange *x)
{
	const struct http_request *r = http_exchange_request(x);

	if (!is_proxy(&r->peer, d->trusted_proxies, d->n_trusted_proxies))
		return r->peer;
	return client_address_behind(&r->peer, d->trusted_proxies, d->n_trusted_proxies,
				     http_exchange_header_list(x, "X-Forwarded-For"));
}
