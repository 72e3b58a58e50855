/* SPDX-License-Identifier: ISC */
/*
 * For tests over the fake system that need libevent: it has real sockets, and
 * nothing else starts Windows' socket layer there.
 */
#include <winsock2.h>

#include <stdlib.h>

__attribute__((constructor)) static void
start(void)
{
	WSADATA data;

	if (WSAStartup(MAKEWORD(2, 2), &data) != 0)
		abort();
}
