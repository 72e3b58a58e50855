/* SPDX-License-Identifier: ISC */
/*
 * The answer to "drops": each reason with its last peers; of one peer alone if
 * snapshot->query names it.
 */
#ifndef DAEMON_OPS_REPORT_DROPS_H
#define DAEMON_OPS_REPORT_DROPS_H

#include "common/strbuf.h"
#include "daemon/ops/snapshot.h"

/* For people: what there is of each enum verdict, and the end. */
void report_drops_reason(
    const struct snapshot *snapshot, size_t reason, struct strbuf *text);
void report_drops_end(const struct snapshot *snapshot, struct strbuf *text);

/* As JSON; the end is report_put_end(). */
void report_drops_begin_json(
    const struct snapshot *snapshot, struct strbuf *text);
void report_drops_reason_json(
    const struct snapshot *snapshot, size_t reason, struct strbuf *text);

#endif
