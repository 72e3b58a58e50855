/* SPDX-License-Identifier: ISC */
/*
 * From an endpoint to one dual-stack socket, or to two: which options are
 * required, in which order, and what to do on systems that lack something.
 * The systems themselves are behind platform/udp.h.
 */
#include "lib/socket.h"

#include <stdlib.h>
#include <string.h>

/* Attempts at finding one port for both halves of a pair, with port 0. */
#define PAIR_ATTEMPTS 100

/* An endpoint being opened. */
struct opening {
	const struct mh_address *endpoint;
	const struct mh_socket_options *options;
	struct mh_problem *problem;
	unsigned int notices;
};

static int
fail(struct opening *opening, struct mh__udp *udp, const char *what, int code)
{
	struct mh_problem *problem = opening->problem;

	problem->code = code;
	problem->system_code = udp->system_code;
	problem->what = what;
	problem->family = udp->family;
	mh__udp_error_text(
	    udp->system_code, problem->text, sizeof(problem->text));
	return code;
}

/* An option without which the socket would be useless. */
static int
require(struct opening *opening, struct mh_socket *socket,
    enum mh__option option, unsigned int value)
{
	int error = mh__udp_set(&socket->udp, option, value);

	if (error == 0)
		return 0;
	return fail(opening, &socket->udp, mh__udp_option_name(option), error);
}

/* Options that a socket can do without; info.can says which it has. */
static void
set_optional(struct opening *opening, struct mh_socket *socket)
{
	static const struct {
		enum mh_capability capability;
		enum mh__option option;
	} optional[] = {
		{ MH_CAN_TTL, MH__RECV_TTL },
		{ MH_CAN_TOS, MH__RECV_TOS },
		{ MH_CAN_TIME, MH__RECV_TIME },
		{ MH_CAN_DROPS, MH__RECV_DROPS },
		{ MH_CAN_ERRORS, MH__RECV_ERRORS },
		{ MH_CAN_SEND_TTL, MH__SEND_TTL },
		{ MH_CAN_SEND_TOS, MH__SEND_TOS },
		{ MH_CAN_BURSTS, MH__RECV_BURSTS },
		{ MH_CAN_SEND_TIME, MH__SEND_TIME },
		{ MH_CAN_HARDWARE_TIME, MH__RECV_HARDWARE_TIME },
	};
	const struct mh_socket_options *options = opening->options;
	size_t i;

	for (i = 0; i < sizeof(optional) / sizeof(optional[0]); i++)
		if ((options->want & optional[i].capability) != 0 &&
		    mh__udp_set(&socket->udp, optional[i].option, 1) == 0)
			socket->info.can |= optional[i].capability;
	if (options->receive_buffer != 0)
		(void)mh__udp_set(
		    &socket->udp, MH__RECEIVE_BUFFER, options->receive_buffer);
	if (options->send_buffer != 0)
		(void)mh__udp_set(
		    &socket->udp, MH__SEND_BUFFER, options->send_buffer);
	(void)mh__udp_set(&socket->udp, MH__RESPONDER, 1);
}

/* How datagrams are sent; after MH__RESPONDER, which would clear DF. */
static int
set_outgoing(struct opening *opening, struct mh_socket *socket)
{
	const struct mh_socket_options *options = opening->options;
	int error = 0;

	if (options->dont_fragment)
		error = require(opening, socket, MH__DONT_FRAGMENT, 1);
	if (error == 0 && options->tos != 0)
		error = require(opening, socket, MH__TOS, options->tos);
	if (error == 0 && options->ttl != 0)
		error = require(opening, socket, MH__TTL, options->ttl);
	return error;
}

/*
 * IP_PKTINFO on a dual-stack socket.  A system without IPv4 refuses it as
 * invalid; so does a system where something is wrong.  Opening an IPv4 socket
 * shows which.
 */
static int
require_ipv4_on_dual(struct opening *opening, struct mh_socket *socket)
{
	struct mh__udp probe = { .family = MH_FAMILY_IPV4 };
	int error = mh__udp_set(&socket->udp, MH__RECV_IPV4, 1);

	if (error == MH_EINVALID) {
		int probed = mh__udp_create(&probe, MH_FAMILY_IPV4);

		if (probed == MH_EFAMILY) {
			opening->notices |= MH_NOTICE_IPV4_DISABLED;
			socket->udp.dual_stack = false;
			return 0;
		}
		if (probed == 0)
			mh__udp_close(&probe);
	}
	if (error != 0)
		return fail(opening, &socket->udp,
		    mh__udp_option_name(MH__RECV_IPV4), error);
	socket->info.can |= MH_CAN_IPV4 | MH_CAN_SOURCE_IPV4;
	return 0;
}

