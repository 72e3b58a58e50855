/* SPDX-License-Identifier: ISC */
/*
 * What the daemon and the privileged helper give up in the same way.
 */
#ifndef PLATFORM_LINUX_PRIVILEGES_H
#define PLATFORM_LINUX_PRIVILEGES_H

/*
 * Whatever program this thread ran, it would get no capability: empty the
 * ambient set, and the bounding set if there is the right to do that,
 * CAP_SETPCAP.  What the thread itself has, it keeps.
 */
void privileges_empty_sets(void);

#endif
