/* SPDX-License-Identifier: ISC */
/*
 * Which file descriptors are the sockets that we care for: UDP, bound to the
 * wildcard address and a port that the program chose, not connected.
 *
 * A descriptor is looked into when it is first used, and again whenever it may
 * have become another file: then nothing is known of it.  So it does little
 * harm if it is closed in a way that we do not see: a datagram that does not
 * come with the local address, as to ours all do, makes us look again.
 *
 * All keep errno; async-signal-safe, any thread.
 */
#ifndef RUN_PRELOAD_SOCKETS_H
#define RUN_PRELOAD_SOCKETS_H

#include "run/preload/entries.h"
#include "run/preload/settings.h"

#include <stdbool.h>

/* A descriptor that is one of those. */
struct sockets_known {
	struct entry *entry;
	uint16_t port;
	bool is_ipv6;
};

/* Bytes of memory, all zero, that a process needs for its descriptors. */
size_t sockets_size(void);

/* Until this has been called no descriptor is one of ours. */
void sockets_init(
    void *own, struct entry *entries, const struct settings *settings);

/* Is it one of ours?  Looks into it if need be. */
bool sockets_find(int fd, struct sockets_known *known);

/* It may be something else by now. */
void sockets_forget(int fd);
void sockets_forget_range(unsigned int first, unsigned int last);

/* The same; and this very process put there what it is now. */
void sockets_put(int fd);

/* It is none of ours, until it is bound. */
void sockets_ignore(int fd);

/* The same for one that this process is about to read: our requests stand. */
bool sockets_find_to_read(int fd, struct sockets_known *known);

/* What we know of a UDP socket, one of ours or not; NULL if it is none. */
struct entry *sockets_entry(int fd);

/* It has a peer now: it needs us no more. */
void sockets_release(int fd, const struct sockets_known *known);

/*
 * Another program is about to take the place of this one: take back what we
 * asked for of the sockets that it will have and that no other process reads.
 * to_child: not of this one, but of a child of it.
 */
void sockets_hand_over(bool to_child);

#endif
