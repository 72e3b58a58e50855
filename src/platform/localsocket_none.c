/* SPDX-License-Identifier: ISC */
/*
 * Where sockets have no names in the file system with rights of their own.
 */
#include "platform/localsocket.h"

#include <stdio.h>

static void
refuse(char why[HOST_LOCALSOCKET_WHY])
{
	snprintf(why, HOST_LOCALSOCKET_WHY,
	    "there are no control sockets on this system");
}

bool
host_localsocket_check(
    const struct host_localsocket *wanted, char why[HOST_LOCALSOCKET_WHY])
{
	(void)wanted;
	refuse(why);
	return false;
}

intptr_t
host_localsocket_listen(
    const struct host_localsocket *wanted, char why[HOST_LOCALSOCKET_WHY])
{
	(void)wanted;
	refuse(why);
	return -1;
}

void
host_localsocket_remove(void)
{
}

bool
host_localsocket_ask(const char *path,
    const struct host_localsocket_request *request,
    char why[HOST_LOCALSOCKET_WHY])
{
	(void)path;
	(void)request;
	refuse(why);
	return false;
}
