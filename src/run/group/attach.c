/* SPDX-License-Identifier: ISC */
/*
 * Nothing is written down about what is attached where: the kernel knows, and
 * our programs have names.
 */
#include "run/group/attach.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The kernel takes no more into one group (BPF_CGROUP_MAX_PROGS). */
#define ATTACHED_MAX 64

static bool
is_named(int program, const char *name)
{
	struct bpf_prog_info info;

	memset(&info, 0, sizeof(info));
	return bpf_program_info(program, &info) == 0 &&
	    strcmp(info.name, name) == 0;
}

int
attach_find(int group, const struct loader_program *program)
{
	uint32_t ids[ATTACHED_MAX];
	int i, fd, count;

	count = bpf_attached(group, program->code.place, ids, ATTACHED_MAX);
	if (count < 0)
		return count;
	for (i = 0; i < count; i++) {
		fd = bpf_program_open(ids[i]);
		if (fd >= 0 && is_named(fd, program->name))
			return fd;
		if (fd >= 0)
			close(fd);
		else if (fd != -ENOENT)
			return fd;
	}
	return -ENOENT;
}

static void
refuse(char why[RUN_WHY], const char *what, int error)
{
	if (error == -EPERM)
		snprintf(why, RUN_WHY,
		    "%s: %s: this needs root, or CAP_BPF and CAP_NET_ADMIN; or "
		    "a group above has a program that allows no other",
		    what, strerror(-error));
	else
		snprintf(why, RUN_WHY, "%s: %s", what, strerror(-error));
}

bool
attach_all(int group, const struct loader *loader, char why[RUN_WHY])
{
	const struct loader_program *program;
	char ignored[RUN_WHY];
	int i, error;

	/* Nobody's answer depends on the moment that there are none. */
	if (attach_remove(group, why) < 0)
		return false;
	for (i = 0; i < LOADER_PROGRAMS; i++) {
		program = &loader_programs[i];
		error =
		    bpf_attach(group, loader->programs[i], program->code.place);
		if (error >= 0)
			continue;
		refuse(why, program->name, error);
		attach_remove(group, ignored);
		return false;
	}
	return true;
}

int
attach_remove(int group, char why[RUN_WHY])
{
	const struct loader_program *program;
	int i, fd, error, count = 0;

	for (i = 0; i < LOADER_PROGRAMS; i++) {
		program = &loader_programs[i];
		while ((fd = attach_find(group, program)) >= 0) {
			error = bpf_detach(group, fd, program->code.place);
			close(fd);
			if (error < 0) {
				refuse(why, program->name, error);
				return -1;
			}
			count++;
		}
		if (fd != -ENOENT) {
			refuse(why, program->name, fd);
			return -1;
		}
	}
	return count;
}
