/* SPDX-License-Identifier: ISC */
/*
 * platform/udp.h for Linux, all but the datagrams: errors, options, and what
 * else is not as elsewhere.  errno ends here.
 */
#include "platform/socket.h"

#include "platform/linux/report.h"
#include "platform/linux/reuseport.h"
#include "platform/linux/route.h"
#include "platform/linux/system.h"
#include "platform/linux/vrf.h"
#include "platform/sockaddr.h"

#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The most datagrams that mh__udp_move() drops: more can always follow. */
#define DROPPED_MAX 10000

int
mh_platform_init(struct mh_problem *problem)
{
	(void)problem;
	return 0;
}

/*
 * Errors.
 */

bool
mh__udp_wants_interface(void)
{
	return false;
}

int
mh__socket_bind_code(int system_code)
{
	return mh__socket_code(system_code);
}

int
mh__socket_code(int system_code)
{
	switch (system_code) {
	case EAGAIN:
		return MH_EAGAIN;
	case EINVAL:
		return MH_EINVALID;
	case EAFNOSUPPORT:
		return MH_EFAMILY;
	case EADDRNOTAVAIL:
		return MH_EADDRESS;
	case ENODEV:
		return MH_EZONE;
	case EADDRINUSE:
		return MH_EINUSE;
	case EACCES:
	case EPERM:
		return MH_EPERMISSION;
	case ENOMEM:
		return MH_ENOMEMORY;
	case ENOBUFS:
		return MH_ENOBUFFERS;
	case EMSGSIZE:
		return MH_ETOOBIG;
	case EHOSTUNREACH:
	case ENETUNREACH:
	case ENETDOWN:
	case EHOSTDOWN:
		return MH_EUNREACHABLE;
	case ECONNREFUSED:
		return MH_EREFUSED;
	case ENOPROTOOPT:
	case EOPNOTSUPP:
		return MH_EUNSUPPORTED;
	default:
		return MH_ESYSTEM;
	}
}

void
mh__udp_error_text(int system_code, char *text, size_t size)
{
	snprintf(
	    text, size, "%s", system_code != 0 ? strerror(system_code) : "");
}

uint32_t
mh__interface_index(const char *name)
{
	return if_nametoindex(name);
}

/*
 * One socket.
 */

intptr_t
mh__socket_make(int domain)
{
	return socket(
	    domain, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_UDP);
}

int
mh__socket_domain(struct mh__udp *udp)
{
	int type = 0, protocol = 0, domain = 0;

	if (mh__socket_get(udp, SOL_SOCKET, SO_PROTOCOL, &protocol) != 0 ||
	    mh__socket_get(udp, SOL_SOCKET, SO_DOMAIN, &domain) != 0 ||
	    mh__socket_get(udp, SOL_SOCKET, SO_TYPE, &type) != 0 ||
	    type != SOCK_DGRAM || protocol != IPPROTO_UDP ||
	    (domain != AF_INET && domain != AF_INET6))
		return AF_UNSPEC;
	return domain;
}

/* What its owner had in mind: a kernel that cannot say it has none of it. */
static void
learn_owner(struct mh__udp *udp)
{
	int freebind = 0, transparent = 0, device = 0;

	(void)mh__socket_get(udp, IPPROTO_IP, IP_FREEBIND, &freebind);
	(void)mh__socket_get(udp, IPPROTO_IP, IP_TRANSPARENT, &transparent);
	(void)mh__socket_get(udp, SOL_SOCKET, SO_BINDTOIFINDEX, &device);
	udp->freebind = freebind != 0 || transparent != 0;
	/* The scope of a link-local address says as much. */
	if (udp->bound.scope == 0)
		udp->device = (uint32_t)device;
	udp->system_code = 0;
}

int
mh__socket_prepare(struct mh__udp *udp)
{
	int fd = (int)udp->handle;

	learn_owner(udp);

	if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) < 0 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return mh__socket_failed(udp);
	return 0;
}

/*
 * On a dual-stack socket the option of IPPROTO_IP is that of its IPv4 traffic,
 * and says nothing of IPv6; so each of a pair is set, to the same value where
 * the same is right for both.  Why it is stands beside the pair; what is not
 * alike is no pair here but in mh__socket_set_special().
 */
