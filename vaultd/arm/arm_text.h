#ifndef SANDVAULT_VAULTD_ARM_ARM_TEXT_H
#define SANDVAULT_VAULTD_ARM_ARM_TEXT_H

/* Text forms of the control plane: api-versions, locations, times. Pure. */

#include "common/model/group.h"

/* "YYYY-MM-DD", then nothing or "-preview" and the like. */
bool arm_version_is_valid(struct span api_version);
/* Whether the version's date is before date ("2026-02-01"). */
bool arm_version_before(struct span api_version, const char *date);

/* Letters, digits, '-' and '_', a letter or digit first; so many of them. */
bool arm_name_is_plain(struct span name, size_t least, size_t most);

/* "West Europe" → "westeurope". FAULT_INVALID for what is no location's name. */
enum fault arm_location_fold(struct span location, char out[LOCATION_SIZE]) MUST_USE;
/* Whether two spellings name one location. */
bool arm_location_eq(struct span a, struct span b);

/* "2022-06-27T10:53:22.72Z": milliseconds without the zeros at their end. */
enum { TIME_MS_SIZE = 25 };
void arm_time_format(char out[TIME_MS_SIZE], int64_t wall_ms);

/* A heap copy of what the buffer holds; its fault when it has one. */
enum fault arm_take_text(struct buf *b, char **ret) MUST_USE;

#endif
