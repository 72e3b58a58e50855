/* SPDX-License-Identifier: ISC */
/*
 * A round: query every socket, retry those that have not replied, and judge at
 * the end.  What a query looks like is selfprobe.c's.
 */
#include "daemon/ops/health.h"

#include "daemon/base/log.h"
#include "platform/clock.h"
#include "platform/manager.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How often a socket is queried in a round: datagrams get lost. */
#define TRIES 4

/* The least time between two portions of queries, in microseconds. */
#define TICK_US 10000

struct health {
	const struct liveness_source *source;
	struct health_subject subject;
	struct selfprobe *probe;
	struct event *readable[SELFPROBE_SOCKETS_MAX];
	struct event *timer;
	struct event_base *base;
	unsigned int watched; /* sockets of the probe, in readable */
	unsigned int tries;   /* in this round; 0: there is none */
	uint64_t ticks;       /* of the timer, that a try is spread over */
	uint64_t tick;        /* how many of them are over */
	uint64_t slices;      /* of selfprobe_send(), at each */
	bool notified;        /* the service manager, in this round */
	int64_t replied;      /* when all had last replied; 0: never */
	struct liveness liveness;
	size_t unknown;         /* targets that cannot be queried... */
	char why[LIVENESS_WHY]; /* ...and why the first cannot; as logged */
	struct log_limit unanswered;
};

static void
notify_alive(struct health *health)
{
	if (!health->notified)
		host_notify(HOST_ALIVE, NULL);
	health->notified = true;
}

static void
log_missing(struct health *health, const struct liveness_verdict *verdict)
{
	char endpoint[MH_ADDRESS_TEXT] = "a worker is stuck", worker[40] = "";
	const struct selfprobe_target *target;

	if (verdict->missing > 0) {
		target = &health->subject.targets[verdict->socket.target];
		mh_endpoint_format(&target->bound, endpoint, sizeof(endpoint));
		if (target->sockets > 1)
			snprintf(worker, sizeof(worker), " of worker %u of %u",
			    verdict->socket.worker + 1, target->sockets);
	}
	log_limited(&health->unanswered, host_monotonic_ns(),
	    "self-probe: not all sockets answered: %s%s%s", endpoint, worker,
	    verdict->missing > 1 ? ", and others" : "");
}

/* Once, until it changes. */
static void
log_unknown(struct health *health, const struct liveness_verdict *verdict)
{
	char endpoint[MH_ADDRESS_TEXT], others[40] = "";
	bool same = verdict->unknown == health->unknown &&
	    strcmp(verdict->why, health->why) == 0;

	health->unknown = verdict->unknown;
	snprintf(health->why, sizeof(health->why), "%s", verdict->why);
	if (same)
		return;
	if (verdict->unknown == 0) {
		log_info("self-probe: all sockets can be queried again");
		return;
	}
	mh_endpoint_format(&health->subject.targets[verdict->target].bound,
	    endpoint, sizeof(endpoint));
	if (verdict->unknown > 1)
		snprintf(others, sizeof(others), " and %zu more",
		    verdict->unknown - 1);
	log_warning("self-probe: cannot query %s%s: %s", endpoint, others,
	    verdict->why);
}

/* Act on the current state of the round; is_over: no reply will count. */
static void
judge(struct health *health, bool is_over)
{
	struct liveness_verdict verdict;

	liveness_judge(&health->liveness, health->probe, &verdict);
	if (verdict.state == LIVENESS_DEAD && !is_over)
		return;
	log_unknown(health, &verdict);
	if (verdict.state != LIVENESS_DEAD)
		notify_alive(health);
	if (verdict.state == LIVENESS_GOOD ||
	    (verdict.state == LIVENESS_UNKNOWN &&
		!health->subject.unasked_fails))
		health->replied = host_monotonic_ns();
	if (verdict.state >= LIVENESS_BUSY)
		log_missing(health, &verdict);
}

static void
on_readable(evutil_socket_t fd, short events, void *argument)
{
	struct health *health = argument;

	(void)fd;
	(void)events;
	/* Success is reported without waiting for the end of the round. */
	if (selfprobe_receive(health->probe))
		judge(health, false);
}

/*
 * More than two rounds per interval, so that before it ends either all have
 * replied or the log names one that has not; and three per watchdog timeout.
 */
static uint64_t
round_us(const struct health *health)
{
	uint64_t us = UINT64_C(400000) * health->subject.interval;
	uint64_t watchdog = host_watchdog() / 3000;

	if (us == 0 || (watchdog != 0 && watchdog < us))
		us = watchdog != 0 ? watchdog : 1000000;
	return us;
}

