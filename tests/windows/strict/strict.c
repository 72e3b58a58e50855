/* SPDX-License-Identifier: ISC */
/*
 * Stands in for WSASendMsg() and WSARecvMsg() of a Windows that is as strict as
 * its documentation and other people's reports say, in programs that run under
 * Wine, which takes any source and ignores it.  What is refused there is
 * refused here, with the error that was reported; what is accepted leaves from
 * that source, by a raw socket of Wine's.  The address that a datagram was sent
 * to is reported in the way of Windows.
 *
 * Linked into test programs with --wrap=mh_platform_init: that is where the two
 * functions are asked for.  bind(), StartService() and ftell() are the
 * linker's as well.  Not for Windows itself.
 */
#include "platform/network.h"
#include "platform/sockaddr.h"
#include "platform/win32/control.h"
#include "platform/win32/extension.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ws2tcpip.h>

/* A UDP datagram with its header. */
#define HEADER 8
#define PACKET_MAX (HEADER + 65535)

/*
 * An address to take for one of the internet: Windows has been seen to refuse
 * such a destination unless the interface is named as well.
 */
#define FAR_AWAY "MH_STRICT_WAN"

/* A port that it keeps from all programs, as it does for Hyper-V. */
#define KEPT_PORT "MH_STRICT_KEPT_PORT"

/* If set, programs are where Local Service may not read them. */
#define UNREADABLE "MH_STRICT_UNREADABLE"

/* Windows' own index of its loopback interface. */
#define LOOPBACK_INDEX 1

/* What the control messages of one datagram want. */
struct wanted {
	bool has_source;
	struct mh_address source;
	uint32_t if_index;
};

static struct {
	struct extension real;
	struct host_network network;
	struct mh_address far_away;
	SRWLOCK lock;
} strict = { .lock = SRWLOCK_INIT };

int __real_mh_platform_init(struct mh_problem *problem);
int __wrap_mh_platform_init(struct mh_problem *problem);

static bool
same_ip(const struct mh_address *a, const struct mh_address *b)
{
	return a->family == b->family && memcmp(a->ip, b->ip, 16) == 0;
}

/* The interface that has this address; 0: none of this host's. */
static uint32_t
find_owner(const struct mh_address *address)
{
	size_t i;

	for (i = 0; i < strict.network.address_count; i++)
		if (same_ip(&strict.network.addresses[i].address, address))
			return strict.network.addresses[i].if_index;
	return 0;
}

/* The same, looking again where it was none. */
static uint32_t
owner_of(const struct mh_address *address)
{
	uint32_t owner;

	AcquireSRWLockExclusive(&strict.lock);
	owner = find_owner(address);
	if (owner == 0 && host_network_load(&strict.network) == 0)
		owner = find_owner(address);
	ReleaseSRWLockExclusive(&strict.lock);
	return owner;
}

/*
 * Out.
 */

/* WSAEINVAL for what Windows does not know. */
static int
read_message(const WSACMSGHDR *header, struct wanted *wanted)
{
	const uint8_t *data = (const uint8_t *)header + WSA_CMSG_LEN(0);
	struct in_pktinfo info;
	struct in6_pktinfo info6;

	if (header->cmsg_level == IPPROTO_IP &&
	    header->cmsg_type == IP_PKTINFO &&
	    header->cmsg_len == WSA_CMSG_LEN(sizeof(info))) {
		memcpy(&info, data, sizeof(info));
		wanted->source.family = MH_FAMILY_IPV4;
		memcpy(wanted->source.ip, &info.ipi_addr, 4);
		wanted->if_index = info.ipi_ifindex;
	} else if (header->cmsg_level == IPPROTO_IPV6 &&
	    header->cmsg_type == IPV6_PKTINFO &&
	    header->cmsg_len == WSA_CMSG_LEN(sizeof(info6))) {
		memcpy(&info6, data, sizeof(info6));
		wanted->source.family = MH_FAMILY_IPV6;
		memcpy(wanted->source.ip, &info6.ipi6_addr, 16);
		wanted->if_index = info6.ipi6_ifindex;
	} else
		return WSAEINVAL;
	wanted->has_source = true;
	return 0;
}

