#include "vaultd/registry/reg_manifest_check.h"

#include <stdio.h>

/* Those of schema 2; the first of Docker's is gone from the world. */
static const struct {
	const char *media_type;
	bool is_index;
} kinds[] = {
	{ "application/vnd.oci.image.manifest.v1+json", false },
	{ "application/vnd.docker.distribution.manifest.v2+json", false },
	{ "application/vnd.oci.image.index.v1+json", true },
	{ "application/vnd.docker.distribution.manifest.list.v2+json", true },
};

static enum fault say_invalid(struct err *err, const char *what)
{
	return err_say(err, FAULT_INVALID, "MANIFEST_INVALID", "manifest invalid: %s", what);
}

static enum fault find_kind(const struct json *body, const char *content_type, size_t *ret, struct err *err)
{
	struct span own = json_string(json_get(body, "mediaType")), sent;

	span_cut(span_cstr(content_type), ';', &sent);
	sent = span_trim(sent);
	if (sent.len == 0)
		sent = own;
	if (own.len > 0 && !span_eq(own, sent))
		return say_invalid(err, "its mediaType is not the request's Content-Type");
	for (*ret = 0; *ret < ARRAY_LEN(kinds); (*ret)++)
		if (span_eq_cstr(sent, kinds[*ret].media_type))
			return FAULT_NONE;
	return say_invalid(err, "its media type is none of OCI's image manifest and index, Docker's manifest and list");
}

/* What lies elsewhere ("urls") need not be here. */
static enum fault check_blob(struct reg_op *op, const struct json *descriptor, struct err *err)
{
	uint8_t digest[SHA256_LEN];
	struct blob_content c;
	enum fault f;

	if (json_array_len(json_get(descriptor, "urls")) > 0)
		return FAULT_NONE;
	f = reg_digest_parse(json_string(json_get(descriptor, "digest")), digest, NULL);
	if (f != FAULT_NONE)
		return say_invalid(err, "a descriptor has no sha256 digest");
	f = blob_get(op->txn, &op->registry, digest, op->repository, &c);
	if (f == FAULT_NOT_FOUND)
		return err_say(err, FAULT_INVALID, "MANIFEST_BLOB_UNKNOWN", "blob unknown to registry: %.*s",
			       SPAN_ARG(json_string(json_get(descriptor, "digest"))));
	return f;
}

static enum fault check_manifest(struct reg_op *op, const struct json *descriptor, struct err *err)
{
	uint8_t digest[SHA256_LEN];
	struct manifest m;
	enum fault f = reg_digest_parse(json_string(json_get(descriptor, "digest")), digest, NULL);

	if (f != FAULT_NONE)
		return say_invalid(err, "a descriptor has no sha256 digest");
	f = manifest_get(op->txn, &op->registry, op->repository, digest, &m);
	if (f == FAULT_NOT_FOUND)
		return err_say(err, FAULT_INVALID, "MANIFEST_UNKNOWN", "manifest unknown: %.*s",
			       SPAN_ARG(json_string(json_get(descriptor, "digest"))));
	return f;
}

static enum fault check_all(struct reg_op *op, const struct json *list,
			    enum fault (*check)(struct reg_op *op, const struct json *descriptor, struct err *err),
			    struct err *err)
{
	enum fault f = json_type(list) == JSON_ARRAY ? FAULT_NONE : say_invalid(err, "it has no list of what it is of");

	for (size_t i = 0; f == FAULT_NONE && i < json_array_len(list); i++)
		f = check(op, json_array_at(list, i), err);
	return f;
}

enum fault reg_manifest_check(struct reg_op *op, const struct json *body, const char *content_type,
			      char ret_media_type[MEDIA_TYPE_SIZE], struct err *err)
{
	size_t kind;
	enum fault f;

	if (json_type(body) != JSON_OBJECT || json_int(json_get(body, "schemaVersion")) != 2)
		return say_invalid(err, "it is no JSON object with schemaVersion 2");
	f = find_kind(body, content_type, &kind, err);
	if (f != FAULT_NONE)
		return f;
	snprintf(ret_media_type, MEDIA_TYPE_SIZE, "%s", kinds[kind].media_type);
	if (kinds[kind].is_index)
		return check_all(op, json_get(body, "manifests"), check_manifest, err);
	f = check_blob(op, json_get(body, "config"), err);
	return f == FAULT_NONE ? check_all(op, json_get(body, "layers"), check_blob, err) : f;
}
