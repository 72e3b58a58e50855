/* SPDX-License-Identifier: ISC */
/*
 * The files of platform/host.h for Linux, by the privileged helper where there
 * is one.
 */
#include "platform/linux/files.h"

#include "platform/host.h"
#include "platform/linux/privsep.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Why a call failed, by errno, in words. */
static void
explain(char *reason, size_t size)
{
	snprintf(reason, size, "%s",
	    privsep_is_running() && errno == EPIPE
		? "the process that keeps the right to it has died; restart"
		: strerror(errno));
}

/* All of it, up to max + 1 bytes; -1 and errno on failure. */
static ssize_t
read_all(int fd, char *text, size_t max)
{
	size_t length = 0;
	ssize_t n;

	while (length <= max) {
		n = read(fd, text + length, max + 1 - length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		length += (size_t)n;
	}
	return (ssize_t)length;
}

/* A file that is open, or -1 and errno; closes it. */
static char *
read_and_close(
    int fd, size_t max, size_t *length, char *reason, size_t reason_size)
{
	char *text = fd < 0 ? NULL : malloc(max + 2), *fitting;
	ssize_t n = text == NULL ? -1 : read_all(fd, text, max);

	if (n < 0)
		explain(reason, reason_size);
	else if ((size_t)n > max)
		snprintf(
		    reason, reason_size, "it has more than %zu bytes", max);
	if (fd >= 0)
		close(fd);
	if (n < 0 || (size_t)n > max) {
		free(text);
		return NULL;
	}
	text[n] = '\0';
	*length = (size_t)n;
	fitting = realloc(text, (size_t)n + 1);
	return fitting != NULL ? fitting : text;
}

int
files_open(const char *path)
{
	/* Not to wait for somebody to open the other end of a pipe. */
	return open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
}

char *
host_file_read(const char *path, size_t max, size_t *length, char *reason,
    size_t reason_size)
{
	int fd = privsep_is_running() ? privsep_open(path) : files_open(path);
	struct stat status;

	if (fd >= 0 && fstat(fd, &status) == 0 && !S_ISREG(status.st_mode)) {
		snprintf(reason, reason_size, "it is not a regular file");
		close(fd);
		return NULL;
	}
	return read_and_close(fd, max, length, reason, reason_size);
}

char *
host_stream_read(const char *path, size_t max, size_t *length, char *reason,
    size_t reason_size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	return read_and_close(fd, max, length, reason, reason_size);
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
files_replace(const char *path, const char *text, size_t length)
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

bool
host_file_write(const char *path, const char *text, size_t length, char *reason,
    size_t reason_size)
{
	bool good = privsep_is_running() ? privsep_write(path, text, length)
					 : files_replace(path, text, length);

	if (!good)
		explain(reason, reason_size);
	return good;
}
