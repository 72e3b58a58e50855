/* SPDX-License-Identifier: ISC */
/*
 * WSARecvMsg() and WSASendMsg(): no library exports them, the socket layer
 * hands them out at run time.
 */
#ifndef PLATFORM_WIN32_EXTENSION_H
#define PLATFORM_WIN32_EXTENSION_H

#include <winsock2.h>

#include <mswsock.h>

/* Both are set by mh_platform_init(); tests put their own in their place. */
struct extension {
	LPFN_WSARECVMSG receive;
	LPFN_WSASENDMSG send;
};

extern struct extension extension;

#endif
