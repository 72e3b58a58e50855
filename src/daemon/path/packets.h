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

/*
 * Lines in each second of a thread and of a socket, so that no single one has
 * them all; what is beyond is counted.
 */
#define PACKETS_OF_THREAD 100
#define PACKETS_OF_SOCKET 50

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

struct packets_budget {
	int64_t began; /* the present second, monotonic */
	unsigned int lines;
};

/* Of a thread.  Initially all zero. */
struct packets {
	uint64_t random;
	struct packets_budget budget;
};

/* Of a socket.  Initially all zero. */
struct packets_socket {
	struct packets_budget budget;
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
	const char *name;      /* of the service, with its label: "echo:dup" */
	const char *interface; /* it arrived by; "": not known */
	enum packets_outcome outcome;
	enum verdict verdict;
	size_t reply;           /* bytes; 0 if dropped: unknown */
	struct mh_address from; /* of a reply; none: the system chooses */
	uint16_t to_port;       /* of a reply to another port; 0: it is not */
};

/* Is the next datagram of this socket one to be logged?  now: monotonic. */
bool packets_choose(struct packets *packets, struct packets_socket *socket,
    const struct packets_rule *rule, int64_t now);

/* Log what became of it. */
void packets_log(struct packets_socket *socket, const struct packets_rule *rule,
    const struct packets_entry *entry);

#endif
