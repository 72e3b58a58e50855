/* SPDX-License-Identifier: ISC */
/*
 * An interface keeps its name, so that is what is followed.
 */
#include "daemon/interfaces.h"

#include "daemon/base/log.h"
#include "daemon/netwatch.h"

#include <stdlib.h>

/* Of a link-local address, its interface. */
struct interfaces_http {
	struct mh_address endpoint; /* family none: in vain */
	char interface[HOST_INTERFACE_NAME];
};

/* The index that the binding is bound to; 0: to none. */
static uint32_t
index_of(const struct binding *binding)
{
	return binding->device != 0 ? binding->device : binding->bound.scope;
}

static const char *
service_of(const struct workers *workers, const struct binding *binding)
{
	return workers->plan->services[binding->service].config->name;
}

/* Nobody can reach it: why, and until when.  Logged once. */
static void
cut_off(const struct workers *workers, struct binding *binding, const char *why,
    const char *until)
{
	char endpoint[MH_ADDRESS_TEXT];

	if (!binding->is_cut_off)
		log_warning("%s: interface %s %s: %s is not answered until %s",
		    service_of(workers, binding), binding->interface, why,
		    mh_endpoint_format(
			&binding->bound, endpoint, sizeof(endpoint)),
		    until);
	binding->is_cut_off = true;
}

/* The sockets of all workers, then what is known of them. */
static void
move(struct workers *workers, size_t number, uint32_t if_index)
{
	struct binding *binding = &workers->bindings.items[number];
	char endpoint[MH_ADDRESS_TEXT];
	bool good = true;
	unsigned int i;

	for (i = 0; i < workers->count; i++)
		good = worker_move(workers->items[i], number, &binding->bound,
			   if_index) &&
		    good;
	if (!good) {
		cut_off(workers, binding,
		    "was made anew, and the socket cannot follow", "a restart");
		return;
	}
	if (binding->endpoint.scope != 0)
		binding->endpoint.scope = if_index;
	if (binding->bound.scope != 0)
		binding->bound.scope = if_index;
	if (binding->device != 0)
		binding->device = if_index;
	/* Linux takes it out of the group that shares the port. */
	binding->selectable = 1;
	workers->bindings.targets[number].bound = binding->bound;
	workers->bindings.targets[number].sockets = 1;
	binding->is_cut_off = false;
	log_info("%s: interface %s was made anew: listening on %s%s",
	    service_of(workers, binding), binding->interface,
	    mh_endpoint_format(&binding->bound, endpoint, sizeof(endpoint)),
	    workers->count > 1 ? ", by one worker until a restart" : "");
}

static void
follow(struct interfaces *interfaces)
{
	struct workers *workers = interfaces->workers;
	const struct host_network *network = &interfaces->localnet->network;
	struct binding *binding = workers->bindings.items;
	uint32_t before, now;
	size_t i;

	others_follow(&interfaces->others, workers->plan, &workers->bindings,
	    interfaces->localnet);
	for (i = 0; i < workers->bindings.count; i++, binding++) {
		before = index_of(binding);
		if (before == 0)
			continue;
		now = host_network_follow(network, binding->interface, before);
		if (now == 0 && *binding->interface != '\0')
			cut_off(workers, binding, "is gone", "it is back");
		else if (now != 0 && now != before)
			move(workers, i, now);
		else if (now != 0)
			binding->is_cut_off = false;
	}
}

/*
 * The system moves no listening stream of a daemon without privileges, and the
 * sandbox lets it open no other one.
 */
static void
check_http(struct interfaces_http *http, const struct host_network *network)
{
	const uint32_t before = http->endpoint.scope;
	char endpoint[MH_ADDRESS_TEXT];
	uint32_t now;

	if (before == 0)
		return;
	now = host_network_follow(network, http->interface, before);
	if (now == before)
		return;
	log_warning("http: interface %s %s: %s is not answered until a restart",
	    http->interface, now == 0 ? "is gone" : "was made anew",
	    mh_endpoint_format(&http->endpoint, endpoint, sizeof(endpoint)));
	http->endpoint = (struct mh_address){ .family = MH_FAMILY_NONE };
}

static void
on_network(void *argument, struct localnet *localnet)
{
	struct interfaces *interfaces = argument;
	size_t i;

	localnet_release(interfaces->localnet);
	interfaces->localnet = localnet;
	for (i = 0; i < interfaces->http_count; i++)
		check_http(&interfaces->https[i], &localnet->network);
	if (!interfaces->is_paused)
		follow(interfaces);
}

bool
interfaces_watch(struct interfaces *interfaces, struct workers *workers,
    const struct config_endpoints *http, struct event_base *base)
{
	interfaces->https = calloc(http->count + 1, sizeof(*interfaces->https));
	if (interfaces->https == NULL)
		return false;
	for (; interfaces->http_count < http->count; interfaces->http_count++)
		interfaces->https[interfaces->http_count].endpoint =
		    http->items[interfaces->http_count];
	interfaces->workers = workers;
	interfaces->number = workers->count;
	interfaces->is_paused = true;
	return netwatch_join(workers->netwatch, interfaces->number, base,
	    on_network, interfaces);
}

void
interfaces_pause(struct interfaces *interfaces)
{
	interfaces->is_paused = true;
}

void
interfaces_resume(struct interfaces *interfaces)
{
	interfaces->is_paused = false;
	if (interfaces->localnet != NULL)
		follow(interfaces);
}

void
interfaces_clear(struct interfaces *interfaces)
{
	if (interfaces->workers != NULL)
		netwatch_leave(
		    interfaces->workers->netwatch, interfaces->number);
	localnet_release(interfaces->localnet);
	others_clear(&interfaces->others);
	free(interfaces->https);
	*interfaces = (struct interfaces){ .workers = NULL };
}
