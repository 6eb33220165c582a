#ifndef SANDVAULT_IO_UTF8_H
#define SANDVAULT_IO_UTF8_H

/* Whether bytes are UTF-8 (RFC 3629): shortest forms only, no surrogates, nothing beyond U+10FFFF. */

#include "common/plain/span.h"

/* Length (1 … 4) of the character that s begins with; 0 when s is empty or does not begin with one. */
size_t utf8_char_len(struct span s);

#endif
