/* SPDX-License-Identifier: ISC */
/*
 * Our programs in a control group: put there, found again by their names, and
 * taken away.
 */
#ifndef RUN_GROUP_ATTACH_H
#define RUN_GROUP_ATTACH_H

#include "run/group/loader.h"

/*
 * Put all of them into an open group, instead of those that are there already.
 * False and why if one is refused; then the group has none.
 */
bool attach_all(int group, const struct loader *loader, char why[RUN_WHY]);

/* Take away all that are in this very group; how many, or -1 and why. */
int attach_remove(int group, char why[RUN_WHY]);

/* A descriptor of our program in this very group; -ENOENT: it is not there. */
int attach_find(int group, const struct loader_program *program);

#endif
