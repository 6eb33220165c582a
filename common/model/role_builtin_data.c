#include "common/model/role_builtin.h"

/* BUILTIN_ROLES_PATH and the stamp come from the build: the stamp changes with the file, so that this is compiled anew.
 */
#ifndef BUILTIN_ROLES_PATH
#define BUILTIN_ROLES_PATH "fixtures/builtin-roles.json"
#endif
#if __has_include("builtin_roles_stamp.h")
#include "builtin_roles_stamp.h"
#endif

__asm__(".pushsection .rodata\n"
	".global sandvault_builtin_roles\n"
	".hidden sandvault_builtin_roles\n"
	"sandvault_builtin_roles:\n"
	".incbin \"" BUILTIN_ROLES_PATH "\"\n"
	".global sandvault_builtin_roles_end\n"
	".hidden sandvault_builtin_roles_end\n"
	"sandvault_builtin_roles_end:\n"
	".byte 0\n"
	".popsection\n");

extern const char sandvault_builtin_roles[], sandvault_builtin_roles_end[];

struct span role_builtin_json(void)
{
	return span_of(sandvault_builtin_roles, (size_t)(sandvault_builtin_roles_end - sandvault_builtin_roles));
}
