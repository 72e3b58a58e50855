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
workers_apply(
    struct workers *workers, struct plan *plan, const struct bindings *bindings)
{
	struct bindings unused = *bindings;
	struct plan *unused_plan = plan;
	bool good = true;
	unsigned int i;

	for (i = 0; good && i < workers->count; i++)
		good = worker_prepare(workers->items[i], plan, bindings);
	for (i = 0; i < workers->count; i++)
		if (good)
			worker_commit(workers->items[i]);
		else
			worker_discard(workers->items[i]);
	if (good) {
		unused = workers->bindings;
		unused_plan = workers->plan;
		workers->bindings = *bindings;
		workers->plan = plan;
	} else
		log_error("out of memory");
	bindings_clear(&unused);
	plan_free(unused_plan);
	return good;
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
workers_are_stuck(const struct workers *workers)
{
	bool stuck = false;
	unsigned int i;

	for (i = 0; i < workers->count; i++) {
		if (worker_answers(workers->items[i]))
			continue;
		log_error("worker %u of %u is stuck", i + 1, workers->count);
		stuck = true;
	}
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
	bindings_clear(&workers->bindings);
	plan_free(workers->plan);
	*workers = (struct workers){ .items = NULL };
}
