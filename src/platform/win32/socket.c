/* SPDX-License-Identifier: ISC */
/*
 * platform/udp.h for Windows, all but the datagrams: errors, options, and what
 * else is not as elsewhere.  WSAE* ends here.
 */
#include "platform/socket.h"

#include "platform/win32/extension.h"
#include "platform/win32/system.h"

#include <iphlpapi.h>
#include <netioapi.h>
#include <stdio.h>
#include <string.h>

/* Not in the headers of every compiler. */
#define RESET_BY_PEER _WSAIOW(IOC_VENDOR, 12) /* SIO_UDP_CONNRESET */
#define RESET_BY_PATH _WSAIOW(IOC_VENDOR, 15) /* SIO_UDP_NETRESET */

/*
 * Errors.
 */

int
mh__socket_code(int system_code)
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

/*
 * No port takes privileges here.  This one is kept from all programs, as those
 * of Hyper-V are, or is of one that has it for itself (SO_EXCLUSIVEADDRUSE).
 */
int
mh__socket_bind_code(int system_code)
{
	return system_code == WSAEACCES ? MH_EINUSE
					: mh__socket_code(system_code);
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

/* Non-blocking, and not for child processes. */
static bool
prepare(SOCKET handle)
{
	u_long enabled = 1;

	return ioctlsocket(handle, FIONBIO, &enabled) == 0 &&
	    SetHandleInformation((HANDLE)handle, HANDLE_FLAG_INHERIT, 0);
}

intptr_t
mh__socket_make(int domain)
{
	const BOOL alone = TRUE;
	SOCKET handle = socket(domain, SOCK_DGRAM, IPPROTO_UDP);
	int error;

	if (handle == INVALID_SOCKET)
		return -1;
	/*
	 * SO_REUSEADDR is not what it is elsewhere: it lets any program take
	 * over the port.  Its opposite must be asked for.
	 */
	if (prepare(handle) &&
	    setsockopt(handle, SOL_SOCKET, SO_EXCLUSIVEADDRUSE,
		(const char *)&alone, sizeof(alone)) == 0)
		return (intptr_t)handle;
	error = WSAGetLastError();
	closesocket(handle);
	WSASetLastError(error);
	return -1;
}

int
mh__socket_domain(struct mh__udp *udp)
{
	WSAPROTOCOL_INFOA info;
	int size = sizeof(info);

	if (getsockopt(system_socket(udp->handle), SOL_SOCKET,
		SO_PROTOCOL_INFOA, (char *)&info, &size) != 0 ||
	    info.iSocketType != SOCK_DGRAM ||
	    (info.iAddressFamily != AF_INET && info.iAddressFamily != AF_INET6))
		return AF_UNSPEC;
	return info.iAddressFamily;
}

int
mh__socket_prepare(struct mh__udp *udp)
{
	return prepare(system_socket(udp->handle)) ? 0 : mh__socket_failed(udp);
}

/*
 * Each of a pair is set for its family, to the same value where the same is
 * right for both.  Why it is stands beside the pair.
 *
 * What a responder needs of path MTUs is the default here (IP_MTU_DISCOVER and
 * IPV6_MTU_DISCOVER are IP_PMTUDISC_NOT_SET, by the documentation of Winsock):
 * IPv4 datagrams have no DF, and IPv6 ones are cut by this host to the MTU of
 * the path.  So nothing is set.
 */
const struct mh__socket_option mh__socket_options[] = {
	[MH__ONLY_IPV6] = { .name = "IPV6_V6ONLY", .ipv6 = IPV6_V6ONLY },
	[MH__RECV_IPV4] = { .name = "IP_PKTINFO", .ipv4 = IP_PKTINFO },
	[MH__RECV_IPV6] = { .name = "IPV6_PKTINFO", .ipv6 = IPV6_PKTINFO },
	/* One byte of either header, of the same meaning. */
	[MH__RECV_TTL] = { .name = "IP_RECVTTL",
	    .ipv4 = IP_RECVTTL,
	    .ipv6 = IPV6_HOPLIMIT },
	/* The same byte: RFC 2474. */
	[MH__RECV_TOS] = { .name = "IP_RECVTOS",
	    .ipv4 = IP_RECVTOS,
	    .ipv6 = IPV6_RECVTCLASS },
	[MH__RECV_TIME] = { .name = "SIO_TIMESTAMPING" },
	[MH__RECV_DROPS] = { .name = "drop counter" },
	[MH__RECV_ERRORS] = { .name = "ICMP errors" },
	[MH__FREEBIND] = { .name = "freebind" },
	[MH__RECEIVE_BUFFER] = { .name = "SO_RCVBUF", .socket = SO_RCVBUF },
	[MH__SEND_BUFFER] = { .name = "SO_SNDBUF", .socket = SO_SNDBUF },
	[MH__SHARE_PORT] = { .name = "port sharing of threads" },
	[MH__SHARE_BY_CPU] = { .name = "port sharing by processor" },
	[MH__RESPONDER] = { .name = "SIO_UDP_CONNRESET" },
	/* Alike: neither this host nor a router may cut it. */
	[MH__DONT_FRAGMENT] = { .name = "IP_DONTFRAGMENT",
	    .ipv4 = IP_DONTFRAGMENT,
	    .ipv6 = IPV6_DONTFRAG },
	/* Where it is accepted, 0 is sent anyway: with each datagram instead.
	 */
	[MH__TOS] = { .name = "IP_TOS" },
	/* Of unicast alone, both. */
	[MH__TTL] = { .name = "IP_TTL",
	    .ipv4 = IP_TTL,
	    .ipv6 = IPV6_UNICAST_HOPS },
	/* There is UDP_RECV_MAX_COALESCED_SIZE; not used yet. */
	[MH__RECV_BURSTS] = { .name = "UDP_GRO" },
	[MH__SEND_TTL] = { .name = "IP_TTL" },
	[MH__SEND_TOS] = { .name = "IP_TOS" },
	[MH__SEND_TIME] = { .name = "SIO_TIMESTAMPING" },
	[MH__RECV_HARDWARE_TIME] = { .name = "SIO_TIMESTAMPING" },
};

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
		if (WSAIoctl(system_socket(udp->handle), resets[i], &wanted,
			sizeof(wanted), NULL, 0, &length, NULL, NULL) != 0)
			error = mh__socket_failed(udp);
	return error;
}

