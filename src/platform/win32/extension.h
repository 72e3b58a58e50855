/* SPDX-License-Identifier: ISC */
/*
 * WSARecvMsg() and WSASendMsg(): no library exports them, the socket layer
 * hands them out at run time.
 */
#ifndef PLATFORM_WIN32_EXTENSION_H
#define PLATFORM_WIN32_EXTENSION_H

#include <winsock2.h>

#include <mswsock.h>

#include <stdbool.h>

/* Set by mh_platform_init(); tests put their own in their place. */
struct extension {
	LPFN_WSARECVMSG receive;
	LPFN_WSASENDMSG send;
	bool tos; /* it heeds the TOS and traffic class of one datagram */
};

extern struct extension mh__extension;

#endif
