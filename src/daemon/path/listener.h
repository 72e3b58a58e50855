/* SPDX-License-Identifier: ISC */
/*
 * Step 1 of the datagram's way: a socket became readable.
 */
#ifndef DAEMON_PATH_LISTENER_H
#define DAEMON_PATH_LISTENER_H

#include "daemon/path/ends.h"
#include "daemon/path/respond.h"

struct event_base;
struct listener;

/*
 * A listener for a socket, which it owns from then on, even on failure; it
 * listens from listener_start() on.  The batch is shared by all listeners of a
 * thread.  name: for the log; not copied.  NULL when out of memory.  Any
 * thread, not only that of base.
 */
struct listener *listener_new(struct event_base *base, struct mh_socket *socket,
    struct mh_batch *batch, const struct path_settings *set, const char *name);

/* Begin to listen; false when out of memory or of what the system allows. */
bool listener_start(struct listener *listener);

/*
 * Use the new settings from the next datagram on; counters, queue and state
 * are kept.  name: as for listener_new().
 */
void listener_configure(struct listener *listener,
    const struct path_settings *set, const char *name);

/*
 * Set the state of its service: malloc'd, owned by the listener from then on.
 * NULL: none.  Returns the previous one, which is the caller's.
 */
void *listener_exchange_state(struct listener *listener, void *state);

/* Its service, and the size of that one's state in bytes. */
const struct service *listener_service(const struct listener *listener);
size_t listener_state_size(const struct listener *listener);

/* Itself as a member of the service's ends, without pair and is_other. */
struct ends_member listener_end(struct listener *listener);

/*
 * Stop reading, send what can be sent at once, drop and count the rest: the
 * loop and its thread have nothing to do with it any more, and any thread may
 * free it.
 */
void listener_detach(struct listener *listener);

/* Close the socket and free; NULL is allowed. */
void listener_free(struct listener *listener);

/*
 * Stop reading; what is queued is still sent, and what is held at once.  True
 * when nothing is queued.
 */
bool listener_stop(struct listener *listener);

/* Drop and count what is still queued. */
void listener_abandon(struct listener *listener);

/*
 * One turn of the event loop: receive and answer until the socket is drained,
 * fails, or has exhausted its budget.
 */
void listener_turn(struct listener *listener);

/* Is a datagram waiting to be received?  Any thread.  Windows: false. */
bool listener_is_waiting(const struct listener *listener);

/* What is known of its socket; valid as long as the listener. */
const struct mh_socket_info *listener_info(const struct listener *listener);
const char *listener_name(const struct listener *listener);

/* Move its socket to another interface: mh_socket_move(). */
int listener_move(struct listener *listener, uint32_t if_index);

/* Set the interfaces that are in a VRF: mh_socket_set_vrf(). */
int listener_set_vrf(
    struct listener *listener, const uint32_t *interfaces, size_t count);

/*
 * Is it bound to a multicast group that is to be answered?  Join it on each of
 * these interfaces, or the one of its scope; those that it has joined stay.
 */
void listener_join(
    struct listener *listener, const struct host_network *network);

/* Log the counters. */
void listener_log_stats(const struct listener *listener);

/* The counters, and what the system dropped before us. */
const struct stats *listener_stats(const struct listener *listener);
uint64_t listener_kernel_drops(const struct listener *listener);

#endif