static int
read_control(const WSAMSG *message, struct wanted *wanted)
{
	const WSACMSGHDR *header;
	int error = 0;

	memset(wanted, 0, sizeof(*wanted));
	/* Its words: "doesn't like non-NULL Control.buf when len is 0". */
	if (message->Control.len == 0)
		return message->Control.buf == NULL ? 0 : WSAEINVAL;
	if (message->Control.len < sizeof(*header))
		return WSAEINVAL;
	header = WSA_CMSG_FIRSTHDR(message);
	for (; header != NULL && error == 0;
	     header = WSA_CMSG_NXTHDR(message, header))
		error = read_message(header, wanted);
	return error;
}

/* Is this source one for that destination?  0, or the error. */
static int
judge(const struct wanted *wanted, const struct mh_address *to)
{
	const struct mh_address *source = &wanted->source;
	bool loopback = mh_address_class(source) == MH_CLASS_LOOPBACK;
	uint32_t owner;

	if (source->family != to->family)
		return WSAEINVAL;
	/*
	 * Assigned addresses alone: 127.0.0.2 is none, although datagrams to it
	 * are received (envoyproxy/envoy PR 12820).
	 */
	owner = owner_of(source);
	if (owner == 0)
		return WSAEINVAL;
	/* The interface must be that of the address: the strong host model. */
	if (wanted->if_index != 0 && wanted->if_index != owner)
		return WSAEINVAL;
	if (loopback != (mh_address_class(to) == MH_CLASS_LOOPBACK))
		return WSAEINVAL;
	/* LizardByte/Sunshine#5443. */
	if (wanted->if_index == 0 && same_ip(to, &strict.far_away))
		return WSAEINVAL;
	return 0;
}

/* RFC 768 and RFC 8200, 8.1. */
static uint16_t
checksum(const struct mh_address *from, const struct mh_address *to,
    const uint8_t *packet, size_t length)
{
	uint32_t sum = IPPROTO_UDP + (uint32_t)length;
	size_t i;

	for (i = 0; i < 16; i += 2)
		sum += (uint32_t)(from->ip[i] << 8 | from->ip[i + 1]) +
		    (uint32_t)(to->ip[i] << 8 | to->ip[i + 1]);
	for (i = 0; i < length; i++)
		sum += (uint32_t)packet[i] << (i % 2 == 0 ? 8 : 0);
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff ? 0xffff : (uint16_t)~sum;
}

/* The datagram with a UDP header; returns its length, 0 if it has no room. */
static size_t
make_packet(uint8_t *packet, const WSAMSG *message,
    const struct mh_address *from, const struct mh_address *to)
{
	size_t length = HEADER + message->lpBuffers[0].len;
	uint16_t words[4] = { htons(from->port), htons(to->port),
		htons((uint16_t)length), 0 };

	if (length > UINT16_MAX)
		return 0;
	memcpy(packet, words, HEADER);
	if (length > HEADER)
		memcpy(packet + HEADER, message->lpBuffers[0].buf,
		    length - HEADER);
	words[3] = htons(checksum(from, to, packet, length));
	memcpy(packet, words, HEADER);
	return length;
}

/* What the socket is bound to. */
static struct mh_address
bound_to(SOCKET socket)
{
	struct sockaddr_in6 name = { .sin6_family = AF_UNSPEC };
	struct mh_address bound;
	int length = sizeof(name);

	getsockname(socket, (struct sockaddr *)&name, &length);
	sockaddr_get(&name, &bound);
	return bound;
}

/* The TTL of the socket is that of the raw one, too. */
static void
copy_ttl(SOCKET from, SOCKET to, enum mh_family family)
{
	const int level = family == MH_FAMILY_IPV4 ? IPPROTO_IP : IPPROTO_IPV6;
	const int name = family == MH_FAMILY_IPV4 ? IP_TTL : IPV6_UNICAST_HOPS;
	int ttl, length = sizeof(ttl);

	if (getsockopt(from, level, name, (char *)&ttl, &length) == 0)
		setsockopt(to, level, name, (const char *)&ttl, sizeof(ttl));
}

