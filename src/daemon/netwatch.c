/* SPDX-License-Identifier: ISC */
/*
 * A thread that follows the host's addresses.  It puts what it has made into a
 * mailbox for each worker and wakes the worker, whose loop takes it out: no
 * datagram waits for a lock.  What a worker has not taken is replaced, so at
 * most two of them exist for each worker, and one wake-up is pending.
 */
#include "daemon/netwatch.h"

#include "daemon/base/log.h"
#include "platform/clock.h"
#include "platform/thread.h"

#include <event2/event.h>
#include <stdlib.h>

/*
 * The least time between two sets of tables, in ns: changes come in bursts.
 * The first set does not wait.
 */
#define DELAY_LEAST INT64_C(50000000)
#define DELAY_MOST INT64_C(500000000)

/* To the thread; anything else: see congestion_ask(). */
#define END 0

/*
 * One part in this many, at most, of the thread's time goes into making tables.
 */
#define DELAY_SHARE 8

struct mailbox {
	_Atomic(struct localnet *) localnet; /* NULL: it is empty */
	intptr_t channel[2]; /* the worker's, ours; -1: there is no thread */
	struct event *event;
	void (*function)(void *argument, struct localnet *localnet);
	void *argument;
};

struct netwatch {
	struct host_watch watch;
	struct event_base *base;
	struct event *watch_event;
	struct event *timer;
	int64_t took;   /* making the last tables, in ns */
	int64_t made;   /* when: host_monotonic_ns() */
	bool waiting;   /* for the timer */
	bool is_failed; /* and it has been logged */

	struct localnet *localnet; /* the last one; NULL: none yet */
	struct congestion congestion;
	intptr_t backlog; /* to read it with; -1: it cannot be */
	/* Only with a thread. */
	struct host_thread *thread;
	intptr_t channel[2]; /* the thread's, the main thread's */
	struct event *channel_event;
	unsigned int count;
	struct mailbox mailboxes[];
};

/*
 * Delivery.
 */

/* In the worker's loop. */
static void
take_out(struct mailbox *mailbox)
{
	struct localnet *localnet = atomic_exchange_explicit(
	    &mailbox->localnet, NULL, memory_order_acq_rel);

	if (localnet != NULL)
		mailbox->function(mailbox->argument, localnet);
}

static void
on_mail(evutil_socket_t fd, short events, void *argument)
{
	char wake;

	(void)events;
	if (host_channel_receive(fd, &wake, sizeof(wake)))
		take_out(argument);
}

/* Put it in; wake the worker unless a wake-up is still pending. */
static void
deliver(struct mailbox *mailbox, struct localnet *localnet)
{
	struct localnet *untaken = atomic_exchange_explicit(
	    &mailbox->localnet, localnet_hold(localnet), memory_order_acq_rel);
	const char wake = 0;

	localnet_release(untaken);
	if (mailbox->channel[1] < 0) {
		if (mailbox->function != NULL)
			take_out(mailbox);
	} else if (untaken == NULL) {
		host_channel_send(mailbox->channel[1], &wake, sizeof(wake));
	}
}

/*
 * What there is.
 */

/* Read it; NULL and a warning if that fails.  *again: read it again soon. */
static struct localnet *
read_network(struct netwatch *netwatch, bool *again)
{
	struct host_network network = { .addresses = NULL };
	struct localnet *localnet = NULL;
	unsigned int complete = netwatch->watch.complete;
	int64_t start = host_monotonic_ns();
	int error;

	*again = false;
	error = netwatch->watch.handle >= 0
	    ? host_watch_load(&netwatch->watch, &network, again)
	    : host_network_load(&network);
	if (netwatch->watch.complete != complete)
		log_debug("all addresses and interfaces read");
	if (error == 0)
		localnet = localnet_new(&network);
	netwatch->made = host_monotonic_ns();
	netwatch->took = netwatch->made - start;
	if (localnet == NULL && !netwatch->is_failed)
		log_warning("cannot read the addresses of this host: some "
			    "loops and broadcasts will not be recognised");
	netwatch->is_failed = localnet == NULL;
	return localnet;
}

