/* SPDX-License-Identifier: ISC */
/*
 * platform/udp.h for Linux: recvmmsg() and sendmmsg() with IP_PKTINFO and
 * IPV6_RECVPKTINFO.  sockaddr and errno end here; so do v4-mapped addresses.
 */
#include "platform/udp.h"

#include "platform/linux/control.h"
#include "platform/linux/reuseport.h"
#include "platform/linux/vrf.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/sock_diag.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * Replies of equal size on the same way leave as one, cut up again by the
 * kernel or the network card (UDP_SEGMENT): so many at most, and none that
 * could be larger than the smallest MTU of IPv6 (RFC 8200, section 5).
 */
#define SEGMENTS_MAX 32
#define SEGMENT_SIZE_MAX (1280 - 40 - 8)

/* What one datagram needs on its way through the kernel. */
struct frame {
	struct sockaddr_in6 name; /* has room for a sockaddr_in */
	_Alignas(struct cmsghdr) uint8_t control[CONTROL_SIZE];
};

/* Working memory of a batch: the way in, then the way out. */
struct scratch {
	struct frame *in, *out;
	struct iovec *in_data, *out_data;
	struct mmsghdr *in_headers, *out_headers;
	unsigned int used; /* in_headers that the kernel may have written to */
};

int
mh_platform_init(struct mh_problem *problem)
{
	(void)problem;
	return 0;
}

/*
 * Errors.
 */