/* Send it from that source.  0, or the error. */
static int
send_from(SOCKET socket_, const WSAMSG *message, struct mh_address from,
    struct mh_address to)
{
	uint8_t *packet = malloc(PACKET_MAX);
	struct sockaddr_in6 name;
	size_t size = 0;
	SOCKET raw;
	int length, error = 0;

	from.port = bound_to(socket_).port;
	if (mh_address_class(&from) == MH_CLASS_LINK_LOCAL)
		from.scope = owner_of(&from);
	if (packet != NULL)
		size = make_packet(packet, message, &from, &to);
	if (size == 0) {
		free(packet);
		return WSAEMSGSIZE;
	}
	raw = socket(sockaddr_family(to.family), SOCK_RAW, IPPROTO_UDP);
	from.port = to.port = 0;
	copy_ttl(socket_, raw, to.family);
	length = (int)sockaddr_set(&name, to.family, &from);
	if (bind(raw, (struct sockaddr *)&name, length) != 0)
		error = WSAGetLastError();
	length = (int)sockaddr_set(&name, to.family, &to);
	if (error == 0 &&
	    sendto(raw, (const char *)packet, (int)size, 0,
		(struct sockaddr *)&name, length) < 0)
		error = WSAGetLastError();
	if (raw == INVALID_SOCKET || error != 0)
		fprintf(stderr, "strict: raw socket: error %d\n", error);
	closesocket(raw);
	free(packet);
	return error;
}

static int WSAAPI
strict_send(SOCKET socket, LPWSAMSG message, DWORD flags, LPDWORD sent,
    LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE done)
{
	struct sockaddr_in6 name = { .sin6_family = AF_UNSPEC };
	struct mh_address to;
	struct wanted wanted;
	int error = read_control(message, &wanted);

	memcpy(&name, message->name, (size_t)message->namelen);
	sockaddr_get(&name, &to);
	if (error == 0 && wanted.has_source)
		error = judge(&wanted, &to);
	else if (error == 0) {
		wanted.source = bound_to(socket);
		/* Wine binds to every IPv4 address instead. */
		if (mh_address_class(&wanted.source) <= MH_CLASS_UNSPECIFIED)
			return strict.real.send(
			    socket, message, flags, sent, overlapped, done);
	}
	if (error == 0)
		error = send_from(socket, message, wanted.source, to);
	if (error == 0) {
		*sent = message->lpBuffers[0].len;
		return 0;
	}
	WSASetLastError(error);
	return SOCKET_ERROR;
}

/*
 * In.
 */

/*
 * The index that comes with an address of this host: its interface's.  If it is
 * link-local and this host asks, that may be the loopback interface's instead.
 */
static ULONG
told_index(
    const struct mh_address *local, const struct mh_address *peer, ULONG index)
{
	uint32_t owner = owner_of(local);

	if (owner == 0)
		return index;
	return mh_address_class(local) == MH_CLASS_LINK_LOCAL &&
		mh_address_class(peer) == MH_CLASS_LINK_LOCAL
	    ? LOOPBACK_INDEX
	    : owner;
}

/* One control message as Windows has it; false: it has none of this. */
static bool
tell(WSACMSGHDR *header, uint8_t *data, const struct mh_address *peer)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	struct mh_address local = { .family = MH_FAMILY_IPV4 };
	struct in_pktinfo info;
	struct in6_pktinfo info6;
	int level = header->cmsg_level, type = header->cmsg_type;

	if (level == IPPROTO_IP && type == IP_PKTINFO) {
		memcpy(&info, data, sizeof(info));
		memcpy(local.ip, &info.ipi_addr, 4);
		info.ipi_ifindex = told_index(&local, peer, info.ipi_ifindex);
		memcpy(data, &info, sizeof(info));
	} else if (level == IPPROTO_IPV6 && type == IPV6_PKTINFO) {
		memcpy(&info6, data, sizeof(info6));
		if (memcmp(&info6.ipi6_addr, mapped, sizeof(mapped)) == 0)
			return false;
		local.family = MH_FAMILY_IPV6;
		memcpy(local.ip, &info6.ipi6_addr, 16);
		info6.ipi6_ifindex =
		    told_index(&local, peer, info6.ipi6_ifindex);
		memcpy(data, &info6, sizeof(info6));
	} else if (level == IPPROTO_IP && type == IP_RECVTTL)
		header->cmsg_type = IP_TTL;
	else if (level == IPPROTO_IP && type == IP_RECVTOS)
		header->cmsg_type = IP_TOS;
	else if (level == IPPROTO_IPV6 && type == IPV6_RECVTCLASS)
		header->cmsg_type = IPV6_TCLASS;
	return true;
}

