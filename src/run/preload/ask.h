/* SPDX-License-Identifier: ISC */
/*
 * What the system says of a socket, and what we ask it for.  All keep errno;
 * async-signal-safe, any thread.
 */
#ifndef RUN_PRELOAD_ASK_H
#define RUN_PRELOAD_ASK_H

#include <stdbool.h>
#include <stdint.h>

/* A UDP socket. */
struct ask_facts {
	uint64_t cookie; /* SO_COOKIE, another for each */
	bool is_ipv6;
	bool is_dual;  /* IPv6, and IPv4 too */
	uint16_t port; /* 0: not bound, or not to the wildcard address alone */
	bool is_connected;
};

/* The two kinds of pktinfo. */
enum ask_kind { ASK_IPV4, ASK_IPV6 };

/* Is it a UDP socket, and which one?  Any descriptor. */
bool ask_socket(int fd, struct ask_facts *facts);

/* Does the socket report the local address? */
bool ask_is_on(int fd, enum ask_kind kind);

/* It is to, or not; false if it does not do so. */
bool ask_set(int fd, enum ask_kind kind, bool on);

#endif
