#include "common/model/cloud_metadata.h"
#include "vaultd/arm/arm_handlers.h"

/* GET /metadata/endpoints: open to everybody, in the shape the api-version asks for. */
enum fault cloud_endpoints_get(struct arm_op *op, struct err *err)
{
	struct endpoints e;
	enum fault f = endpoints_get(op->txn, &e);

	if (f != FAULT_NONE)
		return f;
	return cloud_metadata_write(op->request->host, &e, op->api_version, &op->reply, err);
}