const struct mh__socket_option mh__socket_options[] = {
	[MH__ONLY_IPV6] = { .name = "IPV6_V6ONLY", .ipv6 = IPV6_V6ONLY },
	[MH__RECV_IPV4] = { .name = "IP_PKTINFO", .ipv4 = IP_PKTINFO },
	[MH__RECV_IPV6] = { .name = "IPV6_RECVPKTINFO",
	    .ipv6 = IPV6_RECVPKTINFO },
	/* One byte of either header, of the same meaning. */
	[MH__RECV_TTL] = { .name = "IP_RECVTTL",
	    .ipv4 = IP_RECVTTL,
	    .ipv6 = IPV6_RECVHOPLIMIT },
	/* The same byte: RFC 2474. */
	[MH__RECV_TOS] = { .name = "IP_RECVTOS",
	    .ipv4 = IP_RECVTOS,
	    .ipv6 = IPV6_RECVTCLASS },
	[MH__RECV_TIME] = { .name = "SO_TIMESTAMPNS",
	    .socket = SO_TIMESTAMPNS },
	[MH__RECV_DROPS] = { .name = "SO_RXQ_OVFL", .socket = SO_RXQ_OVFL },
	/* Of clients alone; control.c tells ICMP from ICMPv6. */
	[MH__RECV_ERRORS] = { .name = "IP_RECVERR",
	    .ipv4 = IP_RECVERR,
	    .ipv6 = IPV6_RECVERR },
	/* Two names of one flag (inet->freebind). */
	[MH__FREEBIND] = { .name = "IP_FREEBIND",
	    .ipv4 = IP_FREEBIND,
	    .ipv6 = IPV6_FREEBIND },
	[MH__RECEIVE_BUFFER] = { .name = "SO_RCVBUF" },
	[MH__SEND_BUFFER] = { .name = "SO_SNDBUF" },
	[MH__SHARE_PORT] = { .name = "SO_REUSEPORT", .socket = SO_REUSEPORT },
	[MH__SHARE_BY_CPU] = { .name = "SO_ATTACH_REUSEPORT_CBPF" },
	[MH__RESPONDER] = { .name = "IP_MTU_DISCOVER" },
	[MH__DONT_FRAGMENT] = { .name = "IP_MTU_DISCOVER" },
	/* As received: RFC 2474. */
	[MH__TOS] = { .name = "IP_TOS", .ipv4 = IP_TOS, .ipv6 = IPV6_TCLASS },
	/* Of unicast alone, both: multicast has options of its own. */
	[MH__TTL] = { .name = "IP_TTL",
	    .ipv4 = IP_TTL,
	    .ipv6 = IPV6_UNICAST_HOPS },
	[MH__RECV_BURSTS] = { .name = "UDP_GRO" },
	[MH__SEND_TTL] = { .name = "IP_TTL" },
	[MH__SEND_TOS] = { .name = "IP_TOS" },
	[MH__SEND_TIME] = { .name = "SO_TIMESTAMPING" },
	[MH__RECV_HARDWARE_TIME] = { .name = "SO_TIMESTAMPING" },
};

static int
set_buffer(struct mh__udp *udp, int name, int force, unsigned int bytes)
{
	int value = bytes > INT32_MAX / 2 ? INT32_MAX / 2 : (int)bytes;
	int error = mh__socket_set(udp, SOL_SOCKET, name, value);

	/* Beyond net.core.rmem_max, wmem_max: with CAP_NET_ADMIN only. */
	if (mh__socket_set(udp, SOL_SOCKET, force, value) == 0)
		return 0;
	return error;
}

/*
 * A responder's datagrams may be fragmented.  By whom is not alike, so neither
 * is the option:
 *
 * IPv4: by a router, as there is no DF; and no belief in the path MTU that a
 * stranger's ICMP message claims, which may be as low as 552 bytes.
 *
 * IPv6: by this host alone (RFC 8200, section 5), so Packet Too Big must be
 * believed: without it, nothing longer than the narrowest link ever arrives.  A
 * stranger can forge one; the kernel takes it down to 1280 bytes, not below.
 *
 * IPv4 on a dual-stack socket goes by IPPROTO_IP (udpv6_sendmsg() hands it to
 * udp_sendmsg()).
 */
static int
set_path_mtu(struct mh__udp *udp)
{
	bool ipv4 = udp->family == MH_FAMILY_IPV4 || udp->dual_stack;
	int error = 0, error6 = 0;

	if (ipv4)
		error = mh__socket_set(
		    udp, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_OMIT);
	if (error != 0) /* Linux before 3.15 */
		error = mh__socket_set(
		    udp, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT);
	if (udp->family == MH_FAMILY_IPV6)
		error6 = mh__socket_set(
		    udp, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_WANT);
	return error != 0 ? error : error6;
}

/*
 * IPv4 multicast to groups that the host is in (224.0.0.1): an IPv4 socket gets
 * it by default, an IPv6 socket must say so (inet6_create() leaves MC_ALL off).
 * IPv6 multicast is as wanted by default (IPV6_MULTICAST_ALL).
 */
static int
set_responder(struct mh__udp *udp)
{
	if (udp->dual_stack)
		(void)mh__socket_set(udp, IPPROTO_IP, IP_MULTICAST_ALL, 1);
	return set_path_mtu(udp);
}

