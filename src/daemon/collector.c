/* SPDX-License-Identifier: ISC */
/*
 * Sums over the workers.  Each has its own counters, which any thread may read;
 * but only between two of its turns do those of a socket add up.
 */
#include "daemon/collector.h"

#include "daemon/listeners.h"
#include "daemon/ops/portfile.h"
#include "daemon/path/listener.h"

void
collector_binding(const struct workers *workers, size_t number,
    struct snapshot_binding *collected)
{
	const struct binding *binding = &workers->bindings.items[number];
	const struct config_service *config =
	    workers->plan->services[binding->service].config;
	const struct listener *listener;
	unsigned int i;

	*collected = (struct snapshot_binding){
		.service = config->name,
		.bound = binding->bound,
		.faults = config->values.faults,
		.event_names = config->service->events,
		.mode_names = config->service->modes,
		.counts_lost = config->service->state_size != NULL &&
		    config->service->state_size(config->values.own) > 0,
	};
	for (i = 0; i < workers->count; i++) {
		listener = worker_listener(workers->items[i], number);
		if (listener != NULL)
			snapshot_add(collected, listener_stats(listener),
			    listener_kernel_drops(listener));
	}
}

void
collector_log(const struct workers *workers)
{
	struct snapshot_binding binding;
	size_t i;

	workers_barrier(workers);
	for (i = 0; i < workers->bindings.count; i++) {
		collector_binding(workers, i, &binding);
		stats_log(binding.counters, binding.service, &binding.bound,
		    binding.kernel_drops);
	}
}

void
collector_snapshot(const struct workers *workers, struct snapshot *snapshot)
{
	snapshot->binding_count = workers->bindings.count;
	snapshot->node = workers->plan->node;
	snapshot->workers = workers->count;
}

static void
add_counts(
    const struct worker *worker, size_t binding, struct liveness_count *count)
{
	const struct listener *listener = worker_listener(worker, binding);
	const struct stats *stats;

	if (listener == NULL)
		return;
	stats = listener_stats(listener);
	count->received += stats_get(stats, STATS_RECEIVED);
	count->queries += stats_get(stats, STATS_OWN);
	count->drops += listener_kernel_drops(listener);
}

void
collector_count(const struct workers *workers,
    const struct selfprobe_socket *socket, struct liveness_count *count)
{
	unsigned int i;

	*count = (struct liveness_count){ 0 };
	if (workers->bindings.items[socket->target].selectable > 1) {
		add_counts(
		    workers->items[socket->worker], socket->target, count);
		return;
	}
	for (i = 0; i < workers->count; i++)
		add_counts(workers->items[i], socket->target, count);
}

/* Is one waiting at this worker's socket? */
static bool
is_waiting(const struct worker *worker, size_t binding)
{
	const struct listener *listener = worker_listener(worker, binding);

	return listener != NULL && listener_is_waiting(listener);
}

bool
collector_waiting(
    const struct workers *workers, const struct selfprobe_socket *socket)
{
	unsigned int i;

	if (workers->bindings.items[socket->target].selectable > 1)
		return is_waiting(
		    workers->items[socket->worker], socket->target);
	for (i = 0; i < workers->count; i++)
		if (is_waiting(workers->items[i], socket->target))
			return true;
	return false;
}

/* In the worker's thread. */
static void
recall(const struct listeners *listeners, void *argument)
{
	const struct session_table *sessions;
	const struct listener *listener;
	size_t i;

	records_add(argument, &listeners->memory);
	for (i = 0; i < listeners->count; i++) {
		listener = listeners->items[i];
		sessions =
		    listener != NULL ? listener_sessions(listener) : NULL;
		if (sessions != NULL)
			records_add_sessions(argument,
			    listener_service(listener)->name,
			    &listener_info(listener)->bound, sessions);
	}
}

void
collector_recall(const struct workers *workers, struct records *records)
{
	unsigned int i;

	for (i = 0; i < workers->count; i++)
		if (!worker_visit(workers->items[i], recall, records))
			records->late++;
}

struct strbuf
collector_portfile(
    const struct workers *workers, const struct config_endpoints *http)
{
	struct strbuf text = { .text = NULL };
	const struct binding *binding;
	size_t i;

	for (i = 0; i < workers->bindings.count; i++) {
		binding = &workers->bindings.items[i];
		portfile_add(&text,
		    workers->plan->services[binding->service].config->name,
		    &binding->bound);
	}
	for (i = 0; i < http->count; i++)
		portfile_add(&text, "http", &http->items[i]);
	return text;
}
