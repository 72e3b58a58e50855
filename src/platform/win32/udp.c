/* SPDX-License-Identifier: ISC */
/*
 * platform/udp.h for Windows: WSARecvMsg() and WSASendMsg() with IP_PKTINFO
 * and IPV6_PKTINFO, one datagram a call.  sockaddr and WSAE* end here; so do
 * v4-mapped addresses.
 */
#include "platform/udp.h"

#include "platform/win32/control.h"
#include "platform/win32/extension.h"

#include <ws2tcpip.h>

#include <iphlpapi.h>
#include <netioapi.h>
#include <stdio.h>
#include <string.h>

/* What one datagram needs on its way through the system. */
struct frame {
	struct sockaddr_in6 name; /* has room for a sockaddr_in */
	WSABUF data;
	_Alignas(8) uint8_t control[CONTROL_SIZE];
};

/* Not in the headers of every compiler. */
#define RESET_BY_PEER _WSAIOW(IOC_VENDOR, 12) /* SIO_UDP_CONNRESET */
#define RESET_BY_PATH _WSAIOW(IOC_VENDOR, 15) /* SIO_UDP_NETRESET */

/*
 * Errors.
 */

static int
code_of(int system_code)
{
	switch (system_code) {
	case WSAEWOULDBLOCK:
		return MH_EAGAIN;
	case WSAEINVAL:
	case WSAEFAULT:
		return MH_EINVALID;
	case WSAEAFNOSUPPORT:
		return MH_EFAMILY;
	case WSAEADDRNOTAVAIL:
		return MH_EADDRESS;
	case WSAEADDRINUSE:
		return MH_EINUSE;
	case WSAEACCES:
		return MH_EPERMISSION;
	case WSA_NOT_ENOUGH_MEMORY:
		return MH_ENOMEMORY;
	case WSAENOBUFS:
		return MH_ENOBUFFERS;
	case WSAEMSGSIZE:
		return MH_ETOOBIG;
	case WSAENETUNREACH:
	case WSAEHOSTUNREACH:
	case WSAENETDOWN:
	case WSAEHOSTDOWN:
		return MH_EUNREACHABLE;
	case WSAECONNRESET: /* the port at the other end is closed */
	case WSAENETRESET:  /* the TTL ran out on the way */
	case WSAECONNREFUSED:
		return MH_EREFUSED;
	case WSAENOPROTOOPT:
	case WSAEOPNOTSUPP:
		return MH_EUNSUPPORTED;
	default:
		return MH_ESYSTEM;
	}
}

static int
failed(struct mh__udp *udp)
{
	udp->system_code = WSAGetLastError();
	return code_of(udp->system_code);
}

void
mh__udp_error_text(int system_code, char *text, size_t size)
{
	size_t length;

	*text = '\0';
	if (system_code == 0)
		return;
	if (system_code == WSAENOPROTOOPT) {
		snprintf(text, size, "Windows has no such option");
		return;
	}
	length = FormatMessageA(FORMAT_MESSAGE_FROM_SYSTEM |
		FORMAT_MESSAGE_IGNORE_INSERTS | FORMAT_MESSAGE_MAX_WIDTH_MASK,
	    NULL, (DWORD)system_code, 0, text, (DWORD)size, NULL);
	/* A full stop and a space end it. */
	while (
	    length > 0 && (text[length - 1] == ' ' || text[length - 1] == '.'))
		text[--length] = '\0';
	if (length == 0)
		snprintf(text, size, "error %d", system_code);
}

/*
 * Addresses.
 */

static const uint8_t mapped_prefix[12] = { [10] = 0xff, [11] = 0xff };

/* Fill in the name for the system; returns its exact length. */
static int
name_set(struct sockaddr_in6 *name, enum mh_family socket_family,
    const struct mh_address *address)
{
	memset(name, 0, sizeof(*name));
	if (socket_family == MH_FAMILY_IPV4) {
		struct sockaddr_in name4 = { .sin_family = AF_INET };

		name4.sin_port = htons(address->port);
		memcpy(&name4.sin_addr, address->ip, 4);
		memcpy(name, &name4, sizeof(name4));
		return sizeof(name4);
	}
	name->sin6_family = AF_INET6;
	name->sin6_port = htons(address->port);
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
	struct sockaddr_in name4;

	memset(address, 0, sizeof(*address));
	if (name->sin6_family == AF_INET) {
		memcpy(&name4, name, sizeof(name4));
		address->family = MH_FAMILY_IPV4;
		address->port = ntohs(name4.sin_port);
		memcpy(address->ip, &name4.sin_addr, 4);
		return;
	}
	if (name->sin6_family != AF_INET6)
		return;
	address->port = ntohs(name->sin6_port);
	if (memcmp(ip, mapped_prefix, 12) == 0) {
		address->family = MH_FAMILY_IPV4;
		memcpy(address->ip, ip + 12, 4);
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
		size) == NULL)
		*text = '\0';
}

