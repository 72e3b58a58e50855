/* SPDX-License-Identifier: ISC */
/*
 * A restart helps only where a thread no longer turns, or a socket is no longer
 * read: there are datagrams in its queue, for a quarter of a round or longer,
 * and it has received nothing in all of it.
 */
#include "daemon/ops/liveness.h"

#include <stdio.h>
#include <stdlib.h>

struct liveness_evidence {
	struct liveness_count then; /* when the round began */
	bool waiting;               /* a datagram, before the last try */
};

static struct liveness_evidence *
evidence_of(
    const struct liveness *liveness, const struct selfprobe_socket *socket)
{
	return &liveness->evidence[socket->target * liveness->stride +
	    socket->worker];
}

static void
note_counts(struct liveness *liveness)
{
	const struct liveness_source *source = liveness->source;
	struct selfprobe_socket socket;

	for (socket.target = 0; socket.target < liveness->target_count;
	     socket.target++)
		for (socket.worker = 0;
		     socket.worker < liveness->targets[socket.target].sockets;
		     socket.worker++)
			source->count(source->argument, &socket,
			    &evidence_of(liveness, &socket)->then);
}

void
liveness_begin(struct liveness *liveness, const struct liveness_source *source,
    const struct selfprobe_target *targets, size_t target_count)
{
	size_t i;

	liveness_clear(liveness);
	*liveness = (struct liveness){ .source = source,
		.targets = targets,
		.target_count = target_count,
		.stride = 1 };
	for (i = 0; i < target_count; i++)
		if (targets[i].sockets > liveness->stride)
			liveness->stride = targets[i].sockets;
	liveness->evidence = calloc(
	    target_count * liveness->stride + 1, sizeof(*liveness->evidence));
	if (liveness->evidence != NULL)
		note_counts(liveness);
	/* Turns before this round do not count. */
	(void)source->turning(source->argument);
}

/* Have all threads turned in this round? */
static bool
have_turned(struct liveness *liveness)
{
	const struct liveness_source *source = liveness->source;

	if (source->turning(source->argument))
		liveness->turned = true;
	return liveness->turned;
}

void
liveness_look(struct liveness *liveness, const struct selfprobe *probe)
{
	const struct liveness_source *source = liveness->source;
	struct selfprobe_socket socket;
	size_t at = 0;

	(void)have_turned(liveness);
	while (liveness->evidence != NULL &&
	    selfprobe_missing(probe, &at, &socket))
		evidence_of(liveness, &socket)->waiting =
		    source->waiting(source->argument, &socket);
}

/* Why there is no reply. */
enum silence {
	SILENCE_DEAF,      /* what is in its queue is not read */
	SILENCE_BUSY,      /* it reads what others send, and lost our queries */
	SILENCE_LOST,      /* nothing is in its queue: no query arrived */
	SILENCE_UNANSWERED /* queries did; a reply did not come back */
};

static enum silence
silence_of(
    const struct liveness *liveness, const struct selfprobe_socket *socket)
{
	const struct liveness_source *source = liveness->source;
	const struct liveness_evidence *evidence;
	struct liveness_count now;

	if (liveness->evidence == NULL)
		return SILENCE_DEAF;
	evidence = evidence_of(liveness, socket);
	source->count(source->argument, socket, &now);
	if (now.queries != evidence->then.queries)
		return SILENCE_UNANSWERED;
	if (now.received != evidence->then.received)
		return now.drops != evidence->then.drops ? SILENCE_BUSY
							 : SILENCE_LOST;
	return evidence->waiting && source->waiting(source->argument, socket)
	    ? SILENCE_DEAF
	    : SILENCE_LOST;
}

static void
worsen(struct liveness_verdict *verdict, enum liveness_state state)
{
	if (state > verdict->state)
		verdict->state = state;
}

static void
add_unknown(struct liveness_verdict *verdict, size_t target, const char *why,
    const char *question)
{
	worsen(verdict, LIVENESS_UNKNOWN);
	if (verdict->unknown++ > 0)
		return;
	verdict->target = target;
	snprintf(verdict->why, sizeof(verdict->why), "%s%s", why, question);
}

/* Those that no query was sent to. */
static void
judge_unasked(const struct liveness *liveness, const struct selfprobe *probe,
    struct liveness_verdict *verdict)
{
	const char *why;
	size_t i;

	for (i = 0; i < liveness->target_count; i++) {
		why = selfprobe_unasked(probe, i);
		if (why != NULL)
			add_unknown(verdict, i, why, "");
	}
}

/* Those that have not replied, but were queried. */
static void
judge_missing(const struct liveness *liveness, const struct selfprobe *probe,
    struct liveness_verdict *verdict)
{
	struct selfprobe_socket socket;
	size_t at = 0, last = SIZE_MAX;
	enum silence silence;

	while (selfprobe_missing(probe, &at, &socket)) {
		silence = silence_of(liveness, &socket);
		if (silence == SILENCE_DEAF || silence == SILENCE_BUSY) {
			worsen(verdict,
			    silence == SILENCE_DEAF ? LIVENESS_DEAD
						    : LIVENESS_BUSY);
			if (verdict->missing++ == 0)
				verdict->socket = socket;
			continue;
		}
		/* The sockets of a target come one after another. */
		if (socket.target == last ||
		    selfprobe_unasked(probe, socket.target) != NULL)
			continue;
		last = socket.target;
		add_unknown(verdict, last,
		    silence == SILENCE_LOST
			? "no query arrives: is lo down, or does"
			: "queries arrive, but replies do not come back: does",
		    " a firewall drop what this host sends to itself?");
	}
}

void
liveness_judge(struct liveness *liveness, const struct selfprobe *probe,
    struct liveness_verdict *verdict)
{
	struct selfprobe_socket socket;
	size_t at = 0;

	*verdict = (struct liveness_verdict){ .state = LIVENESS_GOOD };
	judge_unasked(liveness, probe, verdict);
	judge_missing(liveness, probe, verdict);
	/* A reply from each of them shows it as well. */
	if (verdict->state != LIVENESS_GOOD && !have_turned(liveness))
		verdict->state = LIVENESS_DEAD;
	/* Out of memory: nothing was queried. */
	if (selfprobe_state(probe) == SELFPROBE_OPEN &&
	    !selfprobe_missing(probe, &at, &socket))
		verdict->state = LIVENESS_DEAD;
}

void
liveness_clear(struct liveness *liveness)
{
	free(liveness->evidence);
	liveness->evidence = NULL;
}