static void
publish(struct netwatch *netwatch, struct localnet *localnet)
{
	unsigned int i;

	for (i = 0; i < netwatch->count; i++)
		deliver(&netwatch->mailboxes[i], localnet);
	localnet_release(netwatch->localnet);
	netwatch->localnet = localnet;
}

/* Read soon, but not so often as to keep a processor busy. */
static void
wait_a_little(struct netwatch *netwatch)
{
	int64_t delay = netwatch->took * DELAY_SHARE;
	struct timeval interval = { .tv_sec = 0 };

	if (netwatch->waiting)
		return;
	if (delay < DELAY_LEAST)
		delay = DELAY_LEAST;
	if (delay > DELAY_MOST || netwatch->is_failed)
		delay = DELAY_MOST;
	delay -= host_monotonic_ns() - netwatch->made;
	if (delay < 0)
		delay = 0;
	interval.tv_usec = (int)(delay / 1000);
	netwatch->waiting = event_add(netwatch->timer, &interval) == 0;
}

static void
on_timer(evutil_socket_t fd, short events, void *argument)
{
	struct netwatch *netwatch = argument;
	struct localnet *localnet;
	bool again;

	(void)fd;
	(void)events;
	netwatch->waiting = false;
	localnet = read_network(netwatch, &again);
	if (localnet != NULL) {
		publish(netwatch, localnet);
		log_debug("addresses or interfaces changed");
	}
	if (again || localnet == NULL)
		wait_a_little(netwatch);
}

static void
on_watch(evutil_socket_t fd, short events, void *argument)
{
	struct netwatch *netwatch = argument;

	(void)fd;
	(void)events;
	/*
	 * Always at once: the system queues only a limited number of changes.
	 */
	if (host_watch_read(&netwatch->watch))
		wait_a_little(netwatch);
}

/*
 * The thread.
 */

static void
read_congestion(struct netwatch *netwatch)
{
	struct host_backlog table[CONGESTION_MAX];
	int64_t now = host_monotonic_ns();
	int count = host_backlog_read(
	    netwatch->backlog, CONGESTION_BYTES, table, CONGESTION_MAX);

	if (count > 0 && netwatch->localnet != NULL)
		count = (int)congestion_spread(
		    &netwatch->localnet->network, table, (unsigned int)count);
	congestion_set(&netwatch->congestion, table,
	    count > 0 ? (unsigned int)count : 0, now);
}

static void
on_channel(evutil_socket_t fd, short events, void *argument)
{
	struct netwatch *netwatch = argument;
	char why;

	(void)events;
	if (!host_channel_receive(fd, &why, sizeof(why)) || why == END)
		event_base_loopbreak(netwatch->base);
	else
		read_congestion(netwatch);
}

static void
thread_main(void *argument)
{
	struct netwatch *netwatch = argument;

	event_base_dispatch(netwatch->base);
}

static bool
open_channels(struct netwatch *netwatch)
{
	unsigned int i;

	if (!host_channel_open(netwatch->channel))
		return false;
	for (i = 0; i < netwatch->count; i++)
		if (!host_channel_open(netwatch->mailboxes[i].channel))
			return false;
	return true;
}

static void
close_channel(intptr_t channel[2])
{
	if (channel[0] >= 0)
		host_channel_close(channel);
	channel[0] = channel[1] = -1;
}

static void
close_channels(struct netwatch *netwatch)
{
	unsigned int i;

	close_channel(netwatch->channel);
	for (i = 0; i < netwatch->count; i++)
		close_channel(netwatch->mailboxes[i].channel);
}

/*
 * Start and end.
 */

static struct event *
add_reader(struct netwatch *netwatch, intptr_t handle, event_callback_fn read)
{
	struct event *event = event_new(netwatch->base, (evutil_socket_t)handle,
	    EV_READ | EV_PERSIST, read, netwatch);

	if (event != NULL && event_add(event, NULL) < 0) {
		event_free(event);
		event = NULL;
	}
	return event;
}

/* In the loop of the thread, or the caller's. */
static bool
add_events(struct netwatch *netwatch)
{
	netwatch->timer = evtimer_new(netwatch->base, on_timer, netwatch);
	netwatch->watch_event =
	    add_reader(netwatch, netwatch->watch.handle, on_watch);
	if (netwatch->channel[0] >= 0)
		netwatch->channel_event =
		    add_reader(netwatch, netwatch->channel[0], on_channel);
	return netwatch->timer != NULL && netwatch->watch_event != NULL &&
	    (netwatch->channel[0] < 0 || netwatch->channel_event != NULL);
}

