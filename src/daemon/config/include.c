/* SPDX-License-Identifier: ISC */
/*
 * A file is read to its end before what it includes: no value overrides another
 * one of a file, so nothing depends on where in it that stands.
 */
#include "daemon/config/include.h"

#include "daemon/config/file.h"
#include "platform/file.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The largest configuration file, far beyond any real one. */
#define FILE_MAX ((size_t)1 << 20)

/* Files, and how deep they include one another: beyond, it is a mistake. */
#define COUNT_MAX 4096
#define DEPTH_MAX 8

/* An include being carried out. */
struct inclusion {
	struct config *config;
	size_t number; /* in config->includes, from 1; 0: of the first file */
	struct config_errors *errors;
};

/* Report what is wrong with it. */
static void __attribute__((format(printf, 2, 3)))
refuse(const struct inclusion *inclusion, const char *format, ...)
{
	const struct config *config = inclusion->config;
	const struct config_include *include =
	    &config->includes[inclusion->number - 1];
	char why[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(why, sizeof(why), format, arguments);
	va_end(arguments);
	config_error(inclusion->errors, "%s:%u: [daemon] include: %s",
	    config->files[include->file].name, include->line, why);
}

/*
 * Files.
 */

/* A text ends at its first NUL byte: what follows it would be lost. */
static void
check_text(const char *path, const char *text, size_t length,
    struct config_errors *errors)
{
	const char *end = text + strlen(text);
	unsigned int line = 1;

	if (end == text + length)
		return;
	for (; text < end; text++)
		line += *text == '\n';
	config_error(errors, "%s:%u: contains a NUL byte: binary, or UTF-16",
	    path, line);
}

/* Its text is freed. */
static void
take_text(const struct inclusion *inclusion, const char *path, char *text,
    size_t length)
{
	struct config *config = inclusion->config;
	size_t file = config->file_count;

	file_read_config(config, path, text, inclusion->errors);
	check_text(path, text, length, inclusion->errors);
	free(text);
	if (file < config->file_count)
		config->files[file].include = inclusion->number;
}

/*
 * How many files it takes from the first one to this; 0 if one of those is at
 * that path.
 */
static unsigned int
depth(const struct inclusion *inclusion, const char *path)
{
	const struct config *config = inclusion->config;
	size_t number = inclusion->number;
	const struct config_file *file;
	unsigned int steps = 0;

	do {
		file = &config->files[config->includes[number - 1].file];
		if (strcmp(file->name, path) == 0)
			return 0;
		number = file->include;
		steps++;
	} while (number > 0);
	return steps;
}

/* The file at that path, if it has been read; NULL: it has not. */
static const struct config_file *
find_file(const struct config *config, const char *path)
{
	size_t i;

	for (i = 0; i < config->file_count; i++)
		if (strcmp(config->files[i].name, path) == 0)
			return &config->files[i];
	return NULL;
}

/* May it be read?  If not, that is reported. */
static bool
check_path(const struct inclusion *inclusion, const char *path)
{
	const struct config *config = inclusion->config;
	const struct config_file *file = find_file(config, path);
	const struct config_include *before;
	unsigned int steps = depth(inclusion, path);

	if (steps == 0)
		refuse(inclusion, "a loop: %s includes this file", path);
	else if (steps > DEPTH_MAX)
		refuse(inclusion, "%s: more than %d files deep: a loop?", path,
		    DEPTH_MAX);
	else if (config->file_count >= COUNT_MAX)
		refuse(inclusion, "%s: more than %d files", path, COUNT_MAX);
	else if (file != NULL) {
		before = &config->includes[file->include - 1];
		refuse(inclusion, "%s has been included at %s:%u", path,
		    config->files[before->file].name, before->line);
	} else
		return true;
	return false;
}

/* False if no other one is to be read, as there are too many. */
static bool
read_file(const struct inclusion *inclusion, const char *path)
{
	char reason[128], *text;
	size_t length;

	if (!check_path(inclusion, path))
		return inclusion->config->file_count < COUNT_MAX;
	text = host_file_read(path, FILE_MAX, &length, reason, sizeof(reason));
	if (text == NULL)
		refuse(inclusion, "cannot read %s: %s", path, reason);
	else
		take_text(inclusion, path, text, length);
	return true;
}

/*
 * What it takes to find them.
 */

static bool
read_matches(const struct inclusion *inclusion, const char *pattern)
{
	char reason[128], *list;
	const char *path;
	size_t length;
	bool more = true;

	list =
	    host_file_match(pattern, FILE_MAX, &length, reason, sizeof(reason));
	if (list == NULL) {
		refuse(inclusion, "cannot list %s: %s", pattern, reason);
		return true;
	}
	for (path = list; more && path < list + length;
	     path += strlen(path) + 1)
		more = read_file(inclusion, path);
	free(list);
	return more;
}

static bool
carry_out(const struct inclusion *inclusion)
{
	const struct config *config = inclusion->config;
	const struct config_include *include =
	    &config->includes[inclusion->number - 1];
	char *path = host_path_beside(
	    config->files[include->file].name, include->pattern);
	bool more = true;

	if (path == NULL)
		refuse(inclusion, "out of memory");
	else if (strpbrk(include->pattern, "*?[") != NULL)
		more = read_matches(inclusion, path);
	else
		more = read_file(inclusion, path);
	free(path);
	return more;
}

int
include_read(
    struct config *config, bool is_reload, struct config_errors *errors)
{
	struct inclusion inclusion = { config, 0, errors };
	char reason[128];
	size_t length;
	/* At start it may be a shell's pipe; that is gone at a reload. */
	char *text = (is_reload ? host_file_read : host_stream_read)(
	    config->path, FILE_MAX, &length, reason, sizeof(reason));

	if (text == NULL) {
		config_error(
		    errors, "cannot read %s: %s", config->path, reason);
		return CONFIG_EXIT_NOINPUT;
	}
	take_text(&inclusion, config->path, text, length);
	while (inclusion.number < config->include_count) {
		inclusion.number++;
		if (!carry_out(&inclusion))
			break;
	}
	return errors->count > 0 ? CONFIG_EXIT_CONFIG : 0;
}
