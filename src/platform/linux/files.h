/* SPDX-License-Identifier: ISC */
/*
 * Files that others read while we write them, or write while we read them.
 */
#ifndef PLATFORM_LINUX_FILES_H
#define PLATFORM_LINUX_FILES_H

#include <stdbool.h>
#include <stddef.h>

/* Open a file for reading, whatever it is, without waiting; -1 and errno. */
int files_open(const char *path);

/*
 * Give the file that text, whole or not at all: written beside, then renamed.
 * False and errno on failure.
 */
bool files_replace(const char *path, const char *text, size_t length);

#endif
