/* SPDX-License-Identifier: ISC */
/*
 * What the daemon and the privileged helper give up in the same way.
 */
#ifndef PLATFORM_LINUX_PRIVILEGES_H
#define PLATFORM_LINUX_PRIVILEGES_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Whatever program this thread ran, it would get no capability: empty the
 * ambient set, and the bounding set if there is the right to do that,
 * CAP_SETPCAP.  What the thread itself has, it keeps.
 */
void privileges_empty_sets(void);

/* The user of that name or number, and its group; false: there is none. */
bool privileges_find_user(const char *name, uid_t *user, gid_t *group);

#endif
