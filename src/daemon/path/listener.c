/* SPDX-License-Identifier: ISC */
/*
 * Between libevent and a socket: drain it up to a budget, so that a flood can
 * starve neither timers and signals nor other sockets, and hand the batches
 * on.  It never looks into a datagram.
 */
#include "daemon/path/listener.h"

#include "daemon/base/log.h"
#include "platform/clock.h"
#include "platform/group.h"
#include "platform/thread.h"

#include <event2/event.h>
#include <stdlib.h>

/* Batches per turn, before other sockets have theirs. */
#define BATCHES_A_TURN 8

/* After this many failures in a row the socket is left alone for a while. */
#define FAILURES_MAX 10

static const struct timeval at_once = { .tv_usec = 0 };
static const struct timeval back_off = { .tv_usec = 100000 };
static const struct timeval queue_patience = { .tv_usec =
						   OUTBOX_TIMEOUT / 1000 };

struct listener {
	struct mh_socket *socket;
	struct mh_batch *batch;
	struct respond respond;
	const char *name;
	struct event *readable;
	struct event *writable; /* while something is queued */
	struct event *resume;   /* while the socket is not watched */
	struct event *release;  /* while replies are held on purpose */
	bool is_paused;         /* it is not */
	unsigned int failures;  /* in a row */
	struct log_limit failure_log;
};

/* Whatever is queued is sent once the socket is writable. */
static void
wait_if_queued(struct listener *listener)
{
	if (outbox_has_queued(&listener->respond.outbox) &&
	    !event_pending(listener->writable, EV_WRITE, NULL))
		event_add(listener->writable, &queue_patience);
}

/* Receiving failed, and not for lack of datagrams: too many times? */
static bool
receive_failed(struct listener *listener, int error)
{
	stats_count(&listener->respond.stats, STATS_RECEIVE_FAILED, 1);
	log_limited(&listener->failure_log, host_monotonic_ns(),
	    "%s: cannot receive: %s", listener->name, mh_strerror(error));
	if (++listener->failures < FAILURES_MAX)
		return false;
	listener->failures = 0;
	return true;
}

/*
 * Schedule the next turn, and stop polling the socket until then.  Under full
 * load the kernel would report every datagram that arrives and the space that
 * every reply frees, at 0.3 us of its time each.
 */
static void
pause_until(struct listener *listener, const struct timeval *when)
{
	event_del(listener->readable);
	event_add(listener->resume, when);
	listener->is_paused = true;
}

static void
wait_readable(struct listener *listener)
{
	if (listener->is_paused)
		event_add(listener->readable, NULL);
	listener->is_paused = false;
}

/* Tell the service when its replies left. */
static void
take_reports(struct listener *listener)
{
	struct respond *respond = &listener->respond;

	if (respond->outbox.reports != NULL)
		outbox_take_reports(&respond->outbox, respond->state);
}

/*
 * The system's reports come first, as the next request may be about them; and
 * are what it was if there was nothing to receive.  Out of line, off the usual
 * way.
 */
static __attribute__((noinline)) int
receive_with_reports(struct listener *listener)
{
	int n;

	if (reports_are_awaited(listener->respond.outbox.reports))
		take_reports(listener);
	n = mh_batch_receive(listener->batch, listener->socket);
	if (n == 0)
		take_reports(listener);
	return n;
}

static inline int
receive_once(struct listener *listener)
{
	return listener->respond.outbox.reports == NULL
	    ? mh_batch_receive(listener->batch, listener->socket)
	    : receive_with_reports(listener);
}

/*
 * Receive; if there is nothing, keep polling for a while: that costs processor
 * time, but saves the latency of a wake-up.
 */
static int
receive(struct listener *listener)
{
	int64_t patience = listener->respond.set.busy_poll * INT64_C(1000), end;
	int n = receive_once(listener);

	if (n != 0 || patience == 0)
		return n;
	end = host_monotonic_ns() + patience;
	while (n == 0 && host_monotonic_ns() < end)
		n = receive_once(listener);
	return n;
}

static void
flush(struct listener *listener)
{
	outbox_flush(&listener->respond.outbox, listener->batch);
	wait_if_queued(listener);
}

/* What they took over in this turn is sent at its end. */
static void
flush_siblings(struct listener *listener)
{
	const struct ends *ends = listener->respond.set.ends;
	size_t i;

	for (i = 0; i < ends->count; i++)
		if (ends->members[i].outbox->taken)
			flush(ends->members[i].listener);
}

