#ifndef SANDVAULT_VAULTD_TEMPLATE_DATE_TEXT_H
#define SANDVAULT_VAULTD_TEMPLATE_DATE_TEXT_H

/* Times as template functions read and write them: .NET's format strings, American English, always UTC. */

#include "common/plain/buf.h"

/* A standard format ("u", "d", "o", …) or a custom one ("yyyy-MM-dd HH:mm:ss.fff"). FAULT_INVALID for a letter of
 * neither kind. */
enum fault date_format(struct buf *out, int64_t wall_ms, struct span format) MUST_USE;
/* "2023-04-07T14:40:14.5Z", "2023-04-07 14:40:14Z", "20230407T144014Z", "2023-04-07"; an offset "+02:00" in place of Z,
 * or nothing. *ret_format: the format that writes it so. */
enum fault date_parse(struct span text, int64_t *ret_s, const char **ret_format) MUST_USE;

#endif
