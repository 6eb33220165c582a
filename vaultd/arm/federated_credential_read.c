#include "vaultd/arm/federated_credential_read.h"

#include <stdio.h>

#include "common/plain/text.h"
#include "vaultd/arm/arm_body.h"
#include "vaultd/arm/arm_text.h"

enum { NAME_LEN_MIN = 3 };

static enum fault check_name(struct span name, struct err *err)
{
	if (arm_name_is_plain(name, NAME_LEN_MIN, FEDERATED_NAME_SIZE - 1))
		return FAULT_NONE;
	return err_say(err, FAULT_INVALID, "BadRequest",
		       "The federated identity credential name '%.*s' is invalid. It must have 3 to 120 letters, "
		       "digits, '-' or '_', a letter or digit first.",
		       SPAN_ARG(span_first(name, 256)));
}

static enum fault refuse_missing(struct err *err)
{
	return err_say(err, FAULT_INVALID, "BadRequest",
		       "The request format was unexpected. Federated Identity Credential must specify 'issuer', "
		       "'subject' and 'audience'.");
}

static enum fault copy_text(char out[FEDERATED_TEXT_SIZE], const char *name, struct span text, struct err *err)
{
	if (text.len == 0)
		return refuse_missing(err);
	if (text.len >= FEDERATED_TEXT_SIZE || memchr(text.p, '\0', text.len) != NULL)
		return err_say(err, FAULT_INVALID, "BadRequest",
			       "The %s of a federated identity credential must have at most %d characters.", name,
			       FEDERATED_TEXT_SIZE - 1);
	snprintf(out, FEDERATED_TEXT_SIZE, "%.*s", SPAN_ARG(text));
	return FAULT_NONE;
}

static enum fault check_issuer(struct span issuer, struct err *err)
{
	struct span scheme = SPAN_LIT("https://"), rest = span_from(issuer, scheme.len), host;

	(void)span_cut(rest, '/', &host);
	if (span_starts_nocase(issuer, scheme) && host.len > 0 && memchr(issuer.p, ' ', issuer.len) == NULL)
		return FAULT_NONE;
	return err_say(err, FAULT_INVALID, "BadRequest",
		       "The issuer '%.*s' of a federated identity credential must be an https URL.",
		       SPAN_ARG(span_first(issuer, 256)));
}

static enum fault read_text(const struct json *properties, const char *name, char out[FEDERATED_TEXT_SIZE],
			    struct err *err)
{
	const struct json *v = NULL;
	enum fault f = arm_member(properties, name, JSON_STRING, &v, err);

	return f != FAULT_NONE ? f : copy_text(out, name, json_string(v), err);
}

static enum fault read_audience(const struct json *properties, char out[FEDERATED_TEXT_SIZE], struct err *err)
{
	const struct json *v = NULL;
	enum fault f = arm_member(properties, "audiences", JSON_ARRAY, &v, err);

	if (f != FAULT_NONE)
		return f;
	if (json_array_len(v) == 0)
		return refuse_missing(err);
	if (json_array_len(v) > 1)
		return err_say(err, FAULT_INVALID, "BadRequest",
			       "A federated identity credential must have exactly one audience; %zu were given.",
			       json_array_len(v));
	return copy_text(out, "audience", json_string(json_array_at(v, 0)), err);
}

enum fault federated_credential_read(struct span name, const struct json *body, struct federated_credential *c,
				     struct err *err)
{
	const struct json *properties = NULL;
	enum fault f = check_name(name, err);

	if (f == FAULT_NONE)
		f = arm_member(body, "properties", JSON_OBJECT, &properties, err);
	if (f == FAULT_NONE)
		f = read_text(properties, "issuer", c->issuer, err);
	if (f == FAULT_NONE)
		f = read_text(properties, "subject", c->subject, err);
	if (f == FAULT_NONE)
		f = read_audience(properties, c->audience, err);
	if (f == FAULT_NONE)
		snprintf(c->name, sizeof(c->name), "%.*s", SPAN_ARG(name));
	return f == FAULT_NONE ? check_issuer(span_cstr(c->issuer), err) : f;
}
