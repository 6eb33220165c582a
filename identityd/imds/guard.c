#include "identityd/imds/imds.h"

/* Versions of the service, those of documentation and of clients seen. */
static const char *const versions[] = {
	"2017-04-02", "2017-08-01", "2017-10-01", "2017-12-01", "2018-02-01", "2018-04-02", "2018-10-01",
	"2019-02-01", "2019-03-11", "2019-04-30", "2019-06-01", "2019-06-04", "2019-08-01", "2019-08-15",
	"2019-11-01", "2020-06-01", "2020-07-15", "2020-09-01", "2020-10-01", "2020-12-01", "2021-01-01",
	"2021-02-01", "2021-03-01", "2021-05-01", "2021-10-01", "2021-11-01", "2021-11-15", "2021-12-13",
	"2023-07-01", "2023-11-15", "2024-03-15", "2024-07-17", "2025-04-07",
};

static bool is_version(struct span v)
{
	for (size_t i = 0; i < ARRAY_LEN(versions); i++)
		if (span_eq_cstr(v, versions[i]))
			return true;
	return false;
}

static void refuse_version(struct op *op, bool is_missing)
{
	op->status = 400;
	op->refusal = is_missing ? REFUSAL_API_VERSION_MISSING : REFUSAL_API_VERSION_UNKNOWN;
	json_out_object(&op->out, NULL);
	json_out_fmt(
		&op->out, "error",
		"Bad request. api-version %s specified in the request. For more information refer to aka.ms/azureimds",
		is_missing ? "was not" : "is invalid or was not");
	json_out_array(&op->out, "newest-versions");
	json_out_cstr(&op->out, NULL, "2020-10-01");
	json_out_cstr(&op->out, NULL, "2020-09-01");
	json_out_cstr(&op->out, NULL, "2020-07-15");
	json_out_array_end(&op->out);
	json_out_object_end(&op->out);
}

enum fault imds_guard_origin(const struct op *op, struct err *err)
{
	const char *metadata = http_exchange_header(op->x, "Metadata");

	if (http_exchange_header(op->x, "X-Forwarded-For") != NULL)
		return op_refuse(err, FAULT_INVALID, "bad_request", REFUSAL_REQUEST_FORWARDED,
				 "A request that was forwarded (X-Forwarded-For) is refused");
	if (metadata == NULL || strcmp(metadata, "true") != 0)
		return op_refuse(err, FAULT_INVALID, "bad_request_102", REFUSAL_METADATA_HEADER_MISSING,
				 "Required metadata header not specified");
	return FAULT_NONE;
}

enum fault imds_guard(struct op *op, bool *ret_done, struct err *err)
{
	struct span version = http_query(op->request, "api-version");
	enum fault f = imds_guard_origin(op, err);

	*ret_done = false;
	if (f != FAULT_NONE)
		return f;
	if (version.p != NULL && is_version(version))
		return FAULT_NONE;
	refuse_version(op, version.p == NULL || version.len == 0);
	*ret_done = true;
	return FAULT_NONE;
}
