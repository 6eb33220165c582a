#include "common/io/server.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/io/sockaddr.h"

enum { BACKLOG = 1024, PORT_TRIES = 32 };

/* Negative errno, or the descriptor. */
static int listen_one(const struct addr *a, uint16_t port)
{
	struct sockaddr_storage ss;
	socklen_t len = sockaddr_from_addr(a, port, &ss);
	int one = 1, fd, saved;

	fd = socket(ss.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (ss.ss_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&ss, len) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	saved = errno;
	close(fd);
	return -saved;
}

static uint16_t port_of(int fd)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	struct addr own;
	uint16_t port = 0;

	if (getsockname(fd, (struct sockaddr *)&ss, &len) == 0)
		(void)sockaddr_to_addr(&ss, &own, &port);
	return port;
}

static bool is_missing_ipv6(const struct addr *a, int e)
{
	return !addr_is_ipv4(a) && (e == EAFNOSUPPORT || e == EADDRNOTAVAIL);
}

/* 0, or the errno of the address that could not be had. */
static int listen_all(const char *const *addrs, uint16_t port, struct listen_set *l, const char **ret_addr)
{
	l->n = 0;
	l->port = port;
	for (size_t i = 0; addrs[i] != NULL && l->n < LISTEN_MAX; i++) {
		struct addr a;
		int fd;

		*ret_addr = addrs[i];
		if (addr_parse(span_cstr(addrs[i]), &a) != FAULT_NONE)
			return EINVAL;
		fd = listen_one(&a, l->port);
		if (fd >= 0) {
			l->fd[l->n++] = fd;
			if (l->port == 0)
				l->port = port_of(fd);
		} else if (!is_missing_ipv6(&a, -fd)) {
			listen_close(l);
			return -fd;
		}
	}
	return l->n > 0 ? 0 : EADDRNOTAVAIL;
}

enum fault listen_tcp(const char *const *addrs, uint16_t port, struct listen_set *ret, struct err *err)
{
	const char *addr = "";
	int e = 0;

	/* A port chosen at the first address may be taken at the second: choose again. */
	for (int i = 0; i < (port == 0 ? PORT_TRIES : 1); i++) {
		e = listen_all(addrs, port, ret, &addr);
		if (e != EADDRINUSE)
			break;
	}
	if (e == 0)
		return FAULT_NONE;
	if (e == EADDRINUSE)
		return err_say(err, FAULT_CONFLICT, "",
			       "port %u on %s is taken; stop what listens there or choose another port (0 lets the "
			       "system choose)",
			       port, addr);
	if (e == EINVAL)
		return err_say(err, FAULT_INVALID, "", "\"%s\" is not an IP address to listen on", addr);
	return err_say(err, FAULT_IO, "", "cannot listen on %s port %u: %s", addr, port, strerror(e));
}

void listen_close(struct listen_set *l)
{
	for (size_t i = 0; i < l->n; i++)
		close(l->fd[i]);
	l->n = 0;
}
