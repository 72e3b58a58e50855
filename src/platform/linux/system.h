/* SPDX-License-Identifier: ISC */
/*
 * What src/platform/socket.c has to know of this system: its headers, and what
 * it calls a socket, an error and the end of a socket.  The other room has
 * one that declares the same.
 */
#ifndef PLATFORM_LINUX_SYSTEM_H
#define PLATFORM_LINUX_SYSTEM_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

/* The error of a call that would have had to wait. */
#define SYSTEM_EAGAIN EAGAIN

/* Errors of joining a group: it is joined already; too many are. */
#define SYSTEM_EADDRINUSE EADDRINUSE
#define SYSTEM_ENOBUFS ENOBUFS

/* For shutdown(): this end sends no more. */
#define SYSTEM_SHUT_SEND SHUT_WR

/* The system's own name of a socket. */
static inline int
system_socket(intptr_t handle)
{
	return (int)handle;
}

/* The error of the last call. */
static inline int
system_error(void)
{
	return errno;
}

/* Close a socket. */
static inline void
system_close(intptr_t handle)
{
	close((int)handle);
}

#endif
