/* SPDX-License-Identifier: ISC */
/*
 * The operating system in memory, part by part in the order of its contract,
 * src/platform/udp.h.  It knows nothing of src/lib except the types, and has no
 * opinion: it does whatever a fault does not forbid.
 */
#include "unit/fake_udp.h"

#include "platform/sockaddr.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fake fake;

/* What the platform keeps in its scratch memory. */
struct scratch {
	unsigned int magic;
	unsigned int slots;
	size_t size;  /* of the data of each */
	void *data[]; /* of each slot, as at mh__udp_scratch_init() */
};

enum { SCRATCH_MAGIC = 0x5c7a7c4 };

/* What waits in a socket, with its bytes. */
struct fake_queued {
	struct fake_queued *next;
	struct fake_incoming incoming;
	uint8_t data[];
};

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

static void
misused(const char *how)
{
	if (fake.misuse == NULL)
		fake.misuse = how;
}

/* What a test sets and reads. */

static void
local_set(enum mh_family family, const char *text)
{
	struct mh_address address = { .family = (uint16_t)family };

	if (mh__ip_parse(family, text, address.ip))
		fake_local_add(&address);
}

/* Take the first off the queue; NULL: it is empty. */
static struct fake_queued *
dequeue(struct fake_socket *s)
{
	struct fake_queued *first = s->queue;

	if (first != NULL)
		s->queue = first->next;
	return first;
}

static void
socket_free(struct fake_socket *s)
{
	struct fake_queued *queued;

	while ((queued = dequeue(s)) != NULL)
		free(queued);
	free(s);
}

void
fake_reset(void)
{
	unsigned int i;

	for (i = 0; i < fake.sent_count; i++)
		free(fake.sent[i].data);
	for (i = 0; i < fake.socket_count; i++)
		socket_free(fake.sockets[i]);
	memset(&fake, 0, sizeof(fake));
	fake.receive_buffer = 212992;
	local_set(MH_FAMILY_IPV4, "127.0.0.1");
	local_set(MH_FAMILY_IPV4, "127.0.0.2");
	local_set(MH_FAMILY_IPV6, "::1");
}

void
fake_fault(const struct fake_fault *fault)
{
	if (fake.fault_count == FAKE_FAULTS)
		misused("the test has too many faults");
	else
		fake.faults[fake.fault_count++] = *fault;
}

void
fake_heal(void)
{
	fake.fault_count = 0;
}

void
fake_local_add(const struct mh_address *address)
{
	if (fake.local_count == FAKE_LOCALS)
		misused("the test has too many local addresses");
	else
		fake.locals[fake.local_count++] = *address;
}

static bool
same_ip(const struct mh_address *a, const struct mh_address *b)
{
	return a->family == b->family && memcmp(a->ip, b->ip, 16) == 0;
}

void
fake_local_remove(const struct mh_address *address)
{
	unsigned int i;

	for (i = 0; i < fake.local_count; i++) {
		if (same_ip(&fake.locals[i], address))
			fake.locals[i--] = fake.locals[--fake.local_count];
	}
}

struct fake_socket *
fake_socket(intptr_t handle)
{
	unsigned int i;

	/* The last one first: a loop that brings its own may reuse one. */
	for (i = fake.socket_count; i > 0; i--) {
		if (fake.sockets[i - 1]->handle == handle)
			return fake.sockets[i - 1];
	}
	return NULL;
}

static struct fake_socket *
open_socket(const struct mh__udp *udp)
{
	struct fake_socket *s = fake_socket(udp->handle);

	if (s != NULL && s->is_open)
		return s;
	misused("a socket is used that is not open");
	return NULL;
}

static void
enqueue(struct fake_socket *s, const struct fake_incoming *incoming)
{
	struct fake_queued *queued = malloc(sizeof(*queued) + incoming->length);
	struct fake_queued **end = &s->queue;

	if (queued == NULL) {
		misused("no memory for the queue of a socket");
		return;
	}
	queued->next = NULL;
	queued->incoming = *incoming;
	queued->incoming.data = queued->data;
	if (incoming->data != NULL)
		memcpy(queued->data, incoming->data, incoming->length);
	else
		memset(queued->data, 'x', incoming->length);
	while (*end != NULL)
		end = &(*end)->next;
	*end = queued;
}

