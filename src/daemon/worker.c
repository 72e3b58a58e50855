/* SPDX-License-Identifier: ISC */
/*
 * A loop, its listeners, and what it knows of this host.  The main thread
 * talks to a worker by calls that the worker makes for it in its own loop, so
 * nothing in here needs a lock.
 */
#include "daemon/worker.h"

#include "daemon/path/listener.h"
#include "daemon/base/log.h"
#include "platform/network.h"
#include "platform/thread.h"

#include <event2/event.h>
#include <stdlib.h>

/* How long counters wait for a worker's turn, in ms. */
#define SETTLE_PATIENCE 1000

/* A plan that the worker may go over to. */
struct change {
	const struct plan *plan;
	const struct bindings *bindings;
	struct listener **listeners; /* one for each binding; NULL: no change */
	struct guard_own own;        /* its endpoints */
};

/* Something for the worker to do. */
struct call {
	bool (*function)(struct worker *worker, void *argument);
	void *argument;
	bool result;
};

struct worker {
	unsigned int number;
	const struct respond_secret *secret;
	struct event_base *base;
	struct mh_batch *batch;
	struct host_network network;
	struct guard_own own;
	struct host_watch watch;
	struct event *watch_event;
	struct listener **listeners;
	size_t listener_count;
	struct change change;
	/* Only for a thread of its own. */
	bool own_base;
	struct host_thread *thread;
	intptr_t channel[2]; /* ours, the main thread's */
	struct event *channel_event;
	struct call settling; /* worker_barrier()... */
	bool late;            /* ...which it has not answered yet */
};

/*
 * Calls from the main thread.
 */

static void
on_channel(evutil_socket_t fd, short events, void *argument)
{
	struct worker *worker = argument;
	struct call *call;

	(void)events;
	if (!host_channel_receive(fd, &call, sizeof(call)))
		return;
	call->result = call->function(worker, call->argument);
	host_channel_send(fd, &call, sizeof(call));
}

/* Wait so long, in ms, for what is late.  True if nothing is. */
static bool
catch_up(struct worker *worker, int patience)
{
	struct call *settled;

	if (worker->late && host_channel_wait(worker->channel[1], patience))
		worker->late = !host_channel_receive(
		    worker->channel[1], &settled, sizeof(settled));
	return !worker->late;
}

/*
 * Have the worker call that, and wait for the result; false without that if it
 * is late already.
 */
static bool
worker_call(struct worker *worker,
    bool (*function)(struct worker *worker, void *argument), void *argument)
{
	struct call call = { function, argument, false }, *sent = &call;

	if (worker->thread == NULL)
		return function(worker, argument);
	return catch_up(worker, 0) &&
	    host_channel_send(worker->channel[1], &sent, sizeof(sent)) &&
	    host_channel_receive(worker->channel[1], &sent, sizeof(sent)) &&
	    call.result;
}

static void
thread_main(void *argument)
{
	struct worker *worker = argument;

	event_base_dispatch(worker->base);
}

/* A thread and a way to talk to it. */
static bool
start_thread(struct worker *worker)
{
	if (!host_channel_open(worker->channel))
		return false;
	worker->channel_event =
	    event_new(worker->base, (evutil_socket_t)worker->channel[0],
		EV_READ | EV_PERSIST, on_channel, worker);
	if (worker->channel_event == NULL ||
	    event_add(worker->channel_event, NULL) < 0)
		return false;
	worker->thread = host_thread_start(thread_main, worker);
	return worker->thread != NULL;
}

/*
 * The addresses of this host.
 */

static void
load_network(struct worker *worker)
{
	if (host_network_load(&worker->network) != 0 ||
	    !guard_own_network(&worker->own, &worker->network))
		log_warning("cannot read the addresses of this host: loops "
			    "and broadcasts are harder to tell");
}

static void
on_watch(evutil_socket_t fd, short events, void *argument)
{
	struct worker *worker = argument;
	size_t i;

	(void)fd;
	(void)events;
	host_watch_drain(&worker->watch);
	load_network(worker);
	for (i = 0; i < worker->listener_count; i++)
		if (worker->listeners[i] != NULL)
			listener_refresh(worker->listeners[i]);
	if (worker->number == 0)
		log_debug("addresses or interfaces changed");
}

