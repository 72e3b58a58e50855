/* SPDX-License-Identifier: ISC */
/*
 * Switching from one plan to the next: which listeners are kept, which are new,
 * which are closed; and what each needs to know about the others.
 */
#include "daemon/listeners.h"

#include "daemon/siblings.h"
#include "platform/network.h"
#include "platform/random.h"

#include <stdlib.h>

/* Listeners in a slice of a change: about 100 us, like a batch of datagrams. */
#define SLICE 32

/* The new listener for that binding; NULL: it has none, or a kept one. */
static struct listener *
fresh_listener(const struct listeners_change *change, size_t i)
{
	return change->bindings->items[i].kept ? NULL : change->listeners[i];
}

/* A start does not wait until all is known of the network: read it. */
static void
join_at_once(struct listener *listener)
{
	struct host_network network = { .addresses = NULL };

	if (mh_address_class(&listener_info(listener)->bound) !=
		MH_CLASS_MULTICAST ||
	    host_network_load(&network) != 0)
		return;
	listener_join(listener, &network);
	host_network_free(&network);
}

/*
 * Tell a listener, if there is one, of the interfaces of this host.  Without
 * the memory for it, one keeps the VRF that it had.  Groups are joined by
 * interface, so also on those that are new.
 */
static void
learn(const struct listeners *all, struct listener *listener, bool other_vrf)
{
	const struct localnet *localnet = all->localnet;

	if (listener == NULL)
		return;
	if (localnet == NULL) {
		join_at_once(listener);
		return;
	}
	if (other_vrf)
		(void)listener_set_vrf(
		    listener, localnet->vrf, localnet->vrf_count);
	listener_join(listener, &all->network);
}

void
listeners_learn(struct listeners *all, struct localnet *fresh)
{
	struct localnet *old = all->localnet;
	bool other_vrf = !localnet_has_vrf_of(fresh, old);
	size_t i;

	all->localnet = fresh;
	all->network = fresh->network;
	all->own.network = fresh->guard;
	all->neighbours.on_link = fresh->on_link;
	siblings_learn(all->ends, all->ends_count, fresh, &all->own);
	if (all->watched > 0)
		siblings_learn(
		    all->change.ends, all->change.ends_count, fresh, &all->own);
	for (i = 0; i < all->count; i++)
		learn(all, all->items[i], other_vrf);
	for (i = 0; i < all->watched; i++)
		learn(all, fresh_listener(&all->change, i), other_vrf);
	localnet_release(old);
}

static struct path_settings
settings_for(struct listeners *all, const struct binding *binding)
{
	const struct plan *plan = all->change.plan;
	const struct plan_service *service = &plan->services[binding->service];

	return (struct path_settings){
		.service = service->config->service,
		.settings = service->config->values.own,
		.prepared = service->prepared,
		.guard = { plan_policy(plan, all->number, &binding->bound),
		    &service->rules, &all->own, &all->loops, &all->neighbours },
		.source = plan_source(plan, service->config->service),
		.network = &all->network,
		.congestion = all->congestion,
		.memory = plan_memory(plan, &all->memory),
		.ends = all->change.ends[binding->service],
		.faults = service->faults,
		.packets = service->config->values.packets,
		.name = service->config->name,
		.node = plan->node,
		.secret = all->secret,
		.worker = all->number,
		.busy_poll = plan->config.daemon.busy_poll,
		.copy_dscp = plan->config.daemon.reply_dscp == CONFIG_DSCP_COPY,
		.examines = service->examines,
	};
}

/*
 * Make a state for a service, ready for its first request; NULL if it has none.
 * False when out of memory.
 */
static bool
make_state(const struct plan_service *service, void **state)
{
	const struct service *descriptor = service->config->service;
	const void *settings = service->config->values.own;
	uint8_t seed[SERVICE_SEED];

	*state = NULL;
	if (descriptor->state_size == NULL)
		return true;
	if (!host_random(seed, sizeof(seed)))
		return false;
	*state = calloc(1, descriptor->state_size(settings) + 1);
	if (*state == NULL)
		return false;
	descriptor->state_init(*state, settings, seed);
	return true;
}

/* A listener for a fresh socket; false when out of memory. */
static bool
add_listener(struct listeners *all, size_t i, struct mh_socket *socket)
{
	const struct listeners_change *change = &all->change;
	const struct binding *binding = &change->bindings->items[i];
	const struct plan_service *service =
	    &change->plan->services[binding->service];
	const struct path_settings set = settings_for(all, binding);
	void *state;

	change->listeners[i] = listener_new(
	    all->base, socket, all->batch, &set, service->config->name);
	if (change->listeners[i] == NULL || !make_state(service, &state))
		return false;
	(void)listener_exchange_state(change->listeners[i], state);
	return true;
}