static struct fake_socket *
socket_new(enum mh_family family)
{
	unsigned int number = fake.socket_count;
	struct fake_socket *s;

	s = number < FAKE_SOCKETS ? calloc(1, sizeof(*s)) : NULL;
	if (s == NULL) {
		misused("too many sockets");
		return NULL;
	}
	s->handle = fake.handle ? fake.handle(number)
				: (intptr_t)(FAKE_HANDLE + number);
	s->family = family;
	s->is_open = true;
	s->receive_buffer = fake.receive_buffer;
	fake.sockets[fake.socket_count++] = s;
	return s;
}

struct fake_socket *
fake_foreign(const struct mh_address *bound, bool only_ipv6)
{
	struct fake_socket *s = socket_new(bound->family);

	if (s != NULL) {
		s->is_foreign = true;
		s->is_bound = true;
		s->bound = *bound;
		s->only_ipv6 = only_ipv6;
	}
	return s;
}

void
fake_deliver(intptr_t handle, const struct fake_incoming *incoming)
{
	struct fake_socket *s = fake_socket(handle);

	if (s == NULL || !s->is_open)
		misused("the test delivers to a socket that is not open");
	else
		enqueue(s, incoming);
}

unsigned int
fake_open_count(void)
{
	unsigned int i, n = 0;

	for (i = 0; i < fake.socket_count; i++)
		n += fake.sockets[i]->is_open;
	return n;
}

int
fake_event_find(unsigned int from, enum fake_call call, enum mh_family family,
    enum mh__option option)
{
	const struct fake_event *event;
	unsigned int i;

	for (i = from; i < fake.event_count; i++) {
		event = &fake.events[i];
		if (event->call == call && event->family == family &&
		    (call != FAKE_SET || event->option == option))
			return (int)i;
	}
	return -1;
}

/*
 * Faults and events.
 */

static bool
condition_holds(enum fake_condition condition, const struct fake_event *event,
    const struct mh_datagram *datagram)
{
	const struct fake_socket *s;

	switch (condition) {
	case FAKE_OFF:
		return event->value == 0;
	case FAKE_ON:
		return event->value != 0;
	case FAKE_STRICTLY:
		s = fake_socket(event->handle);
		return s != NULL && !s->freebind;
	case FAKE_WITH_SOURCE:
		return datagram != NULL && datagram->local.family != 0;
	case FAKE_WITH_INTERFACE:
		return datagram != NULL && datagram->if_index != 0;
	case FAKE_BY_ROUTING:
		return datagram != NULL && datagram->if_index == 0;
	default:
		return true;
	}
}

/* Is it a fault for that event, or (not NULL) for that datagram? */
static bool
fault_matches(const struct fake_fault *fault, const struct fake_event *event,
    const struct mh_datagram *datagram)
{
	uint16_t port = datagram ? datagram->peer.port : event->address.port;

	if (fault->code == 0 || fault->call != event->call)
		return false;
	if (fault->family != 0 && fault->family != event->family)
		return false;
	if (fault->call == FAKE_SET && fault->option != event->option)
		return false;
	if (fault->port != 0 && fault->port != port)
		return false;
	return condition_holds(fault->condition, event, datagram);
}

/*
 * The fault that strikes, or NULL.  peek: only look, and count only successes.
 */
static const struct fake_fault *
strike(const struct fake_event *event, const struct mh_datagram *datagram,
    bool peek)
{
	struct fake_fault *fault;
	unsigned int i;

	for (i = 0; i < fake.fault_count; i++) {
		fault = &fake.faults[i];
		if (!fault_matches(fault, event, datagram) ||
		    (fault->times != 0 && fault->struck == fault->times))
			continue;
		if (fault->skip > 0) {
			fault->skip--;
			continue;
		}
		if (!peek)
			fault->struck++;
		return fault;
	}
	return NULL;
}

/* Record the event and return the call's result. */
static int
happen(struct mh__udp *udp, struct fake_event event)
{
	const struct fake_fault *fault = strike(&event, NULL, false);

	if (fault != NULL) {
		event.code = fault->code;
		udp->system_code = fault->system_code;
	}
	if (fake.event_count == FAKE_EVENTS)
		misused("too much happens");
	else
		fake.events[fake.event_count++] = event;
	return event.code;
}

