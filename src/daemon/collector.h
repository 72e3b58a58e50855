/* SPDX-License-Identifier: ISC */
/*
 * The counters of all workers, summed for the log, the HTTP side door and the
 * self-probe.
 *
 * All functions are for the main thread.
 */
#ifndef DAEMON_COLLECTOR_H
#define DAEMON_COLLECTOR_H

#include "common/strbuf.h"
#include "daemon/ops/health.h"
#include "daemon/ops/records.h"
#include "daemon/ops/snapshot.h"
#include "daemon/workers.h"

/* Log a line of counters for each binding. */
void collector_log(const struct workers *workers);

/*
 * Fill in what *snapshot says of all: how many bindings there are, the node,
 * the number of workers.  Other members are unchanged.  It points into the
 * plan, so it is valid until the next one.
 */
void collector_snapshot(
    const struct workers *workers, struct snapshot *snapshot);

/*
 * Fill in one of those bindings, by its number.  What was answered before the
 * last workers_barrier() is counted.
 */
void collector_binding(const struct workers *workers, size_t number,
    struct snapshot_binding *collected);

/*
 * What a socket has received; if the self-probe cannot select it, what all
 * workers' sockets of the binding have.
 */
void collector_count(const struct workers *workers,
    const struct selfprobe_socket *socket, struct liveness_count *count);

/* The same: is a datagram waiting to be read? */
bool collector_waiting(
    const struct workers *workers, const struct selfprobe_socket *socket);

/* Fill in what all workers remember, and how many of them did not answer. */
void collector_recall(const struct workers *workers, struct records *records);

/*
 * The text of the port file, to be freed: the endpoints of all services, and
 * those of http.  lost is set when out of memory.
 */
struct strbuf collector_portfile(
    const struct workers *workers, const struct config_endpoints *http);

#endif
