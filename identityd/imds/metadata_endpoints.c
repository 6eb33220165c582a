#include "common/model/cloud_metadata.h"
#include "identityd/imds/imds.h"

enum fault op_cloud_metadata(struct op *op, struct err *err)
{
	struct span version = http_query(op->request, "api-version");
	struct endpoints at;
	enum fault f;

	if (version.p == NULL || version.len == 0)
		return op_refuse(err, FAULT_INVALID, "MissingApiVersionParameter", REFUSAL_API_VERSION_MISSING,
				 "The api-version query parameter (?api-version=) is required for all requests.");
	f = endpoints_get(op->txn, &at);
	return f != FAULT_NONE ? f : cloud_metadata_write(op->request->host, &at, version, &op->reply, err);
}
