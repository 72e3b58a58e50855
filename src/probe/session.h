/* SPDX-License-Identifier: ISC */
/*
 * A session with one target: what it was sent, what came back, and the verdict
 * on that.  Pure, but for memory; times are passed in, in nanoseconds of a
 * clock that never jumps.
 */
#ifndef PROBE_SESSION_H
#define PROBE_SESSION_H

#include "lib/multihome_report.h"
#include "probe/marks.h"
#include "probe/oneway.h"
#include "probe/protocols/protocol.h"
#include "probe/rtt.h"
#include "probe/sweep.h"

#define SESSION_ICMP_KINDS (MH_ICMP_OTHER + 1)

/*
 * How many requests back an answer still counts as one: the first, or more if
 * more can wait at a time, but never more than the second.
 */
#define SESSION_WINDOW 1024
#define SESSION_WINDOW_MAX 65536

/* About a target as a whole. */
enum session_verdict {
	SESSION_OK,          /* answered, always from where it was asked */
	SESSION_WRONG,       /* some answer came from another address */
	SESSION_WRONG_PORT,  /* the address was right, the port was not */
	SESSION_SILENT,      /* no answer; or none on some path */
	SESSION_UNREACHABLE, /* no answer, but an ICMP error */
	SESSION_ERROR        /* it could not be asked */
};

/* What became of one request. */
enum session_outcome {
	SESSION_WAITING,
	SESSION_ANSWERED,
	SESSION_LOST,
	SESSION_REFUSED
};

struct session_request {
	int64_t sent_at; /* when this program sent it */
	uint32_t size;   /* bytes */
	enum session_outcome outcome;
	uint64_t sent_id; /* of the system's report; 0: none to come */
	int64_t left_ns;  /* what that says, UTC; 0: it has not come */
};

/* How all targets are asked. */
struct session_plan {
	const struct protocol *protocol;
	uint32_t count;   /* requests by each path; 0: without end.  In a
			   * sweep of sizes: tries of each size */
	uint32_t paths;   /* source ports, in turn; at least 1 */
	int64_t interval; /* between two requests */
	int64_t timeout;  /* how long an answer may take */
	uint32_t sweep_from, sweep_to; /* sizes to search; 0: no search */
	bool dont_fragment;            /* no request goes in fragments */
	uint8_t tos;                   /* of requests */
};

/* One reading of the clocks, in nanoseconds. */
struct session_clock {
	int64_t monotonic; /* never jumps: all times here are of it */
	int64_t realtime;  /* UTC: that of the time of arrival */
};

struct session {
	const char *name;       /* if it was asked for by name, else "" */
	struct mh_address peer; /* family none: was not even looked up */
	char zone[36];          /* "%eth0" of the peer, or "" */
	struct mh_address from; /* family none: the system picks it */
	uint32_t if_index;      /* to leave by; 0: routing decides */
	size_t order[2];        /* place in the table */
	const struct session_plan *plan;
	struct protocol_query query;
	struct sweep sweep;

	uint32_t sent, received, lost, late, duplicates, reordered;
	uint32_t stray; /* datagrams that are no answers */
	uint32_t wrong, wrong_port;
	uint32_t icmp[SESSION_ICMP_KINDS];
	struct mh_address wrong_from; /* where a wrong answer came from */
	struct mh_address reporter;   /* of the last ICMP error */
	uint32_t path_mtu; /* of IPv6, as the last ICMP error said; 0: unknown
			    */
	struct marks marks;
	uint32_t paths_answered;
	uint32_t largest_request, largest_answer; /* bytes, when answered */
	struct rtt rtt;
	struct oneway oneway;
	char detail[200]; /* of the last answer */
	char note[192];   /* about how it was asked */
	char error[160];  /* why it could not be asked; "": it could */

	uint32_t next;    /* number of the next request */
	uint32_t oldest;  /* number of the oldest that may be waiting */
	uint32_t waiting; /* requests that may be answered in time */
	uint32_t highest; /* number of the highest answered, plus 1 */
	int64_t next_at;  /* when the next request is due */
	uint32_t request_count;
	bool *path_answered;
	struct session_request requests[]; /* a ring */
};

/* For this address (family none: for an error).  NULL: out of memory. */
struct session *session_new(
    const struct session_plan *plan, const struct mh_address *peer);
void session_free(struct session *session);

/* When to call again, to send or to give up waiting; INT64_MAX: never. */
int64_t session_wake(const struct session *session);

/* The same, but only to give up waiting. */
int64_t session_expires(const struct session *session);

/* Is a request due?  Not while the session is done. */
bool session_is_due(const struct session *session, int64_t now);

/* All was sent, and answered or given up. */
bool session_is_done(const struct session *session);

/* The path, 0 to paths - 1, that the next request takes. */
uint32_t session_path(const struct session *session);

/*
 * Write the next request: its length, or PROTOCOL_WRONG_SIZE.  It stays the
 * next one until session_sent() or session_unsent().
 */
int session_build(struct session *session, uint8_t *request);

/* It was sent at this time.  id: mh_datagram.sent_id. */
void session_sent(
    struct session *session, size_t length, uint64_t id, int64_t now);

/* The system reports when it left by this path. */
void session_left(
    struct session *session, const struct mh_report *report, uint32_t path);

/* It could not be sent: too big for the way (certainly), or why not. */
void session_unsent(
    struct session *session, const char *why, bool too_big, int64_t now);

/* Requests that were not answered in time are lost. */
void session_expire(struct session *session, int64_t now);

/*
 * A datagram came by this path, and was read now: it counts as of when it
 * arrived, if that is known.
 */
void session_receive(struct session *session,
    const struct mh_datagram *datagram, uint32_t path,
    const struct session_clock *now);

/*
 * An ICMP error came for a request by this path.  It may be due once more, if
 * it was too big for the path and may go in fragments.
 */
void session_refuse(
    struct session *session, const struct mh_icmp_error *error, uint32_t path);

/* Add to the notes about how it was asked. */
void session_note(struct session *session, const char *note);

/*
 * The run ends before its time: what was not asked is an error, what was asked
 * less often than planned a note.
 */
void session_interrupt(struct session *session);

/* Is it the address that is asked?  Port and scope do not count. */
bool session_is_peer(
    const struct session *session, const struct mh_address *address);

/* The verdict so far. */
enum session_verdict session_verdict(const struct session *session);

#endif
