#include "vaultd/keyvault/kv.h"

#include <stdio.h>

/* GetKeyRotationPolicy, UpdateKeyRotationPolicy: { lifetimeActions: [{ trigger, action }], attributes: { expiryTime }
 * }. */
struct policy_body {
	const struct json *actions, *attributes;
};

static const struct field policy_fields[] = {
	{ "lifetimeActions", FIELD_ARRAY, offsetof(struct policy_body, actions), FIELD_MAY },
	{ "attributes", FIELD_OBJECT, offsetof(struct policy_body, attributes), FIELD_MAY },
};

struct attributes_body {
	struct span expiry;
};

static const struct field attribute_fields[] = {
	{ "expiryTime", FIELD_STRING, offsetof(struct attributes_body, expiry), FIELD_MAY },
};

struct action_body {
	const struct json *trigger, *action;
};

static const struct field action_fields[] = {
	{ "trigger", FIELD_OBJECT, offsetof(struct action_body, trigger), FIELD_MUST },
	{ "action", FIELD_OBJECT, offsetof(struct action_body, action), FIELD_MUST },
};

struct trigger_body {
	struct span after_create, before_expiry;
};

static const struct field trigger_fields[] = {
	{ "timeAfterCreate", FIELD_STRING, offsetof(struct trigger_body, after_create), FIELD_MAY },
	{ "timeBeforeExpiry", FIELD_STRING, offsetof(struct trigger_body, before_expiry), FIELD_MAY },
};

struct type_body {
	struct span type;
};

static const struct field type_fields[] = {
	{ "type", FIELD_STRING, offsetof(struct type_body, type), FIELD_MUST },
};

static const struct key_rotation_action default_notify = { ROTATION_NOTIFY, ROTATION_BEFORE_EXPIRY, "P30D" };

static void write_action(struct json_out *o, const struct key_rotation_action *a)
{
	json_out_object(o, NULL);
	json_out_object(o, "trigger");
	json_out_cstr(o, a->trigger == ROTATION_AFTER_CREATE ? "timeAfterCreate" : "timeBeforeExpiry", a->time);
	json_out_object_end(o);
	json_out_object(o, "action");
	json_out_cstr(o, "type", a->action == ROTATION_ROTATE ? "Rotate" : "Notify");
	json_out_object_end(o);
	json_out_object_end(o);
}

/* A key without a policy of its own shows the default one, without id and attributes. */
static void write_policy(struct kv_op *op, const struct key_head *head)
{
	const struct key_rotation *r = &head->rotation;
	struct json_out *o = &op->out;

	json_out_object(o, NULL);
	if (r->is_set)
		json_out_fmt(o, "id", "https://%.*s/keys/%s/rotationpolicy", SPAN_ARG(op->request->host), head->name);
	json_out_array(o, "lifetimeActions");
	for (size_t i = 0; i < r->n_actions; i++)
		write_action(o, &r->actions[i]);
	if (!r->is_set)
		write_action(o, &default_notify);
	json_out_array_end(o);
	if (r->is_set) {
		json_out_object(o, "attributes");
		if (r->expiry[0] != '\0')
			json_out_cstr(o, "expiryTime", r->expiry);
		json_out_int(o, "created", r->created_s);
		json_out_int(o, "updated", r->updated_s);
		json_out_object_end(o);
	} else {
		json_out_null(o, "attributes");
	}
	json_out_object_end(o);
}

static enum fault take_duration(struct span text, const char *name, char out[DURATION_TEXT_SIZE], struct err *err)
{
	struct duration d;

	if (text.len >= DURATION_TEXT_SIZE || duration_parse(text, &d) != FAULT_NONE)
		return err_say(
			err, FAULT_INVALID, "BadParameter",
			"Property '%s' has invalid value: it is an ISO 8601 duration such as P90D, P18M or P2Y.\r\n",
			name);
	snprintf(out, DURATION_TEXT_SIZE, "%.*s", SPAN_ARG(text));
	return FAULT_NONE;
}

static enum fault take_trigger(const struct json *trigger, struct key_rotation_action *a, struct err *err)
{
	struct trigger_body in;
	enum fault f = json_read(trigger, trigger_fields, ARRAY_LEN(trigger_fields), &in, err);

	if (f != FAULT_NONE)
		return f;
	if ((in.after_create.p == NULL) == (in.before_expiry.p == NULL))
		return err_say(
			err, FAULT_INVALID, "BadParameter",
			"The trigger of a lifetime action has exactly one of timeAfterCreate and timeBeforeExpiry.");
	a->trigger = in.after_create.p != NULL ? ROTATION_AFTER_CREATE : ROTATION_BEFORE_EXPIRY;
	return in.after_create.p != NULL ? take_duration(in.after_create, "timeAfterCreate", a->time, err)
					 : take_duration(in.before_expiry, "timeBeforeExpiry", a->time, err);
}