int
mh__socket_set_special(
    struct mh__udp *udp, enum mh__option option, unsigned int value)
{
	switch (option) {
	case MH__RECEIVE_BUFFER:
		return set_buffer(udp, SO_RCVBUF, SO_RCVBUFFORCE, value);
	case MH__SEND_BUFFER:
		return set_buffer(udp, SO_SNDBUF, SO_SNDBUFFORCE, value);
	case MH__SHARE_BY_CPU:
		return mh__reuseport_select((int)udp->handle, NULL, value)
		    ? 0
		    : mh__socket_failed(udp);
	case MH__RESPONDER:
		return set_responder(udp);
	case MH__DONT_FRAGMENT:
		/* Alike: neither this host nor a router may cut it. */
		return mh__socket_set_both(
		    udp, IP_MTU_DISCOVER, IPV6_MTU_DISCOVER, IP_PMTUDISC_PROBE);
	case MH__RECV_BURSTS:
		/* Of the protocol: of both families. */
		return mh__socket_set(udp, IPPROTO_UDP, UDP_GRO, (int)value);
	/* Nothing to set: each datagram says so itself. */
	case MH__SEND_TTL:
		udp->send_ttl = value != 0;
		return 0;
	case MH__SEND_TOS:
		udp->send_tos = value != 0;
		return 0;
	case MH__SEND_TIME:
	case MH__RECV_HARDWARE_TIME:
		return mh__report_enable(udp, option);
	default:
		return MH_EUNSUPPORTED;
	}
}

void
mh__udp_refresh(struct mh__udp *udp)
{
	uint32_t *vrf;
	int count = mh__vrf_interfaces(&vrf);

	if (count < 0)
		return;
	(void)mh__udp_set_vrf(udp, vrf, (size_t)count);
	free(vrf);
}

static int
set_interface(int fd, uint32_t if_index)
{
	const int index = (int)if_index;

	return setsockopt(
	    fd, SOL_SOCKET, SO_BINDTOIFINDEX, &index, sizeof(index));
}

/*
 * Only with CAP_NET_RAW may a socket that is bound to an interface be bound to
 * another one.  But whoever undoes connect(), even if there was none, undoes
 * that as well (Linux, __udp_disconnect()), and is free to choose again: first
 * see with another socket that it can, lest this one be open to all interfaces.
 */
static int
bind_to_interface(struct mh__udp *udp, uint32_t if_index)
{
	const struct sockaddr nowhere = { .sa_family = AF_UNSPEC };
	int fd = (int)udp->handle, scratch, error;

	if (set_interface(fd, if_index) == 0)
		return 0;
	scratch = (int)mh__socket_make(sockaddr_family(udp->family));
	if (scratch < 0)
		return mh__socket_failed(udp);
	error = set_interface(scratch, if_index);
	if (error == 0)
		error = connect(fd, &nowhere, sizeof(nowhere));
	if (error == 0)
		error = set_interface(fd, if_index);
	if (error != 0)
		error = mh__socket_failed(udp);
	close(scratch);
	return error;
}

/* Drop what arrived by other interfaces while it was bound to none. */
static void
drop_waiting(const struct mh__udp *udp)
{
	unsigned int left = DROPPED_MAX;
	char byte;

	while (left-- > 0 &&
	    recv((int)udp->handle, &byte, sizeof(byte), MSG_DONTWAIT) >= 0)
		continue;
}

int
mh__udp_move(struct mh__udp *udp, uint32_t if_index)
{
	const struct mh_address before = udp->bound;
	struct mh_address bound = before;
	int error = bind_to_interface(udp, if_index);

	if (bound.scope != 0)
		bound.scope = if_index;
	if (error == 0)
		error = mh__socket_learn_bound(udp);
	/* One that the system chose a port for has lost that. */
	if (error == 0 && udp->bound.port == 0)
		error = mh__udp_bind(udp, &bound);
	drop_waiting(udp);
	if (error != 0)
		udp->bound = before;
	else if (udp->device != 0)
		udp->device = if_index;
	return error;
}

int
mh__udp_wait(struct mh__udp *udp, unsigned int milliseconds)
{
	struct pollfd poller = { .fd = (int)udp->handle, .events = POLLIN };
	int n = poll(&poller, 1, (int)milliseconds);

	return n < 0 ? mh__socket_failed(udp) : n;
}

bool
mh__udp_has_ipv6(void)
{
	struct ifaddrs *list, *entry;

	if (getifaddrs(&list) < 0)
		return true;
	for (entry = list; entry != NULL; entry = entry->ifa_next)
		if (entry->ifa_addr != NULL &&
		    entry->ifa_addr->sa_family == AF_INET6)
			break;
	freeifaddrs(list);
	return entry != NULL;
}

bool
mh__udp_is_local(const struct mh_address *address, uint32_t if_index)
{
	enum mh__route_owner owner = mh__route_owner(address, if_index);

	/* In a VRF it may be an address outside. */
	if (owner != ROUTE_LOCAL && if_index != 0)
		owner = mh__route_owner(address, 0);
	return owner != ROUTE_UNKNOWN ? owner == ROUTE_LOCAL
				      : mh__socket_binds(address);
}
