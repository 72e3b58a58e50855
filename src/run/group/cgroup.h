/* SPDX-License-Identifier: ISC */
/*
 * Control groups of version 2: where they are, and one made for a command.
 */
#ifndef RUN_GROUP_CGROUP_H
#define RUN_GROUP_CGROUP_H

#include "run/options.h"

#include <limits.h>
#include <sys/types.h>

/*
 * The mount point of the first cgroup2 file system in a text like that of
 * /proc/self/mountinfo, and which group of all is there ("/", except in some
 * containers).  False if there is none.  Pure.
 */
bool cgroup_find_mount(
    const char *mountinfo, char point[PATH_MAX], char root[PATH_MAX]);

/*
 * The folder of the group that a text like that of /proc/self/cgroup names, as
 * seen at that mount point.  False if it cannot be seen there.  Pure.
 */
bool cgroup_find_own(char folder[PATH_MAX], const char *text, const char *point,
    const char *root);

/* The mount point; and the folder of this process's own group. */
bool cgroup_top(char point[PATH_MAX], char why[RUN_WHY]);
bool cgroup_own(char folder[PATH_MAX], char why[RUN_WHY]);

/* Open the folder of a group.  A negative number and why: it is none. */
int cgroup_open(const char *folder, char why[RUN_WHY]);

/*
 * Make a group within this one, for this process and what it will start.  Its
 * folder, and an open descriptor of that; a negative number and why if that
 * fails.
 */
int cgroup_make(const char *within, char folder[PATH_MAX], char why[RUN_WHY]);

/* Move this process there. */
bool cgroup_join(int group, char why[RUN_WHY]);

#endif
