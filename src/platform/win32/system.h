/* SPDX-License-Identifier: ISC */
/*
 * What src/platform/socket.c has to know of this system: its headers, and what
 * it calls a socket, an error and the end of a socket.  The other room has
 * one that declares the same.
 */
#ifndef PLATFORM_WIN32_SYSTEM_H
#define PLATFORM_WIN32_SYSTEM_H

#include <winsock2.h>

#include <stdint.h>
#include <ws2tcpip.h>

/* The error of a call that would have had to wait. */
#define SYSTEM_EAGAIN WSAEWOULDBLOCK

/* Errors of joining a group: it is joined already; too many are. */
#define SYSTEM_EADDRINUSE WSAEADDRINUSE
#define SYSTEM_ENOBUFS WSAENOBUFS

/* For shutdown(): this end sends no more. */
#define SYSTEM_SHUT_SEND SD_SEND

/* The system's own name of a socket. */
static inline SOCKET
system_socket(intptr_t handle)
{
	return (SOCKET)handle;
}

/* The error of the last call. */
static inline int
system_error(void)
{
	return WSAGetLastError();
}

/* Close a socket. */
static inline void
system_close(intptr_t handle)
{
	closesocket((SOCKET)handle);
}

#endif
