/* SPDX-License-Identifier: ISC */
/*
 * Where the system does not report backlogs: Windows.
 */
#include "platform/backlog.h"

intptr_t
host_backlog_open(void)
{
	return -1;
}

int
host_backlog_read(intptr_t handle, uint32_t least, struct host_backlog *table,
    unsigned int max)
{
	(void)handle;
	(void)least;
	(void)table;
	(void)max;
	return -1;
}

void
host_backlog_close(intptr_t handle)
{
	(void)handle;
}
