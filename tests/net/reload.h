/* SPDX-License-Identifier: ISC */
/*
 * A configuration file of the daemon under test, and its reloads.
 */
#ifndef NET_RELOAD_H
#define NET_RELOAD_H

#include <stdbool.h>

#include "server.h"

/* A new file with that text, as printf(); its name.  The caller frees. */
char *reload_file(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* Give the file another text, in one step. */
void reload_write(const char *path, const char *text);

/* SIGHUP; wait until the reload is over, with the expected result. */
void reload_now(struct server *server, bool good);

#endif
