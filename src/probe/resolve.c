/* SPDX-License-Identifier: ISC */
/*
 * Names to addresses by libevent's own resolver, which never blocks.  Each
 * family is a question of its own: evdns_getaddrinfo() gives one up for the
 * other, without a word, and takes "there is none" for a failure.
 */
#include "probe/resolve.h"
#include "platform/network.h"

#include <event2/dns.h>
#include <event2/event.h>
#include <event2/util.h>
#include <stdlib.h>
#include <string.h>

/* All names together have this long to be looked up. */
static const struct timeval patience = { 10, 0 };

enum { IPV4, IPV6, FAMILIES };

/* The state of a question; otherwise a result of libevent's, DNS_ERR_*. */
enum { UNASKED = -1, WAITING = -2, INTERRUPTED = -3, NO_SERVER = -4 };

struct lookup;

/* The addresses of one family. */
struct question {
	struct lookup *lookup;
	struct evdns_request *request;
	int state;
};

/* A name that is being looked up. */
struct lookup {
	struct resolve *resolve;
	size_t number;
	size_t wanted; /* addresses found that the owner wanted */
	bool is_pending;
	int hosts_result; /* EVUTIL_EAI_* */
	struct question questions[FAMILIES];
};

struct resolve {
	struct event_base *base;
	const struct resolve_owner *owner;
	struct evdns_base *hosts; /* once there is a name */
	struct evdns_base *dns;   /* NULL: no name server is configured */
	struct event *timer;
	size_t pending;     /* names */
	size_t outstanding; /* what libevent will call back for */
	bool ended;         /* results are no longer wanted */
	size_t count;
	struct lookup lookups[];
};

static void
cancel_all(struct resolve *resolve)
{
	struct question *question;
	size_t i;

	for (i = 0; i < FAMILIES * resolve->count; i++) {
		question =
		    &resolve->lookups[i / FAMILIES].questions[i % FAMILIES];
		if (question->request != NULL)
			evdns_cancel_request(resolve->dns, question->request);
	}
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
	while (resolve->outstanding > 0 && turns-- > 0)
		event_base_loop(resolve->base, EVLOOP_NONBLOCK);
	if (resolve->dns != NULL)
		evdns_base_free(resolve->dns, 0);
	if (resolve->hosts != NULL)
		evdns_base_free(resolve->hosts, 0);
	event_free(resolve->timer);
	free(resolve);
}

/* The hosts file, and the name servers of this system if there are any. */
static bool
open_bases(struct resolve *resolve)
{
	if (resolve->hosts != NULL)
		return true;
	resolve->hosts = evdns_base_new(resolve->base, 0);
	if (resolve->hosts == NULL)
		return false;
	/* Without a file of name servers it reads the hosts file alone. */
	evdns_base_resolv_conf_parse(
	    resolve->hosts, DNS_OPTION_HOSTSFILE, NULL);
	resolve->dns =
	    evdns_base_new(resolve->base, EVDNS_BASE_INITIALIZE_NAMESERVERS);
	if (resolve->dns != NULL) {
		evdns_base_set_option(resolve->dns, "timeout:", "1.5");
		evdns_base_set_option(resolve->dns, "attempts:", "3");
		/* Small resolvers do not all give a name back as written. */
		evdns_base_set_option(resolve->dns, "randomize-case:", "0");
	}
	event_add(resolve->timer, &patience);
	return true;
}

/*
 * What became of a name.
 */

/* What there is no address of is no fault: the name servers said so. */
static bool
is_fault(int state)
{
	return state != UNASKED && state != DNS_ERR_NONE &&
	    state != DNS_ERR_NODATA && state != DNS_ERR_NOTEXIST;
}

static const char *
problem_of(int state)
{
	switch (state) {
	case INTERRUPTED:
		return "interrupted";
	case NO_SERVER:
		return "not in the hosts file, and no name server is "
		       "configured";
	case DNS_ERR_CANCEL:
		return "no answer in time";
	case DNS_ERR_NOTEXIST:
		return "no such name";
	case DNS_ERR_NODATA:
		return "no address of the requested family";
	case DNS_ERR_TIMEOUT:
		return "no name server answers, or they report a failure";
	case DNS_ERR_REFUSED:
		return "the name server refuses to answer";
	case DNS_ERR_TRUNCATED:
		return "the answer does not fit into a datagram";
	default:
		return evdns_err_to_string(state);
	}
}

static void
fail(const struct lookup *lookup, unsigned int family, const char *why)
{
	const struct resolve_owner *owner = lookup->resolve->owner;

	owner->failed(owner->self, lookup->number, family, why);
}

/* No address was found, and neither family tells another reason. */
static bool
fail_as_one(const struct lookup *lookup)
{
	int ipv4 = lookup->questions[IPV4].state;
	int ipv6 = lookup->questions[IPV6].state;

	if (lookup->wanted > 0)
		return false;
	/* A name that does not exist has no address of the other family. */
	if (ipv4 == DNS_ERR_NOTEXIST || ipv6 == UNASKED)
		ipv6 = ipv4;
	else if (ipv6 == DNS_ERR_NOTEXIST || ipv4 == UNASKED)
		ipv4 = ipv6;
	if (!is_fault(ipv4) && !is_fault(ipv6))
		ipv4 = ipv6 = ipv4 == DNS_ERR_NOTEXIST ? ipv4 : DNS_ERR_NODATA;
	if (ipv4 == ipv6)
		fail(lookup, MH_FAMILY_NONE, problem_of(ipv4));
	return ipv4 == ipv6;
}

