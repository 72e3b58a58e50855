/* SPDX-License-Identifier: ISC */
/*
 * A process that outlives the command: it removes the control group that was
 * made for it, and with that all that is attached there.  Until then it keeps
 * the table of peers free of addresses that this host no longer has.
 */
#ifndef RUN_GROUP_WATCHER_H
#define RUN_GROUP_WATCHER_H

#include <stdbool.h>

/*
 * Start it for a group, in the group that this process is in now.  It removes
 * the group when it is empty: at once if this process ends or executes another
 * before watcher_begin(), and after that when the last process has left.
 * peers is GROUP_MAP_PEERS.  Returns a descriptor for watcher_begin(), or a
 * negative errno.
 */
int watcher_start(int group, const char *folder, int peers);

/* This process is in the group now.  Closes the descriptor. */
void watcher_begin(int watcher);

/* Is a text like that of cgroup.events of a group with processes?  Pure. */
bool watcher_is_populated(const char *events);

#endif
