/* SPDX-License-Identifier: ISC */
/*
 * Where a configuration comes from, at start and at each reload.
 */
#include "daemon/config/load.h"

#include "daemon/config/check.h"
#include "daemon/config/file.h"
#include "daemon/config/options.h"
#include "daemon/config/plan.h"
#include "platform/file.h"

#include <stdlib.h>
#include <string.h>

/* The largest configuration file, far beyond any real one. */
#define FILE_MAX ((size_t)1 << 20)

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

/* At start it may be a shell's pipe; that no longer exists at a reload. */
static int
read_file(struct config *config, bool is_reload, struct config_errors *errors)
{
	char reason[128];
	size_t length;
	char *text = (is_reload ? host_file_read : host_stream_read)(
	    config->path, FILE_MAX, &length, reason, sizeof(reason));

	if (text == NULL) {
		config_error(
		    errors, "cannot read %s: %s", config->path, reason);
		return CONFIG_EXIT_NOINPUT;
	}
	file_read_config(config, config->path, text, errors);
	check_text(config->path, text, length, errors);
	free(text);
	return errors->count > 0 ? CONFIG_EXIT_CONFIG : 0;
}

/* Is there any service? */
static int
check_services(const struct config *config, struct config_errors *errors)
{
	if (config->service_count > 0)
		return 0;
	if (config->path == NULL) {
		config_error(errors, "no service given");
		return CONFIG_EXIT_USAGE;
	}
	config_error(errors, "%s: no [SERVICE] section", config->path);
	return CONFIG_EXIT_CONFIG;
}

int
load_config(struct config *config, const struct command_line *command,
    struct config_errors *errors)
{
	int status = 0;

	if (!config_init(config, errors)) {
		if (errors->count > 0)
			return CONFIG_EXIT_CONFIG;
		config_error(errors, "out of memory");
		return CONFIG_EXIT_OSERR;
	}
	options_parse(config, command->argc, command->argv, errors);
	if (errors->count > 0)
		return CONFIG_EXIT_USAGE;
	if (config->path != NULL)
		status = read_file(config, command->is_reload, errors);
	if (config->action == CONFIG_RUN || config->action == CONFIG_TEST ||
	    config->action == CONFIG_DUMP) {
		check_config(config, errors);
		if (status == 0)
			status = check_services(config, errors);
	}
	if (errors->count > 0)
		plan_check(config, errors);
	if (errors->count > 0 && status == 0)
		status = config->path != NULL ? CONFIG_EXIT_CONFIG
					      : CONFIG_EXIT_USAGE;
	return status;
}
