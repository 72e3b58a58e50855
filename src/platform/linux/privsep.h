/* SPDX-License-Identifier: ISC */
/*
 * The daemon's side of the privileged helper, as far as file.c uses it: nothing
 * here opens a file.  The rest is platform/privsep.h.
 */
#ifndef PLATFORM_LINUX_PRIVSEP_H
#define PLATFORM_LINUX_PRIVSEP_H

#include <stdbool.h>
#include <stddef.h>

/* Has one been started?  It may have died. */
bool privsep_was_started(void);

/*
 * A copy of a file that it has read for the last request; as host_file_read().
 */
char *privsep_copy(const char *path, size_t max, size_t *length, char *reason,
    size_t reason_size);

/*
 * Have it replace the port file by that text, and wait for that, up to
 * HOST_PRIVSEP_TIMEOUT.  As host_file_write().
 */
bool privsep_write_port_file(
    const char *text, size_t length, char *reason, size_t reason_size);

/*
 * Stop the helper, which removes the port file if that is still the one it
 * wrote, and wait for it, but not long.
 */
void privsep_stop(void);

#endif
