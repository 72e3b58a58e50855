/* SPDX-License-Identifier: ISC */
/*
 * A snapshot for programs: Prometheus' text format.  Pure.
 */
#ifndef DAEMON_OPS_METRICS_H
#define DAEMON_OPS_METRICS_H

#include "common/strbuf.h"
#include "daemon/ops/snapshot.h"

/*
 * Append all metrics in Prometheus' text format 0.0.4.  text->lost: out of
 * memory.
 */
void metrics_print(const struct snapshot *snapshot, struct strbuf *text);

#endif
