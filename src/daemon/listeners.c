/* SPDX-License-Identifier: ISC */
/*
 * Switching from one plan to the next: which listeners are kept, which are new,
 * which are closed; and what each needs to know about the others.
 */
#include "daemon/listeners.h"

#include "platform/network.h"
#include "platform/random.h"

#include <stdlib.h>
#include <string.h>

/* Without the memory for it, one keeps what it had. */
static void
set_vrf(struct listeners *all)
{
	const struct localnet *localnet = all->localnet;
	size_t i;

	for (i = 0; i < all->count; i++)
		if (all->items[i] != NULL)
			(void)listener_set_vrf(
			    all->items[i], localnet->vrf, localnet->vrf_count);
}

static bool
has_groups(const struct listeners *all)
{
	size_t i;

	for (i = 0; i < all->count; i++)
		if (all->items[i] != NULL &&
		    mh_address_class(&listener_info(all->items[i])->bound) ==
			MH_CLASS_MULTICAST)
			return true;
	return false;
}

/*
 * Groups are joined by interface, so also on those that are new.  A start does
 * not wait until all is known of the network, but what it serves is served.
 */
static void
join_groups(struct listeners *all)
{
	struct host_network now = { .addresses = NULL };
	const bool is_known = all->localnet != NULL;
	size_t i;

	if (!has_groups(all) || (!is_known && host_network_load(&now) != 0))
		return;
	for (i = 0; i < all->count; i++)
		if (all->items[i] != NULL)
			listener_join(
			    all->items[i], is_known ? &all->network : &now);
	host_network_free(&now);
}

/* Is another set of interfaces in a VRF? */
static bool
has_other_vrf(const struct localnet *old, const struct localnet *fresh)
{
	return old == NULL || old->vrf_count != fresh->vrf_count ||
	    (fresh->vrf_count > 0 &&
		memcmp(old->vrf, fresh->vrf,
		    fresh->vrf_count * sizeof(*fresh->vrf)) != 0);
}

void
listeners_learn(struct listeners *all, struct localnet *fresh)
{
	struct localnet *old = all->localnet;

	all->localnet = fresh;
	all->network = fresh->network;
	all->own.network = fresh->guard;
	all->addresses = fresh->ends;
	all->neighbours.on_link = fresh->on_link;
	if (has_other_vrf(old, fresh))
		set_vrf(all);
	join_groups(all);
	localnet_release(old);
}

/*
 * Of what is sent to broadcast or multicast each worker gets a copy.  Of a
 * group that a socket is bound to, and has joined, only one does; but it may be
 * any (Linux 6.18: early demultiplexing, then the choice of SO_REUSEPORT).
 */
static const struct guard_policy *
policy_for(const struct listeners *all, const struct binding *binding)
{
	const struct plan *plan = all->change.plan;

	return all->number == 0 ||
		mh_address_class(&binding->bound) == MH_CLASS_MULTICAST
	    ? &plan->policy
	    : &plan->policy_of_others;
}

