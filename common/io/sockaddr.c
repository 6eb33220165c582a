#include "common/io/sockaddr.h"

#include <arpa/inet.h>
#include <netinet/in.h>

enum { IPV4_AT = 12, IPV4_BYTES = 4 };

socklen_t sockaddr_from_addr(const struct addr *a, uint16_t port, struct sockaddr_storage *ret)
{
	memset(ret, 0, sizeof(*ret));
	if (addr_is_ipv4(a)) {
		struct sockaddr_in *in = (struct sockaddr_in *)ret;

		in->sin_family = AF_INET;
		in->sin_port = htons(port);
		memcpy(&in->sin_addr, a->bytes + IPV4_AT, IPV4_BYTES);
		return sizeof(*in);
	}
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ret;

	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(port);
	memcpy(&in6->sin6_addr, a->bytes, sizeof(a->bytes));
	return sizeof(*in6);
}

bool sockaddr_to_addr(const struct sockaddr_storage *ss, struct addr *ret, uint16_t *ret_port)
{
	if (ss->ss_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)ss;

		*ret = (struct addr){ .bytes = { [10] = 0xff, [11] = 0xff } };
		memcpy(ret->bytes + IPV4_AT, &in->sin_addr, IPV4_BYTES);
		*ret_port = ntohs(in->sin_port);
		return true;
	}
	if (ss->ss_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)ss;

		memcpy(ret->bytes, &in6->sin6_addr, sizeof(ret->bytes));
		*ret_port = ntohs(in6->sin6_port);
		return true;
	}
	return false;
}
