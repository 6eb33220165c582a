#include "vaultd/arm/compute_network.h"

#include "common/model/network.h"
#include "vaultd/arm/arm_body.h"

#define CONFIGURATIONS "networkInterfaceConfigurations"

static enum fault add_subnet(const struct json *subnet, struct host *h, struct err *err)
{
	struct span id = json_string(json_get_nocase(subnet, "id"));

	if (id.len >= RESOURCE_ID_SIZE || !network_is_subnet_id(id))
		return err_say(err, FAULT_INVALID, "InvalidParameter",
			       "The value '%.*s' of parameter subnet.id is invalid: it must be a subnet's resource id.",
			       SPAN_ARG(span_first(id, RESOURCE_ID_SIZE)));
	if (h->n_subnets == HOST_SUBNETS_MAX)
		return err_say(err, FAULT_INVALID, "InvalidParameter",
			       "The machines of this sandbox have at most %d IP configurations.", HOST_SUBNETS_MAX);
	memcpy(h->subnets[h->n_subnets], id.p, id.len);
	h->subnets[h->n_subnets++][id.len] = '\0';
	return FAULT_NONE;
}

static enum fault read_ip_configuration(const struct json *ip, struct host *h, struct err *err)
{
	const struct json *properties = NULL, *subnet = NULL;
	enum fault f = arm_member(ip, "properties", JSON_OBJECT, &properties, err);

	if (f == FAULT_NONE)
		f = arm_member(properties, "subnet", JSON_OBJECT, &subnet, err);
	return f == FAULT_NONE ? add_subnet(subnet, h, err) : f;
}

static enum fault read_configuration(const struct json *configuration, struct host *h, struct err *err)
{
	const struct json *properties = NULL, *list = NULL;
	enum fault f;

	if (json_type(configuration) != JSON_OBJECT)
		return err_say(err, FAULT_INVALID, "InvalidRequestContent",
			       "The request content was invalid and could not be deserialized: '" CONFIGURATIONS
			       "' must hold objects.");
	f = arm_member(configuration, "properties", JSON_OBJECT, &properties, err);

	if (f == FAULT_NONE)
		f = arm_member(properties, "ipConfigurations", JSON_ARRAY, &list, err);
	for (size_t i = 0; f == FAULT_NONE && i < json_array_len(list); i++)
		f = read_ip_configuration(json_array_at(list, i), h, err);
	return f;
}

enum fault compute_network_read(const struct json *properties, struct host *h, struct err *err)
{
	const struct json *profile = NULL, *list = NULL;
	enum fault f = arm_member(properties, "networkProfile", JSON_OBJECT, &profile, err);

	if (f != FAULT_NONE || profile == NULL)
		return f;
	if (json_array_len(json_get_nocase(profile, "networkInterfaces")) > 0)
		return err_say(
			err, FAULT_INVALID, "InvalidParameter",
			"There are no network interfaces in this sandbox that networkInterfaces could name; describe "
			"them in " CONFIGURATIONS ".");
	f = arm_member(profile, CONFIGURATIONS, JSON_ARRAY, &list, err);
	h->n_subnets = 0;
	for (size_t i = 0; f == FAULT_NONE && i < json_array_len(list); i++)
		f = read_configuration(json_array_at(list, i), h, err);
	return f;
}

/* Names of interfaces are not kept: each subnet is one of its own. */
static void write_configuration(struct json_out *o, size_t i, const char *subnet)
{
	json_out_object(o, NULL);
	json_out_fmt(o, "name", "nic-%zu", i);
	json_out_object(o, "properties");
	json_out_array(o, "ipConfigurations");
	json_out_object(o, NULL);
	json_out_cstr(o, "name", "ipconfig");
	json_out_object(o, "properties");
	json_out_object(o, "subnet");
	json_out_cstr(o, "id", subnet);
	json_out_object_end(o);
	json_out_object_end(o);
	json_out_object_end(o);
	json_out_array_end(o);
	json_out_object_end(o);
	json_out_object_end(o);
}

void compute_network_write(struct json_out *o, const struct host *h)
{
	if (h->n_subnets == 0)
		return;
	json_out_object(o, "networkProfile");
	json_out_array(o, CONFIGURATIONS);
	for (size_t i = 0; i < h->n_subnets; i++)
		write_configuration(o, i, h->subnets[i]);
	json_out_array_end(o);
	json_out_object_end(o);
}
