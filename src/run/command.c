/* SPDX-License-Identifier: ISC */
/*
 * The command that mhrun starts.
 */
#include "run/command.h"

#include "run/preload/settings.h"
#include "run/program.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int
command_start(char *command[])
{
	int error;

	execvp(command[0], command);
	error = errno;
	fprintf(stderr, "mhrun: %s: %s\n", command[0], strerror(error));
	return error == ENOENT ? RUN_EXIT_NOT_FOUND : RUN_EXIT_NOT_STARTED;
}

/* Where libmhrun.so is: where it was built, or where it was installed. */
static bool
find_library(char path[PATH_MAX])
{
	static const char built[] = "/.libs/libmhrun.so";
	ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - 1);
	char *slash;

	if (length > 0) {
		path[length] = '\0';
		slash = strrchr(path, '/');
		if (slash != NULL &&
		    (size_t)(slash - path) < PATH_MAX - sizeof(built)) {
			memcpy(slash, built, sizeof(built));
			if (access(path, R_OK) == 0)
				return true;
		}
	}
	snprintf(path, PATH_MAX, "%s", RUN_LIBRARY);
	return access(path, R_OK) == 0;
}

/* After what is preloaded already: that may have to be first. */
static bool
preload(const char *library)
{
	const char *before = getenv("LD_PRELOAD");
	char *all;
	bool done;

	if (before == NULL || *before == '\0')
		return setenv("LD_PRELOAD", library, 1) == 0;
	if (asprintf(&all, "%s:%s", before, library) < 0)
		return false;
	done = setenv("LD_PRELOAD", all, 1) == 0;
	free(all);
	return done;
}

static bool
pass_settings(const struct run_options *options)
{
	struct settings settings;
	char text[SETTINGS_TEXT];
	unsigned int i;

	settings_default(&settings);
	if (options->entries != 0)
		settings.entries = options->entries;
	if (options->idle != 0)
		settings.idle = options->idle;
	settings.verbose = options->verbose > 0;
	for (i = 0; i < options->port_count; i++)
		settings.ports[settings.port_count++] = options->ports[i];
	return setenv(SETTINGS_VARIABLE, settings_format(&settings, text), 1) ==
	    0;
}

/* Can it help the command?  If not, the reason is printed. */
static bool
can_help(const struct run_options *options)
{
	char path[PATH_MAX], why[RUN_WHY];

	if (options->force ||
	    !program_find(options->command[0], path, sizeof(path)) ||
	    !program_obstacle(path, why))
		return true;
	fprintf(stderr,
	    "mhrun: %s: use --cgroup, or --force to start it as it is\n", why);
	return false;
}

int
command_preload(const struct run_options *options)
{
	char library[PATH_MAX];

	if (!can_help(options))
		return RUN_EXIT_FAILED;
	if (!find_library(library)) {
		fprintf(stderr, "mhrun: %s: %s\n", library, strerror(errno));
		return RUN_EXIT_FAILED;
	}
	/* ld.so(8) takes either for the end of the name. */
	if (strpbrk(library, " :") != NULL) {
		fprintf(stderr,
		    "mhrun: %s: cannot be preloaded with a blank or colon in "
		    "its path\n",
		    library);
		return RUN_EXIT_FAILED;
	}
	if (!preload(library) || !pass_settings(options)) {
		fprintf(stderr, "mhrun: cannot set the environment: %s\n",
		    strerror(errno));
		return RUN_EXIT_FAILED;
	}
	return command_start(options->command);
}
