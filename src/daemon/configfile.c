/* SPDX-License-Identifier: ISC */
/*
 * The configuration file: inih reads it, this file knows what sections and
 * keys are, and on which line.
 */
#include "daemon/config.h"

#include "daemon/value.h"

#include <ini.h>
#include <stdio.h>
#include <string.h>

/* A file being read. */
struct reading {
	struct config *config;
	struct config_errors *errors;
	const char *name;
	const char *rest; /* of the text */
	unsigned int line;
	bool in_daemon;  /* else in the service below */
	size_t service;  /* its number in config->services */
	bool in_nothing; /* in a section that is an error */
};

static void
begin_section(struct reading *reading, const char *line)
{
	struct config_service *service;
	size_t length = strcspn(line + 1, "]");
	char name[64], why[CONFIG_WHY];

	reading->in_daemon = reading->in_nothing = false;
	if (line[1 + length] != ']' || length >= sizeof(name)) {
		reading->in_nothing = true;
		config_error(reading->errors,
		    "%s:%u: a section is [daemon], [SERVICE] or "
		    "[SERVICE:LABEL]",
		    reading->name, reading->line);
		return;
	}
	memcpy(name, line + 1, length);
	name[length] = '\0';
	if (strcmp(name, "daemon") == 0) {
		reading->in_daemon = true;
		return;
	}
	service = config_service_named(reading->config, name, why);
	if (service != NULL) {
		reading->service =
		    (size_t)(service - reading->config->services);
		if (service->values.section == 0)
			service->values.section = reading->line;
		return;
	}
	reading->in_nothing = true;
	config_error(reading->errors, "%s:%u: [%s]: %s", reading->name,
	    reading->line, name, why);
}

/* For inih: the next line, without its end if it is too long. */
static char *
next_line(char *line, int size, void *stream)
{
	struct reading *reading = stream;
	size_t length = strcspn(reading->rest, "\n"), kept = length;
	const char *start;

	if (*reading->rest == '\0')
		return NULL;
	reading->line++;
	if (kept + 2 > (size_t)size) {
		kept = (size_t)size - 2;
		config_error(reading->errors,
		    "%s:%u: longer than %zu characters: a list may go on in "
		    "the next line, indented",
		    reading->name, reading->line, kept);
	}
	memcpy(line, reading->rest, kept);
	line[kept] = '\n';
	line[kept + 1] = '\0';
	reading->rest += length + (reading->rest[length] == '\n');
	/* inih tells of a section only with its first key. */
	start = line + strspn(line, " \t");
	if (*start == '[')
		begin_section(reading, start);
	else if (start == line && strchr(";#\n", *start) == NULL &&
	    strpbrk(line, "=:") == NULL)
		config_error(reading->errors,
		    "%s:%u: neither [SECTION] nor KEY = VALUE", reading->name,
		    reading->line);
	return line;
}

static const char *
section_name(const struct reading *reading)
{
	return reading->in_daemon
	    ? "daemon"
	    : reading->config->services[reading->service].name;
}

/* Where and why. */
static void
key_error(struct reading *reading, const char *name, const char *why)
{
	config_error(reading->errors, "%s:%u: [%s] %s: %s", reading->name,
	    reading->line, section_name(reading), name, why);
}

static void
set_key(struct reading *reading, struct config_values *values,
    const struct config_key *key, const char *text)
{
	const ptrdiff_t number = key - config_keys;
	char prefix[512];
	const struct config_teller teller = { reading->errors, prefix };

	snprintf(prefix, sizeof(prefix), "%s:%u: [%s] %s: ", reading->name,
	    reading->line, section_name(reading), key->name);
	if (!config_set(values, key, CONFIG_FILE, text, &teller))
		values->faulty[number] = true;
	if (values->origin[number] == CONFIG_FILE)
		values->line[number] = reading->line;
}

/* For inih: a key.  1: go on. */
static int
on_key(void *user, const char *section, const char *name, const char *value)
{
	struct reading *reading = user;
	const struct config_key *key = config_key_find(name);
	struct config_values *values = &reading->config->daemon;
	unsigned int scope = CONFIG_DAEMON, flags = 0;

	(void)section;
	if (reading->in_nothing)
		return 1;
	if (!reading->in_daemon) {
		struct config_service *service =
		    &reading->config->services[reading->service];

		values = &service->values;
		scope = CONFIG_SERVICE;
		flags = service->service->flags;
	}
	if (key == NULL)
		key_error(reading, name, "there is no such key");
	else if ((key->scope & scope) == 0)
		key_error(reading, name,
		    (key->scope & CONFIG_OPTION) != 0
			? "is an option, not a key"
			: reading->in_daemon ? "belongs to a service"
					     : "belongs into [daemon]");
	else if (!reading->in_daemon && key->service_flag != 0 &&
	    (key->service_flag & flags) == 0)
		key_error(reading, name, "is not a key of this service");
	else
		set_key(reading, values, key, value);
	return 1;
}

void
config_read(struct config *config, const char *name, const char *text,
    struct config_errors *errors)
{
	struct reading reading = {
		.config = config,
		.errors = errors,
		.name = name,
		.rest = text,
		.in_daemon = true, /* keys before the first section */
	};
	size_t before = errors->count;
	int line = ini_parse_stream(next_line, &reading, on_key, &reading);

	if (line != 0 && errors->count == before)
		config_error(errors, "%s:%d: neither [SECTION] nor KEY = VALUE",
		    name, line);
}