/*
 * The contract: opening.
 */

int
mh_platform_init(struct mh_problem *problem)
{
	(void)problem;
	return 0;
}

const char *
mh__udp_option_name(enum mh__option option)
{
	switch (option) {
	case MH__ONLY_IPV6:
		return "IPV6_V6ONLY";
	case MH__RECV_IPV4:
		return "IP_PKTINFO";
	case MH__RECV_IPV6:
		return "IPV6_RECVPKTINFO";
	case MH__RECV_TTL:
		return "IP_RECVTTL";
	case MH__RECV_TOS:
		return "IP_RECVTOS";
	case MH__RECV_TIME:
		return "SO_TIMESTAMPNS";
	case MH__RECV_DROPS:
		return "SO_RXQ_OVFL";
	case MH__FREEBIND:
		return "IP_FREEBIND";
	case MH__RECEIVE_BUFFER:
		return "SO_RCVBUF";
	case MH__SEND_BUFFER:
		return "SO_SNDBUF";
	case MH__SHARE_PORT:
		return "SO_REUSEPORT";
	case MH__SHARE_BY_CPU:
		return "SO_ATTACH_REUSEPORT_CBPF";
	case MH__RESPONDER:
	case MH__DONT_FRAGMENT:
		return "IP_MTU_DISCOVER";
	case MH__RECV_ERRORS:
		return "IP_RECVERR";
	case MH__RECV_BURSTS:
		return "UDP_GRO";
	case MH__TOS:
	case MH__SEND_TOS:
		return "IP_TOS";
	case MH__TTL:
	case MH__SEND_TTL:
		return "IP_TTL";
	case MH__SEND_TIME:
	case MH__RECV_HARDWARE_TIME:
		return "SO_TIMESTAMPING";
	}
	misused("an option that does not exist");
	return "?";
}

void
mh__udp_error_text(int system_code, char *text, size_t size)
{
	snprintf(text, size, "system error %d", system_code);
}

int
mh__udp_create(struct mh__udp *udp, enum mh_family family)
{
	struct fake_socket *s;
	int error;

	memset(udp, 0, sizeof(*udp));
	udp->family = family;
	udp->handle = -1;
	if (family != MH_FAMILY_IPV4 && family != MH_FAMILY_IPV6)
		misused("a socket of no family");
	error = happen(
	    udp, (struct fake_event){ .call = FAKE_CREATE, .family = family });
	if (error != 0)
		return error;
	s = socket_new(family);
	if (s == NULL)
		return MH_ENOMEMORY;
	fake.events[fake.event_count - 1].handle = s->handle;
	udp->handle = s->handle;
	return 0;
}

int
mh__udp_set(struct mh__udp *udp, enum mh__option option, unsigned int value)
{
	struct fake_socket *s = open_socket(udp);
	int error;

	error = happen(udp,
	    (struct fake_event){ .call = FAKE_SET,
		.handle = udp->handle,
		.family = udp->family,
		.option = option,
		.value = value });
	if (error != 0 || s == NULL)
		return error;
	/* That one may come and go. */
	if (s->is_bound && !s->is_foreign && option != MH__FREEBIND)
		misused("an option is set after bind");
	if (option == MH__ONLY_IPV6)
		s->only_ipv6 = value != 0;
	else if (option == MH__RECV_IPV4)
		s->tells_ipv4 = value != 0;
	else if (option == MH__RECV_IPV6)
		s->tells_ipv6 = value != 0;
	else if (option == MH__RECV_ERRORS)
		s->tells_errors = value != 0;
	else if (option == MH__SEND_TIME)
		s->tells_sent = value != 0;
	else if (option == MH__FREEBIND)
		s->freebind = value != 0;
	else if (option == MH__SHARE_PORT)
		s->shares_port = value != 0;
	else if (option == MH__RECEIVE_BUFFER)
		s->receive_buffer = value;
	return 0;
}

unsigned int
mh__udp_receive_buffer(struct mh__udp *udp)
{
	struct fake_socket *s = open_socket(udp);

	return s ? s->receive_buffer : 0;
}