uint32_t
mh__interface_index(const char *name)
{
	wchar_t alias[IF_MAX_STRING_SIZE + 1];
	NET_IFINDEX index = if_nametoindex(name);
	NET_LUID luid;

	if (index != 0)
		return index;
	/* What people see is the alias: "Ethernet 2". */
	if (MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, name, -1, alias,
		sizeof(alias) / sizeof(alias[0])) == 0 ||
	    ConvertInterfaceAliasToLuid(alias, &luid) != NO_ERROR ||
	    ConvertInterfaceLuidToIndex(&luid, &index) != NO_ERROR)
		return 0;
	return index;
}

/*
 * One socket.
 */

static SOCKET
socket_of(const struct mh__udp *udp)
{
	return (SOCKET)udp->handle;
}

/* Non-blocking, and not for child processes. */
static int
prepare(struct mh__udp *udp)
{
	u_long enabled = 1;

	if (ioctlsocket(socket_of(udp), FIONBIO, &enabled) == 0 &&
	    SetHandleInformation((HANDLE)udp->handle, HANDLE_FLAG_INHERIT, 0))
		return 0;
	return failed(udp);
}

int
mh__udp_create(struct mh__udp *udp, enum mh_family family)
{
	const BOOL alone = TRUE;
	SOCKET handle = socket(family == MH_FAMILY_IPV4 ? AF_INET : AF_INET6,
	    SOCK_DGRAM, IPPROTO_UDP);
	int error;

	*udp = (struct mh__udp){ .family = family, .handle = -1 };
	if (handle == INVALID_SOCKET)
		return failed(udp);
	udp->handle = (intptr_t)handle;
	error = prepare(udp);
	/*
	 * SO_REUSEADDR is not what it is elsewhere: it lets any program take
	 * over the port.  Its opposite must be asked for.
	 */
	if (error == 0 &&
	    setsockopt(handle, SOL_SOCKET, SO_EXCLUSIVEADDRUSE,
		(const char *)&alone, sizeof(alone)) != 0)
		error = failed(udp);
	if (error != 0)
		mh__udp_close(udp);
	return error;
}

const char *
mh__udp_option_name(enum mh__option option)
{
	static const char *const names[] = {
		[MH__ONLY_IPV6] = "IPV6_V6ONLY",
		[MH__RECV_IPV4] = "IP_PKTINFO",
		[MH__RECV_IPV6] = "IPV6_PKTINFO",
		[MH__RECV_TTL] = "IP_RECVTTL",
		[MH__RECV_TOS] = "IP_RECVTOS",
		[MH__RECV_TIME] = "SIO_TIMESTAMPING",
		[MH__RECV_DROPS] = "drop counter",
		[MH__RECV_ERRORS] = "ICMP errors",
		[MH__FREEBIND] = "freebind",
		[MH__RECEIVE_BUFFER] = "SO_RCVBUF",
		[MH__SEND_BUFFER] = "SO_SNDBUF",
		[MH__SHARE_PORT] = "port sharing of threads",
		[MH__SHARE_BY_CPU] = "port sharing by processor",
		[MH__RESPONDER] = "SIO_UDP_CONNRESET",
		[MH__DONT_FRAGMENT] = "IP_DONTFRAGMENT",
		[MH__TOS] = "IP_TOS",
		[MH__TTL] = "IP_TTL",
	};

	return names[option];
}

static int
set(struct mh__udp *udp, int level, int name, int value)
{
	if (setsockopt(socket_of(udp), level, name, (const char *)&value,
		sizeof(value)) == 0)
		return 0;
	return failed(udp);
}