int
mh__socket_set_special(
    struct mh__udp *udp, enum mh__option option, unsigned int value)
{
	switch (option) {
	case MH__RESPONDER:
		return set_resets(udp, FALSE);
	case MH__TOS:
		udp->tos = mh__extension.tos ? (uint8_t)value : 0;
		if (udp->tos == value)
			return 0;
		break;
	case MH__SEND_TTL:
		udp->send_ttl = value != 0;
		return 0;
	case MH__SEND_TOS:
		udp->send_tos = value != 0 && mh__extension.tos;
		if (udp->send_tos || value == 0)
			return 0;
		break;
	default:
		break;
	}
	udp->system_code = WSAENOPROTOOPT;
	return MH_EUNSUPPORTED;
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
	FD_SET(system_socket(udp->handle), &readable);
	n = select(0, &readable, NULL, NULL, &patience);
	return n < 0 ? mh__socket_failed(udp) : n;
}

bool
mh__udp_has_ipv6(void)
{
	const struct mh_address loopback = { .family = MH_FAMILY_IPV6,
		.ip = { [15] = 1 } };

	return mh__udp_is_local(&loopback, 0);
}

int
mh__udp_move(struct mh__udp *udp, uint32_t if_index)
{
	(void)udp;
	(void)if_index;
	return MH_EUNSUPPORTED;
}

/* No two sockets share a port, and none has a filter. */
int
mh__udp_select(struct mh__udp *udp, const uint8_t secret[MH_SHARE_SECRET_SIZE],
    unsigned int processors)
{
	(void)udp;
	(void)secret;
	(void)processors;
	return MH_EUNSUPPORTED;
}

int
mh__udp_restrict(
    struct mh__udp *udp, const uint8_t secret[MH_SHARE_SECRET_SIZE])
{
	(void)udp;
	(void)secret;
	return MH_EUNSUPPORTED;
}

bool
mh__udp_is_local(const struct mh_address *address, uint32_t if_index)
{
	/* Here bind() takes no others, and there are no VRFs. */
	(void)if_index;
	return mh__socket_binds(address);
}
