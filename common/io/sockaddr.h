#ifndef SANDVAULT_IO_SOCKADDR_H
#define SANDVAULT_IO_SOCKADDR_H

/* Between our addresses and the socket calls'. */

#include <sys/socket.h>

#include "common/plain/addr.h"

/* The length to give to bind and connect. */
socklen_t sockaddr_from_addr(const struct addr *a, uint16_t port, struct sockaddr_storage *ret);
/* False for anything but IPv4 and IPv6; nothing is written then. */
bool sockaddr_to_addr(const struct sockaddr_storage *ss, struct addr *ret, uint16_t *ret_port);

#endif
