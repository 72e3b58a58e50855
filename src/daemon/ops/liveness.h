/* SPDX-License-Identifier: ISC */
/*
 * What a round of the self-probe proves.  A socket that is not read is dead;
 * one that a query cannot reach, because of the host's addresses, interfaces or
 * firewall, may serve others well: that is unknown.
 */
#ifndef DAEMON_OPS_LIVENESS_H
#define DAEMON_OPS_LIVENESS_H

#include "daemon/ops/selfprobe.h"

/* What a socket has received since it was opened. */
struct liveness_count {
	uint64_t received; /* datagrams */
	uint64_t queries;  /* of these, those of the self-probe */
	uint64_t drops;    /* lost, because its buffer was full */
};

/* The evidence other than replies. */
struct liveness_source {
	void (*count)(void *argument, const struct selfprobe_socket *socket,
	    struct liveness_count *count);
	/* Is a datagram waiting to be read? */
	bool (*waiting)(void *argument, const struct selfprobe_socket *socket);
	/* Has each thread turned since the last call? */
	bool (*turning)(void *argument);
	void *argument;
};

/* The targets of a round, initially all zero. */
struct liveness {
	const struct liveness_source *source;
	const struct selfprobe_target *targets;
	size_t target_count;
	struct liveness_evidence *evidence; /* of each socket; NULL: out of
					     * memory */
	size_t stride;                      /* sockets of a target, at most */
	bool turned;                        /* all threads, in this round */
};

/* Bytes that hold a reason. */
#define LIVENESS_WHY 128

enum liveness_state {
	LIVENESS_GOOD,    /* all have replied */
	LIVENESS_UNKNOWN, /* some cannot be queried, all others have replied */
	LIVENESS_BUSY,    /* some receive too much to reply; none is dead */
	LIVENESS_DEAD     /* one is not read, or a thread does not turn */
};

/* The result of a round. */
struct liveness_verdict {
	enum liveness_state state;
	size_t missing; /* sockets that are read, or should be, and have not
			 * replied... */
	struct selfprobe_socket socket; /* ...the first of them */
	size_t unknown;                 /* targets that cannot be queried... */
	size_t target;                  /* ...the first of them... */
	char why[LIVENESS_WHY];         /* ...and why: a clause */
};

/* A round begins.  source and targets must last until its end. */
void liveness_begin(struct liveness *liveness,
    const struct liveness_source *source,
    const struct selfprobe_target *targets, size_t target_count);

/* Look at the threads, and at the sockets without a reply, before a try. */
void liveness_look(struct liveness *liveness, const struct selfprobe *probe);

/*
 * Judge it, once all that could be queried have replied, or at the end of the
 * round.  Before that, LIVENESS_DEAD may only mean that a thread has not turned
 * yet.
 */
void liveness_judge(struct liveness *liveness, const struct selfprobe *probe,
    struct liveness_verdict *verdict);

/* Free the evidence. */
void liveness_clear(struct liveness *liveness);

#endif
