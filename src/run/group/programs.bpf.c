/* SPDX-License-Identifier: ISC */
/*
 * The programs that the kernel runs for the processes of a control group.  One
 * learns from each datagram that a wildcard UDP socket receives which address
 * of ours its sender asked; the others put that address into what is sent back.
 * clang compiles this file for src/run/group/generate, which makes programs.h
 * of it; nothing else does.
 *
 * Whatever they do not understand passes as if they were not there.
 */
#include "table.h"

#include <linux/bpf.h>

#define PROGRAM(name) __attribute__((section(name), used))
#define WORDS __attribute__((aligned(8))) /* copied as words, not as bytes */
#define ALWAYS_INLINE inline __attribute__((always_inline))

/* The kernel's functions, by their numbers in linux/bpf.h. */
#define KERNEL(result, name, number, ...) \
	static result (*const name)(__VA_ARGS__) = (void *)number

KERNEL(void *, map_lookup, BPF_FUNC_map_lookup_elem, void *, const void *);
KERNEL(long, map_update, BPF_FUNC_map_update_elem, void *, const void *,
    const void *, __u64);
KERNEL(long, map_delete, BPF_FUNC_map_delete_elem, void *, const void *);
KERNEL(__u64, now, BPF_FUNC_ktime_get_ns, void);
KERNEL(__u64, socket_cookie, BPF_FUNC_get_socket_cookie, void *);
KERNEL(long, load_bytes, BPF_FUNC_skb_load_bytes, const void *, __u32, void *,
    __u32);
KERNEL(struct bpf_sock *, full_socket, BPF_FUNC_sk_fullsock, struct bpf_sock *);

/*
 * Stand-ins: what refers to one of these becomes a reference to the map, of
 * that number (enum group_map).
 */
#define MAP(number) __attribute__((section("maps." #number), used)) char
MAP(0) settings_map;
MAP(1) counters_map;
MAP(2) peers_map;

enum { PASS = 1 };
enum { IPV4 = 0x0800, IPV6 = 0x86dd }; /* Ethernet types */
enum {
	UDP = 17,
	HOP_BY_HOP = 0,
	ROUTING = 43,
	AUTHENTICATION = 51,
	DESTINATION = 60,
	EXTENSIONS_MAX = 8
};
enum { FAMILY_IPV4 = 2, FAMILY_IPV6 = 10 };
enum { TO_THIS_HOST = 0 }; /* of the packet types: no group, no broadcast */

/* A datagram on its arrival. */
struct arrival {
	struct group_peer peer;
	struct group_local local;
	__u8 port[2];
};

static ALWAYS_INLINE struct group_counters *
counters(void)
{
	__u32 zero = 0;

	return map_lookup(&counters_map, &zero);
}

static ALWAYS_INLINE const struct group_settings *
settings(void)
{
	__u32 zero = 0;

	return map_lookup(&settings_map, &zero);
}

#define COUNT(name)                                        \
	do {                                               \
		struct group_counters *count = counters(); \
                                                           \
		if (count)                                 \
			count->name++;                     \
	} while (0)

static ALWAYS_INLINE int
is_link_local(const __u8 *ip)
{
	return ip[0] == 0xfe && (ip[1] & 0xc0) == 0x80;
}

/* UDP, and bound to no address?  Others have their source already. */
static ALWAYS_INLINE int
is_wildcard(struct bpf_sock *socket)
{
	if (!socket || !(socket = full_socket(socket)) ||
	    socket->protocol != UDP)
		return 0;
	if (socket->family == FAMILY_IPV4)
		return socket->src_ip4 == 0;
	return socket->family == FAMILY_IPV6 &&
	    (socket->src_ip6[0] | socket->src_ip6[1] | socket->src_ip6[2] |
		socket->src_ip6[3]) == 0;
}