static int
get(struct mh__udp *udp, int level, int name, int *value)
{
	int size = sizeof(*value);

	if (getsockopt(socket_of(udp), level, name, (char *)value, &size) == 0)
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

/*
 * A peer that closes its port before the answer comes must not make the next
 * receive fail.  Where this is refused, mh__udp_receive() copes.
 */
static int
set_resets(struct mh__udp *udp, BOOL wanted)
{
	static const DWORD resets[] = { RESET_BY_PEER, RESET_BY_PATH };
	DWORD length;
	size_t i;
	int error = 0;

	for (i = 0; i < sizeof(resets) / sizeof(resets[0]); i++)
		if (WSAIoctl(socket_of(udp), resets[i], &wanted, sizeof(wanted),
			NULL, 0, &length, NULL, NULL) != 0)
			error = failed(udp);
	return error;
}

int
mh__udp_set(struct mh__udp *udp, enum mh__option option, unsigned int value)
{
	int number = value > INT32_MAX ? INT32_MAX : (int)value;

	switch (option) {
	case MH__ONLY_IPV6:
		return set_only_ipv6(udp, number);
	case MH__RECV_IPV4:
		return set(udp, IPPROTO_IP, IP_PKTINFO, number);
	case MH__RECV_IPV6:
		return set(udp, IPPROTO_IPV6, IPV6_PKTINFO, number);
	case MH__RECV_TTL:
		return set_both(udp, IP_RECVTTL, IPV6_HOPLIMIT, number);
	case MH__RECV_TOS:
		return set_both(udp, IP_RECVTOS, IPV6_RECVTCLASS, number);
	case MH__RECEIVE_BUFFER:
		return set(udp, SOL_SOCKET, SO_RCVBUF, number);
	case MH__SEND_BUFFER:
		return set(udp, SOL_SOCKET, SO_SNDBUF, number);
	case MH__RESPONDER:
		return set_resets(udp, FALSE);
	case MH__DONT_FRAGMENT:
		return set_both(udp, IP_DONTFRAGMENT, IPV6_DONTFRAG, number);
	case MH__TTL:
		return set_both(udp, IP_TTL, IPV6_UNICAST_HOPS, number);
	case MH__TOS: /* Windows takes it, and sends 0 all the same */
	case MH__RECV_TIME:
	case MH__RECV_DROPS:
	case MH__RECV_ERRORS:
	case MH__FREEBIND:
	case MH__SHARE_PORT:
	case MH__SHARE_BY_CPU:
		break;
	}
	udp->system_code = WSAENOPROTOOPT;
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
	struct sockaddr_in6 name;
	int length = sizeof(name);

	memset(&name, 0, sizeof(name));
	if (getsockname(socket_of(udp), (struct sockaddr *)&name, &length) != 0)
		return failed(udp);
	name_get(&name, &udp->bound);
	return 0;
}

int
mh__udp_bind(struct mh__udp *udp, const struct mh_address *address)
{
	struct sockaddr_in6 name;
	int length = name_set(&name, udp->family, address);

	if (bind(socket_of(udp), (struct sockaddr *)&name, length) != 0)
		return failed(udp);
	return learn_bound(udp);
}

int
mh__udp_adopt(struct mh__udp *udp, intptr_t handle)
{
	WSAPROTOCOL_INFOA info;
	int size = sizeof(info), only_ipv6 = 1;

	*udp = (struct mh__udp){ .handle = handle };
	if (getsockopt((SOCKET)handle, SOL_SOCKET, SO_PROTOCOL_INFOA,
		(char *)&info, &size) != 0 ||
	    info.iSocketType != SOCK_DGRAM ||
	    (info.iAddressFamily != AF_INET && info.iAddressFamily != AF_INET6))
		return MH_EINVALID;
	udp->family =
	    info.iAddressFamily == AF_INET ? MH_FAMILY_IPV4 : MH_FAMILY_IPV6;
	if (udp->family == MH_FAMILY_IPV6 &&
	    get(udp, IPPROTO_IPV6, IPV6_V6ONLY, &only_ipv6) == 0)
		udp->dual_stack = only_ipv6 == 0;
	if (learn_bound(udp) != 0 || udp->bound.port == 0)
		return MH_EINVALID;
	return prepare(udp);
}

void
mh__udp_close(struct mh__udp *udp)
{
	if (udp->handle != -1)
		closesocket(socket_of(udp));
	udp->handle = -1;
}

void
mh__udp_refresh(struct mh__udp *udp)
{
	/* There are no VRFs here. */
	(void)udp;
}

int
mh__udp_wait(struct mh__udp *udp, unsigned int milliseconds)
{
	struct timeval patience = { .tv_sec = (long)(milliseconds / 1000),
		.tv_usec = (long)(milliseconds % 1000 * 1000) };
	fd_set readable;
	int n;

	FD_ZERO(&readable);
	FD_SET(socket_of(udp), &readable);
	n = select(0, &readable, NULL, NULL, &patience);
	return n < 0 ? failed(udp) : n;
}

uint64_t
mh__udp_drops(const struct mh__udp *udp)
{
	return udp->drops;
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
	const struct mh_address loopback = { .family = MH_FAMILY_IPV6,
		.ip = { [15] = 1 } };

	return mh__udp_is_local(&loopback);
}

/*
 * Batches: one frame at a time will do.
 */

size_t
mh__udp_scratch_size(unsigned int slots)
{
	(void)slots;
	return sizeof(struct frame);
}

void
mh__udp_scratch_init(
    void *memory, unsigned int slots, struct mh_datagram *received)
{
	(void)memory;
	(void)slots;
	(void)received;
}

/*
 * WSARecvMsg() for one datagram.  Returns 0, or the system's error; WSAEMSGSIZE
 * is a datagram too, but not a whole one.
 */
static int
receive_one(struct mh__udp *udp, struct frame *frame,
    struct mh_datagram *received, struct mh__arrival *arrival)
{
	WSAMSG message = { .name = (struct sockaddr *)&frame->name,
		.namelen = sizeof(frame->name),
		.lpBuffers = &frame->data,
		.dwBufferCount = 1,
		.Control = { sizeof(frame->control), (char *)frame->control } };
	DWORD length = 0;
	int error = 0;

	frame->name.sin6_family = AF_UNSPEC;
	frame->data.buf = received->data;
	frame->data.len = MH_SLOT_SIZE;
	if (extension.receive(socket_of(udp), &message, &length, NULL, NULL) !=
	    0)
		error = WSAGetLastError();
	if (error != 0 && error != WSAEMSGSIZE)
		return error;
	received->flags = 0;
	if (error == WSAEMSGSIZE || (message.dwFlags & MSG_TRUNC) != 0)
		received->flags |= MH_TRUNCATED;
	if ((message.dwFlags & MSG_CTRUNC) != 0)
		received->flags |= MH_CONTROL_TRUNCATED;
	/* It may then say how much it would have needed. */
	if (message.Control.len > sizeof(frame->control))
		message.Control.len = 0;
	control_decode(&message, arrival, received);
	name_get(&frame->name, &received->peer);
	received->status = 0;
	received->arrived_ns = 0;
	received->length = length < MH_SLOT_SIZE ? length : MH_SLOT_SIZE;
	return 0;
}

int
mh__udp_receive(struct mh__udp *udp, void *memory, struct mh_datagram *received,
    struct mh__arrival *arrivals, unsigned int slots)
{
	unsigned int i = 0, refused = 0;
	int error;

	/* Each ICMP error takes a turn, and there may be many of them. */
	while (i < slots && refused < slots) {
		error = receive_one(udp, memory, &received[i], &arrivals[i]);
		if (error == 0) {
			i++;
			continue;
		}
		udp->system_code = error;
		error = code_of(error);
		if (error == MH_EUNREACHABLE)
			error = MH_EREFUSED;
		if (error == MH_EREFUSED)
			refused++;
		else if (i == 0 && error != MH_EAGAIN)
			return error;
		else
			break;
	}
	return i == 0 && refused == slots ? MH_EREFUSED : (int)i;
}

static int
send_one(
    struct mh__udp *udp, struct frame *frame, const struct mh_datagram *reply)
{
	WSAMSG message = { .name = (struct sockaddr *)&frame->name,
		.lpBuffers = &frame->data,
		.dwBufferCount = 1 };
	DWORD sent;

	message.namelen = name_set(&frame->name, udp->family, &reply->peer);
	frame->data.buf = reply->data;
	frame->data.len = (ULONG)reply->length;
	message.Control.len =
	    control_encode(frame->control, &reply->local, reply->if_index);
	/* A buffer without length is an error to it. */
	if (message.Control.len != 0)
		message.Control.buf = (char *)frame->control;
	if (extension.send(socket_of(udp), &message, 0, &sent, NULL, NULL) == 0)
		return 0;
	udp->system_code = WSAGetLastError();
	switch (udp->system_code) {
	case WSAENETUNREACH:
	case WSAEADDRNOTAVAIL:
		return MH_EADDRESS;
	default:
		return code_of(udp->system_code);
	}
}

int
mh__udp_send(struct mh__udp *udp, void *memory,
    const struct mh_datagram *replies, unsigned int count)
{
	unsigned int i;
	int error = 0;

	for (i = 0; i < count && error == 0; i++)
		error = send_one(udp, memory, &replies[i]);
	if (error == 0)
		return (int)count;
	return i > 1 ? (int)i - 1 : error;
}

int
mh__udp_error(struct mh__udp *udp, struct mh_icmp_error *error)
{
	(void)udp;
	(void)error;
	return MH_EUNSUPPORTED;
}