static struct path_settings
settings_for(struct listeners *all, const struct binding *binding)
{
	const struct plan *plan = all->change.plan;
	const struct plan_service *service = &plan->services[binding->service];
	const struct service *descriptor = service->config->service;
	bool wants_ends = (descriptor->wants & SERVICE_WANTS_ENDS) != 0;

	return (struct path_settings){
		.service = descriptor,
		.settings = service->config->values.own,
		.prepared = service->prepared,
		.guard = { policy_for(all, binding), &service->rules, &all->own,
		    &all->loops, &all->neighbours },
		.source = &plan->source,
		.network = &all->network,
		.ends = wants_ends ? &all->change.ends[binding->service] : NULL,
		.node = plan->node,
		.secret = all->secret,
		.worker = all->number,
		.busy_poll = plan->config.daemon.busy_poll,
		.copy_dscp = plan->config.daemon.reply_dscp == CONFIG_DSCP_COPY,
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
	listener_set_state(change->listeners[i], state);
	return true;
}

/* Listeners for the fresh sockets; false when out of memory. */
static bool
add_fresh(struct listeners *all)
{
	const struct listeners_change *change = &all->change;
	struct mh_socket **fresh, *socket;
	size_t i;

	for (i = 0; i < change->bindings->count; i++) {
		fresh = &change->bindings->items[i].fresh[all->number];
		socket = *fresh;
		*fresh = NULL;
		if (socket != NULL && !add_listener(all, i, socket))
			return false;
	}
	return true;
}

/* The listener that is kept for that binding; NULL: it is a new one. */
static struct listener *
kept_listener(const struct listeners *all, const struct binding *binding)
{
	return binding->kept ? all->items[binding->before] : NULL;
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

/* States for the kept listeners whose service is not the same. */
static bool
add_states(struct listeners *all)
{
	const struct listeners_change *change = &all->change;
	const struct plan_service *service;
	const struct listener *listener;
	size_t i;

	for (i = 0; i < change->bindings->count; i++) {
		listener = kept_listener(all, &change->bindings->items[i]);
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

/* Keep a listener for that binding. */
static void
move_listener(struct listeners *all, size_t i)
{
	struct listeners_change *change = &all->change;
	const struct binding *binding = &change->bindings->items[i];
	const struct plan_service *service =
	    &change->plan->services[binding->service];
	struct listener *listener = kept_listener(all, binding);
	const struct path_settings set = settings_for(all, binding);
	bool keeps = keeps_state(service, listener);

	all->items[binding->before] = NULL;
	change->listeners[i] = listener;
	listener_configure(listener, &set, service->config->name);
	if (!keeps) {
		listener_set_state(listener, change->states[i]);
		change->states[i] = NULL;
	}
}

/* Move kept listeners to their new bindings. */
static void
move_kept(struct listeners *all)
{
	const struct bindings *bindings = all->change.bindings;
	size_t i;

	for (i = 0; i < bindings->count; i++)
		if (kept_listener(all, &bindings->items[i]) != NULL)
			move_listener(all, i);
}

/* Connect each service's sockets with one another. */
static void
join_ends(struct listeners_change *change)
{
	const struct binding *binding;
	struct ends_member *member;
	struct ends *ends;
	size_t i;

	for (i = 0; i < change->bindings->count; i++) {
		binding = &change->bindings->items[i];
		if (change->listeners[i] == NULL)
			continue;
		ends = &change->ends[binding->service];
		member = &ends->members[ends->count++];
		*member = listener_end(change->listeners[i]);
		member->pair = binding->pair;
		member->is_other = binding->is_other;
	}
}

static void
free_ends(struct ends *ends, size_t count)
{
	size_t i;

	for (i = 0; ends != NULL && i < count; i++)
		free(ends[i].members);
	free(ends);
}

/* Room for the sockets of each service. */
static bool
make_ends(struct listeners *all)
{
	struct listeners_change *change = &all->change;
	size_t i, count = change->plan->service_count;

	change->ends = calloc(count + 1, sizeof(*change->ends));
	for (i = 0; change->ends != NULL && i < count; i++) {
		change->ends[i].addresses = &all->addresses;
		change->ends[i].members = calloc(change->bindings->count + 1,
		    sizeof(*change->ends[i].members));
		if (change->ends[i].members == NULL)
			return false;
	}
	return change->ends != NULL;
}

/* Free what the change still owns. */
static void
free_change(struct listeners_change *change)
{
	size_t i;

	for (i = 0; change->states != NULL && i < change->bindings->count; i++)
		free(change->states[i]);
	free(change->states);
	if (change->plan != NULL)
		free_ends(change->ends, change->plan->service_count);
	guard_own_clear(&change->own);
	*change = (struct listeners_change){ .plan = NULL };
}

/* Close and free; log: with a line of each one's counters. */
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

/* Done once: detecting loops goes on across plans.  False if it cannot. */
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

	*change =
	    (struct listeners_change){ .plan = plan, .bindings = bindings };
	change->listeners =
	    calloc(bindings->count + 1, sizeof(struct listener *));
	change->states = calloc(bindings->count + 1, sizeof(*change->states));
	return change->listeners != NULL && change->states != NULL &&
	    make_loops(all) && make_ends(all) && add_fresh(all) &&
	    add_states(all) && learn_endpoints(change);
}

void
listeners_commit(struct listeners *all)
{
	struct listeners_change *change = &all->change;

	move_kept(all);
	join_ends(change);
	free_listeners(all->items, all->count, true);
	free_ends(all->ends, all->ends_count);
	guard_own_move_endpoints(&all->own, &change->own);
	all->items = change->listeners;
	all->count = change->bindings->count;
	all->ends = change->ends;
	all->ends_count = change->plan->service_count;
	change->ends = NULL;
	free_change(change);
	/* A fresh socket has looked by itself, but before this. */
	if (all->localnet != NULL)
		set_vrf(all);
	join_groups(all);
}

void
listeners_discard(struct listeners *all)
{
	struct listeners_change *change = &all->change;

	if (change->listeners != NULL)
		free_listeners(
		    change->listeners, change->bindings->count, false);
	free_change(change);
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
	free_listeners(all->items, all->count, false);
	free_ends(all->ends, all->ends_count);
	guard_own_clear(&all->own);
	loops_clear(&all->loops);
	neighbours_clear(&all->neighbours);
	localnet_release(all->localnet);
	all->localnet = NULL;
}
