/* SPDX-License-Identifier: ISC */
/*
 * Opening and replacing files; used on both sides of the privileged helper.
 */
#include "platform/linux/fileio.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int
fileio_open(const char *path)
{
	/* Not to wait for somebody to open the other end of a pipe. */
	return open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
}

static bool
write_all(int fd, const char *text, size_t length)
{
	ssize_t n;

	while (length > 0) {
		n = write(fd, text, length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		text += n;
		length -= (size_t)n;
	}
	return true;
}

bool
fileio_replace(const char *path, const char *text, size_t length)
{
	char *temporary = malloc(strlen(path) + sizeof(".new"));
	bool good = false;
	int fd = -1, saved;

	if (temporary != NULL) {
		strcpy(temporary, path);
		strcat(temporary, ".new");
		/* A new file: never one that somebody put a link to there. */
		unlink(temporary);
		fd = open(
		    temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	}
	if (fd >= 0) {
		good = write_all(fd, text, length);
		if (close(fd) < 0)
			good = false;
		good = good && rename(temporary, path) == 0;
		saved = errno;
		if (!good)
			unlink(temporary);
		errno = saved;
	}
	free(temporary);
	return good;
}
