/* SPDX-License-Identifier: ISC */
/*
 * A row of the table: one target, what it was sent, and what came back.  The
 * judge of answers.  Pure, but for memory; times are passed in, in
 * nanoseconds of a clock that never jumps.
 */
#ifndef PROBE_SESSION_H
#define PROBE_SESSION_H

#include "probe/protocols/protocol.h"
#include "probe/rtt.h"
#include "probe/sweep.h"

#define ROW_ICMP_KINDS (MH_ICMP_OTHER + 1)

/*
 * So many requests back, an answer still counts as one; further back if more
 * can wait at a time, but never further than the second.
 */
#define ROW_WINDOW 1024
#define ROW_WINDOW_MAX 65536

/* Bytes that hold any text below. */
#define ROW_TEXT 400

/* The news of a target as a whole. */
enum row_verdict {
	ROW_OK,          /* answered, always from where it was asked */
	ROW_WRONG,       /* some answer came from another address */
	ROW_WRONG_PORT,  /* the address was right, the port was not */
	ROW_SILENT,      /* no answer; or none on some path */
	ROW_UNREACHABLE, /* no answer, but an ICMP error */
	ROW_ERROR        /* it could not be asked */
};

/* What became of one request. */
enum row_fate { ROW_WAITING, ROW_ANSWERED, ROW_LOST, ROW_REFUSED };

struct row_shot {
	int64_t sent_at;
	uint32_t size; /* bytes */
	enum row_fate fate;
};

/* How all targets are asked. */
struct row_plan {
	const struct ask *ask;
	uint32_t count;   /* requests by each path; 0: without end.  In a
			   * sweep of sizes: tries of each size */
	uint32_t paths;   /* source ports, in turn; at least 1 */
	int64_t interval; /* between two requests */
	int64_t timeout;  /* an answer may take so long */
	uint32_t sweep_from, sweep_to; /* sizes to search; 0: no search */
};

struct row {
	const char *name;       /* if it was asked for by name, else "" */
	struct mh_address peer; /* family none: was not even looked up */
	char zone[36];          /* "%eth0" of the peer, or "" */
	struct mh_address from; /* family none: the system picks it */
	uint32_t if_index;      /* to leave by; 0: routing decides */
	size_t order[2];        /* place in the table */
	const struct row_plan *plan;
	struct ask_question question;
	struct sweep sweep;

	uint32_t sent, received, lost, late, duplicates, reordered;
	uint32_t stray; /* datagrams that are no answers */
	uint32_t wrong, wrong_port;
	uint32_t icmp[ROW_ICMP_KINDS];
	struct mh_address wrong_from; /* where a wrong answer came from */
	struct mh_address reporter;   /* of the last ICMP error */
	int16_t ttl;                  /* of the last answer; -1 unknown */
	uint32_t paths_answered;
	uint32_t largest_request, largest_answer; /* bytes, when answered */
	struct rtt rtt;
	char detail[96]; /* of the last answer */
	char note[96];   /* about how it was asked */
	char error[160]; /* why it could not be asked; "": it could */

	uint32_t next;    /* number of the next request */
	uint32_t oldest;  /* number of the oldest that may be waiting */
	uint32_t waiting; /* requests that may be answered in time */
	uint32_t highest; /* number of the highest answered, plus 1 */
	int64_t next_at;  /* when the next request is due */
	uint32_t shot_count;
	bool *path_answered;
	struct row_shot shots[]; /* a ring */
};

/* A new row for this address (family none: for an error).  NULL: no memory. */
struct row *row_new(const struct row_plan *plan, const struct mh_address *peer);
void row_free(struct row *row);

/* When to call again, to send or to give up waiting; INT64_MAX: never. */
int64_t row_wake(const struct row *row);

/* Is a request due?  Not while the row is done. */
bool row_is_due(const struct row *row, int64_t now);

/* All was sent, and answered or given up. */
bool row_is_done(const struct row *row);

/* The path, 0 to paths - 1, that the next request takes. */
uint32_t row_path(const struct row *row);

/*
 * Write the next request: its length, or ASK_WRONG_SIZE.  It stays the next
 * one until row_sent() or row_unsent().
 */
int row_build(struct row *row, uint8_t *request);

/* It was sent at this time. */
void row_sent(struct row *row, size_t length, int64_t now);

/* It could not be sent: too big for the way (certainly), or why not. */
void row_unsent(struct row *row, const char *why, bool too_big, int64_t now);

/* Requests that were not answered in time are lost. */
void row_expire(struct row *row, int64_t now);

/* A datagram came by this path, at this time. */
void row_receive(struct row *row, const struct mh_datagram *datagram,
    uint32_t path, int64_t now);

/* An ICMP error came for a request by this path. */
void row_refuse(
    struct row *row, const struct mh_icmp_error *error, uint32_t path);

enum row_verdict row_verdict(const struct row *row);

/* "example.net [2001:db8::1%eth0]:7"; returns text. */
char *row_label(const struct row *row, char text[ROW_TEXT]);

/* "ok", "WRONG 192.0.2.1", "port unreachable", ...; returns text. */
char *row_source(const struct row *row, char text[ROW_TEXT]);

/* What else there is to say: duplicates, sizes, details; or "". */
char *row_notes(const struct row *row, char text[ROW_TEXT]);

#endif
