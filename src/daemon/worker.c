/* SPDX-License-Identifier: ISC */
/*
 * An event loop with its listeners, and its thread.  The main thread controls a
 * worker through calls that the worker executes in its own loop, so nothing
 * here needs a lock.
 */
#include "daemon/worker.h"

#include "daemon/base/log.h"
#include "daemon/listeners.h"
#include "daemon/netwatch.h"
#include "daemon/path/drops.h"
#include "daemon/path/top.h"
#include "platform/random.h"
#include "platform/thread.h"

#include <event2/event.h>
#include <stdlib.h>

/* How long to wait for a worker to finish its turn, in ms. */
#define BARRIER_TIMEOUT 1000

/* A call for the worker to execute. */
struct call {
	bool (*function)(struct worker *worker, void *argument);
	void *argument;
	bool result;
};

struct worker {
	struct listeners listeners;
	struct event_base *base;
	struct mh_batch *batch;
	struct netwatch *netwatch;
	struct event *neighbours_event;
	/* Only if it has its own thread. */
	bool own_base;
	struct host_thread *thread;
	intptr_t channel[2]; /* ours, the main thread's */
	struct event *channel_event;
	struct call barrier; /* worker_barrier()... */
	bool waiting;        /* ...which it has not answered yet... */
	bool late;           /* ...and it has been waited for */
	/* What the main thread takes for its listeners. */
	struct listener *const *seen;
	size_t seen_count;
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

/* Wait up to timeout ms for the reply to worker->barrier, if one is due. */
static bool
wait_for_reply(struct worker *worker, int timeout)
{
	struct call *done;

	if (worker->waiting && host_channel_wait(worker->channel[1], timeout))
		worker->waiting = !host_channel_receive(
		    worker->channel[1], &done, sizeof(done));
	if (!worker->waiting)
		worker->late = false;
	return !worker->waiting;
}

/* The same, for as long as a worker may take; no time if it is late already. */
static bool
is_between_turns(struct worker *worker)
{
	worker->late =
	    !wait_for_reply(worker, worker->late ? 0 : BARRIER_TIMEOUT);
	return !worker->late;
}

/*
 * Have the worker execute a call, and wait for the result; false at once if a
 * reply is already late.
 */
static bool
worker_call(struct worker *worker,
    bool (*function)(struct worker *worker, void *argument), void *argument)
{
	struct call call = { function, argument, false }, *sent = &call;

	if (worker->thread == NULL)
		return function(worker, argument);
	return is_between_turns(worker) &&
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

/* Start the thread, with a channel to it. */
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
on_network(void *argument, struct localnet *localnet)
{
	struct worker *worker = argument;

	listeners_learn(&worker->listeners, localnet);
}

static void
on_neighbours(evutil_socket_t fd, short events, void *argument)
{
	struct worker *worker = argument;

	(void)fd;
	(void)events;
	neighbours_read(&worker->listeners.neighbours);
}

/* No error if the system cannot notify: all peers count as known then. */
static bool
watch_neighbours(struct worker *worker)
{
	struct neighbours *neighbours = &worker->listeners.neighbours;

	if (!host_random(neighbours->seed, sizeof(neighbours->seed)))
		return false;
	neighbours_open(neighbours);
	if (!neighbours->watched)
		return true;
	worker->neighbours_event =
	    event_new(worker->base, (evutil_socket_t)neighbours->watch.handle,
		EV_READ | EV_PERSIST, on_neighbours, worker);
	return worker->neighbours_event != NULL &&
	    event_add(worker->neighbours_event, NULL) == 0;
}

struct event_base *
worker_loop(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base = NULL;

	if (config != NULL &&
	    event_config_set_flag(config, EVENT_BASE_FLAG_NO_CACHE_TIME) == 0)
		base = event_base_new_with_config(config);
	if (config != NULL)
		event_config_free(config);
	return base;
}

/* Pages of it that nobody writes to take no memory. */
static bool
make_memory(struct path_memory *memory)
{
	memory->drops = calloc(1, sizeof(*memory->drops));
	memory->top = calloc(1, sizeof(*memory->top));
	memory->packets = calloc(1, sizeof(*memory->packets));
	return memory->drops != NULL && memory->top != NULL &&
	    memory->packets != NULL;
}

struct worker *
worker_new(struct event_base *base, unsigned int number, unsigned int batch,
    const struct selfprobe_secret *secret, struct netwatch *netwatch)
{
	struct worker *worker = calloc(1, sizeof(*worker));

	if (worker == NULL)
		return NULL;
	worker->channel[0] = -1;
	worker->own_base = base == NULL;
	worker->base = base != NULL ? base : worker_loop();
	worker->batch = mh_batch_new(batch);
	if (worker->base == NULL || worker->batch == NULL)
		goto fail;
	worker->listeners = (struct listeners){ .number = number,
		.secret = secret,
		.base = worker->base,
		.batch = worker->batch,
		.congestion = netwatch_congestion(netwatch) };
	worker->netwatch = netwatch;
	if (!make_memory(&worker->listeners.memory) ||
	    !watch_neighbours(worker) ||
	    !netwatch_join(netwatch, number, worker->base, on_network, worker))
		goto fail;
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

bool
worker_prepare(struct worker *worker, const struct plan *plan,
    const struct bindings *bindings)
{
	return listeners_prepare(&worker->listeners, plan, bindings);
}

/* A slice of a step, and how it went. */
struct slice {
	enum worker_step step;
	enum worker_progress progress;
};

static bool
do_slice(struct worker *worker, void *argument)
{
	static enum listeners_progress (*const steps[])(struct listeners *) = {
		[WORKER_WATCH] = listeners_watch,
		[WORKER_COMMIT] = listeners_commit,
		[WORKER_DETACH] = listeners_detach,
	};
	static const enum worker_progress results[] = {
		[LISTENERS_MORE] = WORKER_MORE,
		[LISTENERS_DONE] = WORKER_DONE,
		[LISTENERS_FAILED] = WORKER_FAILED,
	};
	struct slice *slice = argument;

	slice->progress = results[steps[slice->step](&worker->listeners)];
	return true;
}

enum worker_progress
worker_advance(struct worker *worker, enum worker_step step)
{
	struct slice slice = { step, WORKER_LATE };

	worker_call(worker, do_slice, &slice);
	return slice.progress;
}

void
worker_switch(struct worker *worker)
{
	worker->seen = worker->listeners.items;
	worker->seen_count = worker->listeners.count;
}

void
worker_dispose(struct worker *worker)
{
	listeners_dispose(&worker->listeners);
}

/* Where one of the bindings goes. */
struct move {
	size_t binding;
	const struct mh_address *bound;
	uint32_t if_index;
};

static bool
move(struct worker *worker, void *argument)
{
	const struct move *where = argument;

	return listeners_move(
	    &worker->listeners, where->binding, where->bound, where->if_index);
}

bool
worker_move(struct worker *worker, size_t binding,
    const struct mh_address *bound, uint32_t if_index)
{
	struct move where = { binding, bound, if_index };

	return worker_call(worker, move, &where);
}

/*
 * For those who ask.
 */

struct visit {
	void (*function)(const struct listeners *listeners, void *argument);
	void *argument;
};

static bool
visit(struct worker *worker, void *argument)
{
	const struct visit *visit = argument;

	visit->function(&worker->listeners, visit->argument);
	return true;
}

bool
worker_visit(struct worker *worker,
    void (*function)(const struct listeners *listeners, void *argument),
    void *argument)
{
	struct visit call = { function, argument };

	return worker_barrier(worker) && worker_call(worker, visit, &call);
}

/*
 * The end.
 */

static bool
stop(struct worker *worker, void *argument)
{
	(void)argument;
	return listeners_stop(&worker->listeners);
}

bool
worker_stop(struct worker *worker)
{
	return worker_call(worker, stop, NULL);
}

static bool
abandon(struct worker *worker, void *argument)
{
	(void)argument;
	listeners_abandon(&worker->listeners);
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

	return host_thread_pin(worker->listeners.number, *count) == 0;
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

/* Have it reply when it is next between two turns. */
static void
send_barrier(struct worker *worker)
{
	struct call *sent = &worker->barrier;

	worker->barrier = (struct call){ do_nothing, NULL, false };
	worker->waiting =
	    host_channel_send(worker->channel[1], &sent, sizeof(sent));
}

bool
worker_barrier(struct worker *worker)
{
	if (worker->thread == NULL)
		return true;
	if (!is_between_turns(worker))
		return false;
	send_barrier(worker);
	return is_between_turns(worker);
}

bool
worker_has_turned(struct worker *worker)
{
	if (worker->thread == NULL)
		return true;
	if (!wait_for_reply(worker, 0))
		return false;
	send_barrier(worker);
	return true;
}

bool
worker_answers(struct worker *worker)
{
	return worker->thread == NULL ||
	    (wait_for_reply(worker, BARRIER_TIMEOUT) && worker_barrier(worker));
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
	if (worker->netwatch != NULL)
		netwatch_leave(worker->netwatch, worker->listeners.number);
	/* Before its handle is closed. */
	if (worker->neighbours_event != NULL)
		event_free(worker->neighbours_event);
	listeners_clear(&worker->listeners);
	if (worker->channel_event != NULL)
		event_free(worker->channel_event);
	if (worker->channel[0] >= 0)
		host_channel_close(worker->channel);
	if (worker->own_base && worker->base != NULL)
		event_base_free(worker->base);
	mh_batch_free(worker->batch);
	free(worker->listeners.memory.drops);
	free(worker->listeners.memory.top);
	free(worker->listeners.memory.packets);
	free(worker);
}

const struct listener *
worker_listener(const struct worker *worker, size_t binding)
{
	return binding < worker->seen_count ? worker->seen[binding] : NULL;
}
