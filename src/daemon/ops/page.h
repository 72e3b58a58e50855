/* SPDX-License-Identifier: ISC */
/*
 * A snapshot for people: an HTML page without scripts.  Pure.
 */
#ifndef DAEMON_OPS_PAGE_H
#define DAEMON_OPS_PAGE_H

#include "common/strbuf.h"
#include "daemon/ops/snapshot.h"

/*
 * Append a little more of the page: at most a row, or the tables of one socket.
 * False when that was the end of it.  text->lost: out of memory.
 */
bool page_step(const struct snapshot *snapshot, struct snapshot_cursor *cursor,
    struct strbuf *text);

#endif
