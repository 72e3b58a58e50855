/* SPDX-License-Identifier: ISC */
/*
 * From which address, through which interface and to which port: the library
 * knows the first, and what the service chose is looked at here.
 */
#include "daemon/path/compose.h"

/* The socket's (-1) if the service's choice is not valid. */
static int16_t
choice_of(int16_t value, int16_t least)
{
	return value >= least && value <= UINT8_MAX ? value : -1;
}

/* ECN is about one way only; 0 is the socket's already. */
static int16_t
tos_of(const struct path_settings *set, const struct mh_datagram *request,
    int16_t chosen)
{
	int16_t dscp;

	if (chosen != COMPOSE_TOS_OF_REQUEST || !set->copy_dscp)
		return choice_of(chosen, 0);
	dscp = request->tos & 0xfc;
	return request->tos > 0 && dscp != 0 ? dscp : -1;
}

/* The end that the service chose; NULL if there is none. */
static const struct mh_address *
chosen_end(const struct mh_address *ends, enum service_end from)
{
	/* Without SERVICE_WANTS_ENDS there is only the one that was asked. */
	if (ends == NULL || from >= SERVICE_ENDS ||
	    ends[from].family == MH_FAMILY_NONE)
		return NULL;
	return &ends[from];
}

/* Address the datagram to leave from another end; 0 or a negative code. */
static int
address_elsewhere(const struct path_settings *set,
    const struct mh_datagram *request, const struct mh_address *from,
    struct mh_datagram *datagram)
{
	struct mh_datagram there = *request;

	if (from == NULL)
		return MH_ESOURCE;
	/* As if the request had been sent there. */
	there.local = *from;
	return mh_reply_address(datagram, &there, set->source);
}

/*
 * An IPv4 link-local peer is on the link that its request came from, says the
 * library, which does not know our interfaces.  Not if that link has no such
 * address, or if the peer is this host: routing knows the way to those.
 */
static __attribute__((noinline)) void
choose_interface(const struct path_settings *set, struct mh_datagram *reply)
{
	const struct host_interface *arrival;

	if (set->source->arrival ||
	    (reply->flags & (MH_TO_MULTICAST | MH_VIA_VRF)) != 0 ||
	    reply->peer.family != MH_FAMILY_IPV4 ||
	    mh_address_class(&reply->peer) != MH_CLASS_LINK_LOCAL)
		return;
	arrival = host_network_interface(set->network, reply->if_index);
	if (arrival == NULL || !arrival->ipv4_link_local ||
	    guard_is_own(set->guard.own, &reply->peer))
		reply->if_index = 0;
}

/* To another port of the peer, if that may be asked for. */
static __attribute__((noinline)) bool
redirect(
    const struct path_settings *set, struct mh_datagram *reply, uint16_t port)
{
	if (port < SERVICE_PORT_LEAST ||
	    guard_ports_contain(&set->guard.own->watched, port))
		return false;
	reply->peer.port = port;
	return true;
}

enum verdict
compose_reply(const struct path_settings *set,
    const struct mh_datagram *request, const struct mh_address *ends,
    const struct service_reply *reply, struct mh_datagram *datagram)
{
	int error;

	datagram->data = reply->data;
	datagram->length = reply->length;
	datagram->arrived_ns = reply->note;
	/* Both are the socket's already. */
	if ((reply->tos & reply->ttl) != -1) {
		datagram->tos = tos_of(set, request, reply->tos);
		datagram->ttl = choice_of(reply->ttl, 1);
	}
	if (reply->from == SERVICE_ASKED)
		error = mh_reply_address(datagram, request, set->source);
	else
		error = address_elsewhere(
		    set, request, chosen_end(ends, reply->from), datagram);
	if (datagram->if_index != 0)
		choose_interface(set, datagram);
	if (reply->to_port != 0 && !redirect(set, datagram, reply->to_port))
		return DROP_REFUSED_PORT;
	return error == 0 ? PASS : DROP_SOURCE_UNKNOWN;
}
