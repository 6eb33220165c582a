#ifndef SANDVAULT_MODEL_CLOUD_METADATA_AZURE_H
#define SANDVAULT_MODEL_CLOUD_METADATA_AZURE_H

/* The public cloud as it describes itself. Private to cloud_metadata.c. Source: fixtures/sources.md#cloud-metadata */

#include "common/io/json_out.h"

/* Of api-versions before 2019-05-01. */
void azure_cloud_write_2015(struct json_out *o);
/* is_2022: as from 2022-09-01 on. */
void azure_cloud_write(struct json_out *o, bool is_2022);

#endif
