/* SPDX-License-Identifier: ISC */
/*
 * The list of services.  A new one is a file with a descriptor, and a line
 * here.
 */
#include "services/service.h"

#include <string.h>

const struct service *const service_table[] = {
	&service_echo,
	&service_discard,
	&service_whoami,
	&service_daytime,
	&service_time,
	&service_chargen,
	&service_qotd,
	&service_fixed,
	NULL,
};

const struct service *
service_find(const char *name)
{
	const struct service *const *at;

	for (at = service_table; *at != NULL; at++)
		if (strcmp((*at)->name, name) == 0)
			return *at;
	return NULL;
}
