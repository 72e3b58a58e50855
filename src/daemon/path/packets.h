/* SPDX-License-Identifier: ISC */
/*
 * The packet log: what was asked and what became of it, a line for each of the
 * datagrams that are chosen.  Nobody can flood the log with it.
 */
#ifndef DAEMON_PATH_PACKETS_H
#define DAEMON_PATH_PACKETS_H

#include "daemon/path/guard.h"
#include "lib/multihome.h"
#include "services/service.h"

/* Lines a second from each thread; what is beyond is counted. */
#define PACKETS_A_SECOND 100

enum packets_format {
	PACKETS_NONE, /* nothing is logged */
	PACKETS_TEXT,
	PACKETS_JSON
};

/* Of a service: one datagram in every sample, on average; 1: each. */
struct packets_rule {
	unsigned int format; /* enum packets_format */
	unsigned int sample;
};

/* Of a thread.  Initially all zero. */
struct packets {
	uint64_t random;
	int64_t began; /* the present second, monotonic */
	unsigned int lines;
	uint64_t unlogged; /* chosen, but too many */
};

enum packets_outcome {
	PACKETS_REPLIED, /* the reply was handed to the system, or queued */
	PACKETS_SILENT,  /* there is no reply, as it should be */
	PACKETS_HELD,    /* there is one, kept back by a fault */
	PACKETS_DROPPED  /* see the verdict */
};

struct packets_entry {
	const struct mh_datagram *request;
	const struct service *service;
	const char *interface; /* it arrived by; "": not known */
	enum packets_outcome outcome;
	enum verdict verdict;
	size_t reply;           /* bytes; 0 if dropped: unknown */
	struct mh_address from; /* of a reply; none: the system chooses */
	int64_t now;            /* monotonic */
};

/* Is the next datagram one to be logged? */
bool packets_choose(struct packets *packets, const struct packets_rule *rule);

/* Log what became of it. */
void packets_log(struct packets *packets, const struct packets_rule *rule,
    const struct packets_entry *entry);

#endif
