#include "vaultd/keyvault/kv.h"
#include "vaultd/vaultd.h"

void registry_handle(struct vaultd *d UNUSED, struct http_exchange *x, const struct host_parts *host UNUSED)
{
	http_reply(x, 501, SPAN_EMPTY);
}

void registry_print_operations(void)
{
}