/* The ports, from where the UDP header is. */
static ALWAYS_INLINE int
read_ports(struct __sk_buff *packet, __u32 offset, struct arrival *arrival)
{
	__u8 ports[4] WORDS;

	if (load_bytes(packet, offset, ports, sizeof(ports)) != 0)
		return 0;
	__builtin_memcpy(arrival->peer.port, ports, 2);
	__builtin_memcpy(arrival->port, ports + 2, 2);
	return 1;
}

static ALWAYS_INLINE int
read_ipv4(struct __sk_buff *packet, struct arrival *arrival)
{
	__u8 header[20] WORDS;

	if (load_bytes(packet, 0, header, sizeof(header)) != 0 ||
	    header[9] != UDP)
		return 0;
	arrival->peer.family = GROUP_IPV4;
	__builtin_memcpy(arrival->peer.ip, header + 12, 4);
	__builtin_memcpy(arrival->local.ip, header + 16, 4);
	return read_ports(packet, (header[0] & 15) * 4, arrival);
}

/* Where the UDP header is, after extension headers; 0: nowhere. */
static ALWAYS_INLINE __u32
skip_extensions(struct __sk_buff *packet, __u32 next)
{
	__u32 offset = 40;
	__u8 header[2];
	int i;

	for (i = 0; i < EXTENSIONS_MAX; i++) {
		if (next == UDP)
			return offset;
		if ((next != HOP_BY_HOP && next != ROUTING &&
			next != AUTHENTICATION && next != DESTINATION) ||
		    load_bytes(packet, offset, header, sizeof(header)) != 0)
			return 0;
		if (next == AUTHENTICATION)
			offset += (header[1] + 2) * 4;
		else
			offset += (header[1] + 1) * 8;
		next = header[0];
	}
	return 0;
}

static ALWAYS_INLINE int
read_ipv6(struct __sk_buff *packet, struct arrival *arrival)
{
	__u8 header[40] WORDS;
	__u32 offset;

	if (load_bytes(packet, 0, header, sizeof(header)) != 0)
		return 0;
	arrival->peer.family = GROUP_IPV6;
	__builtin_memcpy(arrival->peer.ip, header + 8, 16);
	__builtin_memcpy(arrival->local.ip, header + 24, 16);
	offset = skip_extensions(packet, header[6]);
	return offset != 0 && read_ports(packet, offset, arrival);
}

static ALWAYS_INLINE int
read_packet(struct __sk_buff *packet, struct arrival *arrival)
{
	switch (__builtin_bswap16(packet->protocol)) {
	case IPV4:
		return read_ipv4(packet, arrival);
	case IPV6:
		return read_ipv6(packet, arrival);
	default:
		return 0;
	}
}

/* Could it be the source of an answer? */
static ALWAYS_INLINE int
is_unicast(struct __sk_buff *packet, const struct arrival *arrival)
{
	__u8 first = arrival->local.ip[0];

	if (packet->pkt_type != TO_THIS_HOST)
		return 0;
	if (arrival->peer.family == GROUP_IPV6)
		return first != 0xff;
	return first != 0 && first < 224;
}

static ALWAYS_INLINE int
is_repaired(const struct group_settings *set, const __u8 port[2])
{
	__u32 number = (__u32)port[0] << 8 | port[1];

	return (set->ports[number / 64] >> (number % 64) & 1) != 0;
}

/*
 * Two links may have a link-local peer of the same address, and nobody says
 * which of them is answered.
 */
static ALWAYS_INLINE int
is_on_two_links(const struct arrival *arrival, const struct group_local *known)
{
	return arrival->peer.family == GROUP_IPV6 &&
	    is_link_local(arrival->peer.ip) &&
	    (known->is_unclear || known->if_index != arrival->local.if_index);
}

static ALWAYS_INLINE int
is_same(const struct group_local *a, const struct group_local *b)
{
	__u64 x[2], y[2];

	__builtin_memcpy(x, a->ip, 16);
	__builtin_memcpy(y, b->ip, 16);
	return x[0] == y[0] && x[1] == y[1] && a->if_index == b->if_index &&
	    a->is_unclear == b->is_unclear;
}