static int
code_of(int system_code)
{
	switch (system_code) {
	case EAGAIN:
		return MH_EAGAIN;
	case EINVAL:
		return MH_EINVALID;
	case EAFNOSUPPORT:
		return MH_EFAMILY;
	case EADDRNOTAVAIL:
	case ENODEV:
		return MH_EADDRESS;
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

static int
failed(struct mh__udp *udp)
{
	udp->system_code = errno;
	return code_of(errno);
}

void
mh__udp_error_text(int system_code, char *text, size_t size)
{
	snprintf(
	    text, size, "%s", system_code != 0 ? strerror(system_code) : "");
}

/*
 * Addresses.
 */

static const uint8_t mapped_prefix[12] = { [10] = 0xff, [11] = 0xff };

/* Fill in the name for the kernel; returns its exact length. */
static socklen_t
name_set(struct sockaddr_in6 *name, enum mh_family socket_family,
    const struct mh_address *address)
{
	if (socket_family == MH_FAMILY_IPV4) {
		struct sockaddr_in name4 = { .sin_family = AF_INET };

		name4.sin_port = htons(address->port);
		memcpy(&name4.sin_addr, address->ip, 4);
		memcpy(name, &name4, sizeof(name4));
		return sizeof(name4);
	}
	name->sin6_family = AF_INET6;
	name->sin6_port = htons(address->port);
	name->sin6_flowinfo = 0;
	name->sin6_scope_id = address->scope;
	if (address->family == MH_FAMILY_IPV4) {
		memcpy(&name->sin6_addr, mapped_prefix, 12);
		memcpy((uint8_t *)&name->sin6_addr + 12, address->ip, 4);
	} else
		memcpy(&name->sin6_addr, address->ip, 16);
	return sizeof(*name);
}

static void
name_get(const struct sockaddr_in6 *name, struct mh_address *address)
{
	const uint8_t *ip = (const uint8_t *)&name->sin6_addr;
	bool mapped = false;

	memset(address, 0, sizeof(*address));
	address->port = ntohs(name->sin6_port); /* where sin_port is, too */
	if (name->sin6_family == AF_INET)
		ip = (const uint8_t *)name +
		    offsetof(struct sockaddr_in, sin_addr);
	else if (name->sin6_family == AF_INET6)
		mapped = memcmp(ip, mapped_prefix, 12) == 0;
	else
		return;
	if (mapped || name->sin6_family == AF_INET) {
		address->family = MH_FAMILY_IPV4;
		memcpy(address->ip, mapped ? ip + 12 : ip, 4);
		return;
	}
	address->family = MH_FAMILY_IPV6;
	memcpy(address->ip, ip, 16);
	address->scope = name->sin6_scope_id;
}

bool
mh__ip_parse(enum mh_family family, const char *text, uint8_t ip[16])
{
	memset(ip, 0, 16);
	return inet_pton(family == MH_FAMILY_IPV4 ? AF_INET : AF_INET6, text,
		   ip) == 1;
}

void
mh__ip_format(
    enum mh_family family, const uint8_t ip[16], char *text, size_t size)
{
	if (inet_ntop(family == MH_FAMILY_IPV4 ? AF_INET : AF_INET6, ip, text,
		(socklen_t)size) == NULL)
		*text = '\0';
}

uint32_t
mh__interface_index(const char *name)
{
	return if_nametoindex(name);
}

/*
 * One socket.
 */

static int
domain_of(enum mh_family family)
{
	return family == MH_FAMILY_IPV4 ? AF_INET : AF_INET6;
}

int
mh__udp_create(struct mh__udp *udp, enum mh_family family)
{
	int fd;

	*udp = (struct mh__udp){ .family = family, .handle = -1 };
	fd = socket(domain_of(family),
	    SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_UDP);
	if (fd < 0)
		return failed(udp);
	udp->handle = fd;
	return 0;
}

const char *
mh__udp_option_name(enum mh__option option)
{
	static const char *const names[] = {
		[MH__ONLY_IPV6] = "IPV6_V6ONLY",
		[MH__RECV_IPV4] = "IP_PKTINFO",
		[MH__RECV_IPV6] = "IPV6_RECVPKTINFO",
		[MH__RECV_TTL] = "IP_RECVTTL",
		[MH__RECV_TOS] = "IP_RECVTOS",
		[MH__RECV_TIME] = "SO_TIMESTAMPNS",
		[MH__RECV_DROPS] = "SO_RXQ_OVFL",
		[MH__RECV_ERRORS] = "IP_RECVERR",
		[MH__FREEBIND] = "IP_FREEBIND",
		[MH__RECEIVE_BUFFER] = "SO_RCVBUF",
		[MH__SEND_BUFFER] = "SO_SNDBUF",
		[MH__SHARE_PORT] = "SO_REUSEPORT",
		[MH__SHARE_BY_CPU] = "SO_ATTACH_REUSEPORT_CBPF",
		[MH__RESPONDER] = "IP_MTU_DISCOVER",
		[MH__DONT_FRAGMENT] = "IP_MTU_DISCOVER",
		[MH__TOS] = "IP_TOS",
		[MH__TTL] = "IP_TTL",
	};

	return names[option];
}

static int
set(struct mh__udp *udp, int level, int name, int value)
{
	if (setsockopt((int)udp->handle, level, name, &value, sizeof(value)) ==
	    0)
		return 0;
	return failed(udp);
}

static int
get(struct mh__udp *udp, int level, int name, int *value)
{
	socklen_t size = sizeof(*value);

	if (getsockopt((int)udp->handle, level, name, value, &size) == 0)
		return 0;
	return failed(udp);
}

/* An option that has one name for IPv4 and another for IPv6. */
static int
set_both(struct mh__udp *udp, int ipv4_name, int ipv6_name, int value)
{
	int error = 0;

	if (udp->family == MH_FAMILY_IPV4 || udp->dual_stack)
		error = set(udp, IPPROTO_IP, ipv4_name, value);
	if (error == 0 && udp->family == MH_FAMILY_IPV6)
		error = set(udp, IPPROTO_IPV6, ipv6_name, value);
	return error;
}

static int
set_only_ipv6(struct mh__udp *udp, int value)
{
	int error = set(udp, IPPROTO_IPV6, IPV6_V6ONLY, value);
	int system_code = udp->system_code, now;

	if (error == 0)
		return 0;
	if (get(udp, IPPROTO_IPV6, IPV6_V6ONLY, &now) == 0 && now == value)
		return 0;
	udp->system_code = system_code;
	return error;
}

static int
set_buffer(struct mh__udp *udp, int name, int force, unsigned int bytes)
{
	int value = bytes > INT32_MAX / 2 ? INT32_MAX / 2 : (int)bytes;
	int error = set(udp, SOL_SOCKET, name, value);

	/* Beyond net.core.rmem_max, wmem_max: with CAP_NET_ADMIN only. */
	if (set(udp, SOL_SOCKET, force, value) == 0)
		return 0;
	return error;
}

/*
 * A responder's datagrams may be fragmented: no DF, and no believing in the
 * path MTU that a stranger's ICMP message claims.
 *
 * IPv4 multicast to groups that the host is in (224.0.0.1): an IPv4 socket gets
 * it by default, an IPv6 socket must say so (inet6_create() leaves MC_ALL off).
 */
static int
set_responder(struct mh__udp *udp)
{
	if (udp->dual_stack)
		(void)set(udp, IPPROTO_IP, IP_MULTICAST_ALL, 1);
	if (set_both(
		udp, IP_MTU_DISCOVER, IPV6_MTU_DISCOVER, IP_PMTUDISC_OMIT) == 0)
		return 0;
	return set_both(
	    udp, IP_MTU_DISCOVER, IPV6_MTU_DISCOVER, IP_PMTUDISC_DONT);
}

int
mh__udp_set(struct mh__udp *udp, enum mh__option option, unsigned int value)
{
	int number = (int)value;

	switch (option) {
	case MH__ONLY_IPV6:
		return set_only_ipv6(udp, number);
	case MH__RECV_IPV4:
		return set(udp, IPPROTO_IP, IP_PKTINFO, number);
	case MH__RECV_IPV6:
		return set(udp, IPPROTO_IPV6, IPV6_RECVPKTINFO, number);
	case MH__RECV_TTL:
		return set_both(udp, IP_RECVTTL, IPV6_RECVHOPLIMIT, number);
	case MH__RECV_TOS:
		return set_both(udp, IP_RECVTOS, IPV6_RECVTCLASS, number);
	case MH__RECV_TIME:
		return set(udp, SOL_SOCKET, SO_TIMESTAMPNS, number);
	case MH__RECV_DROPS:
		return set(udp, SOL_SOCKET, SO_RXQ_OVFL, number);
	case MH__RECV_ERRORS:
		return set_both(udp, IP_RECVERR, IPV6_RECVERR, number);
	case MH__FREEBIND:
		return set_both(udp, IP_FREEBIND, IPV6_FREEBIND, number);
	case MH__RECEIVE_BUFFER:
		return set_buffer(udp, SO_RCVBUF, SO_RCVBUFFORCE, value);
	case MH__SEND_BUFFER:
		return set_buffer(udp, SO_SNDBUF, SO_SNDBUFFORCE, value);
	case MH__SHARE_PORT:
		return set(udp, SOL_SOCKET, SO_REUSEPORT, number);
	case MH__SHARE_BY_CPU:
		return reuseport_select((int)udp->handle, NULL, value)
		    ? 0
		    : failed(udp);
	case MH__RESPONDER:
		return set_responder(udp);
	case MH__DONT_FRAGMENT:
		return set_both(
		    udp, IP_MTU_DISCOVER, IPV6_MTU_DISCOVER, IP_PMTUDISC_PROBE);
	case MH__TOS:
		return set_both(udp, IP_TOS, IPV6_TCLASS, number);
	case MH__TTL:
		return set_both(udp, IP_TTL, IPV6_UNICAST_HOPS, number);
	}
	return MH_EUNSUPPORTED;
}

unsigned int
mh__udp_receive_buffer(struct mh__udp *udp)
{
	int bytes;

	return get(udp, SOL_SOCKET, SO_RCVBUF, &bytes) == 0
	    ? (unsigned int)bytes
	    : 0;
}

/* What the socket is bound to, with the real port. */
static int
learn_bound(struct mh__udp *udp)
{
	struct sockaddr_in6 name = { .sin6_family = AF_UNSPEC };
	socklen_t length = sizeof(name);

	if (getsockname((int)udp->handle, (struct sockaddr *)&name, &length) <
	    0)
		return failed(udp);
	name_get(&name, &udp->bound);
	return 0;
}

int
mh__udp_bind(struct mh__udp *udp, const struct mh_address *address)
{
	struct sockaddr_in6 name = { .sin6_family = AF_UNSPEC };
	socklen_t length = name_set(&name, udp->family, address);

	if (bind((int)udp->handle, (struct sockaddr *)&name, length) < 0)
		return failed(udp);
	return learn_bound(udp);
}

int
mh__udp_adopt(struct mh__udp *udp, intptr_t handle)
{
	int type = 0, protocol = 0, domain = 0, only_ipv6 = 1, fd = (int)handle;

	*udp = (struct mh__udp){ .handle = handle };
	if (get(udp, SOL_SOCKET, SO_PROTOCOL, &protocol) != 0 ||
	    get(udp, SOL_SOCKET, SO_DOMAIN, &domain) != 0 ||
	    get(udp, SOL_SOCKET, SO_TYPE, &type) != 0 || type != SOCK_DGRAM ||
	    protocol != IPPROTO_UDP ||
	    (domain != AF_INET && domain != AF_INET6))
		return MH_EINVALID;
	udp->family = domain == AF_INET ? MH_FAMILY_IPV4 : MH_FAMILY_IPV6;
	if (domain == AF_INET6 &&
	    get(udp, IPPROTO_IPV6, IPV6_V6ONLY, &only_ipv6) == 0)
		udp->dual_stack = only_ipv6 == 0;
	if (learn_bound(udp) != 0 || udp->bound.port == 0)
		return MH_EINVALID;
	if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) < 0 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return failed(udp);
	return 0;
}

void
mh__udp_close(struct mh__udp *udp)
{
	if (udp->handle >= 0)
		close((int)udp->handle);
	udp->handle = -1;
	free(udp->vrf);
	udp->vrf = NULL;
	udp->vrf_count = 0;
}

void
mh__udp_refresh(struct mh__udp *udp)
{
	uint32_t *vrf;
	int count = vrf_interfaces(&vrf);

	if (count < 0)
		return;
	free(udp->vrf);
	udp->vrf = vrf;
	udp->vrf_count = (unsigned int)count;
}

int
mh__udp_wait(struct mh__udp *udp, unsigned int milliseconds)
{
	struct pollfd poller = { .fd = (int)udp->handle, .events = POLLIN };
	int n = poll(&poller, 1, (int)milliseconds);

	return n < 0 ? failed(udp) : n;
}

/* The system's counter wraps, ours does not; they agree in what they share. */
static uint64_t
drops_at(const struct mh__udp *udp, uint32_t counter)
{
	uint64_t drops = udp->drops;

	return drops + (uint32_t)(counter - (uint32_t)drops);
}

uint64_t
mh__udp_drops(const struct mh__udp *udp)
{
	uint64_t drops = udp->drops;
	uint32_t info[SK_MEMINFO_VARS];
	socklen_t size = sizeof(info);

	/* Since Linux 4.12. */
	if (getsockopt((int)udp->handle, SOL_SOCKET, SO_MEMINFO, info, &size) <
		0 ||
	    size < sizeof(info))
		return drops;
	return drops_at(udp, info[SK_MEMINFO_DROPS]);
}

bool
mh__udp_is_local(const struct mh_address *address)
{
	struct mh_address any_port = *address;
	struct mh__udp scratch;
	int error;

	any_port.port = 0;
	error = mh__udp_create(&scratch, address->family);
	if (error != 0)
		return error != MH_EFAMILY; /* cannot tell: assume it is */
	error = mh__udp_bind(&scratch, &any_port);
	mh__udp_close(&scratch);
	return error == 0 || error == MH_EINUSE; /* no port is left */
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

/*
 * Batches.
 */

size_t
mh__udp_scratch_size(unsigned int slots)
{
	return sizeof(struct scratch) +
	    2 * slots *
	    (sizeof(struct frame) + sizeof(struct iovec) +
		sizeof(struct mmsghdr));
}

static void
headers_init(struct mmsghdr *headers, struct frame *frames, struct iovec *data,
    unsigned int slots)
{
	unsigned int i;

	for (i = 0; i < slots; i++) {
		headers[i].msg_hdr.msg_name = &frames[i].name;
		headers[i].msg_hdr.msg_iov = &data[i];
		headers[i].msg_hdr.msg_iovlen = 1;
		headers[i].msg_hdr.msg_control = frames[i].control;
	}
}

/* Say how much room there is: the kernel wrote over it what it took. */
static void
headers_reset(struct mmsghdr *headers, struct frame *frames, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		headers[i].msg_hdr.msg_namelen = sizeof(frames[i].name);
		headers[i].msg_hdr.msg_controllen = sizeof(frames[i].control);
		headers[i].msg_hdr.msg_flags = 0;
		headers[i].msg_len = 0;
		frames[i].name.sin6_family = AF_UNSPEC;
	}
}

void
mh__udp_scratch_init(
    void *memory, unsigned int slots, struct mh_datagram *received)
{
	struct scratch *scratch = memory;
	unsigned int i;

	scratch->in = (struct frame *)(scratch + 1);
	scratch->out = scratch->in + slots;
	scratch->in_data = (struct iovec *)(scratch->out + slots);
	scratch->out_data = scratch->in_data + slots;
	scratch->in_headers = (struct mmsghdr *)(scratch->out_data + slots);
	scratch->out_headers = scratch->in_headers + slots;
	headers_init(scratch->in_headers, scratch->in, scratch->in_data, slots);
	headers_init(
	    scratch->out_headers, scratch->out, scratch->out_data, slots);
	for (i = 0; i < slots; i++) {
		scratch->in_data[i].iov_base = received[i].data;
		scratch->in_data[i].iov_len = MH_SLOT_SIZE;
	}
	scratch->used = slots;
}

static bool
in_vrf(const struct mh__udp *udp, uint32_t if_index)
{
	unsigned int i;

	for (i = 0; i < udp->vrf_count; i++)
		if (udp->vrf[i] == if_index)
			return true;
	return false;
}

/* What the kernel wrote about one datagram. */
static void
take_in(struct mh__udp *udp, const struct mmsghdr *message,
    struct mh_datagram *received, struct mh__arrival *arrival)
{
	const struct msghdr *header = &message->msg_hdr;
	struct control_facts facts;

	control_decode(header, arrival, &facts);
	name_get(header->msg_name, &received->peer);
	received->flags = 0;
	if ((header->msg_flags & MSG_TRUNC) != 0)
		received->flags |= MH_TRUNCATED;
	if ((header->msg_flags & MSG_CTRUNC) != 0)
		received->flags |= MH_CONTROL_TRUNCATED;
	if (udp->vrf_count != 0 && in_vrf(udp, arrival->if_index))
		received->flags |= MH_VIA_VRF;
	received->ttl = facts.ttl;
	received->tos = facts.tos;
	received->status = 0;
	received->arrived_ns = facts.arrived_ns;
	received->length = message->msg_len;
	if (facts.has_drops)
		udp->drops = drops_at(udp, facts.drops);
}

int
mh__udp_receive(struct mh__udp *udp, void *memory, struct mh_datagram *received,
    struct mh__arrival *arrivals, unsigned int slots)
{
	struct scratch *scratch = memory;
	int error, i, n;

	headers_reset(scratch->in_headers, scratch->in, scratch->used);
	do
		n = recvmmsg((int)udp->handle, scratch->in_headers, slots,
		    MSG_DONTWAIT, NULL);
	while (n < 0 && errno == EINTR);
	/* With the one that it stopped at. */
	scratch->used = n < 0 ? 1 : (unsigned int)n + ((unsigned int)n < slots);
	if (n < 0) {
		error = failed(udp);
		/* A pending ICMP error: of no interest to a responder. */
		if (error == MH_EUNREACHABLE)
			return MH_EREFUSED;
		return error == MH_EAGAIN ? 0 : error;
	}
	for (i = 0; i < n; i++)
		take_in(
		    udp, &scratch->in_headers[i], &received[i], &arrivals[i]);
	return n;
}

/* Can the two leave as one? */
static bool
is_alike(const struct mh_datagram *a, const struct mh_datagram *b)
{
	return a->peer.port == b->peer.port && a->length == b->length &&
	    a->if_index == b->if_index &&
	    memcmp(&a->peer, &b->peer, sizeof(a->peer)) == 0 &&
	    memcmp(&a->local, &b->local, sizeof(a->local)) == 0;
}

/* How many replies from the first on can leave as one. */
static unsigned int
alike(const struct mh_datagram *replies, unsigned int count)
{
	unsigned int n = 1;

	if (replies->length == 0 || replies->length > SEGMENT_SIZE_MAX)
		return 1;
	if (count > SEGMENTS_MAX)
		count = SEGMENTS_MAX;
	while (n < count && is_alike(replies, &replies[n]))
		n++;
	return n;
}

/* Make so many replies, all alike, one message for the kernel. */
static void
frame_replies(const struct mh__udp *udp, struct msghdr *header,
    struct frame *frame, const struct mh_datagram *replies, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		header->msg_iov[i].iov_base = replies[i].data;
		header->msg_iov[i].iov_len = replies[i].length;
	}
	header->msg_iovlen = count;
	header->msg_namelen =
	    name_set(&frame->name, udp->family, &replies->peer);
	header->msg_controllen = control_encode(frame->control,
	    replies->peer.family, &replies->local, replies->if_index);
	if (count > 1)
		header->msg_controllen = control_encode_segments(
		    frame->control, header->msg_controllen, replies->length);
	header->msg_control =
	    header->msg_controllen != 0 ? frame->control : NULL;
}