static void
begin(struct health *health)
{
	liveness_begin(&health->liveness, health->source,
	    health->subject.targets, health->subject.target_count);
	health->notified = false;
	selfprobe_begin(health->probe, health->subject.targets,
	    health->subject.target_count);
}

/* Watch the sockets that the probe has opened since. */
static bool
watch(struct health *health)
{
	intptr_t handles[SELFPROBE_SOCKETS_MAX];
	unsigned int count = selfprobe_handles(health->probe, handles);
	struct event **event;

	for (; health->watched < count; health->watched++) {
		event = &health->readable[health->watched];
		if (*event == NULL)
			*event = event_new(health->base,
			    (evutil_socket_t)handles[health->watched],
			    EV_READ | EV_PERSIST, on_readable, health);
		if (*event == NULL || event_add(*event, NULL) < 0)
			return false;
	}
	return true;
}

/* Spread the queries of a try evenly over its time. */
static void
spread(struct health *health)
{
	const struct health_subject *subject = &health->subject;
	uint64_t slices, sockets = 0;
	size_t i;

	/* A target is queried once in each family at most. */
	for (i = 0; i < subject->target_count; i++)
		sockets += 2 * subject->targets[i].sockets;
	slices = sockets / SELFPROBE_SLICE + 1;
	health->tick = 0;
	health->ticks = round_us(health) / TRIES / TICK_US + 1;
	if (health->ticks > slices)
		health->ticks = slices;
	health->slices = (slices + health->ticks - 1) / health->ticks;
}

/* Query again what has not replied; if nothing is missing, it may be over. */
static void
try_again(struct health *health)
{
	liveness_look(&health->liveness, health->probe);
	if (selfprobe_state(health->probe) == SELFPROBE_OPEN)
		selfprobe_retry(health->probe);
	else if (!health->notified)
		judge(health, false);
}

/* Begin the next try, or the next round after the last one. */
static void
next_try(struct health *health)
{
	if (health->tries == TRIES) {
		judge(health, true);
		health->tries = 0;
	}
	if (health->tries == 0)
		begin(health);
	else
		try_again(health);
	health->tries++;
	spread(health);
}

static void
on_timer(evutil_socket_t fd, short events, void *argument)
{
	struct health *health = argument;
	struct timeval pause;
	uint64_t us, i;

	(void)fd;
	(void)events;
	if (health->tick == health->ticks)
		next_try(health);
	for (i = 0; i < health->slices; i++)
		if (!selfprobe_send(health->probe))
			break;
	if (!watch(health))
		log_error("self-probe: out of memory");
	health->tick++;
	us = round_us(health) / TRIES / health->ticks;
	pause = (struct timeval){ .tv_sec = (time_t)(us / 1000000),
		.tv_usec = (long)(us % 1000000) };
	event_add(health->timer, &pause);
}

struct health *
health_new(struct event_base *base, const struct liveness_source *source,
    struct selfprobe_secret *secret)
{
	struct health *health = calloc(1, sizeof(*health));

	if (health == NULL) {
		log_error("self-probe: out of memory");
		return NULL;
	}
	health->source = source;
	health->base = base;
	health->timer = evtimer_new(base, on_timer, health);
	health->probe = selfprobe_new(secret);
	if (health->probe != NULL && health->timer != NULL && watch(health))
		return health;
	health_free(health);
	return NULL;
}

void
health_free(struct health *health)
{
	unsigned int i;

	if (health == NULL)
		return;
	for (i = 0; i < SELFPROBE_SOCKETS_MAX; i++)
		if (health->readable[i] != NULL)
			event_free(health->readable[i]);
	if (health->timer != NULL)
		event_free(health->timer);
	selfprobe_free(health->probe);
	liveness_clear(&health->liveness);
	free(health);
}

void
health_restart(struct health *health, const struct health_subject *subject)
{
	health->subject = *subject;
	health->unknown = 0;
	health->why[0] = '\0';
	health->tries = 0;
	health->tick = health->ticks = 0;
	on_timer(-1, 0, health);
}

size_t
health_unknown(const struct health *health)
{
	return health != NULL ? health->unknown : 0;
}

bool
health_is_good(const struct health *health)
{
	int64_t age = host_monotonic_ns() - health->replied;

	return health->replied != 0 &&
	    age <= INT64_C(1000000000) * health->subject.interval;
}
