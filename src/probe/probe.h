/* SPDX-License-Identifier: ISC */
/*
 * All targets and the sockets they are asked through.  It knows no event loop:
 * that calls in when a socket is readable and when the time has come.
 */
#ifndef PROBE_PROBE_H
#define PROBE_PROBE_H

#include "platform/network.h"
#include "probe/options.h"
#include "probe/session.h"

struct probe {
	const struct options *options;
	struct row_plan plan;
	struct mh_batch *batch;
	struct host_network network;
	bool spent; /* the last probe_open() failed for want of sockets */
	struct row **rows;
	size_t row_count;
};

/* A target while it is being asked: a socket for each source port. */
struct lane {
	struct row *row;
	struct mh_socket *sockets[]; /* plan.paths of them */
};

/* Returns 0 or MH_E*.  options must stay. */
int probe_init(struct probe *probe, const struct options *options);
void probe_clear(struct probe *probe);

/* Is that a family the options want? */
bool probe_wants(const struct probe *probe, unsigned int family);

/*
 * Add a row: this address of target number i.  NULL when out of memory.
 */
struct row *probe_add(
    struct probe *probe, size_t i, const struct mh_address *address);

/* Is there a row for this address of target number i? */
bool probe_has(
    const struct probe *probe, size_t i, const struct mh_address *address);

/* Add every address of this host; false when out of memory. */
bool probe_add_local(struct probe *probe);

/* Open the sockets; NULL, and the reason in row->error, if that fails. */
struct lane *probe_open(struct probe *probe, struct row *row);
void probe_close(struct probe *probe, struct lane *lane);

/*
 * Send what is due and give up what is late.  Returns when to call again;
 * INT64_MAX if only a datagram can bring news.
 */
int64_t probe_step(struct probe *probe, struct lane *lane, int64_t now);

/* The socket of that path is readable. */
void probe_receive(struct probe *probe, struct lane *lane, uint32_t path);

/* Put the rows in the order of the command line. */
void probe_sort(struct probe *probe);

#endif