static ALWAYS_INLINE void
remember(struct arrival *arrival, __u64 idle)
{
	struct group_local *known = map_lookup(&peers_map, &arrival->peer);

	if (known) {
		if (arrival->local.seen - known->seen <= idle)
			arrival->local.is_unclear =
			    is_on_two_links(arrival, known);
		if (is_same(known, &arrival->local)) {
			known->seen = arrival->local.seen;
			return;
		}
	}
	map_update(&peers_map, &arrival->peer, &arrival->local, BPF_ANY);
	COUNT(learned);
}

PROGRAM("ingress") int mhrun_ingress(struct __sk_buff *packet)
{
	struct arrival arrival = { .peer = { .family = 0 } };
	const struct group_settings *set;

	if (!is_wildcard(packet->sk) || !(set = settings()))
		return PASS;
	if (!read_packet(packet, &arrival)) {
		COUNT(ignored);
		return PASS;
	}
	if (!is_repaired(set, arrival.port))
		return PASS;
	arrival.peer.cookie = socket_cookie(packet);
	if (!is_unicast(packet, &arrival)) {
		/* What it asked last decides: the system picks. */
		map_delete(&peers_map, &arrival.peer);
		COUNT(ignored);
		return PASS;
	}
	arrival.local.if_index = packet->ifindex;
	arrival.local.seen = now();
	remember(&arrival, set->idle);
	return PASS;
}

/* The address that the peer asked; NULL: the system picks. */
static ALWAYS_INLINE const struct group_local *
recall(const struct group_peer *peer)
{
	struct group_local *known = map_lookup(&peers_map, peer);
	const struct group_settings *set = settings();
	__u64 time = now();

	if (!known || !set) {
		COUNT(unasked);
		return 0;
	}
	/* Another processor's datagram may be later than this. */
	if ((__s64)(time - known->seen) > (__s64)set->idle) {
		COUNT(expired);
		return 0;
	}
	if (known->is_unclear) {
		COUNT(unclear);
		return 0;
	}
	known->seen = time;
	COUNT(sourced);
	return known;
}

PROGRAM("sendmsg4") int mhrun_sendmsg4(struct bpf_sock_addr *call)
{
	struct group_peer peer = { .family = GROUP_IPV4 };
	const struct group_local *local;
	__u32 ip = call->user_ip4, port = call->user_port;

	if (call->msg_src_ip4 != 0) {
		COUNT(chosen);
		return PASS;
	}
	peer.cookie = socket_cookie(call);
	__builtin_memcpy(peer.ip, &ip, 4);
	__builtin_memcpy(peer.port, &port, 2);
	local = recall(&peer);
	if (local) {
		__builtin_memcpy(&ip, local->ip, 4);
		call->msg_src_ip4 = ip;
	}
	return PASS;
}

PROGRAM("sendmsg6") int mhrun_sendmsg6(struct bpf_sock_addr *call)
{
	struct group_peer peer = { .family = GROUP_IPV6 };
	const struct group_local *local;
	__u32 port = call->user_port, part[4];

	if ((call->msg_src_ip6[0] | call->msg_src_ip6[1] |
		call->msg_src_ip6[2] | call->msg_src_ip6[3]) != 0) {
		COUNT(chosen);
		return PASS;
	}
	peer.cookie = socket_cookie(call);
	part[0] = call->user_ip6[0];
	part[1] = call->user_ip6[1];
	part[2] = call->user_ip6[2];
	part[3] = call->user_ip6[3];
	__builtin_memcpy(peer.ip, part, 16);
	__builtin_memcpy(peer.port, &port, 2);
	local = recall(&peer);
	if (local) {
		__builtin_memcpy(part, local->ip, 16);
		call->msg_src_ip6[0] = part[0];
		call->msg_src_ip6[1] = part[1];
		call->msg_src_ip6[2] = part[2];
		call->msg_src_ip6[3] = part[3];
	}
	return PASS;
}