static bool
is_any(const struct mh_address *address)
{
	static const uint8_t any[16];

	return memcmp(address->ip, any, 16) == 0;
}

static bool
port_is_taken(const struct fake_socket *s, const struct mh_address *address)
{
	const struct fake_socket *other;
	unsigned int i;

	for (i = 0; i < fake.socket_count; i++) {
		other = fake.sockets[i];
		if (other != s && other->is_open && other->is_bound &&
		    !(s->shares_port && other->shares_port) &&
		    other->family == s->family &&
		    other->bound.port == address->port &&
		    (is_any(&other->bound) || is_any(address) ||
			same_ip(&other->bound, address)))
			return true;
	}
	return false;
}

int
mh__udp_bind(struct mh__udp *udp, const struct mh_address *address)
{
	struct fake_socket *s = open_socket(udp);
	struct mh_address bound = *address;
	int error;

	error = happen(udp,
	    (struct fake_event){ .call = FAKE_BIND,
		.handle = udp->handle,
		.family = udp->family,
		.address = *address });
	if (error != 0 || s == NULL)
		return error;
	if (address->family != MH_FAMILY_NONE && address->family != s->family)
		misused("bind to an address of another family");
	bound.family = (uint16_t)s->family; /* the wildcard has one, too */
	if (bound.port == 0)
		bound.port = (uint16_t)(FAKE_PORT + fake.socket_count);
	if (port_is_taken(s, &bound)) {
		fake.events[fake.event_count - 1].code = MH_EINUSE;
		return MH_EINUSE;
	}
	s->is_bound = true;
	s->bound = bound;
	udp->bound = bound;
	return 0;
}

int
mh__udp_adopt(struct mh__udp *udp, intptr_t handle)
{
	struct fake_socket *s = fake_socket(handle);
	int error;

	*udp = (struct mh__udp){ .handle = handle };
	error = happen(
	    udp, (struct fake_event){ .call = FAKE_ADOPT, .handle = handle });
	if (error != 0)
		return error;
	if (s == NULL || !s->is_open || !s->is_foreign)
		return MH_EINVALID;
	udp->family = s->family;
	udp->dual_stack = s->family == MH_FAMILY_IPV6 && !s->only_ipv6;
	udp->bound = s->bound;
	udp->freebind = s->freebind;
	udp->device = s->device;
	return 0;
}

void
mh__udp_close(struct mh__udp *udp)
{
	struct fake_socket *s = open_socket(udp);

	if (s == NULL)
		return;
	(void)happen(udp,
	    (struct fake_event){ .call = FAKE_CLOSE,
		.handle = udp->handle,
		.family = udp->family });
	s->is_open = false;
	udp->handle = -1;
}

int
mh__udp_set_vrf(struct mh__udp *udp, const uint32_t *interfaces, size_t count)
{
	(void)open_socket(udp);
	fake.vrf_calls++;
	fake.vrf_count = count;
	fake.vrf_first = count > 0 ? interfaces[0] : 0;
	return 0;
}

void
mh__udp_refresh(struct mh__udp *udp)
{
	(void)open_socket(udp);
	fake.refresh_calls++;
}

int
mh__udp_wait(struct mh__udp *udp, unsigned int milliseconds)
{
	struct fake_socket *s = open_socket(udp);
	int error;

	error = happen(udp,
	    (struct fake_event){ .call = FAKE_WAIT,
		.handle = udp->handle,
		.family = udp->family,
		.value = milliseconds });
	if (error != 0 || s == NULL)
		return error;
	return s->queue != NULL;
}

int
mh__udp_move(struct mh__udp *udp, uint32_t if_index)
{
	struct fake_socket *s = open_socket(udp);
	int error;

	error = happen(udp,
	    (struct fake_event){ .call = FAKE_MOVE,
		.handle = udp->handle,
		.family = udp->family,
		.value = if_index });
	if (error != 0 || s == NULL)
		return error;
	if (udp->bound.scope != 0)
		s->bound.scope = udp->bound.scope = if_index;
	if (udp->device != 0)
		s->device = udp->device = if_index;
	return 0;
}

