/* SPDX-License-Identifier: ISC */
/*
 * The port file: scripts wait for it to appear, and read from it what the
 * daemon serves, and on which actual ports.
 */
#ifndef DAEMON_OPS_PORTFILE_H
#define DAEMON_OPS_PORTFILE_H

#include "common/strbuf.h"
#include "lib/multihome.h"

/* Add a line "SERVICE ADDRESS:PORT". */
void portfile_add(struct strbuf *text, const char *service,
    const struct mh_address *endpoint);

/*
 * Write the text to the file atomically.  False on failure, which is logged;
 * the file is unchanged then.
 */
bool portfile_write(const char *path, const struct strbuf *text);

#endif
