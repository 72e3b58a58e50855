/* SPDX-License-Identifier: ISC */
/*
 * Look-up of services and their keys by name.
 */
#include "services/service.h"

#include <string.h>

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
