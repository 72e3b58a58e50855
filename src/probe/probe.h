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
#include "probe/shortage.h"

struct probe {
	const struct options *options;
	struct session_plan plan;
	struct mh_batch *batch;
	struct host_network network;
	bool spent;      /* the last probe_open() failed for want of sockets */
	int64_t sent_at; /* the last request to any target */
	struct session **sessions;
	size_t session_count;
};

/* The sockets of a session that is going on: one for each source port. */
struct socket_group {
	struct session *session;
	struct shortage shortage;
	struct mh_socket *sockets[]; /* plan.paths of them */
};

/* Returns 0 or MH_E*.  options must stay. */
int probe_init(struct probe *probe, const struct options *options);
void probe_clear(struct probe *probe);

/* Is that a family the options want? */
bool probe_wants(const struct probe *probe, unsigned int family);

/*
 * Add a session: this address of target number i.  NULL when out of memory.
 */
struct session *probe_add(
    struct probe *probe, size_t i, const struct mh_address *address);

/* Is there a session for this address of target number i? */
bool probe_has(
    const struct probe *probe, size_t i, const struct mh_address *address);

/*
 * Add every address of this host, also those that cannot be asked; false when
 * out of memory.
 */
bool probe_add_local(struct probe *probe);

/* Open the sockets; NULL, and the reason in session->error, if that fails. */
struct socket_group *probe_open(struct probe *probe, struct session *session);
void probe_close(struct probe *probe, struct socket_group *group);

/*
 * Send what is due and give up what is late.  Returns when to call again;
 * INT64_MAX if only a datagram can bring news.
 */
int64_t probe_step(
    struct probe *probe, struct socket_group *group, int64_t now);

/* The socket of that path is readable. */
void probe_receive(
    struct probe *probe, struct socket_group *group, uint32_t path);

/*
 * This host's firewall may drop an answer from elsewhere unseen: note so beside
 * each target that did not answer.
 */
void probe_explain_silence(struct probe *probe);

/* Put the sessions in the order of the command line. */
void probe_sort(struct probe *probe);

#endif