/* sendmmsg(), counted in replies. */
static int
transmit(struct mh__udp *udp, struct scratch *scratch,
    const struct mh_datagram *replies, unsigned int count)
{
	unsigned int i, done = 0, headers = 0, together;
	struct msghdr *header;
	int n, sent = 0;

	while (done < count) {
		together =
		    udp->unsegmented ? 1 : alike(&replies[done], count - done);
		header = &scratch->out_headers[headers].msg_hdr;
		header->msg_iov = &scratch->out_data[done];
		frame_replies(udp, header, &scratch->out[headers],
		    &replies[done], together);
		headers++;
		done += together;
	}
	do
		n = sendmmsg((int)udp->handle, scratch->out_headers, headers,
		    MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	for (i = 0; n > 0 && i < (unsigned int)n; i++)
		sent += (int)scratch->out_headers[i].msg_hdr.msg_iovlen;
	return n < 0 ? n : sent;
}

int
mh__udp_send(struct mh__udp *udp, void *memory,
    const struct mh_datagram *replies, unsigned int count)
{
	struct scratch *scratch = memory;
	int n = transmit(udp, scratch, replies, count);

	if (n < 0 && scratch->out_headers[0].msg_hdr.msg_iovlen > 1 &&
	    (errno == EIO || errno == EINVAL || errno == EMSGSIZE)) {
		/* Is it the segments?  Only if it goes without. */
		udp->unsegmented = true;
		n = transmit(udp, scratch, replies, count);
		udp->unsegmented = n > 0;
	}
	if (n >= 0)
		return n;
	/* What is wrong with a source depends on family and kernel version. */
	switch (errno) {
	case EINVAL:
	case ENETUNREACH:
	case EADDRNOTAVAIL:
	case ENODEV:
		udp->system_code = errno;
		return MH_EADDRESS;
	default:
		return failed(udp);
	}
}

int
mh__udp_error(struct mh__udp *udp, struct mh_icmp_error *error)
{
	struct sockaddr_in6 peer, reporter;
	_Alignas(struct cmsghdr) uint8_t control[CONTROL_SIZE];
	struct msghdr header;
	ssize_t n;

	do {
		peer = (struct sockaddr_in6){ .sin6_family = AF_UNSPEC };
		header = (struct msghdr){
			.msg_name = &peer,
			.msg_namelen = sizeof(peer),
			.msg_control = control,
			.msg_controllen = sizeof(control),
		};
		do
			n = recvmsg((int)udp->handle, &header,
			    MSG_ERRQUEUE | MSG_DONTWAIT);
		while (n < 0 && errno == EINTR);
		if (n < 0)
			return errno == EAGAIN ? 0 : failed(udp);
		/* Errors of this host's own were told by the call itself. */
	} while (!control_decode_error(&header, error, &reporter));
	name_get(&peer, &error->peer);
	name_get(&reporter, &error->reporter);
	error->reporter.port = 0;
	return 1;
}
