/* SPDX-License-Identifier: ISC */
/*
 * Names to addresses by libevent's own resolver, which never blocks.
 */
#include "probe/resolve.h"
#include "platform/network.h"

#include <event2/dns.h>
#include <event2/event.h>
#include <event2/util.h>
#include <stdlib.h>

/* All names together have this long to be looked up. */
static const struct timeval patience = { 10, 0 };

/* A name that is being looked up. */
struct lookup {
	struct resolve *resolve;
	size_t number;
	struct evdns_getaddrinfo_request *request;
};

struct resolve {
	struct event_base *base;
	const struct resolve_owner *owner;
	struct evdns_base *dns; /* once there is a name */
	struct event *timer;
	size_t pending;
	bool ended; /* results are no longer wanted */
	size_t count;
	struct lookup lookups[];
};

static void
cancel_all(struct resolve *resolve)
{
	size_t i;

	for (i = 0; i < resolve->count; i++)
		if (resolve->lookups[i].request != NULL)
			evdns_getaddrinfo_cancel(resolve->lookups[i].request);
}

static void
on_patience(evutil_socket_t fd, short events, void *argument)
{
	(void)fd;
	(void)events;
	cancel_all(argument);
}

struct resolve *
resolve_new(
    struct event_base *base, size_t count, const struct resolve_owner *owner)
{
	struct resolve *resolve =
	    calloc(1, sizeof(*resolve) + count * sizeof(struct lookup));

	if (resolve == NULL)
		return NULL;
	resolve->base = base;
	resolve->owner = owner;
	resolve->count = count;
	resolve->timer = evtimer_new(base, on_patience, resolve);
	if (resolve->timer == NULL) {
		free(resolve);
		return NULL;
	}
	return resolve;
}

void
resolve_free(struct resolve *resolve)
{
	int turns = 100;

	if (resolve == NULL)
		return;
	resolve->ended = true;
	cancel_all(resolve);
	/*
	 * libevent frees a request some turns of the loop after it has reported
	 * its end.
	 */
	while (resolve->pending > 0 && turns-- > 0)
		event_base_loop(resolve->base, EVLOOP_NONBLOCK);
	if (resolve->dns != NULL)
		evdns_base_free(resolve->dns, 0);
	event_free(resolve->timer);
	free(resolve);
}

/* Name servers and hosts of this system; without any, hosts alone. */
static bool
open_dns(struct resolve *resolve)
{
	struct evdns_base *dns = resolve->dns;

	if (dns != NULL)
		return true;
	dns = evdns_base_new(resolve->base, EVDNS_BASE_INITIALIZE_NAMESERVERS);
	if (dns == NULL) {
		dns = evdns_base_new(resolve->base, 0);
		if (dns == NULL)
			return false;
		evdns_base_load_hosts(dns, NULL);
	}
	evdns_base_set_option(dns, "timeout:", "1.5");
	evdns_base_set_option(dns, "attempts:", "3");
	/* Small resolvers do not all give a name back as it was written. */
	evdns_base_set_option(dns, "randomize-case:", "0");
	event_add(resolve->timer, &patience);
	resolve->dns = dns;
	return true;
}

/* Hand over all addresses; returns how many were wanted. */
static size_t
hand_over(const struct lookup *lookup, const struct evutil_addrinfo *found)
{
	const struct resolve_owner *owner = lookup->resolve->owner;
	struct mh_address address;
	size_t count = 0;

	for (; found != NULL; found = found->ai_next) {
		host_address_get(&address, found->ai_addr);
		address.port = 0;
		count += owner->found(owner->self, lookup->number, &address);
	}
	return count;
}

/* libevent distinguishes little more than these. */
static const char *
problem_of(int result)
{
	switch (result) {
	case EVUTIL_EAI_CANCEL:
		return "no answer in time";
	case EVUTIL_EAI_NONAME:
		return "no such name";
	case EVUTIL_EAI_NODATA:
		return "no address of the requested family";
	case EVUTIL_EAI_FAIL:
		return "no address found, or no name server answers";
	default:
		return evutil_gai_strerror(result);
	}
}

static void
on_lookup(int result, struct evutil_addrinfo *found, void *argument)
{
	struct lookup *lookup = argument;
	struct resolve *resolve = lookup->resolve;
	const struct resolve_owner *owner = resolve->owner;

	lookup->request = NULL;
	resolve->pending--;
	if (resolve->ended)
		goto done;
	if (result == 0 && hand_over(lookup, found) == 0)
		result = EVUTIL_EAI_NODATA;
	if (result != 0)
		owner->failed(owner->self, lookup->number, problem_of(result));
done:
	if (found != NULL)
		evutil_freeaddrinfo(found);
}

static int
system_family(unsigned int family)
{
	switch (family) {
	case MH_FAMILY_IPV4:
		return AF_INET;
	case MH_FAMILY_IPV6:
		return AF_INET6;
	default:
		return AF_UNSPEC;
	}
}

bool
resolve_start(struct resolve *resolve, size_t number, const char *name,
    unsigned int family)
{
	const struct evutil_addrinfo hints = {
		.ai_family = system_family(family),
		.ai_socktype = SOCK_DGRAM,
		.ai_protocol = IPPROTO_UDP,
	};
	struct lookup *lookup = &resolve->lookups[number];
	struct evdns_getaddrinfo_request *request;

	if (!open_dns(resolve))
		return false;
	*lookup = (struct lookup){ .resolve = resolve, .number = number };
	resolve->pending++;
	request = evdns_getaddrinfo(
	    resolve->dns, name, NULL, &hints, on_lookup, lookup);
	/* It may be done already, and then there is no request. */
	if (request != NULL)
		lookup->request = request;
	return true;
}

size_t
resolve_pending(const struct resolve *resolve)
{
	return resolve->pending;
}

void
resolve_interrupt(struct resolve *resolve)
{
	const struct resolve_owner *owner = resolve->owner;
	size_t i;

	for (i = 0; i < resolve->count; i++)
		if (resolve->lookups[i].request != NULL)
			owner->failed(owner->self, i, "interrupted");
}
