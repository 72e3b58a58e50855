/* SPDX-License-Identifier: ISC */
/*
 * What is pinned stays until its name is removed, and longer where it is in
 * use.
 */
#include "run/group/pins.h"

#include <errno.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

bool
pins_path(char path[PATH_MAX], const char *folder,
    const struct loader_program *program)
{
	int n = snprintf(path, PATH_MAX, "%s/%s", folder, program->pin);

	return n >= 0 && n < PATH_MAX;
}

bool
pins_are_possible(const char *folder)
{
	struct statfs system;

	return statfs(folder, &system) == 0 &&
	    (uint32_t)system.f_type == BPF_FS_MAGIC;
}

static int
pin(const char *folder, int fd, const struct loader_program *program)
{
	char path[PATH_MAX];

	return pins_path(path, folder, program) ? bpf_pin(fd, path)
						: -ENAMETOOLONG;
}

/* Undo the first of them, and the folder if that was made for them. */
static void
remove_pins(const char *folder, int count, bool is_new)
{
	char path[PATH_MAX];

	while (count-- > 0)
		if (pins_path(path, folder, &loader_programs[count]))
			unlink(path);
	if (is_new)
		rmdir(folder);
}

bool
pins_make(const char *folder, const struct loader *loader, char why[RUN_WHY])
{
	bool is_new = mkdir(folder, 0700) == 0;
	int i, error = 0;

	if (!is_new && errno != EEXIST) {
		snprintf(why, RUN_WHY, "%.180s: %s", folder, strerror(errno));
		return false;
	}
	if (!pins_are_possible(folder)) {
		snprintf(why, RUN_WHY,
		    "%.150s: not in a BPF file system, such as /sys/fs/bpf "
		    "(mount -t bpf bpf DIRECTORY)",
		    folder);
		remove_pins(folder, 0, is_new);
		return false;
	}
	for (i = 0; i < LOADER_PROGRAMS && error == 0; i++)
		error = pin(folder, loader->programs[i], &loader_programs[i]);
	if (error == 0)
		return true;
	snprintf(why, RUN_WHY, "%.150s/%s: %s%s", folder,
	    loader_programs[i - 1].pin, strerror(-error),
	    error == -EEXIST ? ": remove it first" : "");
	remove_pins(folder, i - 1, is_new);
	return false;
}

int
pins_open(
    const char *folder, const struct loader_program *program, char why[RUN_WHY])
{
	char path[PATH_MAX];
	int fd =
	    pins_path(path, folder, program) ? bpf_pinned(path) : -ENAMETOOLONG;

	if (fd >= 0)
		return fd;
	snprintf(
	    why, RUN_WHY, "%.180s/%s: %s", folder, program->pin, strerror(-fd));
	return -1;
}