/* Publish what there is now. */
static void
begin(struct netwatch *netwatch)
{
	bool again;
	struct localnet *localnet = read_network(netwatch, &again);

	if (localnet != NULL)
		publish(netwatch, localnet);
	if (netwatch->timer != NULL && (again || localnet == NULL))
		wait_a_little(netwatch);
}

static bool
follow(struct netwatch *netwatch)
{
	if (netwatch->watch.handle < 0)
		return true;
	if (open_channels(netwatch))
		netwatch->base = event_base_new();
	else
		close_channels(netwatch);
	return netwatch->base != NULL && add_events(netwatch);
}

struct netwatch *
netwatch_new(struct event_base *base, unsigned int workers)
{
	struct netwatch *netwatch = calloc(
	    1, sizeof(*netwatch) + workers * sizeof(netwatch->mailboxes[0]));
	unsigned int i;

	if (netwatch == NULL)
		return NULL;
	netwatch->base = base;
	netwatch->count = workers;
	netwatch->channel[0] = netwatch->channel[1] = -1;
	netwatch->congestion.channel = -1;
	netwatch->backlog = host_backlog_open();
	for (i = 0; i < workers; i++)
		netwatch->mailboxes[i].channel[0] =
		    netwatch->mailboxes[i].channel[1] = -1;
	host_watch_open(&netwatch->watch);
	if (!follow(netwatch))
		goto fail;
	begin(netwatch);
	if (netwatch->channel[0] < 0)
		return netwatch;
	if (netwatch->backlog >= 0)
		netwatch->congestion.channel = netwatch->channel[1];
	netwatch->thread = host_thread_start(thread_main, netwatch);
	if (netwatch->thread != NULL)
		return netwatch;
fail:
	netwatch_free(netwatch);
	return NULL;
}

struct congestion *
netwatch_congestion(struct netwatch *netwatch)
{
	return &netwatch->congestion;
}

bool
netwatch_join(struct netwatch *netwatch, unsigned int number,
    struct event_base *base,
    void (*function)(void *argument, struct localnet *localnet), void *argument)
{
	struct mailbox *mailbox = &netwatch->mailboxes[number];

	mailbox->function = function;
	mailbox->argument = argument;
	if (mailbox->channel[0] >= 0) {
		mailbox->event =
		    event_new(base, (evutil_socket_t)mailbox->channel[0],
			EV_READ | EV_PERSIST, on_mail, mailbox);
		if (mailbox->event == NULL ||
		    event_add(mailbox->event, NULL) < 0)
			return false;
	} else if (netwatch->watch.handle >= 0 && base != netwatch->base) {
		/* It would be called in another thread. */
		return false;
	}
	take_out(mailbox);
	return true;
}

void
netwatch_leave(struct netwatch *netwatch, unsigned int number)
{
	struct mailbox *mailbox = &netwatch->mailboxes[number];

	if (mailbox->event != NULL)
		event_free(mailbox->event);
	mailbox->event = NULL;
	mailbox->function = NULL;
}

static void
free_event(struct event *event)
{
	if (event != NULL)
		event_free(event);
}

void
netwatch_free(struct netwatch *netwatch)
{
	const char end = END;
	unsigned int i;

	if (netwatch == NULL)
		return;
	if (netwatch->thread != NULL) {
		host_channel_send(netwatch->channel[1], &end, sizeof(end));
		host_thread_join(netwatch->thread);
	}
	free_event(netwatch->watch_event);
	free_event(netwatch->timer);
	free_event(netwatch->channel_event);
	if (netwatch->channel[0] >= 0 && netwatch->base != NULL)
		event_base_free(netwatch->base);
	for (i = 0; i < netwatch->count; i++)
		localnet_release(atomic_load(&netwatch->mailboxes[i].localnet));
	close_channels(netwatch);
	localnet_release(netwatch->localnet);
	host_watch_close(&netwatch->watch);
	host_backlog_close(netwatch->backlog);
	free(netwatch);
}