/* Options that every socket needs, before bind() if we call it. */
static int
set_required(struct opening *opening, struct mh_socket *socket)
{
	struct mh__udp *udp = &socket->udp;
	int error;

	if (udp->family == MH_FAMILY_IPV4) {
		error = require(opening, socket, MH__RECV_IPV4, 1);
		socket->info.can |= MH_CAN_IPV4 | MH_CAN_SOURCE_IPV4;
	} else {
		error = require(opening, socket, MH__RECV_IPV6, 1);
		socket->info.can |= MH_CAN_IPV6 | MH_CAN_SOURCE_IPV6;
		if (error == 0 && udp->dual_stack)
			error = require_ipv4_on_dual(opening, socket);
	}
	if (error == 0 && opening->options->freebind) {
		error = require(opening, socket, MH__FREEBIND, 1);
		udp->freebind = true;
	}
	return error;
}

/* The socket is complete: fill in its info. */
static void
describe(struct mh_socket *socket)
{
	socket->info.bound = socket->udp.bound;
	socket->info.dual_stack = socket->udp.dual_stack;
	socket->info.receive_buffer = mh__udp_receive_buffer(&socket->udp);
	socket->info.device = socket->udp.device;
	mh__udp_refresh(&socket->udp);
}

/* The address was refused: it may be ours by a route, see lib/socket.h. */
static int
bind_to_prefix(struct mh_socket *socket, const struct mh_address *address)
{
	int error = MH_EADDRESS;

	if (!mh__may_be_of_prefix(address) || !mh_address_is_local(address) ||
	    mh__udp_set(&socket->udp, MH__FREEBIND, 1) != 0)
		return error;
	error = mh__udp_bind(&socket->udp, address);
	(void)mh__udp_set(&socket->udp, MH__FREEBIND, 0);
	return error;
}

static int
bind_socket(struct opening *opening, struct mh_socket *socket, uint16_t port)
{
	struct mh_address address = *opening->endpoint;
	int error;

	if (mh_address_class(&address) == MH_CLASS_UNSPECIFIED)
		address = (struct mh_address){ .family = MH_FAMILY_NONE };
	address.port = port;
	error = mh__udp_bind(&socket->udp, &address);
	if (error == MH_EADDRESS)
		error = bind_to_prefix(socket, &address);
	if (error != 0)
		return fail(opening, &socket->udp, "bind", error);
	describe(socket);
	return 0;
}

/* What open_one() makes. */
enum kind { KIND_IPV4, KIND_IPV6, KIND_DUAL };

/*
 * IPV6_V6ONLY is set explicitly, whatever the system's default: a v6-only
 * socket must never see a v4-mapped address, a dual-stack one must.  A system
 * that cannot change it only has v6-only sockets.
 */
static int
set_only_ipv6(struct opening *opening, struct mh_socket *socket, enum kind kind)
{
	int error;

	if (kind == KIND_IPV4)
		return 0;
	error = require(opening, socket, MH__ONLY_IPV6, kind == KIND_IPV6);
	if (error == 0)
		return 0;
	if (kind == KIND_IPV6 &&
	    (error == MH_EUNSUPPORTED ||
		(opening->notices & MH_NOTICE_NOT_DUAL) != 0))
		return 0;
	if (kind == KIND_DUAL)
		opening->notices |= MH_NOTICE_NOT_DUAL;
	return error;
}

static int
open_one(struct opening *opening, enum kind kind, uint16_t port,
    struct mh_socket **opened)
{
	struct mh_socket *socket = calloc(1, sizeof(*socket));
	int error;

