/* SPDX-License-Identifier: ISC */
/*
 * The counters of all workers, put together for whoever wants to see them: the
 * log, the HTTP side door, the self-probe.
 *
 * All functions are for the main thread.
 */
#ifndef DAEMON_COLLECTOR_H
#define DAEMON_COLLECTOR_H

#include "daemon/ops/snapshot.h"
#include "daemon/workers.h"

/* Log a line of counters for each binding. */
void collector_log(const struct workers *workers);

/*
 * Put into *snapshot what the workers know: each binding with its counters, in
 * malloc'd memory (the one before is freed), the node, the number of workers.
 * The rest of it is left alone.  It points into the plan, so it is good until
 * the next one.  False when out of memory: there are no bindings in it then.
 */
bool collector_snapshot(
    const struct workers *workers, struct snapshot *snapshot);

/*
 * The number of datagrams that a socket has received; where the self-probe
 * cannot select one, that of all workers' sockets of the binding.
 */
uint64_t collector_received(
    const struct workers *workers, const struct selfprobe_socket *socket);

#endif
