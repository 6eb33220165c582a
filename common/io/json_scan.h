#ifndef SANDVAULT_IO_JSON_SCAN_H
#define SANDVAULT_IO_JSON_SCAN_H

/*
 * The tokens of a JSON text, checked byte by byte before json-c sees it. json-c decides how tokens may follow each
 * other; even its strict mode takes "-01", "1.", NaN, raw control characters, overlong UTF-8, and cuts a member name
 * at \u0000. Everything of that kind is refused here, and so is an integer that int64_t cannot hold.
 */

#include "common/plain/base.h"
#include "common/plain/fault.h"
#include "common/plain/span.h"

/* *ret_members: colons outside strings, which is the number of members once the text is known to parse.
 * FAULT_INVALID with a sentence that names the byte. */
enum fault json_scan(struct span text, size_t *ret_members, struct err *err) MUST_USE;

#endif
