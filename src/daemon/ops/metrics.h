/* SPDX-License-Identifier: ISC */
/*
 * A snapshot for programs: Prometheus' text format.  Pure.
 */
#ifndef DAEMON_OPS_METRICS_H
#define DAEMON_OPS_METRICS_H

#include "common/strbuf.h"
#include "daemon/ops/snapshot.h"

/*
 * Append a little more of the metrics in Prometheus' text format 0.0.4: at most
 * the samples of one metric for one socket.  False when that was the last of
 * them.  text->lost: out of memory.
 */
bool metrics_step(const struct snapshot *snapshot,
    struct snapshot_cursor *cursor, struct strbuf *text);

#endif
