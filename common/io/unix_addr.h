#ifndef SANDVAULT_IO_UNIX_ADDR_H
#define SANDVAULT_IO_UNIX_ADDR_H

/* The address of a Unix socket at a path of any length: the kernel's own form has room for a hundred characters. */

#include <sys/socket.h>
#include <sys/un.h>

#include "common/plain/fault.h"

struct unix_addr {
	struct sockaddr_un addr;
	socklen_t len;
	int dir_fd; /* the address may lead through it: close it after bind or connect; -1 for none */
};

enum fault unix_addr_init(struct unix_addr *a, const char *path, struct err *err) MUST_USE;
void unix_addr_done(struct unix_addr *a);

#endif
