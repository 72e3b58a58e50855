/* SPDX-License-Identifier: ISC */
/*
 * Our programs under names in a BPF file system, where systemd finds them.
 */
#ifndef RUN_GROUP_PINS_H
#define RUN_GROUP_PINS_H

#include "run/group/loader.h"

#include <limits.h>

/* The name of one in a folder; false if it is too long.  Pure. */
bool pins_path(char path[PATH_MAX], const char *folder,
    const struct loader_program *program);

/*
 * Pin all of them in a folder, which is made if it is not there.  False and
 * why; then nothing is pinned.
 */
bool pins_make(
    const char *folder, const struct loader *loader, char why[RUN_WHY]);

/* Is this folder in a BPF file system? */
bool pins_are_possible(const char *folder);

/* A descriptor of a program that is pinned there; -1 and why. */
int pins_open(const char *folder, const struct loader_program *program,
    char why[RUN_WHY]);

#endif
