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

/* Open a file for reading, whatever it is, without waiting; -1 and errno. */
int fileio_open(const char *path);

/*
 * Give the file that text, whole or not at all: written beside, then renamed.
 * False and errno on failure.
 */
bool fileio_replace(const char *path, const char *text, size_t length);

#endif