int
mh__udp_select(struct mh__udp *udp, const uint8_t secret[MH_SHARE_SECRET_SIZE],
    unsigned int processors)
{
	(void)open_socket(udp);
	(void)secret;
	return happen(udp,
	    (struct fake_event){ .call = FAKE_SELECT,
		.handle = udp->handle,
		.family = udp->family,
		.value = processors });
}

int
mh__udp_restrict(
    struct mh__udp *udp, const uint8_t secret[MH_SHARE_SECRET_SIZE])
{
	(void)open_socket(udp);
	(void)secret;
	return happen(udp,
	    (struct fake_event){ .call = FAKE_RESTRICT,
		.handle = udp->handle,
		.family = udp->family });
}

bool
mh__udp_is_local(const struct mh_address *address, uint32_t if_index)
{
	unsigned int i;

	(void)if_index;
	fake.is_local_calls++;
	for (i = 0; i < fake.local_count; i++) {
		if (same_ip(&fake.locals[i], address))
			return true;
	}
	return false;
}

uint64_t
mh__udp_drops(const struct mh__udp *udp)
{
	return udp->drops;
}

bool
mh__udp_wants_interface(void)
{
	return fake.wants_interface;
}

bool
mh__udp_has_ipv6(void)
{
	unsigned int i;

	for (i = 0; i < fake.local_count; i++)
		if (fake.locals[i].family == MH_FAMILY_IPV6)
			return true;
	return false;
}

/*
 * The contract: a batch in.
 */

size_t
mh__udp_scratch_size(unsigned int slots)
{
	return sizeof(struct scratch) + slots * sizeof(void *);
}

void
mh__udp_scratch_init(
    void *memory, unsigned int slots, struct mh_datagram *received, size_t size)
{
	struct scratch *scratch = memory;
	unsigned int i;

	if ((uintptr_t)memory % _Alignof(max_align_t) != 0)
		misused("scratch memory is not aligned");
	scratch->magic = SCRATCH_MAGIC;
	scratch->slots = slots;
	scratch->size = size;
	for (i = 0; i < slots; i++)
		scratch->data[i] = received[i].data;
}

static const struct scratch *
check_scratch(const void *memory, unsigned int count)
{
	const struct scratch *scratch = memory;

	if (scratch->magic == SCRATCH_MAGIC && count > 0 &&
	    count <= scratch->slots)
		return scratch;
	misused("scratch memory for another batch, or a batch of none");
	return NULL;
}

static void
fill(struct mh_datagram *received, const struct fake_incoming *incoming,
    void *data, size_t size)
{
	/* As in the contract: not local, and data is unchanged. */
	received->peer = incoming->peer;
	received->if_index = UINT32_MAX;
	received->flags = incoming->flags;
	received->ttl = incoming->ttl;
	received->tos = incoming->tos;
	received->segment = incoming->segment;
	received->status = 0;
	received->arrived_ns = incoming->arrived_ns;
	received->hardware_ns = 0;
	received->length = incoming->length;
	if (received->length > size) {
		received->length = size;
		received->flags |= MH_TRUNCATED;
	}
	memcpy(data, incoming->data, received->length);
}

/* The error that the call has to return before all datagrams, or 0. */
static int
receive_error(struct mh__udp *udp, struct fake_socket *s)
{
	struct fake_event event = { .call = FAKE_RECEIVE,
		.handle = udp->handle,
		.family = udp->family };
	const struct fake_fault *fault = strike(&event, NULL, false);
	struct fake_queued *queued;
	int code = 0;

	if (fault != NULL) {
		udp->system_code = fault->system_code;
		return fault->code;
	}
	if (s->queue != NULL && s->queue->incoming.code != 0) {
		queued = dequeue(s);
		code = queued->incoming.code;
		udp->system_code = queued->incoming.system_code;
		free(queued);
	}
	return code;
}

int
mh__udp_receive(struct mh__udp *udp, void *memory, struct mh_datagram *received,
    struct mh__arrival *arrivals, unsigned int slots)
{
	const struct scratch *scratch = check_scratch(memory, slots);
	struct fake_socket *s = open_socket(udp);
	struct fake_queued *queued;
	unsigned int n, most = slots;
	int error;

