/* SPDX-License-Identifier: ISC */
/*
 * The privileged helper: a small process that keeps the rights that the daemon
 * gives up at start, and does with them what a reload needs: open the
 * configuration file and the files it names, write the port file.  Nothing else
 * can be asked of it, whoever has taken over the daemon.
 */
#ifndef PLATFORM_LINUX_PRIVSEP_H
#define PLATFORM_LINUX_PRIVSEP_H

#include <stdbool.h>
#include <stddef.h>

/* Is there one? */
bool privsep_is_running(void);

/*
 * Open a file for reading: the configuration file, or one that stood in the
 * configuration file when it was opened last.  Returns the descriptor, or -1
 * and errno.
 */
int privsep_open(const char *path);

/* Replace the port file by that text.  False and errno on failure. */
bool privsep_write(const char *path, const char *text, size_t length);

/*
 * Stop the helper, which removes the port file if that is still the one it
 * wrote, and wait for it, but not long.
 */
void privsep_stop(void);

#endif
