/* SPDX-License-Identifier: ISC */
/*
 * What platform/udp.h's two rooms share: socket.c does what is alike on both,
 * and says here what it needs of the room for the rest.
 */
#ifndef PLATFORM_SOCKET_H
#define PLATFORM_SOCKET_H

#include "platform/udp.h"

/*
 * From socket.c.
 */

/* Keep the error of the last call in udp->system_code; returns its MH_E*. */
int mh__socket_failed(struct mh__udp *udp);

/* Options that are an int, by the system's numbers.  Returns 0 or MH_E*. */
int mh__socket_set(struct mh__udp *udp, int level, int name, int value);
int mh__socket_get(struct mh__udp *udp, int level, int name, int *value);

/*
 * An option that has one name for IPv4 and another for IPv6: set it for each
 * family that the socket carries.
 */
int mh__socket_set_both(
    struct mh__udp *udp, int ipv4_name, int ipv6_name, int value);

/*
 * Can a socket be bound to this address, or is it one of the family's whose
 * port only is taken?  True if that cannot be told.
 */
bool mh__socket_binds(const struct mh_address *address);

/* What the socket is bound to: fills in udp->bound, with the real port. */
int mh__socket_learn_bound(struct mh__udp *udp);

/*
 * From the room.
 */

/*
 * How the system knows an option.  One that has a number for IPv4 and another
 * for IPv6 is set for each family that the socket carries; one without any
 * number goes to mh__socket_set_special().
 */
struct mh__socket_option {
	const char *name; /* for messages */
	int socket;       /* its number of SOL_SOCKET; 0: not there */
	int ipv4;         /* that of IPPROTO_IP */
	int ipv6;         /* that of IPPROTO_IPV6 */
};

/* By enum mh__option, all of them. */
extern const struct mh__socket_option mh__socket_options[];

/* mh__udp_set() for an option that is no plain int, or is not there at all. */
int mh__socket_set_special(
    struct mh__udp *udp, enum mh__option option, unsigned int value);

/* The MH_E* of an error of the system's. */
int mh__socket_code(int system_code);

/* The same for what bind() says. */
int mh__socket_bind_code(int system_code);

/*
 * Make a UDP socket, non-blocking and not for child processes, whose port no
 * other program can take over.  domain: AF_INET or AF_INET6.  Returns its
 * handle, or -1 with the system's error set and nothing left to close.
 */
intptr_t mh__socket_make(int domain);

/*
 * AF_INET or AF_INET6 if udp->handle is a UDP socket, else AF_UNSPEC, with the
 * system's error, if there was one, in udp->system_code.
 */
int mh__socket_domain(struct mh__udp *udp);

/* Make udp->handle non-blocking and not for child processes.  0 or MH_E*. */
int mh__socket_prepare(struct mh__udp *udp);

#endif