	fake.receive_calls++;
	fake.reports_held = 0;
	if (s == NULL || scratch == NULL)
		return MH_EINVALID;
	if (!s->is_bound)
		misused("receive before bind");
	error = receive_error(udp, s);
	if (error != 0)
		return error;
	if (fake.receive_most != 0 && fake.receive_most < most)
		most = fake.receive_most;
	for (n = 0; n < most && s->queue != NULL; n++) {
		if (s->queue->incoming.code != 0)
			break;
		queued = dequeue(s);
		fill(&received[n], &queued->incoming, scratch->data[n],
		    scratch->size);
		arrivals[n] = queued->incoming.arrival;
		udp->drops += queued->incoming.drops;
		free(queued);
	}
	return (int)n;
}

int
mh__udp_report(struct mh__udp *udp, struct mh_report *report)
{
	const struct fake_socket *s = open_socket(udp);
	unsigned int i;

	if (s == NULL || !(s->tells_errors || s->tells_sent))
		misused("reports are taken off a socket that has none");
	for (i = 0; s != NULL && i + fake.reports_held < fake.report_count;
	     i++) {
		if (fake.reports[i].kind == MH_REPORT_ICMP ? !s->tells_errors
							   : !s->tells_sent)
			continue;
		*report = fake.reports[i];
		fake.report_count--;
		memmove(&fake.reports[i], &fake.reports[i + 1],
		    (fake.report_count - i) * sizeof(*report));
		return 1;
	}
	return 0;
}

/*
 * The contract: a batch out.
 */

/* The address that a datagram leaves from if none was given. */
static struct mh_address
natural_source(const struct fake_socket *s, const struct mh_address *peer)
{
	static const uint8_t ipv4[16] = { 127, 0, 0, 1 };
	static const uint8_t ipv6[16] = { [15] = 1 };
	struct mh_address source = { .family = peer->family };

	if (!is_any(&s->bound))
		return s->bound;
	memcpy(source.ip, peer->family == MH_FAMILY_IPV4 ? ipv4 : ipv6, 16);
	return source;
}

/* Is it one of the sockets that the system lies about? */
static bool
is_liar(const struct fake_socket *s)
{
	return !fake.only_dual ||
	    (s->family == MH_FAMILY_IPV6 && !s->only_ipv6);
}

/* What the receiving socket learns about a datagram to that address. */
static struct mh__arrival
arrival_at(const struct fake_socket *s, const struct mh_address *target)
{
	struct mh__arrival arrival = { .if_index = 0 };

	if (fake.tells_nothing && is_liar(s))
		return arrival;
	if (target->family == MH_FAMILY_IPV4 && s->tells_ipv4) {
		arrival.has_ipv4 = true;
		arrival.if_index = 1;
		memcpy(arrival.ipv4_source, target->ip, 4);
		memcpy(arrival.ipv4_target, target->ip, 4);
	}
	if (s->family == MH_FAMILY_IPV6 && s->tells_ipv6) {
		arrival.has_ipv6 = true;
		arrival.if_index = 1;
		memcpy(arrival.ipv6_target, target->ip, 16);
		if (target->family == MH_FAMILY_IPV4) {
			memcpy(arrival.ipv6_target, mapped, 12);
			memcpy(arrival.ipv6_target + 12, target->ip, 4);
		}
	}
	return arrival;
}

static bool
takes(const struct fake_socket *s, const struct mh_address *target)
{
	if (!s->is_open || !s->is_bound || s->bound.port != target->port)
		return false;
	if (!is_any(&s->bound) && !same_ip(&s->bound, target))
		return false;
	return s->family == target->family ||
	    (s->family == MH_FAMILY_IPV6 && !s->only_ipv6);
}

/* Datagrams that nobody expects, each like an expected one in one respect. */
static void
enqueue_strangers(struct fake_socket *s, const struct fake_incoming *awaited)
{
	struct fake_incoming stranger = *awaited;

	stranger.peer.port++;
	enqueue(s, &stranger);
	stranger.peer = awaited->peer;
	stranger.data = NULL;
	enqueue(s, &stranger);
}

