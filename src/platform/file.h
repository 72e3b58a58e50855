/* SPDX-License-Identifier: ISC */
/*
 * Whole files in and out of memory; also after privileges have been dropped,
 * by the privileged helper (platform/privsep.h).
 */
#ifndef PLATFORM_FILE_H
#define PLATFORM_FILE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Read a whole file of at most max bytes, as malloc'd memory with a 0 after
 * it.  NULL and the reason in words if that is not possible.  Linux: a regular
 * file only, so that this never waits for anybody who writes to it; once there
 * is a privileged helper, what that has read by host_privsep_read(), so that
 * this waits for nothing at all.
 */
char *host_file_read(const char *path, size_t max, size_t *length, char *reason,
    size_t reason_size);

/*
 * The paths that match a pattern with * ? [...], in the order of their bytes,
 * as malloc'd memory: each has a 0 after it, of *length bytes.  No match is no
 * failure, nor is a folder that is not there.  Linux: with a privileged helper
 * as host_file_read().  Windows: * and ?, in the last part alone.
 */
char *host_file_match(const char *pattern, size_t max, size_t *length,
    char *reason, size_t reason_size);

/*
 * A path as a file names it: one that is not absolute is in the folder of that
 * file.  malloc'd; NULL when out of memory.
 */
char *host_path_beside(const char *file, const char *path);

/*
 * As host_file_read(), of anything that has an end, such as a pipe; waits for
 * it.  Before host_privsep_start().
 */
char *host_stream_read(const char *path, size_t max, size_t *length,
    char *reason, size_t reason_size);

/* The same of standard input. */
char *host_input_read(
    size_t max, size_t *length, char *reason, size_t reason_size);

/*
 * May host_file_write() write there?  False if something is there that is not a
 * regular file, such as a device or a link.
 */
bool host_file_may_write(const char *path);

/*
 * Give a file that text, whole or not at all: what was there before stays or
 * is replaced in one step.  False and the reason in words on failure.  Linux:
 * once there is a privileged helper, the port file only, and this waits up to
 * HOST_PRIVSEP_TIMEOUT.
 */
bool host_file_write(const char *path, const char *text, size_t length,
    char *reason, size_t reason_size);

/*
 * At the end: remove the file that host_file_write() wrote last, unless
 * somebody has put another one there since.  Nothing can be read or written by
 * the privileged helper any more.
 */
void host_file_remove(const char *path);

#endif
