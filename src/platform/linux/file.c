/* SPDX-License-Identifier: ISC */
/*
 * platform/file.h for Linux, by the privileged helper where there is one.
 */
#include "platform/file.h"

#include "platform/linux/fileio.h"
#include "platform/linux/privsep.h"
#include "platform/linux/privsep_helper.h"
#include "platform/privsep.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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
		snprintf(reason, reason_size, "%s", strerror(errno));
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

/* With the rights that this process has. */
static char *
read_file(const char *path, size_t max, size_t *length, char *reason,
    size_t reason_size)
{
	int fd = fileio_open(path);
	struct stat status;

	if (fd >= 0 && fstat(fd, &status) == 0 && !S_ISREG(status.st_mode)) {
		snprintf(reason, reason_size, "it is not a regular file");
		close(fd);
		return NULL;
	}
	return read_and_close(fd, max, length, reason, reason_size);
}

char *
host_file_read(const char *path, size_t max, size_t *length, char *reason,
    size_t reason_size)
{
	char *text;

	if (privsep_was_started())
		return privsep_copy(path, max, length, reason, reason_size);
	if (!privsep_helper_is_self())
		return read_file(path, max, length, reason, reason_size);
	if (!privsep_helper_announce(path)) {
		snprintf(reason, reason_size, "the daemon has it");
		return NULL;
	}
	text = read_file(path, max, length, reason, reason_size);
	privsep_helper_send(text, text != NULL ? *length : 0, reason);
	return text;
}

/*
 * Paths that match.
 */

/* Of a folder that cannot be listed; it need not be there. */
static int
on_list_error(const char *folder, int error)
{
	(void)folder;
	errno = error;
	return error != ENOENT && error != ENOTDIR;
}

/* One after the other. */
static char *
join(const glob_t *found, size_t *length)
{
	size_t i, n;
	char *text;

	for (i = 0, n = 0; i < found->gl_pathc; i++)
		n += strlen(found->gl_pathv[i]) + 1;
	text = malloc(n + 1);
	for (i = 0, *length = 0; text != NULL && i < found->gl_pathc; i++) {
		n = strlen(found->gl_pathv[i]) + 1;
		memcpy(text + *length, found->gl_pathv[i], n);
		*length += n;
	}
	return text;
}

/* With the rights that this process has. */
static char *
match(const char *pattern, size_t max, size_t *length, char *reason,
    size_t reason_size)
{
	glob_t found = { .gl_pathc = 0 };
	char *text = NULL;
	int status;

	status = glob(pattern, GLOB_NOESCAPE, on_list_error, &found);
	if (status == GLOB_NOMATCH)
		text = join(&(const glob_t){ .gl_pathc = 0 }, length);
	else if (status == 0)
		text = join(&found, length);
	else if (status == GLOB_NOSPACE)
		errno = ENOMEM;
	if (text == NULL)
		snprintf(reason, reason_size, "%s", strerror(errno));
	else if (*length > max) {
		snprintf(reason, reason_size, "too many files");
		free(text);
		text = NULL;
	}
	globfree(&found);
	return text;
}

/* What the helper has for that, by a name that no file can have. */
static char *
match_by_helper(const char *pattern, size_t max, size_t *length, char *reason,
    size_t reason_size)
{
	char *name = malloc(strlen(pattern) + sizeof("/")), *text = NULL;

	snprintf(reason, reason_size, "%s", strerror(ENOMEM));
	if (name == NULL)
		return NULL;
	strcpy(name, pattern);
	strcat(name, "/");
	if (privsep_was_started())
		text = privsep_copy(name, max, length, reason, reason_size);
	else if (privsep_helper_announce(name)) {
		text = match(pattern, max, length, reason, reason_size);
		privsep_helper_send(text, text != NULL ? *length : 0, reason);
	} else
		snprintf(reason, reason_size, "the daemon has it");
	free(name);
	return text;
}

char *
host_file_match(const char *pattern, size_t max, size_t *length, char *reason,
    size_t reason_size)
{
	return privsep_was_started() || privsep_helper_is_self()
	    ? match_by_helper(pattern, max, length, reason, reason_size)
	    : match(pattern, max, length, reason, reason_size);
}

char *
host_path_beside(const char *file, const char *path)
{
	const char *slash = strrchr(file, '/');
	size_t folder =
	    *path == '/' || slash == NULL ? 0 : (size_t)(slash - file) + 1;
	char *text = malloc(folder + strlen(path) + 1);

	if (text != NULL) {
		memcpy(text, file, folder);
		strcpy(text + folder, path);
	}
	return text;
}

char *
host_stream_read(const char *path, size_t max, size_t *length, char *reason,
    size_t reason_size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	return read_and_close(fd, max, length, reason, reason_size);
}

char *
host_input_read(size_t max, size_t *length, char *reason, size_t reason_size)
{
	/* What is read is closed afterwards. */
	int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);

	return read_and_close(fd, max, length, reason, reason_size);
}

bool
host_file_write(const char *path, const char *text, size_t length, char *reason,
    size_t reason_size)
{
	if (privsep_was_started())
		return privsep_write_port_file(
		    text, length, reason, reason_size);
	if (fileio_replace(path, text, length))
		return true;
	snprintf(reason, reason_size, "%s", fileio_error(errno));
	return false;
}

bool
host_file_may_write(const char *path)
{
	return fileio_may_replace(path);
}

void
host_file_remove(const char *path)
{
	/* The helper does that at its end. */
	if (privsep_was_started())
		host_privsep_stop();
	else
		fileio_remove(path);
}
