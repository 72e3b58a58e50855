/* SPDX-License-Identifier: ISC */
/*
 * Errors in a configuration: collected, and named by file, line and section, or
 * by option.
 */
#include "daemon/config/config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
config_error(struct config_errors *errors, const char *format, ...)
{
	char line[1024];
	va_list arguments;
	char **grown;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	errors->count++;
	grown = realloc(errors->lines, (errors->kept + 1) * sizeof(*grown));
	if (grown == NULL)
		return;
	errors->lines = grown;
	grown[errors->kept] = strdup(line);
	errors->kept += grown[errors->kept] != NULL;
}

void
config_errors_free(struct config_errors *errors)
{
	size_t i;

	for (i = 0; i < errors->kept; i++)
		free(errors->lines[i]);
	free(errors->lines);
	*errors = (struct config_errors){ .lines = NULL };
}

void
config_error_at(struct config_errors *errors, const struct config_place *place,
    const char *format, ...)
{
	const struct config_service *service = place->service;
	const struct config_values *values =
	    service != NULL ? &service->values : &place->config->daemon;
	const struct config_key *common = keys_find(place->key);
	struct config_key own;
	size_t key;
	unsigned int file, line;
	char why[400];
	va_list arguments;

	if (common == NULL && keys_find_own(service->service, place->key, &own))
		common = &own;
	key = keys_number(common);
	file = values->file[key];
	line = values->line[key];

	va_start(arguments, format);
	vsnprintf(why, sizeof(why), format, arguments);
	va_end(arguments);
	if (line == 0) {
		file = values->section_file;
		line = values->section;
	}
	if (values->faulty[key])
		return;
	if (line != 0)
		config_error(errors, "%s:%u: [%s] %s: %s",
		    place->config->files[file].name, line,
		    service != NULL ? service->name : "daemon", place->key,
		    why);
	else if (service != NULL)
		config_error(
		    errors, "%s: %s: %s", service->name, place->key, why);
	else
		config_error(errors, "--%s: %s", place->key, why);
}
