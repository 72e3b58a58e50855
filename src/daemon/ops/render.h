/* SPDX-License-Identifier: ISC */
/*
 * Makes the long texts, /metrics and the page, out of a snapshot, in the turns
 * of the main thread's loop between datagrams: with a thousand sockets one
 * takes a tenth of a second, and no datagram is to wait for that.
 */
#ifndef DAEMON_OPS_RENDER_H
#define DAEMON_OPS_RENDER_H

#include "daemon/ops/snapshot.h"
#include "common/strbuf.h"

struct evbuffer;
struct event_base;
struct render;

/* The daemon, as it is asked for its state; for the main thread. */
struct render_source {
	/*
	 * Fill in all but http and the bindings themselves; what it points to
	 * is valid until a reload.  Quick.
	 */
	void (*state)(void *argument, struct snapshot *snapshot);
	/*
	 * The counters of one binding, of those that state() counted: from 0
	 * on, one after the other.
	 */
	void (*collect)(
	    void *argument, size_t number, struct snapshot_binding *binding);
	void *argument;
};

/*
 * Append the next piece of a text; false when it was the last one.  The cursor
 * is all zero at first.
 */
typedef bool render_step(const struct snapshot *snapshot,
    struct snapshot_cursor *cursor, struct strbuf *text);

/*
 * done: called from the loop with the whole text, which is the callee's to
 * free, or with NULL if out of memory.  NULL on failure.
 */
struct render *render_new(struct event_base *base,
    const struct render_source *source,
    void (*done)(void *argument, struct evbuffer *text), void *argument);

/*
 * Begin a text, with those numbers of connections.  Only if it is not busy.
 * False if out of memory, with nothing begun.
 */
bool render_start(struct render *render, render_step *step,
    const uint64_t http[SNAPSHOT_HTTP_COUNT]);

/* Is a text being made? */
bool render_is_busy(const struct render *render);

/*
 * Begin the present text anew, for the bindings may be others: to be called
 * in the same turn of the loop as the reload.
 */
void render_restart(struct render *render);

/* NULL is allowed. */
void render_free(struct render *render);

#endif
