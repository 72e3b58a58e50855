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

/* How often a socket is queried in a round: datagrams get lost. */
#define TRIES 4

struct health {
	const struct health_source *source;
	struct health_subject subject;
	struct selfprobe *probe;
	struct event *readable[SELFPROBE_SOCKETS_MAX];
	struct event *timer;
	unsigned int tries; /* in this round; 0: there is none */
	bool notified;      /* the service manager, in this round */
	int64_t replied;    /* when all had last replied; 0: never */
	uint64_t *received; /* by each socket when the round began; NULL: out
			     * of memory */
	size_t stride;      /* sockets of a target in it, at most */
	struct log_limit unanswered;
};

static void
notify_alive(struct health *health)
{
	if (!health->notified)
		host_notify(HOST_ALIVE, NULL);
	health->notified = true;
}

static uint64_t *
received_of(const struct health *health, const struct selfprobe_socket *socket)
{
	return &health->received[socket->target * health->stride +
	    socket->worker];
}

/*
 * A socket in a flood loses queries, but the flood itself shows that it is
 * read: no reason to be killed.
 */
static bool
are_busy(const struct health *health)
{
	const struct health_source *source = health->source;
	struct selfprobe_socket socket;
	size_t i;

	for (i = 0; selfprobe_missing(health->probe, i, &socket); i++)
		if (health->received == NULL ||
		    source->received(source->argument, &socket) ==
			*received_of(health, &socket))
			return false;
	return true;
}

static void
log_missing(struct health *health)
{
	char endpoint[MH_ADDRESS_TEXT] = "one is bound to an address not on "
					 "this host";
	const struct selfprobe_target *target;
	struct selfprobe_socket socket;
	char worker[40] = "";
	size_t count = 0;

	while (selfprobe_missing(health->probe, count, &socket))
		count++;
	if (selfprobe_missing(health->probe, 0, &socket)) {
		target = &health->subject.targets[socket.target];
		mh_endpoint_format(&target->bound, endpoint, sizeof(endpoint));
		if (target->sockets > 1)
			snprintf(worker, sizeof(worker), " of worker %u of %u",
			    socket.worker + 1, target->sockets);
	}
	log_limited(&health->unanswered, host_monotonic_ns(),
	    "self-probe: not all sockets answered: %s%s%s", endpoint, worker,
	    count > 1 ? ", and others" : "");
}

/* Act on the current state of the round; is_over: no reply will count. */
static void
judge(struct health *health, bool is_over)
{
	enum selfprobe_state state = selfprobe_state(health->probe);

	if (state == SELFPROBE_REPLIED) {
		health->replied = host_monotonic_ns();
		notify_alive(health);
	} else if (state == SELFPROBE_PARTLY || (is_over && are_busy(health)))
		notify_alive(health);
	if (is_over && state != SELFPROBE_REPLIED)
		log_missing(health);
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

/* Remember what each socket has received, to see later whether it is read. */
static void
note_received(struct health *health)
{
	const struct health_subject *subject = &health->subject;
	const struct health_source *source = health->source;
	struct selfprobe_socket socket;
	size_t i;

	health->stride = 1;
	for (i = 0; i < subject->target_count; i++)
		if (subject->targets[i].sockets > health->stride)
			health->stride = subject->targets[i].sockets;
	free(health->received);
	health->received = calloc(
	    subject->target_count * health->stride + 1, sizeof(uint64_t));
	if (health->received == NULL)
		return;
	for (socket.target = 0; socket.target < subject->target_count;
	     socket.target++)
		for (socket.worker = 0;
		     socket.worker < subject->targets[socket.target].sockets;
		     socket.worker++)
			*received_of(health, &socket) =
			    source->received(source->argument, &socket);
}

static void
begin(struct health *health)
{
	note_received(health);
	health->notified = false;
	selfprobe_begin(health->probe, health->subject.targets,
	    health->subject.target_count);
}

static void
on_timer(evutil_socket_t fd, short events, void *argument)
{
	struct health *health = argument;
	struct timeval try;
	uint64_t us;

	(void)fd;
	(void)events;
	if (health->tries == TRIES) {
		judge(health, true);
		health->tries = 0;
	}
	if (health->tries == 0)
		begin(health);
	else if (selfprobe_state(health->probe) == SELFPROBE_OPEN)
		selfprobe_retry(health->probe);
	health->tries++;
	us = round_us(health) / TRIES;
	try = (struct timeval){ .tv_sec = (time_t)(us / 1000000),
		.tv_usec = (long)(us % 1000000) };
	event_add(health->timer, &try);
}

static bool
watch(struct health *health, struct event_base *base)
{
	intptr_t handles[SELFPROBE_SOCKETS_MAX];
	unsigned int i, count = selfprobe_handles(health->probe, handles);

	for (i = 0; i < count; i++) {
		health->readable[i] =
		    event_new(base, (evutil_socket_t)handles[i],
			EV_READ | EV_PERSIST, on_readable, health);
		if (health->readable[i] == NULL ||
		    event_add(health->readable[i], NULL) < 0)
			return false;
	}
	health->timer = evtimer_new(base, on_timer, health);
	return health->timer != NULL;
}

struct health *
health_new(struct event_base *base, const struct health_source *source,
    struct selfprobe_secret *secret)
{
	struct health *health = calloc(1, sizeof(*health));

	if (health == NULL) {
		log_error("self-probe: out of memory");
		return NULL;
	}
	health->source = source;
	health->probe = selfprobe_new(secret);
	if (health->probe != NULL && watch(health, base))
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
	free(health->received);
	free(health);
}

void
health_restart(struct health *health, const struct health_subject *subject)
{
	health->subject = *subject;
	health->tries = 0;
	on_timer(-1, 0, health);
}

bool
health_is_good(const struct health *health)
{
	int64_t age = host_monotonic_ns() - health->replied;

	return health->replied != 0 &&
	    age <= INT64_C(1000000000) * health->subject.interval;
}
