/* SPDX-License-Identifier: ISC */
/*
 * The start of the socket layer: WSAStartup(), and the two functions that have
 * to be asked for.  Once in a process, before the first socket.
 */
#include "platform/win32/extension.h"

#include "platform/udp.h"

#include <ws2tcpip.h>

struct extension mh__extension;

static int
fail(struct mh_problem *problem, const char *what, int code, int system_code)
{
	if (problem != NULL) {
		*problem = (struct mh_problem){
			.code = code, .system_code = system_code, .what = what
		};
		mh__udp_error_text(
		    system_code, problem->text, sizeof(problem->text));
	}
	return code;
}

static bool
look_up(SOCKET socket, GUID id, void *function, size_t size)
{
	DWORD length;

	return WSAIoctl(socket, SIO_GET_EXTENSION_FUNCTION_POINTER, &id,
		   sizeof(id), function, (DWORD)size, &length, NULL, NULL) == 0;
}

/*
 * A Windows that sends with the TOS of a datagram lets it be set on an IPv6
 * socket as well (Windows 11, Server 2022); msquic finds out in the same way.
 * Older ones accept it for IPv4, and send 0.
 */
static bool
takes_tos(SOCKET scratch)
{
	const DWORD tos = 1;

	return setsockopt(scratch, IPPROTO_IPV6, IPV6_TCLASS,
		   (const void *)&tos, sizeof(tos)) == 0;
}

int
mh_platform_init(struct mh_problem *problem)
{
	static const GUID receive = WSAID_WSARECVMSG, send = WSAID_WSASENDMSG;
	WSADATA data;
	SOCKET scratch;
	int error = WSAStartup(MAKEWORD(2, 2), &data), result = 0;

	if (error != 0)
		return fail(problem, "WSAStartup", MH_ESYSTEM, error);
	/* Either family may be missing, but not both. */
	scratch = socket(AF_INET6, SOCK_DGRAM, IPPROTO_UDP);
	if (scratch == INVALID_SOCKET)
		scratch = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);
	if (scratch == INVALID_SOCKET)
		return fail(problem, "socket", MH_ESYSTEM, WSAGetLastError());
	if (!look_up(scratch, receive, &mh__extension.receive,
		sizeof(mh__extension.receive)))
		result = fail(
		    problem, "WSARecvMsg", MH_EUNSUPPORTED, WSAGetLastError());
	else if (!look_up(scratch, send, &mh__extension.send,
		     sizeof(mh__extension.send)))
		result = fail(
		    problem, "WSASendMsg", MH_EUNSUPPORTED, WSAGetLastError());
	mh__extension.tos = takes_tos(scratch);
	closesocket(scratch);
	return result;
}
