/* SPDX-License-Identifier: ISC */
/*
 * The configuration determines which privileges are dropped; the platform knows
 * how.
 */
#include "daemon/privileges.h"

#include "daemon/base/log.h"
#include "platform/privileges.h"

static int
switch_user(const char *user)
{
	int error;

	if (user == NULL)
		return 0;
	error = host_switch_user(user);
	/* Whoever started us has chosen another one, and has no more rights. */
	if (error == 1)
		log_warning(
		    "not started by root: not switching to user %s", user);
	if (error >= 0)
		return 0;
	log_error("cannot switch to user %s: %s", user,
	    error == MH_EADDRESS ? "no such user" : mh_strerror(error));
	return error == MH_EPERMISSION ? CONFIG_EXIT_NOPERM
				       : CONFIG_EXIT_NOUSER;
}

int
privileges_drop(const struct config_values *values)
{
	int status = switch_user(values->user);

	if (status == 0 && host_drop_capabilities() != 0)
		log_warning("cannot drop capabilities");
	return status;
}

void
privileges_enter_sandbox(const struct config_values *values)
{
	int error;

	if (!values->sandbox)
		return;
	error = host_sandbox();
	if (error == MH_EUNSUPPORTED)
		log_debug("this system has no sandbox");
	else if (error != 0)
		log_warning("cannot set up the sandbox: running without it");
}
