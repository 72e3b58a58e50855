/* SPDX-License-Identifier: ISC */
/*
 * The thread reads the files, opens sockets and allocates all that the workers
 * need; then they switch, slice by slice; then the thread closes and frees what
 * is left over.  Whatever fails before the switch leaves nothing behind.
 */
#include "daemon/reload.h"

#include "daemon/background.h"
#include "daemon/base/log.h"
#include "daemon/errors.h"
#include "daemon/inherited.h"
#include "platform/memory.h"

#include <event2/event.h>
#include <stdatomic.h>
#include <stdlib.h>

/* When a slice is due: in the next turn of the loop, or later. */
static const struct timeval at_once = { .tv_sec = 0 };
static const struct timeval later = { .tv_usec = 10000 };

enum state {
	IDLE,
	PREPARING,
	CHECKING, /* is a worker stuck? */
	SWITCHING,
	DISPOSING
};

struct reload {
	struct reload_subject subject;
	struct reload_events events;
	struct background *background;
	struct background_job preparation, disposal;
	struct event *slice;
	enum state state;
	unsigned int checked; /* workers */
	bool prepared;
	bool good;
	atomic_bool cancelled; /* open no more sockets */
};

/* Keep the previous value of what a reload cannot change, with a warning. */
static void
keep_lasting(struct config_values *fresh, const struct config_values *old)
{
	const struct config_key *key;

	for (key = keys_table; key->name != NULL; key++)
		if ((key->scope & CONFIG_LASTING) != 0 &&
		    config_keep(fresh, old, key))
			log_warning("%s cannot change while running: restart",
			    key->name);
}

/* The new plan; NULL if anything in it is wrong. */
static struct plan *
load_plan(const struct reload_subject *subject)
{
	const struct command_line *command = subject->command;
	const struct command_line reloading = { command->argc, command->argv,
		true };
	const struct plan *previous = subject->workers->plan;
	struct config_errors errors = { .lines = NULL };
	struct plan *plan = NULL;
	struct config config;

	if (load_config(&config, &reloading, &errors) == 0) {
		keep_lasting(&config.daemon, &previous->config.daemon);
		plan = plan_new(&config, subject->limit, &errors);
	} else
		config_clear(&config);
	errors_log(&errors);
	return plan;
}

/* Is there anything that the workers have to dispose of? */
static bool
prepare_plan(struct reload *reload)
{
	struct workers *workers = reload->subject.workers;
	struct bindings bindings = { .workers = workers->bindings.workers,
		.files = workers->bindings.files,
		.stack = workers->bindings.stack,
		.secret = workers->bindings.secret,
		.cancelled = &reload->cancelled };
	struct plan *plan = load_plan(&reload->subject);

	if (plan == NULL)
		return false;
	if (bindings_open(&bindings, plan, &workers->bindings) != 0) {
		plan_free(plan);
		return false;
	}
	(void)workers_prepare(workers, plan, &bindings);
	return true;
}

/*
 * In the thread.
 */

static void
prepare(void *argument)
{
	struct reload *reload = argument;

	log_collect(reload->subject.messages);
	reload->prepared = prepare_plan(reload);
	log_collect(NULL);
	if (!reload->prepared)
		host_memory_trim();
}

static void
dispose(void *argument)
{
	struct reload *reload = argument;

	workers_dispose(reload->subject.workers);
	host_memory_trim();
}

/*
 * In the main thread.
 */

static void
end(struct reload *reload)
{
	reload->state = IDLE;
	reload->events.over(reload->events.argument, reload->good);
}

static void
on_disposed(void *argument)
{
	end(argument);
}

/* No worker may be stuck when it is to switch; one of them each turn. */
static void
check(struct reload *reload)
{
	struct workers *workers = reload->subject.workers;

	if (workers_is_stuck(workers, reload->checked))
		workers_give_up(workers);
	else if (++reload->checked < workers->count)
		return;
	reload->state = SWITCHING;
}

/* The next slice.  False if it must wait for a worker. */
static bool
advance(struct reload *reload)
{
	const struct reload_events *events = &reload->events;

	switch (workers_advance(reload->subject.workers)) {
	case WORKERS_LATE:
		return false;
	case WORKERS_SWITCHED:
		reload->good = true;
		inherited_warn(&reload->subject.workers->plan->config);
		events->switched(events->argument);
		break;
	case WORKERS_DONE:
	case WORKERS_GIVEN_UP:
		reload->state = DISPOSING;
		background_run(reload->background, &reload->disposal);
		break;
	case WORKERS_MORE:
		break;
	}
	return true;
}

static bool
take_step(struct reload *reload)
{
	bool good = true;

	log_collect(reload->subject.messages);
	if (atomic_load(&reload->cancelled))
		workers_give_up(reload->subject.workers);
	if (reload->state == SWITCHING)
		good = advance(reload);
	else
		check(reload);
	log_collect(NULL);
	return good;
}

/* To the end at once, unless a worker is stuck. */
static void
complete(struct reload *reload)
{
	bool good = true;

	while (good && reload->state != IDLE)
		if (reload->state == PREPARING || reload->state == DISPOSING)
			background_wait(reload->background);
		else
			good = take_step(reload);
}

/* When out of memory, a pause is better than a reload that never ends. */
static void
schedule(struct reload *reload, const struct timeval *when)
{
	if (event_add(reload->slice, when) < 0)
		complete(reload);
}

static void
on_slice(evutil_socket_t fd, short events, void *argument)
{
	struct reload *reload = argument;
	bool good = take_step(reload);

	(void)fd;
	(void)events;
	if (reload->state == CHECKING || reload->state == SWITCHING)
		schedule(reload, good ? &at_once : &later);
}

static void
on_prepared(void *argument)
{
	struct reload *reload = argument;

	if (!reload->prepared) {
		end(reload);
		return;
	}
	reload->state = CHECKING;
	schedule(reload, &at_once);
}

struct reload *
reload_new(
    const struct reload_subject *subject, const struct reload_events *events)
{
	struct reload *reload = calloc(1, sizeof(*reload));

	if (reload == NULL)
		return NULL;
	reload->subject = *subject;
	reload->events = *events;
	reload->preparation =
	    (struct background_job){ prepare, on_prepared, reload };
	reload->disposal =
	    (struct background_job){ dispose, on_disposed, reload };
	reload->slice = evtimer_new(subject->base, on_slice, reload);
	reload->background = background_new(subject->base);
	if (reload->slice != NULL && reload->background != NULL)
		return reload;
	reload_free(reload);
	return NULL;
}

void
reload_begin(struct reload *reload)
{
	reload->state = PREPARING;
	reload->checked = 0;
	reload->good = false;
	atomic_store(&reload->cancelled, false);
	background_run(reload->background, &reload->preparation);
}

void
reload_finish(struct reload *reload)
{
	atomic_store(&reload->cancelled, true);
	complete(reload);
	event_del(reload->slice);
}

void
reload_free(struct reload *reload)
{
	if (reload == NULL)
		return;
	background_free(reload->background);
	if (reload->slice != NULL)
		event_free(reload->slice);
	free(reload);
}
