#include "vaultd/arm/group_name.h"

#include "common/model/group.h"
#include "common/plain/text.h"

static bool is_name_char(char c)
{
	char l = ascii_lower(c);

	/* Letters of other scripts are welcome too. */
	return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') || strchr("-_.()", c) != NULL ||
	       (unsigned char)c >= 0x80;
}

enum fault group_check_name(struct span name, struct err *err)
{
	bool is_good = name.len > 0 && name.p[name.len - 1] != '.';

	if (name.len >= GROUP_NAME_SIZE)
		return err_say(err, FAULT_INVALID, "InvalidResourceGroup",
			       "The provided resource group name is %zu characters long. The maximum is %d.", name.len,
			       GROUP_NAME_SIZE - 1);
	for (size_t i = 0; i < name.len; i++)
		is_good = is_good && name.p[i] != '\0' && is_name_char(name.p[i]);
	if (is_good)
		return FAULT_NONE;
	return err_say(
		err, FAULT_INVALID, "InvalidResourceGroup",
		"The provided resource group name '%.*s' is invalid. The name can only have letters, digits, '-', "
		"'.', '(', ')' or '_', and cannot end with '.'.",
		SPAN_ARG(name));
}