void
listener_turn(struct listener *listener)
{
	struct mh_batch *batch = listener->batch;
	bool busy = listener->respond.set.busy_poll != 0;
	unsigned int i;
	int n;

	if (outbox_has_queued(&listener->respond.outbox))
		outbox_flush(&listener->respond.outbox, batch);
	for (i = 0; i < BATCHES_A_TURN; i++) {
		n = receive(listener);
		if (n == MH_EREFUSED)
			continue;
		if (n < 0)
			break;
		listener->failures = 0;
		if (n > 0)
			respond_batch(&listener->respond, batch);
		if (n == 0 || (!busy && (unsigned int)n < batch->slots))
			break;
	}
	/* There is more: let others have their turn, but do not sleep. */
	if (i == BATCHES_A_TURN)
		pause_until(listener, &at_once);
	else if (n < 0 && receive_failed(listener, n))
		pause_until(listener, &back_off);
	else
		wait_readable(listener);
	if (listener->respond.set.ends != NULL)
		flush_siblings(listener);
	wait_if_queued(listener);
}

static void
on_turn(evutil_socket_t fd, short events, void *argument)
{
	(void)fd;
	(void)events;
	listener_turn(argument);
}

static void
on_writable(evutil_socket_t fd, short events, void *argument)
{
	struct listener *listener = argument;

	(void)fd;
	(void)events;
	/* Perhaps the socket is not read now, and a report was what it was. */
	take_reports(listener);
	flush(listener);
}

/* When something is held until then. */
static void
wake(void *owner, int64_t due)
{
	struct listener *listener = owner;
	int64_t wait = due - host_monotonic_ns();
	struct timeval when = at_once;

	/* Rounded up: nothing leaves before its time. */
	if (wait > 0) {
		when.tv_sec = (int)(wait / 1000000000);
		when.tv_usec = (int)(wait % 1000000000 / 1000 + 1);
	}
	if (listener->release != NULL)
		event_add(listener->release, &when);
}

/* What is queued leaves first; the rest is tried again a little later. */
static void
on_release(evutil_socket_t fd, short events, void *argument)
{
	struct listener *listener = argument;
	int64_t due;

	(void)fd;
	(void)events;
	due = outbox_send_held(
	    &listener->respond.outbox, listener->batch, host_monotonic_ns());
	wait_if_queued(listener);
	if (due != HELD_NEVER)
		wake(listener, due);
}

struct listener *
listener_new(struct event_base *base, struct mh_socket *socket,
    struct mh_batch *batch, const struct path_settings *set, const char *name)
{
	struct listener *listener = calloc(1, sizeof(*listener));
	evutil_socket_t fd = (evutil_socket_t)mh_socket_handle(socket);

	if (listener == NULL) {
		mh_socket_close(socket);
		return NULL;
	}
	listener->socket = socket;
	listener->batch = batch;
	listener->respond.set = *set;
	listener->name = name;
	listener->readable =
	    event_new(base, fd, EV_READ | EV_PERSIST, on_turn, listener);
	listener->writable =
	    event_new(base, fd, EV_WRITE, on_writable, listener);
	listener->resume = evtimer_new(base, on_turn, listener);
	listener->release = evtimer_new(base, on_release, listener);
	outbox_init(&listener->respond.outbox, socket, &listener->respond.set,
	    &listener->respond.stats);
	listener->respond.outbox.wake = wake;
	listener->respond.outbox.owner = listener;
	inject_follow(&listener->respond.inject, set->faults);
	if (listener->readable == NULL || listener->writable == NULL ||
	    listener->resume == NULL || listener->release == NULL) {
		listener_free(listener);
		return NULL;
	}
	return listener;
}

bool
listener_start(struct listener *listener)
{
	return event_add(listener->readable, NULL) == 0;
}

void
listener_configure(struct listener *listener, const struct path_settings *set,
    const char *name)
{
	outbox_configure(
	    &listener->respond.outbox, listener->batch, set->service);
	/* After what was held, which the other service counts. */
	if (set->service != listener->respond.set.service)
		stats_clear_own(&listener->respond.stats);
	inject_follow(&listener->respond.inject, set->faults);
	listener->respond.set = *set;
	listener->name = name;
	/* What was held may have been more than the socket took. */
	wait_if_queued(listener);
}

void *
listener_exchange_state(struct listener *listener, void *state)
{
	void *previous = listener->respond.state;

	listener->respond.state = state;
	outbox_forget_reports(&listener->respond.outbox);
	return previous;
}

const struct service *
listener_service(const struct listener *listener)
{
	return listener->respond.set.service;
}

