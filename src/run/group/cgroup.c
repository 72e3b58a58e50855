/* SPDX-License-Identifier: ISC */
/*
 * Control groups are folders: this finds the one to begin in, and makes one
 * there.  What is attached to a group is up to the caller.
 */
#include "run/group/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Bytes of a file in /proc that are read. */
#define PROC_MAX 262144

/* As there may be one left by a process of the same number. */
#define NAMES_MAX 16

/* Undo what the kernel writes instead of blanks and backslashes: \040. */
static void
unescape(char *text)
{
	char *to = text;

	for (; *text != '\0'; to++) {
		if (text[0] == '\\' && text[1] >= '0' && text[1] <= '3' &&
		    text[2] >= '0' && text[2] <= '7' && text[3] >= '0' &&
		    text[3] <= '7') {
			*to = (char)((text[1] - '0') * 64 +
			    (text[2] - '0') * 8 + (text[3] - '0'));
			text += 4;
		} else
			*to = *text++;
	}
	*to = '\0';
}

/* One field of a line, and where the next one begins; NULL: it is too long. */
static const char *
take_field(const char *line, char field[PATH_MAX])
{
	size_t length = strcspn(line, " \n");

	if (length >= PATH_MAX)
		return NULL;
	memcpy(field, line, length);
	field[length] = '\0';
	return line + length + strspn(line + length, " ");
}

/* A line: id, parent, device, root, point, options..., "-", type, ... */
static bool
read_mount(const char *line, char point[PATH_MAX], char root[PATH_MAX])
{
	size_t length = strcspn(line, "\n");
	const char *type = strstr(line, " - cgroup2 ");
	int skip;

	if (type == NULL || type > line + length)
		return false;
	for (skip = 0; skip < 3; skip++) {
		line += strcspn(line, " \n");
		line += strspn(line, " ");
	}
	line = take_field(line, root);
	if (line == NULL || take_field(line, point) == NULL)
		return false;
	unescape(root);
	unescape(point);
	return true;
}

bool
cgroup_find_mount(
    const char *mountinfo, char point[PATH_MAX], char root[PATH_MAX])
{
	const char *line;

	for (line = mountinfo; *line != '\0';
	     line += strcspn(line, "\n"), line += *line == '\n')
		if (read_mount(line, point, root))
			return true;
	return false;
}

bool
cgroup_find_own(char folder[PATH_MAX], const char *text, const char *point,
    const char *root)
{
	const char *line =
	    strncmp(text, "0::/", 4) == 0 ? text : strstr(text, "\n0::/");
	size_t length, skip = strcmp(root, "/") == 0 ? 0 : strlen(root);
	const char *path;
	int n;

	if (line == NULL)
		return false;
	path = strchr(line, '/');
	length = strcspn(path, "\n");
	/* Of a container that sees but a part; or that sees less than that. */
	if (length < skip || strncmp(path, root, skip) != 0 ||
	    (skip != 0 && length > skip && path[skip] != '/') ||
	    strncmp(path, "/..", 3) == 0)
		return false;
	path += skip;
	length -= skip;
	if (length == 1)
		length = 0;
	n = snprintf(folder, PATH_MAX, "%s%.*s", point, (int)length, path);
	return n >= 0 && n < PATH_MAX;
}

/* Read a file of /proc; NULL and why.  The caller frees. */
static char *
read_proc(const char *path, char why[RUN_WHY])
{
	FILE *file = fopen(path, "re");
	char *text = malloc(PROC_MAX);
	size_t length;

	if (file == NULL || text == NULL) {
		snprintf(why, RUN_WHY, "%s: %s", path, strerror(errno));
		free(text);
		if (file != NULL)
			fclose(file);
		return NULL;
	}
	length = fread(text, 1, PROC_MAX - 1, file);
	text[length] = '\0';
	fclose(file);
	return text;
}

static bool
find_mount(char point[PATH_MAX], char root[PATH_MAX], char why[RUN_WHY])
{
	char *text = read_proc("/proc/self/mountinfo", why);
	bool found;

	if (text == NULL)
		return false;
	found = cgroup_find_mount(text, point, root);
	free(text);
	if (!found)
		snprintf(why, RUN_WHY,
		    "no cgroup2 file system is mounted here "
		    "(mount -t cgroup2 none DIRECTORY)");
	return found;
}

bool
cgroup_top(char point[PATH_MAX], char why[RUN_WHY])
{
	char root[PATH_MAX];

	return find_mount(point, root, why);
}

bool
cgroup_own(char folder[PATH_MAX], char why[RUN_WHY])
{
	char point[PATH_MAX], root[PATH_MAX], *text;
	bool found;

	if (!find_mount(point, root, why))
		return false;
	text = read_proc("/proc/self/cgroup", why);
	if (text == NULL)
		return false;
	found = cgroup_find_own(folder, text, point, root);
	free(text);
	if (!found)
		snprintf(why, RUN_WHY,
		    "this process's control group cannot be seen in %.120s: "
		    "name one with --cgroup=DIR",
		    point);
	return found;
}

int
cgroup_open(const char *folder, char why[RUN_WHY])
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct statfs system;

	if (fd < 0) {
		snprintf(why, RUN_WHY, "%.180s: %s", folder, strerror(errno));
		return -1;
	}
	if (fstatfs(fd, &system) == 0 && system.f_type == CGROUP2_SUPER_MAGIC)
		return fd;
	close(fd);
	snprintf(
	    why, RUN_WHY, "%.180s: not a control group of cgroup2", folder);
	return -1;
}

/* "mhrun-PID"; a later one has another name. */
static bool
make_folder(const char *within, char folder[PATH_MAX], int attempt)
{
	char more[16] = "";
	int n;

	if (attempt > 0)
		snprintf(more, sizeof(more), "-%d", attempt);
	n = snprintf(
	    folder, PATH_MAX, "%s/mhrun-%d%s", within, (int)getpid(), more);
	if (n < 0 || n >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return false;
	}
	return mkdir(folder, 0755) == 0;
}

int
cgroup_make(const char *within, char folder[PATH_MAX], char why[RUN_WHY])
{
	int attempt, fd = cgroup_open(within, why);

	if (fd < 0)
		return -1;
	close(fd);
	for (attempt = 0; attempt < NAMES_MAX; attempt++) {
		if (make_folder(within, folder, attempt)) {
			fd = cgroup_open(folder, why);
			if (fd < 0)
				rmdir(folder);
			return fd;
		}
		if (errno != EEXIST)
			break;
	}
	snprintf(why, RUN_WHY, "cannot make a control group in %.150s: %s",
	    within, strerror(errno));
	return -1;
}

bool
cgroup_join(int group, char why[RUN_WHY])
{
	int fd = openat(group, "cgroup.procs", O_WRONLY | O_CLOEXEC);
	bool moved = fd >= 0 && write(fd, "0", 1) == 1;

	if (!moved)
		snprintf(why, RUN_WHY, "cannot move to the control group: %s",
		    strerror(errno));
	if (fd >= 0)
		close(fd);
	return moved;
}
