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
#include <sys/stat.h>
#include <unistd.h>

/* The last file that this process wrote. */
static struct fileio_identity written;

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
fileio_may_replace(const char *path)
{
	struct stat status;

	return lstat(path, &status) < 0 || S_ISREG(status.st_mode);
}

/*
 * Create a new file: never one that somebody put a link to there.  Returns its
 * descriptor, or -1 and errno.
 */
static int
create(const char *path)
{
	struct stat status;

	if (lstat(path, &status) == 0) {
		if (!S_ISREG(status.st_mode) && !S_ISLNK(status.st_mode)) {
			errno = FILEIO_NOT_REGULAR;
			return -1;
		}
		unlink(path);
	}
	return open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
}

static void
identify(const struct stat *status, struct fileio_identity *identity)
{
	*identity = (struct fileio_identity){ status->st_dev, status->st_ino,
		status->st_mtim, true };
}

/* Write it all, and rename it; closes fd. */
static bool
complete(int fd, const char *temporary, const char *path, const char *text,
    size_t length)
{
	bool good = write_all(fd, text, length);
	struct stat status = { .st_ino = 0 };

	good = good && fstat(fd, &status) == 0;
	if (close(fd) < 0)
		good = false;
	if (!good || rename(temporary, path) < 0)
		return false;
	identify(&status, &written);
	return true;
}

bool
fileio_replace(const char *path, const char *text, size_t length)
{
	char *temporary = malloc(strlen(path) + sizeof(".new"));
	bool good = false;
	int fd = -1, saved;

	if (!fileio_may_replace(path)) {
		errno = FILEIO_NOT_REGULAR;
	} else if (temporary != NULL) {
		strcpy(temporary, path);
		strcat(temporary, ".new");
		fd = create(temporary);
	}
	if (fd >= 0) {
		good = complete(fd, temporary, path, text, length);
		saved = errno;
		if (!good)
			unlink(temporary);
		errno = saved;
	}
	saved = errno;
	free(temporary);
	errno = saved;
	return good;
}

const char *
fileio_error(int error)
{
	return error == FILEIO_NOT_REGULAR
	    ? "what is there is not a regular file"
	    : strerror(error);
}

void
fileio_identify(const char *path, struct fileio_identity *identity)
{
	struct stat status;

	identity->is_valid = false;
	if (lstat(path, &status) == 0)
		identify(&status, identity);
}

void
fileio_remove_same(const char *path, struct fileio_identity *identity)
{
	struct fileio_identity now;

	fileio_identify(path, &now);
	if (identity->is_valid && now.is_valid &&
	    now.device == identity->device && now.inode == identity->inode &&
	    now.modified.tv_sec == identity->modified.tv_sec &&
	    now.modified.tv_nsec == identity->modified.tv_nsec)
		unlink(path);
	identity->is_valid = false;
}

void
fileio_remove(const char *path)
{
	fileio_remove_same(path, &written);
}
