/* SPDX-License-Identifier: ISC */
/*
 * platform/neighbours.h for Windows: nothing is reported, so every peer counts
 * as resolved.
 */
#include "platform/neighbours.h"

void
host_neighbours_open(struct host_neighbours *neighbours)
{
	*neighbours = (struct host_neighbours){ .handle = -1 };
}

void
host_neighbours_read(struct host_neighbours *neighbours,
    void (*notify)(void *argument, const struct host_neighbour *neighbour),
    void *argument)
{
	(void)neighbours;
	(void)notify;
	(void)argument;
}

bool
host_next_hop(struct host_neighbours *neighbours,
    const struct mh_datagram *request, struct host_neighbour *hop)
{
	(void)neighbours;
	(void)request;
	(void)hop;
	return false;
}

void
host_neighbours_close(struct host_neighbours *neighbours)
{
	(void)neighbours;
}

bool
host_send_buffer(intptr_t handle, size_t *size, size_t *used)
{
	(void)handle;
	(void)size;
	(void)used;
	return false;
}
