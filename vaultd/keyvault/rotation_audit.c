#include "vaultd/keyvault/rotation_audit.h"

#include <stdio.h>

#include "common/io/audit.h"
#include "common/plain/text.h"

enum { KEY_PATH_SIZE = 256, HOST_SIZE = 64, KID_SIZE = 384 };

void rotation_audit(struct vaultd *d, const struct due_key *k, const char *version, int64_t now_s,
		    enum rotation_audit_kind kind)
{
	bool is_rotation = kind == ROTATION_AUDIT_ROTATED;
	char host[HOST_SIZE], path[KEY_PATH_SIZE], kid[KID_SIZE], correlation[UUID_SIZE];
	struct audit_record r = {
		.at_ms = now_s * 1000,
		.resource_id = span_cstr(k->resource_id),
		.operation = is_rotation ? SPAN_LIT("KeyRotateIfDue") : SPAN_LIT("KeyNearExpiryEventGridNotification"),
		.status = 200,
		.is_tls = true,
		.description = "",
		.correlation_id = correlation,
		.object_id = "",
		.app_id = "",
		.mirid = "",
		.az_rid = "",
		.verdict = "",
		.reason = "",
		.rule = is_rotation ? "rotationPolicy/Rotate" : "rotationPolicy/Notify",
	};

	if (uuid_new(&d->world.rng, correlation) != FAULT_NONE)
		correlation[0] = '\0';
	snprintf(host, sizeof(host), "%s.vault.localhost:%u", k->vault, d->tls_port);
	snprintf(path, sizeof(path), "/keys/%s/%s", k->name, version);
	snprintf(kid, sizeof(kid), "https://%s%s", host, path);
	r.host = span_cstr(host);
	r.path = span_cstr(path);
	r.id = span_cstr(kid);
	audit_write(d->audit, &r);
}
