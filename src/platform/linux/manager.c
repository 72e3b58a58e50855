/* SPDX-License-Identifier: ISC */
/*
 * The service manager is systemd: sd_notify(3), sd_watchdog_enabled(3), by
 * libsystemd.
 */
#include "platform/manager.h"

#include <systemd/sd-daemon.h>
#include <time.h>

void
host_notify(enum host_state state, const char *status)
{
	struct timespec now;

	switch (state) {
	case HOST_READY:
		sd_notifyf(0, "READY=1\nSTATUS=%s", status);
		return;
	case HOST_RELOADING:
		/* Type=notify-reload wants the time as well. */
		clock_gettime(CLOCK_MONOTONIC, &now);
		sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld\nSTATUS=%s",
		    (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000,
		    status);
		return;
	case HOST_STOPPING:
		sd_notifyf(0, "STOPPING=1\nSTATUS=%s", status);
		return;
	case HOST_ALIVE:
		sd_notify(0, "WATCHDOG=1");
		return;
	}
}

uint64_t
host_watchdog(void)
{
	uint64_t microseconds = 0;

	if (sd_watchdog_enabled(0, &microseconds) <= 0)
		return 0;
	return microseconds * 1000;
}
