/* SPDX-License-Identifier: ISC */
/*
 * The answer to "top": the peers and the local addresses of most datagrams.
 */
#ifndef DAEMON_OPS_REPORT_TOP_H
#define DAEMON_OPS_REPORT_TOP_H

#include "common/strbuf.h"
#include "daemon/ops/snapshot.h"

/* The peers; then the socket of that number is added up; then the addresses. */
void report_top_peers(const struct snapshot *snapshot, struct strbuf *text);
void report_top_add(
    const struct snapshot *snapshot, size_t number, struct strbuf *text);
void report_top_locals(const struct snapshot *snapshot, struct strbuf *text);

/* The same as JSON. */
void report_top_peers_json(
    const struct snapshot *snapshot, struct strbuf *text);
void report_top_locals_json(
    const struct snapshot *snapshot, struct strbuf *text);

#endif
