/* SPDX-License-Identifier: ISC */
/*
 * Files that others read while we write them, or write while we read them.
 * With the privileges that this process has; who else may be asked is file.c's
 * to know.
 */
#ifndef PLATFORM_LINUX_FILEIO_H
#define PLATFORM_LINUX_FILEIO_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

/* Which file it is, whatever else comes to have its name. */
struct fileio_identity {
	dev_t device;
	ino_t inode; /* which the next file may get */
	struct timespec modified;
	bool is_valid;
};

/* Open a file for reading, whatever it is, without waiting; -1 and errno. */
int fileio_open(const char *path);

/* Beyond any errno: what is there is no regular file, and stays. */
#define FILEIO_NOT_REGULAR 100000

/* May a file be written there: is it new, or replaces a regular one? */
bool fileio_may_replace(const char *path);

/*
 * Give the file that text, whole or not at all: written beside, then renamed.
 * False and errno, or FILEIO_NOT_REGULAR in it, on failure.
 */
bool fileio_replace(const char *path, const char *text, size_t length);

/* What that errno says, in words. */
const char *fileio_error(int error);

/* What is there now; not valid if that is nothing. */
void fileio_identify(const char *path, struct fileio_identity *identity);

/* Remove it if it is still that one; it is not valid any more then. */
void fileio_remove_same(const char *path, struct fileio_identity *identity);

/*
 * Remove the file that fileio_replace() wrote last, unless somebody else has
 * put another one there since.
 */
void fileio_remove(const char *path);

#endif
