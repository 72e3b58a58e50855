/* SPDX-License-Identifier: ISC */
/*
 * Look-up of services and their keys by name, and what services count.
 */
#include "services/service.h"

#include <string.h>

#define US INT64_C(1000)
#define MS INT64_C(1000000)

const int64_t service_residence_bounds[SERVICE_RESIDENCES] = { 5 * US, 10 * US,
	25 * US, 50 * US, 100 * US, 250 * US, 500 * US, 1 * MS, 5 * MS, 25 * MS,
	100 * MS, 1000 * MS, INT64_MAX };

void
service_residence(
    const struct service_context *context, unsigned int mode, int64_t residence)
{
	struct service_mode *its;
	size_t i = 0;

	if (context->counts == NULL)
		return;
	its = &context->counts->modes[mode];
	if (residence < 0)
		residence = 0;
	while (residence > service_residence_bounds[i])
		i++;
	service_add(&its->residences[i], 1);
	service_add(&its->residence_sum, (uint64_t)residence);
}

const struct service *
service_find(const char *name)
{
	const struct service *const *at;

	for (at = service_table; *at != NULL; at++)
		if (strcmp((*at)->name, name) == 0)
			return *at;
	return NULL;
}

size_t
service_key_count(const struct service *service)
{
	size_t count = 0;

	if (service->keys != NULL)
		while (service->keys[count].name != NULL)
			count++;
	return count;
}

const struct service_key *
service_key_find(const struct service *service, const char *name)
{
	size_t i, count = service_key_count(service);

	for (i = 0; i < count; i++)
		if (strcmp(service->keys[i].name, name) == 0)
			return &service->keys[i];
	return NULL;
}
