#ifndef SANDVAULT_IO_JSON_C_H
#define SANDVAULT_IO_JSON_C_H

/* json-c's headers, with the two of its type names that json.h uses for functions moved aside. For json*.c only. */

#define json_type jsonc_type
#define json_bool jsonc_bool
#include <json-c/json.h>
#include <json-c/printbuf.h>
#undef json_type
#undef json_bool

#endif
