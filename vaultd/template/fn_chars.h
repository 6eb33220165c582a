#ifndef SANDVAULT_VAULTD_TEMPLATE_FN_CHARS_H
#define SANDVAULT_VAULTD_TEMPLATE_FN_CHARS_H

/* Texts as the service counts them: in UTF-16 units, so that a character beyond U+FFFF counts twice. */

#include "common/plain/span.h"

size_t chars_count(struct span text);
/* The byte where unit n begins, or text.len; in the middle of a character, the byte behind it. */
size_t chars_offset(struct span text, size_t n);

#endif
