/* SPDX-License-Identifier: ISC */
/*
 * platform/file.h for Linux, by the privileged helper where there is one.
 */
#include "platform/file.h"

#include "platform/linux/fileio.h"
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
	const char *words = strerror(errno);

	if (privsep_is_running() && errno == EPIPE)
		words = "the privileged helper has died; restart";
	else if (privsep_is_running() && errno == ETIMEDOUT)
		words = "the privileged helper does not answer";
	else if (errno == FILEIO_NOT_REGULAR)
		words = "what is there is not a regular file";
	snprintf(reason, size, "%s", words);
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

char *
host_file_read(const char *path, size_t max, size_t *length, char *reason,
    size_t reason_size)
{
	int fd = privsep_is_running() ? privsep_open(path) : fileio_open(path);
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

bool
host_file_write(const char *path, const char *text, size_t length, char *reason,
    size_t reason_size)
{
	bool good = privsep_is_running() ? privsep_write(path, text, length)
					 : fileio_replace(path, text, length);

	if (!good)
		explain(reason, reason_size);
	return good;
}

bool
host_file_may_write(const char *path)
{
	return fileio_may_replace(path);
}

void
host_file_remove(const char *path)
{
	if (privsep_is_running())
		privsep_stop();
	else
		fileio_remove(path);
}