/* The loopback: deliver it to the socket with that port, if any. */
static void
loop_back(struct fake_socket *from, const struct mh_datagram *datagram)
{
	struct fake_incoming incoming = { .ttl = 64,
		.tos = 0,
		.arrived_ns = 1,
		.data = datagram->data,
		.length = datagram->length };
	unsigned int i;

	if (!from->is_bound) {
		from->is_bound = true;
		from->bound.port =
		    (uint16_t)(FAKE_PORT + FAKE_SOCKETS + fake.sent_count);
	}
	incoming.peer = natural_source(from, &datagram->peer);
	if (datagram->local.family != MH_FAMILY_NONE &&
	    !(fake.ignores_source && is_liar(from)))
		incoming.peer = datagram->local;
	incoming.peer.port = from->bound.port;
	for (i = 0; i < fake.socket_count; i++) {
		if (!takes(fake.sockets[i], &datagram->peer))
			continue;
		incoming.arrival = arrival_at(fake.sockets[i], &datagram->peer);
		if (fake.strangers)
			enqueue_strangers(fake.sockets[i], &incoming);
		enqueue(fake.sockets[i], &incoming);
		return;
	}
}

static void
note_sent(struct fake_socket *s, struct mh_datagram *datagram)
{
	struct fake_sent *sent = &fake.sent[fake.sent_count];

	if (datagram->data == NULL && datagram->length > 0) {
		misused("a datagram with a length but no data");
		return;
	}
	if (fake.sent_count == FAKE_SENT) {
		misused("too much is sent");
		return;
	}
	sent->handle = s->handle;
	sent->peer = datagram->peer;
	sent->local = datagram->local;
	sent->if_index = datagram->if_index;
	sent->tos = datagram->tos;
	sent->ttl = datagram->ttl;
	sent->segment = datagram->segment;
	if (datagram->report_sent && s->tells_sent)
		datagram->sent_id = sent->sent_id = ++s->sent_ids;
	sent->length = datagram->length;
	sent->data = malloc(datagram->length + 1);
	if (sent->data == NULL) {
		misused("no memory for what is sent");
		return;
	}
	if (datagram->length > 0)
		memcpy(sent->data, datagram->data, datagram->length);
	fake.sent_count++;
	if (fake.loopback)
		loop_back(s, datagram);
}

int
mh__udp_send(struct mh__udp *udp, void *memory, struct mh_datagram *replies,
    unsigned int count)
{
	struct fake_event event = {
		.call = FAKE_SEND, .handle = udp->handle, .family = udp->family
	};
	const struct fake_fault *fault;
	struct fake_socket *s = open_socket(udp);
	unsigned int i;

	fake.send_calls++;
	if (s == NULL || check_scratch(memory, count) == NULL)
		return MH_EINVALID;
	if (fake.send_most != 0 && fake.send_most < count)
		count = fake.send_most;
	for (i = 0; i < count; i++) {
		fault = strike(&event, &replies[i], i > 0);
		if (fault != NULL && i > 0)
			break;
		if (fault != NULL) {
			replies[0].sent_id = 0;
			udp->system_code = fault->system_code;
			return fault->code;
		}
		note_sent(s, &replies[i]);
	}
	return (int)i;
}

/*
 * The contract: text.
 */

bool
mh__ip_parse(enum mh_family family, const char *text, uint8_t ip[16])
{
	int af = family == MH_FAMILY_IPV4 ? AF_INET : AF_INET6;
	uint8_t parsed[16] = { 0 };

	if (inet_pton(af, text, parsed) != 1)
		return false;
	memcpy(ip, parsed, 16);
	return true;
}

void
mh__ip_format(
    enum mh_family family, const uint8_t ip[16], char *text, size_t size)
{
	int af = family == MH_FAMILY_IPV4 ? AF_INET : AF_INET6;
	char whole[MH_ADDRESS_TEXT];

	if (inet_ntop(af, ip, whole, sizeof(whole)) == NULL)
		whole[0] = '\0';
	snprintf(text, size, "%s", whole);
}

uint32_t
mh__interface_index(const char *name)
{
	static const char *const names[] = { "lo", "eth0", "eth1" };
	uint32_t i;

	for (i = 0; i < 3; i++) {
		if (strcmp(name, names[i]) == 0)
			return i + 1;
	}
	return 0;
}
