/* SPDX-License-Identifier: ISC */
/*
 * What each option of mhrun does with control groups and BPF programs, step by
 * step.
 */
#include "run/group/group.h"

#include "run/command.h"
#include "run/group/attach.h"
#include "run/group/cgroup.h"
#include "run/group/pins.h"
#include "run/group/status.h"
#include "run/group/watcher.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool
fail(char why[RUN_WHY], const char *what, int error)
{
	snprintf(why, RUN_WHY, "%.180s: %s", what, strerror(error));
	return false;
}

/* Put the programs into an open group; and give away their table of peers. */
static bool
repair(
    int group, const struct run_options *options, int *peers, char why[RUN_WHY])
{
	struct loader loader;
	bool done;

	if (!loader_load(&loader, options, why))
		return false;
	done = attach_all(group, &loader, why);
	if (done && peers != NULL) {
		*peers = loader.maps[GROUP_MAP_PEERS];
		loader.maps[GROUP_MAP_PEERS] = -1;
	}
	/* They live as long as they are attached. */
	loader_close(&loader);
	return done;
}

/* Into a group of our own, from which the command starts. */
static bool
enter(int group, const char *folder, const struct run_options *options,
    char why[RUN_WHY])
{
	int watcher, peers;

	if (!repair(group, options, &peers, why)) {
		rmdir(folder);
		return false;
	}
	watcher = watcher_start(group, folder, peers);
	close(peers);
	if (watcher < 0) {
		rmdir(folder);
		return fail(why, "cannot fork", -watcher);
	}
	/* If it fails, the watcher removes the group. */
	if (!cgroup_join(group, why)) {
		close(watcher);
		return false;
	}
	watcher_begin(watcher);
	return true;
}

/* Where the group for the command is to be made. */
static bool
find_place(
    char place[PATH_MAX], const struct run_options *options, char why[RUN_WHY])
{
	if (options->directory == NULL)
		return cgroup_own(place, why);
	if (realpath(options->directory, place) == NULL)
		return fail(why, options->directory, errno);
	return true;
}

static bool
run(const struct run_options *options, char why[RUN_WHY])
{
	char place[PATH_MAX], folder[PATH_MAX];
	bool entered;
	int group;

	if (!find_place(place, options, why))
		return false;
	group = cgroup_make(place, folder, why);
	if (group < 0)
		return false;
	entered = enter(group, folder, options, why);
	close(group);
	if (entered && options->verbose > 0)
		fprintf(
		    stderr, "mhrun: %s: in %s\n", options->command[0], folder);
	return entered;
}

static bool
attach(const struct run_options *options, char why[RUN_WHY])
{
	int group = cgroup_open(options->directory, why);
	bool done;

	if (group < 0)
		return false;
	done = repair(group, options, NULL, why);
	close(group);
	return done;
}

static bool
detach(const struct run_options *options, char why[RUN_WHY])
{
	int count, group = cgroup_open(options->directory, why);

	if (group < 0)
		return false;
	count = attach_remove(group, why);
	close(group);
	if (count == 0)
		snprintf(why, RUN_WHY, "%.180s: nothing of mhrun's is attached",
		    options->directory);
	return count > 0;
}

static bool
pin(const struct run_options *options, char why[RUN_WHY])
{
	struct loader loader;
	bool done;

	if (!loader_load(&loader, options, why))
		return false;
	done = pins_make(options->directory, &loader, why);
	loader_close(&loader);
	return done;
}

/* Print what a program, of that place, has counted; closes it. */
static bool
show(const char *place, int program, char why[RUN_WHY])
{
	struct status status = { .place = place };
	struct strbuf text = { .text = NULL };
	bool done = status_read(&status, program, why);

	close(program);
	if (!done)
		return false;
	status_print(&text, &status);
	fputs(text.text, stdout);
	free(text.text);
	return true;
}

/* The group, if ours are there; -ENOENT if they are not. */
static int
show_group(const char *folder, char why[RUN_WHY])
{
	int program, group = cgroup_open(folder, why);

	if (group < 0)
		return -EINVAL;
	program = attach_find(group, &loader_programs[0]);
	close(group);
	if (program == -ENOENT)
		return program;
	if (program < 0) {
		fail(why, folder, -program);
		return program;
	}
	return show(folder, program, why) ? 0 : -EIO;
}

/* What was found in all groups; error: look no further. */
struct survey {
	char *why;
	unsigned int count;
	int error;
};

static void
show_within(const char *folder, struct survey *survey)
{
	DIR *directory = opendir(folder);
	struct dirent *entry;
	char path[PATH_MAX];
	int n, error = show_group(folder, survey->why);

	survey->count += error == 0;
	/* A group may end while we look. */
	if (error != -ENOENT && error != -EINVAL)
		survey->error = error;
	while (directory != NULL && survey->error == 0 &&
	    (entry = readdir(directory)) != NULL) {
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		n = snprintf(
		    path, sizeof(path), "%s/%s", folder, entry->d_name);
		if (n >= 0 && (size_t)n < sizeof(path))
			show_within(path, survey);
	}
	if (directory != NULL)
		closedir(directory);
}

static bool
show_all(char why[RUN_WHY])
{
	struct survey survey = { .why = why };
	char top[PATH_MAX];

	if (!cgroup_top(top, why))
		return false;
	show_within(top, &survey);
	if (survey.error == 0 && survey.count == 0)
		printf("nothing of mhrun's is attached to a control group\n");
	return survey.error == 0;
}

static bool
show_status(const struct run_options *options, char why[RUN_WHY])
{
	int program, error;

	if (options->directory == NULL)
		return show_all(why);
	if (pins_are_possible(options->directory)) {
		program =
		    pins_open(options->directory, &loader_programs[0], why);
		return program >= 0 && show(options->directory, program, why);
	}
	error = show_group(options->directory, why);
	if (error == -ENOENT)
		snprintf(why, RUN_WHY, "%.180s: nothing of mhrun's is attached",
		    options->directory);
	return error == 0;
}

static bool
act(const struct run_options *options, char why[RUN_WHY])
{
	switch (options->action) {
	case RUN_CGROUP:
		return run(options, why);
	case RUN_ATTACH:
		return attach(options, why);
	case RUN_DETACH:
		return detach(options, why);
	case RUN_PIN:
		return pin(options, why);
	default:
		return show_status(options, why);
	}
}

int
group_run(const struct run_options *options)
{
	char why[RUN_WHY];

	if (!act(options, why)) {
		fprintf(stderr, "mhrun: %s\n", why);
		return RUN_EXIT_FAILED;
	}
	if (options->action == RUN_CGROUP)
		return command_start(options->command);
	return fflush(stdout) == 0 ? RUN_EXIT_OK : RUN_EXIT_FAILED;
}