	if (socket == NULL) {
		opening->problem->code = MH_ENOMEMORY;
		opening->problem->what = "memory";
		return MH_ENOMEMORY;
	}
	socket->udp.family =
	    kind == KIND_IPV4 ? MH_FAMILY_IPV4 : MH_FAMILY_IPV6;
	error = mh__udp_create(&socket->udp, socket->udp.family);
	if (error != 0) {
		fail(opening, &socket->udp, "socket", error);
		free(socket);
		return error;
	}
	socket->udp.dual_stack = kind == KIND_DUAL;
	socket->udp.unsegmented = opening->options->unsegmented;
	socket->processors = opening->options->processors;
	error = set_only_ipv6(opening, socket, kind);
	if (error == 0)
		error = set_required(opening, socket);
	if (error == 0 && opening->options->share_port)
		error = require(opening, socket, MH__SHARE_PORT, 1);
	if (error == 0 && opening->options->processors != 0)
		error = require(opening, socket, MH__SHARE_BY_CPU,
		    opening->options->processors);
	if (error != 0)
		goto fail;
	set_optional(opening, socket);
	error = set_outgoing(opening, socket);
	if (error == 0)
		error = bind_socket(opening, socket, port);
	if (error != 0)
		goto fail;
	*opened = socket;
	return 1;
fail:
	mh_socket_close(socket);
	return error;
}

/*
 * The IPv4 half first, then the IPv6 half on the port that the first was given.
 * A family that this host does not have is left out.
 */
static int
open_pair(struct opening *opening, struct mh_socket *sockets[])
{
	uint16_t port = opening->endpoint->port;
	int first, second, attempt;

	for (attempt = 0; attempt < PAIR_ATTEMPTS; attempt++) {
		first = open_one(opening, KIND_IPV4, port, &sockets[0]);
		if (first == MH_EFAMILY) {
			opening->notices |= MH_NOTICE_IPV4_DISABLED;
			return open_one(opening, KIND_IPV6, port, &sockets[0]);
		}
		if (first < 0)
			return first;
		second = open_one(opening, KIND_IPV6,
		    sockets[0]->info.bound.port, &sockets[1]);
		if (second > 0)
			return 2;
		if (second == MH_EFAMILY || second == MH_EADDRESS) {
			opening->notices |= MH_NOTICE_IPV6_ABSENT;
			return 1;
		}
		mh_socket_close(sockets[0]);
		if (second != MH_EINUSE || port != 0)
			break;
	}
	return second;
}

static int
open_dual(struct opening *opening, struct mh_socket *sockets[])
{
	uint16_t port = opening->endpoint->port;
	int opened = open_one(opening, KIND_DUAL, port, &sockets[0]);

	if (opened > 0)
		return opened;
	if (opened == MH_EFAMILY || opened == MH_EADDRESS) {
		opening->notices |= MH_NOTICE_IPV6_ABSENT;
		return open_one(opening, KIND_IPV4, port, &sockets[0]);
	}
	if ((opening->notices & MH_NOTICE_NOT_DUAL) != 0)
		return open_pair(opening, sockets);
	return opened;
}

/* An endpoint of every address. */
static int
open_wildcard(struct opening *opening, struct mh_socket *sockets[])
{
	uint16_t port = opening->endpoint->port;
	int opened;

	switch (opening->options->stack) {
	case MH_STACK_IPV4:
		return open_one(opening, KIND_IPV4, port, &sockets[0]);
	case MH_STACK_IPV6:
		opened = open_one(opening, KIND_IPV6, port, &sockets[0]);
		break;
	case MH_STACK_TWO:
		opened = open_pair(opening, sockets);
		break;
	default:
		opened = open_dual(opening, sockets);
		break;
	}
	/* IPv6 sockets may exist without any IPv6 address (disable_ipv6). */
	if (opened > 0 && !mh__udp_has_ipv6())
		opening->notices |= MH_NOTICE_IPV6_ABSENT;
	return opened;
}

static const struct mh_socket_options defaults;

/* Do they ask only for what this version knows? */
static bool
is_understood(const struct mh_socket_options *options)
{
	return memcmp(options->reserved, defaults.reserved,
		   sizeof(defaults.reserved)) == 0;
}

int
mh_socket_open(struct mh_socket *sockets[MH_SOCKETS_MAX],
    const struct mh_address *endpoint, const struct mh_socket_options *options,
    struct mh_problem *problem)
{
	struct mh_problem ignored;
	struct opening opening = { endpoint,
		options != NULL ? options : &defaults,
		problem != NULL ? problem : &ignored, 0 };
	struct mh__udp none = { .family = endpoint->family };
	int i, opened;