/* Both questions have their answer, or will have none. */
static void
finish(struct lookup *lookup)
{
	static const unsigned int families[] = { MH_FAMILY_IPV4,
		MH_FAMILY_IPV6 };
	unsigned int i;

	lookup->is_pending = false;
	lookup->resolve->pending--;
	if (fail_as_one(lookup))
		return;
	for (i = 0; i < FAMILIES; i++)
		if (is_fault(lookup->questions[i].state))
			fail(lookup, families[i],
			    problem_of(lookup->questions[i].state));
}

static void
finish_if_told(struct lookup *lookup)
{
	if (lookup->is_pending && lookup->questions[IPV4].state != WAITING &&
	    lookup->questions[IPV6].state != WAITING)
		finish(lookup);
}

/*
 * The name servers.
 */

/* An address of a record; a v4-mapped one is IPv4. */
static struct mh_address
address_of(const uint8_t *data, bool ipv6)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	struct mh_address address = { .family = MH_FAMILY_IPV4 };

	if (ipv6 && memcmp(data, mapped, sizeof(mapped)) != 0) {
		address.family = MH_FAMILY_IPV6;
		memcpy(address.ip, data, 16);
	} else
		memcpy(address.ip, ipv6 ? data + sizeof(mapped) : data, 4);
	return address;
}

static void
on_answer(
    int result, char type, int count, int ttl, void *addresses, void *argument)
{
	struct question *question = argument;
	struct lookup *lookup = question->lookup;
	const struct resolve_owner *owner = lookup->resolve->owner;
	const bool ipv6 = question == &lookup->questions[IPV6];
	struct mh_address address;
	int i;

	(void)type;
	(void)ttl;
	question->request = NULL;
	lookup->resolve->outstanding--;
	if (lookup->resolve->ended)
		return;
	question->state = result;
	for (i = 0; result == DNS_ERR_NONE && i < count; i++) {
		address = address_of(
		    (const uint8_t *)addresses + i * (ipv6 ? 16 : 4), ipv6);
		lookup->wanted +=
		    owner->found(owner->self, lookup->number, &address);
	}
	finish_if_told(lookup);
}

static void
ask(struct question *question, const char *name, bool ipv6)
{
	struct resolve *resolve = question->lookup->resolve;
	struct evdns_request *request;

	if (resolve->dns == NULL) {
		question->state = NO_SERVER;
		return;
	}
	question->state = WAITING;
	resolve->outstanding++;
	request = ipv6 ? evdns_base_resolve_ipv6(
			     resolve->dns, name, 0, on_answer, question)
		       : evdns_base_resolve_ipv4(
			     resolve->dns, name, 0, on_answer, question);
	if (request == NULL) {
		resolve->outstanding--;
		question->state = DNS_ERR_UNKNOWN;
	} else if (question->state == WAITING)
		question->request = request;
}

/*
 * The hosts file.
 */

/* Hand over all addresses of the hosts file. */
static void
on_hosts(int result, struct evutil_addrinfo *found, void *argument)
{
	struct lookup *lookup = argument;
	const struct resolve_owner *owner = lookup->resolve->owner;
	const struct evutil_addrinfo *at;
	struct mh_address address;

	lookup->resolve->outstanding--;
	if (result == EVUTIL_EAI_CANCEL)
		return;
	lookup->hosts_result = result;
	for (at = found; at != NULL; at = at->ai_next) {
		host_address_get(&address, at->ai_addr);
		address.port = 0;
		lookup->wanted +=
		    owner->found(owner->self, lookup->number, &address);
	}
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

/* Look in the hosts file; false: it says nothing of the name. */
static bool
look_in_hosts(struct lookup *lookup, const char *name, unsigned int family)
{
	const struct evutil_addrinfo hints = {
		.ai_family = system_family(family),
		.ai_socktype = SOCK_DGRAM,
		.ai_protocol = IPPROTO_UDP,
	};
	struct evdns_getaddrinfo_request *request;

	lookup->resolve->outstanding++;
	request = evdns_getaddrinfo(
	    lookup->resolve->hosts, name, NULL, &hints, on_hosts, lookup);
	/* It would ask name servers, which this one does not have. */
	if (request != NULL)
		evdns_getaddrinfo_cancel(request);
	return request == NULL;
}

bool
resolve_start(struct resolve *resolve, size_t number, const char *name,
    unsigned int family)
{
	struct lookup *lookup = &resolve->lookups[number];
	struct question *questions = lookup->questions;
	unsigned int i;

	if (!open_bases(resolve))
		return false;
	*lookup = (struct lookup){ .resolve = resolve, .number = number };
	for (i = 0; i < FAMILIES; i++)
		questions[i] =
		    (struct question){ .lookup = lookup, .state = UNASKED };
	lookup->is_pending = true;
	resolve->pending++;
	if (look_in_hosts(lookup, name, family)) {
		if (lookup->hosts_result != 0)
			questions[IPV4].state = DNS_ERR_NOTEXIST;
		finish(lookup);
		return true;
	}
	if (family != MH_FAMILY_IPV6)
		ask(&questions[IPV4], name, false);
	if (family != MH_FAMILY_IPV4)
		ask(&questions[IPV6], name, true);
	finish_if_told(lookup);
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
	struct lookup *lookup;
	size_t i, j;

	for (i = 0; i < resolve->count; i++) {
		lookup = &resolve->lookups[i];
		for (j = 0; lookup->is_pending && j < FAMILIES; j++)
			if (lookup->questions[j].state == WAITING)
				lookup->questions[j].state = INTERRUPTED;
		finish_if_told(lookup);
	}
	resolve->ended = true;
}
