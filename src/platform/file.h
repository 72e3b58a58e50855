/* SPDX-License-Identifier: ISC */
/*
 * Whole files in and out of memory; also after privileges have been dropped,
 * by host_privsep_start().
 */
#ifndef PLATFORM_FILE_H
#define PLATFORM_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Read a whole file of at most max bytes, as malloc'd memory with a 0 after
 * it.  NULL and the reason in words if that is not possible.  Linux: a regular
 * file only, so that this never waits for anybody.
 */
char *host_file_read(const char *path, size_t max, size_t *length, char *reason,
    size_t reason_size);

/*
 * The same of anything that has an end, such as a pipe; waits for it.  Before
 * host_privsep_start().
 */
char *host_stream_read(const char *path, size_t max, size_t *length,
    char *reason, size_t reason_size);

/*
 * May host_file_write() write there?  False if something is there that is not a
 * regular file, such as a device or a link.
 */
bool host_file_may_write(const char *path);

/*
 * Give a file that text, whole or not at all: what was there before stays or
 * is replaced in one step.  False and the reason in words on failure.
 */
bool host_file_write(const char *path, const char *text, size_t length,
    char *reason, size_t reason_size);

/*
 * Where another process does the work, it may have to wait for a disk or a file
 * server, and so it is asked to get everything for a reload ready first, while
 * this one does something else.  The handle becomes readable when it is ready,
 * or gone; -1: there is none, and nothing to wait for.
 */
intptr_t host_files_handle(void);

/* Ask it to get ready.  False if it cannot be asked: it hangs, or is gone. */
bool host_files_prepare(void);

/* What the handle has to say; never waits. */
enum host_files {
	HOST_FILES_WAIT, /* not ready yet: an answer that came too late */
	HOST_FILES_READY,
	HOST_FILES_GONE /* for good: no file can be read or written */
};
enum host_files host_files_poll(void);

/*
 * At the end: remove the file that host_file_write() wrote last, unless
 * somebody has put another one there since.  Nothing can be read or written by
 * the privileged helper any more.
 */
void host_file_remove(const char *path);

#endif