/* A system that cannot tell is no error: it is asked at each reload. */
static bool
watch_network(struct worker *worker)
{
	host_watch_open(&worker->watch);
	if (worker->watch.handle < 0)
		return true;
	worker->watch_event =
	    event_new(worker->base, (evutil_socket_t)worker->watch.handle,
		EV_READ | EV_PERSIST, on_watch, worker);
	return worker->watch_event != NULL &&
	    event_add(worker->watch_event, NULL) == 0;
}

struct worker *
worker_new(struct event_base *base, unsigned int number, unsigned int batch,
    const struct respond_secret *secret)
{
	struct worker *worker = calloc(1, sizeof(*worker));

	if (worker == NULL)
		return NULL;
	worker->number = number;
	worker->secret = secret;
	worker->watch.handle = worker->channel[0] = -1;
	worker->own_base = base == NULL;
	worker->base = base != NULL ? base : event_base_new();
	worker->batch = mh_batch_new(batch);
	if (worker->base == NULL || worker->batch == NULL ||
	    !watch_network(worker))
		goto fail;
	load_network(worker);
	if (base == NULL && !start_thread(worker))
		goto fail;
	return worker;
fail:
	worker_free(worker);
	return NULL;
}

/*
 * Plans.
 */

static void
make_respond(const struct worker *worker, const struct binding *binding,
    struct respond *respond)
{
	const struct plan *plan = worker->change.plan;
	const struct plan_service *service = &plan->services[binding->service];

	*respond = (struct respond){
		.service = service->config->service,
		.settings = &service->settings,
		.guard = { &plan->policy, &service->rules, &worker->own },
		.rule = &plan->reply,
		.network = &worker->network,
		.node = plan->node,
		.secret = worker->secret,
		.worker = worker->number,
		.busy_poll = plan->config.daemon.busy_poll,
	};
}

/* Listeners for the fresh sockets; false when out of memory. */
static bool
add_fresh(struct worker *worker)
{
	const struct change *change = &worker->change;
	const struct binding *binding;
	struct mh_socket *socket;
	struct respond respond;
	size_t i;

	for (i = 0; i < change->bindings->count; i++) {
		binding = &change->bindings->items[i];
		socket = binding->fresh[worker->number];
		if (socket == NULL)
			continue;
		make_respond(worker, binding, &respond);
		binding->fresh[worker->number] = NULL;
		change->listeners[i] =
		    listener_new(worker->base, socket, worker->batch, &respond,
			change->plan->services[binding->service].config->name);
		if (change->listeners[i] == NULL)
			return false;
	}
	return true;
}

/* The endpoints of all bindings are our own. */
static bool
learn_endpoints(struct change *change)
{
	const struct bindings *bindings = change->bindings;
	struct mh_address *bound = calloc(bindings->count + 1, sizeof(*bound));
	bool good;
	size_t i;

	if (bound == NULL)
		return false;
	for (i = 0; i < bindings->count; i++)
		bound[i] = bindings->items[i].bound;
	good = guard_own_endpoints(&change->own, bound, bindings->count,
	    &change->plan->policy.refused);
	free(bound);
	return good;
}

/* Move the listeners that go on to their new bindings. */
static void
move_kept(struct worker *worker)
{
	const struct change *change = &worker->change;
	const struct binding *binding;
	struct respond respond;
	size_t i;

	for (i = 0; i < change->bindings->count; i++) {
		binding = &change->bindings->items[i];
		if (!binding->kept ||
		    worker->listeners[binding->before] == NULL)
			continue;
		change->listeners[i] = worker->listeners[binding->before];
		worker->listeners[binding->before] = NULL;
		make_respond(worker, binding, &respond);
		listener_configure(change->listeners[i], &respond,
		    change->plan->services[binding->service].config->name);
	}
}

/* Close and free; what a listener counted goes into the log. */
static void
free_listeners(struct listener **listeners, size_t count, bool log)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (listeners[i] == NULL)
			continue;
		if (log) {
			listener_stop(listeners[i]);
			listener_abandon(listeners[i]);
			listener_log_stats(listeners[i]);
		}
		listener_free(listeners[i]);
	}
	free(listeners);
}

