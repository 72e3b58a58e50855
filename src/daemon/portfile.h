/* SPDX-License-Identifier: ISC */
/*
 * The port file: who waits for the daemon reads there what it serves, and on
 * which real port.
 */
#ifndef DAEMON_PORTFILE_H
#define DAEMON_PORTFILE_H

#include "lib/multihome.h"

struct portfile;

/*
 * Begin to write path, under a temporary name beside it.  NULL and errno if
 * that cannot be created.
 */
struct portfile *portfile_open(const char *path);

/* A line "SERVICE ADDRESS:PORT"; family: how to write "every address". */
void portfile_add(struct portfile *portfile, const char *service,
    const struct mh_address *endpoint);

/*
 * Write it all and give it its name in one step; false and errno on failure,
 * and then the file of that name is as it was.  Frees in any case.
 */
bool portfile_commit(struct portfile *portfile);

#endif
