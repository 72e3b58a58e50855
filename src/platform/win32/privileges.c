/* SPDX-License-Identifier: ISC */
/*
 * platform/privileges.h for Windows: a service has its account from the service
 * manager, and keeps what that may do.
 */
#include "platform/privileges.h"

#include "lib/multihome.h"

int
host_user_check(const char *user)
{
	(void)user;
	return MH_EUNSUPPORTED;
}

int
host_switch_user(const char *user)
{
	(void)user;
	return MH_EUNSUPPORTED;
}

int
host_drop_capabilities(void)
{
	return 0;
}
