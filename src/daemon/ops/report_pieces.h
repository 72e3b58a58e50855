/* SPDX-License-Identifier: ISC */
/*
 * What several answers over the control socket have in common.
 */
#ifndef DAEMON_OPS_REPORT_PIECES_H
#define DAEMON_OPS_REPORT_PIECES_H

#include "common/strbuf.h"
#include "daemon/ops/snapshot.h"

/* "2026-11-28T02:30:00Z" */
void report_put_time(struct strbuf *text, int64_t utc_ns);

/* "3 s", "2 min", "5 h", "4 d" */
void report_put_age(struct strbuf *text, int64_t ns);

/* A line if some workers did not answer. */
void report_put_late(const struct snapshot *snapshot, struct strbuf *text);

/* The end of a list that is the last member of the whole object. */
void report_put_end(const struct snapshot *snapshot, struct strbuf *text);

#endif