/*
 * Listeners for the fresh sockets, and the kept ones; the rest of the previous
 * plan's are no longer needed.  False when out of memory.
 */
static bool
add_listeners(struct listeners *all)
{
	struct listeners_change *change = &all->change;
	const struct binding *binding = change->bindings->items;
	struct mh_socket *socket;
	size_t i;

	for (i = 0; i < all->count; i++)
		change->retired[i] = all->items[i];
	for (i = 0; i < change->bindings->count; i++, binding++) {
		if (binding->kept) {
			change->listeners[i] = all->items[binding->before];
			change->retired[binding->before] = NULL;
			continue;
		}
		socket = binding->fresh[all->number];
		binding->fresh[all->number] = NULL;
		if (socket != NULL && !add_listener(all, i, socket))
			return false;
	}
	return true;
}

/* Can the service use the listener's present state? */
static bool
keeps_state(const struct plan_service *service, const struct listener *listener)
{
	const struct service *descriptor = service->config->service;
	size_t size = descriptor->state_size != NULL
	    ? descriptor->state_size(service->config->values.own)
	    : 0;

	return listener_state_size(listener) == size &&
	    (size == 0 || listener_service(listener) == descriptor);
}

/* The kept listener for that binding; NULL: it has none, or a new one. */
static struct listener *
kept_listener(const struct listeners_change *change, size_t i)
{
	return change->bindings->items[i].kept ? change->listeners[i] : NULL;
}

/* States for the kept listeners whose service is not the same. */
static bool
add_states(struct listeners *all)
{
	const struct listeners_change *change = &all->change;
	const struct plan_service *service;
	const struct listener *listener;
	size_t i;

	for (i = 0; i < change->bindings->count; i++) {
		listener = kept_listener(change, i);
		service =
		    &change->plan->services[change->bindings->items[i].service];
		if (listener != NULL && !keeps_state(service, listener) &&
		    !make_state(service, &change->states[i]))
			return false;
	}
	return true;
}

/* Let the guard know the endpoints of all bindings. */
static bool
learn_endpoints(struct listeners_change *change)
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

/* Let a kept listener follow the new plan. */
static void
configure(struct listeners *all, size_t i)
{
	struct listeners_change *change = &all->change;
	const struct binding *binding = &change->bindings->items[i];
	const struct plan_service *service =
	    &change->plan->services[binding->service];
	struct listener *listener = change->listeners[i];
	const struct path_settings set = settings_for(all, binding);
	bool keeps = keeps_state(service, listener);

	listener_configure(listener, &set, service->config->name);
	learn(all, listener, false);
	if (!keeps)
		change->states[i] =
		    listener_exchange_state(listener, change->states[i]);
}

/* Done once: loop detection continues across plans.  False on failure. */
static bool
make_loops(struct listeners *all)
{
	uint8_t seed[16];

	return all->loops.memory != NULL ||
	    (host_random(seed, sizeof(seed)) && loops_init(&all->loops, seed));
}

bool
listeners_prepare(struct listeners *all, const struct plan *plan,
    const struct bindings *bindings)
{
	struct listeners_change *change = &all->change;

	*change = (struct listeners_change){ .plan = plan,
		.bindings = bindings,
		.count = bindings->count,
		.retired_count = all->count,
		.ends_count = plan->service_count };
	change->listeners =
	    calloc(bindings->count + 1, sizeof(struct listener *));
	change->states = calloc(bindings->count + 1, sizeof(*change->states));
	change->retired = calloc(all->count + 1, sizeof(struct listener *));
	change->ends = siblings_new(plan, bindings);
	if (change->listeners == NULL || change->states == NULL ||
	    change->retired == NULL || change->ends == NULL ||
	    !make_loops(all) || !add_listeners(all) || !add_states(all) ||
	    !learn_endpoints(change))
		return false;
	siblings_join(change->ends, bindings, change->listeners);
	return true;
}

/* Where the next slice of count listeners ends. */
static size_t
slice_end(const struct listeners *all, size_t count)
{
	return count - all->position > SLICE ? all->position + SLICE : count;
}

/* Is that the end of a step through count listeners? */
static enum listeners_progress
progress(struct listeners *all, size_t count)
{
	if (all->position < count)
		return LISTENERS_MORE;
	all->position = 0;
	return LISTENERS_DONE;
}

