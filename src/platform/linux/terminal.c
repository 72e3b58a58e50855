/* SPDX-License-Identifier: ISC */
/*
 * platform/terminal.h for Linux.
 */
#include "platform/terminal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

bool
host_terminal(enum host_stream stream, struct host_terminal *terminal)
{
	int fd = stream == HOST_OUTPUT ? STDOUT_FILENO : STDERR_FILENO;
	const char *type = getenv("TERM");
	struct winsize size;

	*terminal = (struct host_terminal){ .columns = 0 };
	if (!isatty(fd) || type == NULL || strcmp(type, "dumb") == 0)
		return false;
	if (ioctl(fd, TIOCGWINSZ, &size) == 0) {
		terminal->columns = size.ws_col;
		terminal->rows = size.ws_row;
	}
	return true;
}

bool
host_output_is_open(void)
{
	return fcntl(STDOUT_FILENO, F_GETFD) != -1;
}
