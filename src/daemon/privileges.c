/* SPDX-License-Identifier: ISC */
/*
 * The configuration determines which privileges are dropped; the platform knows
 * how.
 */
#include "daemon/privileges.h"

#include "daemon/base/log.h"
#include "platform/privileges.h"

#include <event2/event.h>

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

/* Each call once: whoever has taken over the daemon must not fill the log. */
static void
on_refusal(evutil_socket_t fd, short events, void *argument)
{
	char name[HOST_SANDBOX_NAME];

	(void)fd;
	(void)events;
	(void)argument;
	while (host_sandbox_refused(name))
		log_warning("the sandbox has refused the system call %s, and "
			    "will do so silently from now on",
		    name);
}

static struct event *
watch_refusals(struct event_base *base)
{
	intptr_t handle = host_sandbox_handle();
	struct event *event;

	if (handle < 0)
		return NULL;
	event = event_new(base, (evutil_socket_t)handle, EV_READ | EV_PERSIST,
	    on_refusal, NULL);
	if (event == NULL || event_add(event, NULL) < 0)
		log_warning("out of memory: what the sandbox refuses is not "
			    "logged");
	return event;
}

struct event *
privileges_enter_sandbox(
    const struct config_values *values, struct event_base *base)
{
	int error;

	if (!values->sandbox)
		return NULL;
	error = host_sandbox();
	if (error == 0)
		return watch_refusals(base);
	if (error == MH_EUNSUPPORTED)
		log_debug("this system has no sandbox");
	else
		log_warning("cannot set up the sandbox: running without it");
	return NULL;
}
