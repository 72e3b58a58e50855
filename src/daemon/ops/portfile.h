/* SPDX-License-Identifier: ISC */
/*
 * The port file: scripts that wait for the daemon read in it what it serves,
 * and on which real port.
 */
#ifndef DAEMON_OPS_PORTFILE_H
#define DAEMON_OPS_PORTFILE_H

#include "common/strbuf.h"
#include "lib/multihome.h"

/* Add a line "SERVICE ADDRESS:PORT". */
void portfile_add(struct strbuf *text, const char *service,
    const struct mh_address *endpoint);

/*
 * Write the text to the file in one step.  False on failure: the file is as it
 * was then, and the log says why.
 */
bool portfile_write(const char *path, const struct strbuf *text);

#endif
