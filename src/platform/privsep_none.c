/* SPDX-License-Identifier: ISC */
/*
 * Where no privileges are dropped, and files are read and written directly.
 */
#include "platform/privsep.h"

bool
host_privsep_start(const struct host_privsep *job)
{
	(void)job;
	return true;
}

void
host_privsep_stop(void)
{
}

intptr_t
host_privsep_handle(void)
{
	return -1;
}

bool
host_privsep_read(char why[HOST_PRIVSEP_WHY])
{
	why[0] = '\0';
	return false;
}

bool
host_privsep_write(const char *text, size_t length, char why[HOST_PRIVSEP_WHY])
{
	(void)text;
	(void)length;
	why[0] = '\0';
	return false;
}

enum host_privsep_state
host_privsep_receive(char why[HOST_PRIVSEP_WHY])
{
	why[0] = '\0';
	return HOST_PRIVSEP_DEAD;
}

const char *
host_privsep_file(void)
{
	return NULL;
}

void
host_privsep_forget(void)
{
}
