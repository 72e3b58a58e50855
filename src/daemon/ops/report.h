/* SPDX-License-Identifier: ISC */
/*
 * A snapshot and its records as the answer to a request over the control
 * socket: text for people, or JSON.
 */
#ifndef DAEMON_OPS_REPORT_H
#define DAEMON_OPS_REPORT_H

#include "daemon/ops/snapshot.h"
#include "common/strbuf.h"

/*
 * Append the next piece of what snapshot->query is for: status, drops, top or
 * sessions.  False when it was the last one.
 */
bool report_step(const struct snapshot *snapshot,
    struct snapshot_cursor *cursor, struct strbuf *text);

#endif
