/* SPDX-License-Identifier: ISC */
/*
 * The way of a datagram in and its answer's way out: what the library's rule
 * says of the one is remembered for the other.  It knows nothing of
 * descriptors.  Async-signal-safe, any thread.
 */
#ifndef RUN_PRELOAD_WAY_H
#define RUN_PRELOAD_WAY_H

#include "run/preload/messages.h"
#include "run/preload/table.h"

/* Bytes for a control message of ours, aligned. */
#define WAY_CONTROL 64

/* Until this has been called nothing is remembered. */
void way_init(struct table *table);

/* Which interfaces belong to a VRF may have changed.  Not for a datagram. */
void way_look_at_interfaces(void);

/*
 * Remember what a datagram to this port of ours asked: header has the peer's
 * name, and control messages as the kernel wrote them.  False if they do not
 * say where it was sent to.
 */
bool way_learn(uint16_t port, const struct msghdr *header);

/* Where is the peer of that name answered from?  False: not known. */
bool way_find(uint16_t port, const struct sockaddr *name, socklen_t size,
    struct mh_address *peer, struct table_route *route);

/*
 * The control message that makes a datagram of this port go there from the
 * address that was asked; its exact length, 0 if there is none to write.
 */
size_t way_control(uint16_t port, const struct sockaddr *name, socklen_t size,
    uint8_t control[WAY_CONTROL]);

#endif