static enum fault take_type(const struct json *action, struct key_rotation_action *a, struct err *err)
{
	struct type_body in;
	enum fault f = json_read(action, type_fields, ARRAY_LEN(type_fields), &in, err);

	if (f != FAULT_NONE)
		return f;
	if (span_eq_nocase(in.type, SPAN_LIT("Rotate")))
		a->action = ROTATION_ROTATE;
	else if (span_eq_nocase(in.type, SPAN_LIT("Notify")))
		a->action = ROTATION_NOTIFY;
	else
		return err_say(err, FAULT_INVALID, "BadParameter",
			       "Property 'type' has invalid value: a lifetime action is of type Rotate or Notify.\r\n");
	return FAULT_NONE;
}

static enum fault take_action(const struct json *v, struct key_rotation_action *a, struct err *err)
{
	struct action_body in;
	enum fault f = json_read(v, action_fields, ARRAY_LEN(action_fields), &in, err);

	if (f == FAULT_NONE)
		f = take_type(in.action, a, err);
	return f == FAULT_NONE ? take_trigger(in.trigger, a, err) : f;
}

/* Two of one kind are told apart here: the record has room for one of each. */
static enum fault take_actions(const struct json *list, struct key_rotation *r, struct err *err)
{
	enum fault f = FAULT_NONE;

	for (size_t i = 0; i < json_array_len(list); i++) {
		struct key_rotation_action a = { .trigger = ROTATION_NEVER };

		f = take_action(json_array_at(list, i), &a, err);
		if (f != FAULT_NONE)
			return f;
		for (size_t j = 0; j < r->n_actions; j++)
			if (r->actions[j].action == a.action)
				return err_say(err, FAULT_INVALID, "BadParameter", "%s",
					       rotation_problem_text(a.action == ROTATION_ROTATE
									     ? ROTATION_TWO_ROTATES
									     : ROTATION_TWO_NOTIFIES));
		r->actions[r->n_actions++] = a;
	}
	return FAULT_NONE;
}

static void add_default_notify(struct key_rotation *r)
{
	for (size_t i = 0; i < r->n_actions; i++)
		if (r->actions[i].action == ROTATION_NOTIFY)
			return;
	r->actions[r->n_actions++] = default_notify;
}

static enum fault read_policy(struct kv_op *op, struct key_rotation *r, struct err *err)
{
	struct policy_body in;
	struct attributes_body attributes = { .expiry = { NULL, 0 } };
	const struct json *body;
	struct rotation_policy policy;
	enum rotation_problem problem;
	enum fault f = kv_body(op, &body, err);

	if (f == FAULT_NONE)
		f = json_read(body, policy_fields, ARRAY_LEN(policy_fields), &in, err);
	if (f == FAULT_NONE && in.attributes != NULL)
		f = json_read(in.attributes, attribute_fields, ARRAY_LEN(attribute_fields), &attributes, err);
	if (f == FAULT_NONE && attributes.expiry.len > 0)
		f = take_duration(attributes.expiry, "expiryTime", r->expiry, err);
	if (f == FAULT_NONE)
		f = take_actions(in.actions, r, err);
	if (f != FAULT_NONE)
		return f;
	add_default_notify(r);
	f = key_rotation_policy(r, &policy, &problem);
	return f == FAULT_INVALID ? err_say(err, f, "BadParameter", "%s", rotation_problem_text(problem)) : f;
}

enum fault op_get_rotation_policy(struct kv_op *op, struct err *err)
{
	struct key_head head;
	enum fault f = kv_find_key(op, &head, err);

	if (f == FAULT_NONE)
		write_policy(op, &head);
	return f;
}

enum fault op_update_rotation_policy(struct kv_op *op, struct err *err)
{
	struct key_rotation r = { .is_set = true };
	struct key_head head;
	enum fault f = kv_find_key(op, &head, err);

	if (f == FAULT_NONE)
		f = read_policy(op, &r, err);
	if (f != FAULT_NONE)
		return f;
	r.created_s = head.rotation.is_set ? head.rotation.created_s : op->now_s;
	r.updated_s = op->now_s;
	head.rotation = r;
	head.notified[0] = '\0';
	write_policy(op, &head);
	return key_put(op->txn, op->vault.uid, &head);
}
