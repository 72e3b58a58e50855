/* SPDX-License-Identifier: ISC */
/*
 * The service manager is systemd.  Its watchdog is asked for by libsystemd; but
 * sd_notify(3) waits until the manager has room for a message, and with this
 * thread would wait all who ask it, so messages are sent here, by the protocol
 * that its manual describes.
 */
#include "platform/manager.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

/* How long a message may wait for room, in microseconds: a start or a stop
 * depends on it, but answers wait for it, too. */
#define PATIENCE 20000

/* The manager's socket, from NOTIFY_SOCKET: a path, or abstract with "@".  0:
 * there is none. */
static socklen_t
get_address(struct sockaddr_un *address)
{
	const char *name = getenv("NOTIFY_SOCKET");
	size_t length = name != NULL ? strlen(name) : 0;

	if (length < 2 || length >= sizeof(address->sun_path) ||
	    (name[0] != '/' && name[0] != '@'))
		return 0;
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(address->sun_path, name, length);
	if (name[0] == '@')
		address->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
}

/* flags: of sendto(2). */
static __attribute__((format(printf, 2, 3))) void
notify(int flags, const char *format, ...)
{
	const struct timeval patience = { .tv_usec = PATIENCE };
	struct sockaddr_un address;
	socklen_t length = get_address(&address);
	char text[1024];
	va_list arguments;
	int fd;

	if (length == 0)
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	(void)sendto(fd, text, strlen(text), flags | MSG_NOSIGNAL,
	    (struct sockaddr *)&address, length);
	close(fd);
}

void
host_notify(enum host_state state, const char *status)
{
	struct timespec now;

	switch (state) {
	case HOST_READY:
		notify(0, "READY=1\nSTATUS=%s", status);
		return;
	case HOST_RELOADING:
		/* Type=notify-reload wants the time as well. */
		clock_gettime(CLOCK_MONOTONIC, &now);
		notify(0, "RELOADING=1\nMONOTONIC_USEC=%lld\nSTATUS=%s",
		    (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000,
		    status);
		return;
	case HOST_STOPPING:
		notify(0, "STOPPING=1\nSTATUS=%s", status);
		return;
	case HOST_ALIVE:
		/* Another follows soon. */
		notify(MSG_DONTWAIT, "WATCHDOG=1");
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
