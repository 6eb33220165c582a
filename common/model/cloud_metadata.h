#ifndef SANDVAULT_MODEL_CLOUD_METADATA_H
#define SANDVAULT_MODEL_CLOUD_METADATA_H

/*
 * The body of GET /metadata/endpoints: what this cloud is called and where it is. Served by both daemons. Those who ask
 * under one of Azure's own names, by the proxy, are told of Azure's.
 * Source: fixtures/sources.md#cloud-metadata
 */

#include "common/model/azure_names.h"

#define CLOUD_NAME "Sandvault"

/* host: the request's. Three shapes by age of api_version: before 2019-05-01 an object with the sign-in endpoints
 * alone, before 2022-09-01 an array of one cloud, from then on that cloud as an object. FAULT_INVALID for no date;
 * FAULT_UNAVAILABLE while one of the daemons has never published where it is: clients take half a cloud for a broken
 * one. */
enum fault cloud_metadata_write(struct span host, const struct endpoints *e, struct span api_version, struct buf *out,
				struct err *err) MUST_USE;

#endif
