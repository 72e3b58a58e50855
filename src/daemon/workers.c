/* SPDX-License-Identifier: ISC */
/*
 * The workers, one after another.  None knows about the others.
 */
#include "daemon/workers.h"

#include "daemon/base/log.h"
#include "daemon/netwatch.h"

#include <stdlib.h>

bool
workers_start(struct workers *workers, struct event_base *base,
    unsigned int wanted, unsigned int batch,
    const struct selfprobe_secret *secret)
{
	struct worker *worker;

	workers->items = calloc(wanted, sizeof(struct worker *));
	workers->netwatch = netwatch_new(base, wanted + 1);
	if (workers->items == NULL || workers->netwatch == NULL)
		return false;
	while (workers->count < wanted) {
		worker = worker_new(workers->count == 0 ? base : NULL,
		    workers->count, batch, secret, workers->netwatch);
		if (worker == NULL)
			return false;
		workers->items[workers->count++] = worker;
	}
	return true;
}

bool
workers_pin(const struct workers *workers)
{
	bool good = true;
	unsigned int i;

	/* After all are created: a thread inherits its creator's affinity. */
	for (i = 0; i < workers->count; i++)
		good = worker_pin(workers->items[i], workers->count) && good;
	return good;
}

bool
workers_prepare(
    struct workers *workers, struct plan *plan, const struct bindings *bindings)
{
	struct workers_change *change = &workers->change;
	unsigned int i;

	*change = (struct workers_change){
		.plan = plan, .bindings = *bindings, .step = WORKER_WATCH
	};
	for (i = 0; i < workers->count; i++)
		if (!worker_prepare(
			workers->items[i], plan, &change->bindings)) {
			log_error("out of memory");
			workers_give_up(workers);
			return false;
		}
	return true;
}

void
workers_give_up(struct workers *workers)
{
	struct workers_change *change = &workers->change;

	if (change->step != WORKER_WATCH)
		return;
	change->step = WORKER_DETACH;
	change->next = 0;
	change->is_given_up = true;
}

/*
 * All workers have committed: the new plan is in use, and the old one is left
 * over.
 */
static void
switch_plans(struct workers *workers)
{
	struct workers_change *change = &workers->change;
	const struct workers_change fresh = *change;
	unsigned int i;

	change->plan = workers->plan;
	change->bindings = workers->bindings;
	workers->plan = fresh.plan;
	workers->bindings = fresh.bindings;
	for (i = 0; i < workers->count; i++)
		worker_switch(workers->items[i]);
}

/* A step is over for all workers. */
static enum workers_progress
next_step(struct workers *workers)
{
	struct workers_change *change = &workers->change;

	change->next = 0;
	switch (change->step) {
	case WORKER_WATCH:
		change->step = WORKER_COMMIT;
		return WORKERS_MORE;
	case WORKER_COMMIT:
		change->step = WORKER_DETACH;
		switch_plans(workers);
		return WORKERS_SWITCHED;
	case WORKER_DETACH:
		break;
	}
	return change->is_given_up ? WORKERS_GIVEN_UP : WORKERS_DONE;
}

enum workers_progress
workers_advance(struct workers *workers)
{
	struct workers_change *change = &workers->change;

	if (change->is_given_up && !change->is_begun)
		return WORKERS_GIVEN_UP;
	change->is_begun = true;
	switch (worker_advance(workers->items[change->next], change->step)) {
	case WORKER_LATE:
		return WORKERS_LATE;
	case WORKER_FAILED:
		log_error("out of memory, or too many sockets for epoll: see "
			  "fs.epoll.max_user_watches");
		workers_give_up(workers);
		return WORKERS_MORE;
	case WORKER_DONE:
		if (++change->next == workers->count)
			return next_step(workers);
		break;
	case WORKER_MORE:
		break;
	}
	return WORKERS_MORE;
}

void
workers_dispose(struct workers *workers)
{
	struct workers_change *change = &workers->change;
	unsigned int i;

	for (i = 0; i < workers->count; i++)
		worker_dispose(workers->items[i]);
	bindings_clear(&change->bindings);
	plan_free(change->plan);
	*change = (struct workers_change){ .plan = NULL };
}

bool
workers_apply(
    struct workers *workers, struct plan *plan, const struct bindings *bindings)
{
	enum workers_progress progress;

	(void)workers_prepare(workers, plan, bindings);
	do
		progress = workers_advance(workers);
	while (progress != WORKERS_DONE && progress != WORKERS_GIVEN_UP);
	workers_dispose(workers);
	return progress == WORKERS_DONE;
}

void
workers_barrier(const struct workers *workers)
{
	unsigned int i;

	for (i = 0; i < workers->count; i++)
		worker_barrier(workers->items[i]);
}

bool
workers_have_turned(const struct workers *workers)
{
	bool turned = true;
	unsigned int i;

	for (i = 0; i < workers->count; i++)
		turned = worker_has_turned(workers->items[i]) && turned;
	return turned;
}

bool
workers_is_stuck(const struct workers *workers, unsigned int number)
{
	if (worker_answers(workers->items[number]))
		return false;
	log_error("worker %u of %u is stuck", number + 1, workers->count);
	return true;
}

bool
workers_are_stuck(const struct workers *workers)
{
	bool stuck = false;
	unsigned int i;

	for (i = 0; i < workers->count; i++)
		stuck = workers_is_stuck(workers, i) || stuck;
	return stuck;
}

bool
workers_stop(const struct workers *workers)
{
	bool done = true;
	unsigned int i;

	for (i = 0; i < workers->count; i++)
		done = worker_stop(workers->items[i]) && done;
	return done;
}

void
workers_abandon(const struct workers *workers)
{
	unsigned int i;

	for (i = 0; i < workers->count; i++)
		worker_abandon(workers->items[i]);
}

void
workers_free(struct workers *workers)
{
	unsigned int i;

	for (i = 0; i < workers->count; i++)
		worker_free(workers->items[i]);
	free(workers->items);
	netwatch_free(workers->netwatch);
	bindings_clear(&workers->change.bindings);
	plan_free(workers->change.plan);
	bindings_clear(&workers->bindings);
	plan_free(workers->plan);
	*workers = (struct workers){ .items = NULL };
}