static void
rewrite(WSAMSG *message)
{
	_Alignas(8) uint8_t control[CONTROL_SIZE];
	const WSACMSGHDR *header = WSA_CMSG_FIRSTHDR(message);
	struct mh_address peer;
	ULONG length = 0;
	size_t size;

	sockaddr_get((const struct sockaddr_in6 *)message->name, &peer);
	for (; header != NULL; header = WSA_CMSG_NXTHDR(message, header)) {
		size = header->cmsg_len;
		if (length + WSA_CMSGHDR_ALIGN(size) > sizeof(control))
			break;
		memset(control + length, 0, WSA_CMSGHDR_ALIGN(size));
		memcpy(control + length, header, size);
		if (tell((WSACMSGHDR *)(control + length),
			control + length + WSA_CMSG_LEN(0), &peer))
			length += (ULONG)WSA_CMSGHDR_ALIGN(size);
	}
	memcpy(message->Control.buf, control, length);
	message->Control.len = length;
}

static int WSAAPI
strict_receive(SOCKET socket, LPWSAMSG message, LPDWORD length,
    LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE done)
{
	if (strict.real.receive(socket, message, length, overlapped, done) != 0)
		return SOCKET_ERROR;
	if (message->Control.len <= CONTROL_SIZE)
		rewrite(message);
	return 0;
}

/*
 * What else differs.
 */

typedef int WSAAPI bind_function(SOCKET, const struct sockaddr *, int);
extern bind_function *__real___imp_bind;
extern bind_function *const __wrap___imp_bind;

/* Of an excluded port it says what Unix says of a privileged one. */
static int WSAAPI
strict_bind(SOCKET socket, const struct sockaddr *name, int length)
{
	const char *kept = getenv(KEPT_PORT);
	/* It is at the same place in those of both families. */
	uint16_t port = ntohs(((const struct sockaddr_in *)name)->sin_port);

	if (kept == NULL || port != strtoul(kept, NULL, 10))
		return __real___imp_bind(socket, name, length);
	WSASetLastError(WSAEACCES);
	return SOCKET_ERROR;
}

bind_function *const __wrap___imp_bind = strict_bind;

typedef BOOL WINAPI start_function(SC_HANDLE, DWORD, LPCSTR *);
extern start_function *__real___imp_StartServiceA;
extern start_function *const __wrap___imp_StartServiceA;

/* The account of the service may not read the program: actions/runner#192. */
static BOOL WINAPI
strict_start(SC_HANDLE service, DWORD argc, LPCSTR *argv)
{
	if (getenv(UNREADABLE) == NULL)
		return __real___imp_StartServiceA(service, argc, argv);
	SetLastError(ERROR_ACCESS_DENIED);
	return FALSE;
}

start_function *const __wrap___imp_StartServiceA = strict_start;

long __wrap_ftell(FILE *stream);

/* The consoles of Windows 7 say that they are closed. */
long
__wrap_ftell(FILE *stream)
{
	(void)stream;
	errno = EBADF;
	return -1;
}

int
__wrap_mh_platform_init(struct mh_problem *problem)
{
	const char *far_away = getenv(FAR_AWAY);
	int error = __real_mh_platform_init(problem);

	if (error != 0)
		return error;
	if (far_away != NULL)
		mh_address_parse(&strict.far_away, far_away);
	strict.real = mh__extension;
	mh__extension.send = strict_send;
	mh__extension.receive = strict_receive;
	return 0;
}
