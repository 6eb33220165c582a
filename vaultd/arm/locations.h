#ifndef SANDVAULT_VAULTD_ARM_LOCATIONS_H
#define SANDVAULT_VAULTD_ARM_LOCATIONS_H

/* Azure's regions, as far as lists need them. Resources may be in others too. */

#include "vaultd/arm/arm.h"

struct location {
	const char *name;	  /* "eastus" */
	const char *display_name; /* "East US" */
	const char *group;	  /* "US" */
};

extern const struct location locations[];
extern const size_t n_locations;

#endif