static bool
prepare(struct worker *worker, void *argument)
{
	struct change *change = &worker->change;

	*change = *(const struct change *)argument;
	change->listeners =
	    calloc(change->bindings->count + 1, sizeof(struct listener *));
	return change->listeners != NULL && add_fresh(worker) &&
	    learn_endpoints(change);
}

bool
worker_prepare(struct worker *worker, const struct plan *plan,
    const struct bindings *bindings)
{
	struct change change = { .plan = plan, .bindings = bindings };

	return worker_call(worker, prepare, &change);
}

static bool
commit(struct worker *worker, void *argument)
{
	struct change *change = &worker->change;

	(void)argument;
	move_kept(worker);
	free_listeners(worker->listeners, worker->listener_count, true);
	guard_own_move_endpoints(&worker->own, &change->own);
	worker->listeners = change->listeners;
	worker->listener_count = change->bindings->count;
	*change = (struct change){ .plan = NULL };
	return true;
}

void
worker_commit(struct worker *worker)
{
	worker_call(worker, commit, NULL);
}

static bool
discard(struct worker *worker, void *argument)
{
	struct change *change = &worker->change;

	(void)argument;
	if (change->listeners != NULL)
		free_listeners(
		    change->listeners, change->bindings->count, false);
	guard_own_clear(&change->own);
	*change = (struct change){ .plan = NULL };
	return true;
}

void
worker_discard(struct worker *worker)
{
	worker_call(worker, discard, NULL);
}

/*
 * The end.
 */

static bool
stop(struct worker *worker, void *argument)
{
	bool done = true;
	size_t i;

	(void)argument;
	for (i = 0; i < worker->listener_count; i++)
		if (worker->listeners[i] != NULL &&
		    !listener_stop(worker->listeners[i]))
			done = false;
	return done;
}

bool
worker_stop(struct worker *worker)
{
	return worker_call(worker, stop, NULL);
}

static bool
abandon(struct worker *worker, void *argument)
{
	size_t i;

	(void)argument;
	for (i = 0; i < worker->listener_count; i++)
		if (worker->listeners[i] != NULL)
			listener_abandon(worker->listeners[i]);
	return true;
}

void
worker_abandon(struct worker *worker)
{
	worker_call(worker, abandon, NULL);
}

static bool
pin(struct worker *worker, void *argument)
{
	const unsigned int *count = argument;

	return host_thread_pin(worker->number, *count) == 0;
}

bool
worker_pin(struct worker *worker, unsigned int count)
{
	return worker_call(worker, pin, &count);
}

static bool
do_nothing(struct worker *worker, void *argument)
{
	(void)worker;
	(void)argument;
	return true;
}

bool
worker_barrier(struct worker *worker)
{
	struct call *sent = &worker->settling;

	if (worker->thread == NULL)
		return true;
	if (!catch_up(worker, 0))
		return false;
	worker->settling = (struct call){ do_nothing, NULL, false };
	worker->late =
	    host_channel_send(worker->channel[1], &sent, sizeof(sent));
	return catch_up(worker, SETTLE_PATIENCE);
}

bool
worker_answers(struct worker *worker)
{
	return worker->thread == NULL ||
	    (catch_up(worker, SETTLE_PATIENCE) && worker_barrier(worker));
}

static bool
quit(struct worker *worker, void *argument)
{
	(void)argument;
	event_base_loopbreak(worker->base);
	return true;
}

void
worker_free(struct worker *worker)
{
	if (worker == NULL)
		return;
	if (worker->thread != NULL) {
		worker_call(worker, quit, NULL);
		host_thread_join(worker->thread);
	}
	free_listeners(worker->listeners, worker->listener_count, false);
	if (worker->watch_event != NULL)
		event_free(worker->watch_event);
	if (worker->channel_event != NULL)
		event_free(worker->channel_event);
	if (worker->channel[0] >= 0)
		host_channel_close(worker->channel);
	if (worker->own_base && worker->base != NULL)
		event_base_free(worker->base);
	host_watch_close(&worker->watch);
	guard_own_clear(&worker->own);
	host_network_free(&worker->network);
	mh_batch_free(worker->batch);
	free(worker);
}

const struct listener *
worker_listener(const struct worker *worker, size_t binding)
{
	return binding < worker->listener_count ? worker->listeners[binding]
						: NULL;
}
