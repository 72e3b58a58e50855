/* SPDX-License-Identifier: ISC */
/*
 * The port file: who waits for the daemon reads there what it serves, and on
 * which real port.
 */
#ifndef DAEMON_OPS_PORTFILE_H
#define DAEMON_OPS_PORTFILE_H

#include "common/strbuf.h"
#include "lib/multihome.h"

/* Add a line "SERVICE ADDRESS:PORT". */
void portfile_add(struct strbuf *text, const char *service,
    const struct mh_address *endpoint);

/*
 * Give the file that text in one step.  False on failure, and then the file is
 * as it was, and the log says why.
 */
bool portfile_write(const char *path, const struct strbuf *text);

#endif
