#include "vaultd/arm/arm_body.h"

#include "vaultd/arm/arm_text.h"

enum { TAGS_MAX = 50, TAG_NAME_MAX = 512, TAG_VALUE_MAX = 256 };

static const char *type_word(enum json_type type)
{
	switch (type) {
	case JSON_NULL:
		return "null";
	case JSON_BOOL:
		return "a Boolean";
	case JSON_INT:
		return "an integer";
	case JSON_DOUBLE:
		return "a number";
	case JSON_STRING:
		return "a string";
	case JSON_ARRAY:
		return "an array";
	case JSON_OBJECT:
		return "an object";
	}
	return "";
}

enum fault arm_member(const struct json *body, const char *name, enum json_type type, const struct json **ret,
		      struct err *err)
{
	const struct json *v = json_get_nocase(body, name);

	if (v != NULL && json_type(v) != type)
		return err_say(err, FAULT_INVALID, "InvalidRequestContent",
			       "The request content was invalid and could not be deserialized: '%s' must be %s.", name,
			       type_word(type));
	*ret = v;
	return FAULT_NONE;
}

enum fault arm_read_location(const struct json *body, const char *type, struct span *ret, struct err *err)
{
	char folded[LOCATION_SIZE];
	const struct json *v = NULL;
	enum fault f = arm_member(body, "location", JSON_STRING, &v, err);

	if (f != FAULT_NONE)
		return f;
	if (json_string(v).len == 0)
		return err_say(err, FAULT_INVALID, "LocationRequired",
			       "The location property is required for this definition.");
	if (json_string(v).len >= LOCATION_SIZE || arm_location_fold(json_string(v), folded) != FAULT_NONE)
		return err_say(err, FAULT_INVALID, "LocationNotAvailableForResourceType",
			       "The provided location '%.*s' is not available for resource type '%s'.",
			       SPAN_ARG(json_string(v)), type);
	*ret = json_string(v);
	return FAULT_NONE;
}

struct tag_check {
	enum fault fault;
	struct err *err;
};

static bool check_tag(struct span name, const struct json *value, void *arg)
{
	struct tag_check *c = arg;

	if (json_type(value) != JSON_STRING)
		c->fault = err_say(
			c->err, FAULT_INVALID, "InvalidRequestContent",
			"The request content was invalid and could not be deserialized: the value of tag '%.*s' "
			"must be a string.",
			SPAN_ARG(name));
	else if (name.len > TAG_NAME_MAX)
		c->fault = err_say(c->err, FAULT_INVALID, "InvalidTagNameLength",
				   "A tag name is longer than the maximum of %d characters.", TAG_NAME_MAX);
	else if (json_string(value).len > TAG_VALUE_MAX)
		c->fault = err_say(c->err, FAULT_INVALID, "InvalidTagValueLength",
				   "The value of tag '%.*s' is longer than the maximum of %d characters.",
				   SPAN_ARG(name), TAG_VALUE_MAX);
	return c->fault == FAULT_NONE;
}

enum fault arm_read_tags(const struct json *body, struct buf *out, bool *ret_is_set, struct err *err)
{
	struct tag_check c = { FAULT_NONE, err };
	const struct json *tags = NULL;
	enum fault f = arm_member(body, "tags", JSON_OBJECT, &tags, err);

	if (f != FAULT_NONE)
		return f;
	*ret_is_set = tags != NULL;
	if (tags == NULL)
		return FAULT_NONE;
	if (json_object_len(tags) > TAGS_MAX)
		return err_say(err, FAULT_INVALID, "InvalidTagsCount",
			       "The number of tags, %zu, exceeds the maximum of %d.", json_object_len(tags), TAGS_MAX);
	json_object_each(tags, check_tag, &c);
	if (c.fault != FAULT_NONE)
		return c.fault;
	json_write(out, tags);
	if (buf_fault(out) == FAULT_TOO_LARGE || out->len >= TAGS_SIZE)
		return err_say(err, FAULT_INVALID, "InvalidTagsCount", "The tags are too long together.");
	return buf_fault(out);
}

enum fault arm_check_location(const char *name, const char *group, struct span has, struct span wants, struct err *err)
{
	if (arm_location_eq(has, wants))
		return FAULT_NONE;
	return err_say(
		err, FAULT_CONFLICT, "InvalidResourceLocation",
		"The resource '%s' already exists in location '%.*s' in resource group '%s'. A resource with the same "
		"name cannot be created in location '%.*s'. Please select a new resource name.",
		name, SPAN_ARG(has), group, SPAN_ARG(wants));
}