size_t
listener_state_size(const struct listener *listener)
{
	const struct path_settings *set = &listener->respond.set;

	return set->service->state_size != NULL
	    ? set->service->state_size(set->settings)
	    : 0;
}

struct session_table *
listener_sessions(const struct listener *listener)
{
	const struct path_settings *set = &listener->respond.set;

	return set->service->sessions != NULL && listener->respond.state != NULL
	    ? set->service->sessions(listener->respond.state, set->settings)
	    : NULL;
}

struct ends_member
listener_end(struct listener *listener)
{
	const struct mh_socket_info *info = mh_socket_info(listener->socket);

	return (struct ends_member){ .bound = info->bound,
		.can = info->can,
		.outbox = &listener->respond.outbox,
		.listener = listener };
}

static void
free_event(struct event **event)
{
	if (*event != NULL)
		event_free(*event);
	*event = NULL;
}

void
listener_detach(struct listener *listener)
{
	if (listener->readable == NULL)
		return;
	listener_stop(listener);
	listener_abandon(listener);
	free_event(&listener->readable);
	free_event(&listener->writable);
	free_event(&listener->resume);
	free_event(&listener->release);
}

void
listener_free(struct listener *listener)
{
	if (listener == NULL)
		return;
	free_event(&listener->readable);
	free_event(&listener->writable);
	free_event(&listener->resume);
	free_event(&listener->release);
	outbox_clear(&listener->respond.outbox);
	free(listener->respond.state);
	mh_socket_close(listener->socket);
	free(listener);
}

bool
listener_stop(struct listener *listener)
{
	event_del(listener->readable);
	event_del(listener->resume);
	event_del(listener->release);
	outbox_hurry(&listener->respond.outbox, listener->batch);
	return outbox_flush(&listener->respond.outbox, listener->batch);
}

void
listener_abandon(struct listener *listener)
{
	outbox_abandon(&listener->respond.outbox);
}

bool
listener_is_waiting(const struct listener *listener)
{
	return host_channel_wait(mh_socket_handle(listener->socket), 0);
}

const struct mh_socket_info *
listener_info(const struct listener *listener)
{
	return mh_socket_info(listener->socket);
}

const char *
listener_name(const struct listener *listener)
{
	return listener->name;
}

int
listener_move(struct listener *listener, uint32_t if_index)
{
	return mh_socket_move(listener->socket, if_index);
}

int
listener_set_vrf(
    struct listener *listener, const uint32_t *interfaces, size_t count)
{
	return mh_socket_set_vrf(listener->socket, interfaces, count);
}

/* Every interface, or the one of the group's scope; 0 or the worst error. */
static int
join_group(struct listener *listener, const struct mh_address *group,
    const struct host_network *network)
{
	intptr_t handle = mh_socket_handle(listener->socket);
	uint32_t if_index;
	int error, result = 0;
	size_t i, joined = 0;

	for (i = 0; i < network->interface_count; i++) {
		if_index = network->interfaces[i].index;
		if (group->scope != 0 && group->scope != if_index)
			continue;
		error = host_group_join(handle, group, if_index);
		joined += error == 0;
		if (error == MH_ENOBUFFERS)
			result = error;
	}
	return joined > 0 ? result : MH_EUNSUPPORTED;
}

void
listener_join(struct listener *listener, const struct host_network *network)
{
	const struct path_settings *set = &listener->respond.set;
	const struct mh_address *group = &listener_info(listener)->bound;
	char text[MH_ADDRESS_TEXT];
	int error;

	if (mh_address_class(group) != MH_CLASS_MULTICAST)
		return;
	if (set->worker > 0) {
		host_group_keep_out(mh_socket_handle(listener->socket), group);
		return;
	}
	if (!set->guard.policy->answer_broadcast)
		return;
	error = join_group(listener, group, network);
	if (error != 0)
		log_limited(&listener->failure_log, host_monotonic_ns(),
		    "%s: cannot join %s on %s", listener->name,
		    mh_address_format(group, text, sizeof(text)),
		    error == MH_ENOBUFFERS
			? "all interfaces: too many memberships"
			: "any interface");
}

const struct stats *
listener_stats(const struct listener *listener)
{
	return &listener->respond.stats;
}

uint64_t
listener_kernel_drops(const struct listener *listener)
{
	return mh_socket_drops(listener->socket);
}

void
listener_log_stats(const struct listener *listener)
{
	uint64_t sums[STATS_COUNTERS] = { 0 };

	stats_sum(&listener->respond.stats, sums);
	stats_log(sums, listener->name, &listener_info(listener)->bound,
	    listener_kernel_drops(listener));
}