	*opening.problem = (struct mh_problem){ .what = "" };
	if (!is_understood(opening.options))
		return fail(&opening, &none, "options", MH_EINVALID);
	if (opening.options->stack > MH_STACK_IPV6)
		return fail(&opening, &none, "stack", MH_EINVALID);
	if ((opening.options->stack == MH_STACK_IPV4 &&
		endpoint->family == MH_FAMILY_IPV6) ||
	    (opening.options->stack == MH_STACK_IPV6 &&
		endpoint->family == MH_FAMILY_IPV4))
		return fail(&opening, &none, "stack", MH_EFAMILY);
	if (endpoint->family != MH_FAMILY_NONE &&
	    mh_address_class(endpoint) == MH_CLASS_NONE)
		return fail(&opening, &none, "endpoint", MH_EFAMILY);
	/* Linux before 5.3 would bind to it, as to a broadcast address. */
	if (mh_address_class(endpoint) == MH_CLASS_THIS_NETWORK)
		return fail(&opening, &none, "endpoint", MH_EADDRESS);
	if (endpoint->family == MH_FAMILY_NONE ||
	    (endpoint->family == MH_FAMILY_IPV6 &&
		mh_address_class(endpoint) == MH_CLASS_UNSPECIFIED))
		opened = open_wildcard(&opening, sockets);
	else
		opened = open_one(&opening,
		    endpoint->family == MH_FAMILY_IPV4 ? KIND_IPV4 : KIND_IPV6,
		    endpoint->port, &sockets[0]);
	for (i = 0; i < opened; i++)
		sockets[i]->info.notices = opening.notices;
	return opened;
}

int
mh_socket_adopt(struct mh_socket **adopted, intptr_t handle,
    const struct mh_socket_options *options, struct mh_problem *problem)
{
	struct mh_problem ignored;
	struct opening opening = { NULL, options != NULL ? options : &defaults,
		problem != NULL ? problem : &ignored, 0 };
	struct mh__udp none = { .family = MH_FAMILY_NONE };
	struct mh_socket *socket = calloc(1, sizeof(*socket));
	int error;

	*opening.problem = (struct mh_problem){ .what = "" };
	if (!is_understood(opening.options)) {
		free(socket);
		return fail(&opening, &none, "options", MH_EINVALID);
	}
	if (socket == NULL) {
		opening.problem->code = MH_ENOMEMORY;
		opening.problem->what = "memory";
		return MH_ENOMEMORY;
	}
	error = mh__udp_adopt(&socket->udp, handle);
	if (error != 0)
		fail(&opening, &socket->udp, "socket", error);
	else
		error = set_required(&opening, socket);
	if (error == 0) {
		/* Who does not ask for bursts takes one for a datagram. */
		(void)mh__udp_set(&socket->udp, MH__RECV_BURSTS, 0);
		set_optional(&opening, socket);
		error = set_outgoing(&opening, socket);
	}
	if (error != 0) {
		free(socket);
		return error;
	}
	socket->udp.unsegmented = opening.options->unsegmented;
	describe(socket);
	socket->info.notices = opening.notices;
	*adopted = socket;
	return 0;
}

void
mh_socket_close(struct mh_socket *socket)
{
	if (socket == NULL)
		return;
	mh__udp_close(&socket->udp);
	free(socket);
}

intptr_t
mh_socket_handle(const struct mh_socket *socket)
{
	return socket->udp.handle;
}

const struct mh_socket_info *
mh_socket_info(const struct mh_socket *socket)
{
	return &socket->info;
}

uint64_t
mh_socket_drops(const struct mh_socket *socket)
{
	return mh__udp_drops(&socket->udp);
}

int
mh_socket_move(struct mh_socket *socket, uint32_t if_index)
{
	int error;

	if (socket->udp.bound.scope == 0 && socket->udp.device == 0)
		return MH_EINVALID;
	error = mh__udp_move(&socket->udp, if_index);
	socket->info.bound = socket->udp.bound;
	socket->info.device = socket->udp.device;
	return error;
}

int
mh_socket_report(struct mh_socket *socket, struct mh_report *report)
{
	if ((socket->info.can & (MH_CAN_ERRORS | MH_CAN_SEND_TIME)) == 0)
		return MH_EUNSUPPORTED;
	*report = (struct mh_report){ .sent_id = 0 };
	return mh__udp_report(&socket->udp, report);
}

void
mh_socket_refresh(struct mh_socket *socket)
{
	mh__udp_refresh(&socket->udp);
}

int
mh_socket_set_vrf(
    struct mh_socket *socket, const uint32_t *interfaces, size_t count)
{
	return mh__udp_set_vrf(&socket->udp, interfaces, count);
}
