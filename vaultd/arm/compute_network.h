#ifndef SANDVAULT_VAULTD_ARM_COMPUTE_NETWORK_H
#define SANDVAULT_VAULTD_ARM_COMPUTE_NETWORK_H

/*
 * Where a virtual machine sits, as its networkProfile says it: interfaces described inside the machine itself
 * (networkInterfaceConfigurations), each naming its subnets. Virtual networks and interfaces of their own are not
 * imitated. Pure.
 */

#include "common/io/json.h"
#include "common/io/json_out.h"
#include "common/model/host.h"

/* A body's "properties": a networkProfile in it takes the place of what the host had. InvalidRequestContent,
 * InvalidParameter; *h is then half changed. */
enum fault compute_network_read(const struct json *properties, struct host *h, struct err *err) MUST_USE;
/* "networkProfile"; nothing for a host that sits nowhere. */
void compute_network_write(struct json_out *o, const struct host *h);

#endif
