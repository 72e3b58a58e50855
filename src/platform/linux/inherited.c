/* SPDX-License-Identifier: ISC */
/*
 * Sockets that systemd passed on: sd_listen_fds_with_names(3), by libsystemd.
 */
#include "platform/inherited.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

/* "echo:lab" is passed as "echo.lab": there a colon separates names. */
static bool
is_passed_as(const char *name, const char *passed)
{
	for (; *name != '\0' && *passed != '\0'; name++, passed++)
		if (*passed != (*name == ':' ? '.' : *name))
			return false;
	return *name == *passed;
}

unsigned int
host_inherited(const char *name, intptr_t *handles, unsigned int max)
{
	char **names = NULL;
	int i, n = sd_listen_fds_with_names(0, &names);
	unsigned int count = 0;

	for (i = 0; i < n; i++) {
		if (is_passed_as(name, names[i]) && count < max)
			handles[count++] = SD_LISTEN_FDS_START + i;
		free(names[i]);
	}
	free(names);
	return count;
}

bool
host_inherited_at(
    unsigned int number, intptr_t *handle, char *name, size_t size)
{
	char **names = NULL;
	int i, n = sd_listen_fds_with_names(0, &names);

	if (n < 0 && number == 0) {
		/* Not one can be found by its name, and none may be lost. */
		snprintf(
		    name, size, "LISTEN_FDNAMES does not match LISTEN_FDS");
		*handle = -1;
		return true;
	}
	for (i = 0; i < n; i++) {
		if ((unsigned int)i == number)
			snprintf(name, size, "%s", names[i]);
		free(names[i]);
	}
	free(names);
	*handle = SD_LISTEN_FDS_START + (intptr_t)number;
	return n > 0 && number < (unsigned int)n;
}

intptr_t
host_inherited_copy(intptr_t handle)
{
	return fcntl((int)handle, F_DUPFD_CLOEXEC, 0);
}

void
host_inherited_close(intptr_t handle)
{
	close((int)handle);
}
