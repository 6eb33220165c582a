#include "common/model/fixture_data.h"

/* FIXTURES_DIR and the stamp come from the build: the stamp changes with the files, so that this is compiled anew. */
#ifndef FIXTURES_DIR
#define FIXTURES_DIR "fixtures"
#endif
#if __has_include("fixtures_stamp.h")
#include "fixtures_stamp.h"
#endif

#define CARRY(symbol, file)                                                                                            \
	__asm__(".pushsection .rodata\n"                                                                               \
		".global sandvault_" #symbol "\n"                                                                      \
		".hidden sandvault_" #symbol "\n"                                                                      \
		"sandvault_" #symbol ":\n"                                                                             \
		".incbin \"" FIXTURES_DIR "/" file "\"\n"                                                              \
		".global sandvault_" #symbol "_end\n"                                                                  \
		".hidden sandvault_" #symbol "_end\n"                                                                  \
		"sandvault_" #symbol "_end:\n"                                                                         \
		".byte 0\n"                                                                                            \
		".popsection\n");                                                                                      \
	extern const char sandvault_##symbol[], sandvault_##symbol##_end[];                                            \
	struct span fixture_##symbol(void)                                                                             \
	{                                                                                                              \
		return span_of(sandvault_##symbol, (size_t)(sandvault_##symbol##_end - sandvault_##symbol));           \
	}

CARRY(builtin_roles, "builtin-roles.json")
CARRY(trusted_services, "trusted-services.json")
