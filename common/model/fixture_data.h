#ifndef SANDVAULT_MODEL_FIXTURE_DATA_H
#define SANDVAULT_MODEL_FIXTURE_DATA_H

/* Files of fixtures/ that are part of the program: their texts. */

#include "common/plain/span.h"

struct span fixture_builtin_roles(void);
struct span fixture_trusted_services(void);

#endif
