/* SPDX-License-Identifier: ISC */
/*
 * What the workers remember of their peers, added up for the control socket; it
 * does not know the workers, callers add each one's.
 */
#ifndef DAEMON_OPS_RECORDS_H
#define DAEMON_OPS_RECORDS_H

#include "daemon/path/drops.h"
#include "daemon/path/settings.h"
#include "daemon/path/top.h"
#include "services/session.h"

/* Sessions that are listed, the last used ones, and sockets with sessions. */
#define RECORDS_SESSIONS 64
#define RECORDS_TABLES 64

struct records_session {
	const char *service;
	struct session_view view;
};

/* The sessions of a socket, of all workers. */
struct records_table {
	const char *service;
	struct mh_address bound;
	uint64_t count, limit;
};

/* Initially all zero. */
struct records {
	int64_t now; /* monotonic, in nanoseconds */
	struct drops drops;
	struct top_list peers; /* sampled */
	int64_t peers_ns;      /* how much of the past they are of */
	struct top_list locals;
	struct records_session sessions[RECORDS_SESSIONS]; /* newest first */
	size_t session_count;
	struct records_table tables[RECORDS_TABLES];
	size_t table_count;
	unsigned int late; /* workers that did not answer */
};

/* Add what a thread remembers; in that thread. */
void records_add(struct records *records, const struct path_memory *memory);

/* Add the sessions of a socket; in its thread. */
void records_add_sessions(struct records *records, const char *service,
    const struct mh_address *bound, const struct session_table *table);

#endif
