/* SPDX-License-Identifier: ISC */
/*
 * Interfaces that are asked to send more than they can: what waits in their
 * queues (tc(8)) occupies the send buffers of the sockets that it came from.
 */
#ifndef PLATFORM_BACKLOG_H
#define PLATFORM_BACKLOG_H

#include <stdint.h>

struct host_backlog {
	uint32_t if_index;
	uint32_t bytes; /* in its longest queue */
};

/*
 * A handle to read them with; -1: the system does not report them.  Linux:
 * rtnetlink, without privileges.
 */
intptr_t host_backlog_open(void);

/*
 * Read the interfaces on which at least that many bytes wait, up to max of
 * them.  Returns their number, or -1.  It may wait for changes to interfaces,
 * which the system makes one at a time: not for a thread that answers.
 */
int host_backlog_read(intptr_t handle, uint32_t least,
    struct host_backlog *table, unsigned int max);

/* Close it; -1 is allowed. */
void host_backlog_close(intptr_t handle);

#endif
