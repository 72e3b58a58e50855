/* SPDX-License-Identifier: ISC */
/*
 * platform/owner.h for Windows: nothing could be done about them here.
 */
#include "platform/owner.h"

size_t
host_owners(
    unsigned int family, uint16_t port, struct host_owner owners[], size_t max)
{
	(void)family;
	(void)port;
	(void)owners;
	(void)max;
	return 0;
}