enum listeners_progress
listeners_watch(struct listeners *all)
{
	const struct listeners_change *change = &all->change;
	size_t end = slice_end(all, change->count);
	struct listener *fresh;

	/* From here on listeners_learn() does that. */
	if (all->position == 0)
		siblings_learn(
		    change->ends, change->ends_count, all->localnet, &all->own);
	for (; all->position < end; all->position++) {
		fresh = fresh_listener(change, all->position);
		all->watched = all->position + 1;
		/* It has read them itself, but long ago. */
		learn(all, fresh, true);
		if (fresh != NULL && !listener_start(fresh)) {
			all->position = 0;
			return LISTENERS_FAILED;
		}
	}
	return progress(all, change->count);
}

/* All listeners follow the plan now: it is the present one. */
static void
complete(struct listeners *all)
{
	struct listeners_change *change = &all->change;
	const struct listeners previous = *all;

	guard_own_move_endpoints(&all->own, &change->own);
	all->items = change->listeners;
	all->count = change->count;
	all->ends = change->ends;
	all->ends_count = change->ends_count;
	all->watched = 0;
	change->listeners = previous.items;
	change->ends = previous.ends;
	change->ends_count = previous.ends_count;
	change->bindings = NULL;
	change->is_committed = true;
}

enum listeners_progress
listeners_commit(struct listeners *all)
{
	const struct listeners_change *change = &all->change;
	size_t count = change->count, end = slice_end(all, count);

	for (; all->position < end; all->position++)
		if (kept_listener(change, all->position) != NULL)
			configure(all, all->position);
	if (all->position == count)
		complete(all);
	return progress(all, count);
}

/* How many listeners may be left over: of the previous plan, or the new one. */
static size_t
count_left(const struct listeners_change *change)
{
	if (change->is_committed)
		return change->retired_count;
	return change->listeners != NULL ? change->count : 0;
}

static struct listener *
left_over(const struct listeners_change *change, size_t i)
{
	return change->is_committed ? change->retired[i]
				    : fresh_listener(change, i);
}

enum listeners_progress
listeners_detach(struct listeners *all)
{
	const struct listeners_change *change = &all->change;
	size_t count = count_left(change), end = slice_end(all, count);
	struct listener *listener;

	all->watched = 0;
	for (; all->position < end; all->position++) {
		listener = left_over(change, all->position);
		if (listener != NULL)
			listener_detach(listener);
	}
	return progress(all, count);
}

/* Close what is left over; log the counters of what was in use. */
static void
free_left_over(struct listeners_change *change)
{
	struct listener *listener;
	size_t i;

	for (i = 0; i < count_left(change); i++) {
		listener = left_over(change, i);
		if (listener != NULL && change->is_committed)
			listener_log_stats(listener);
		listener_free(listener);
	}
}

void
listeners_dispose(struct listeners *all)
{
	struct listeners_change *change = &all->change;
	size_t i;

	if (change->plan == NULL)
		return;
	free_left_over(change);
	for (i = 0; change->states != NULL && i < change->count; i++)
		free(change->states[i]);
	free(change->states);
	free(change->listeners);
	free(change->retired);
	siblings_free(change->ends, change->ends_count);
	guard_own_clear(&change->own);
	*change = (struct listeners_change){ .plan = NULL };
}

/* Its siblings find it by its address. */
static void
move_end(struct ends *ends, const struct listener *listener)
{
	size_t i;

	for (i = 0; ends != NULL && i < ends->count; i++)
		if (ends->members[i].listener == listener)
			ends->members[i].bound = listener_info(listener)->bound;
}

bool
listeners_move(struct listeners *all, size_t binding,
    const struct mh_address *bound, uint32_t if_index)
{
	struct listener *listener =
	    binding < all->count ? all->items[binding] : NULL;
	size_t i;

	if (listener != NULL && listener_move(listener, if_index) != 0)
		return false;
	if (bound->scope != 0)
		guard_own_rescope(&all->own, bound, if_index);
	for (i = 0; listener != NULL && i < all->ends_count; i++)
		move_end(all->ends[i], listener);
	return true;
}

bool
listeners_stop(struct listeners *all)
{
	bool done = true;
	size_t i;

	for (i = 0; i < all->count; i++)
		if (all->items[i] != NULL && !listener_stop(all->items[i]))
			done = false;
	return done;
}

void
listeners_abandon(struct listeners *all)
{
	size_t i;

	for (i = 0; i < all->count; i++)
		if (all->items[i] != NULL)
			listener_abandon(all->items[i]);
}

void
listeners_clear(struct listeners *all)
{
	size_t i;

	listeners_dispose(all);
	for (i = 0; i < all->count; i++)
		listener_free(all->items[i]);
	free(all->items);
	siblings_free(all->ends, all->ends_count);
	guard_own_clear(&all->own);
	loops_clear(&all->loops);
	neighbours_clear(&all->neighbours);
	localnet_release(all->localnet);
	all->localnet = NULL;
}
