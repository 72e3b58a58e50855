/* SPDX-License-Identifier: ISC */
/*
 * A new configuration, while the previous one answers: what takes long is done
 * by another thread, and the rest in slices between turns of the loop.
 *
 * All functions are for the main thread.
 */
#ifndef DAEMON_RELOAD_H
#define DAEMON_RELOAD_H

#include "daemon/config/load.h"
#include "daemon/workers.h"

struct event_base;
struct reload;
struct strbuf;

/* What it serves; all outlive it. */
struct reload_subject {
	struct event_base *base; /* the main thread's */
	struct workers *workers;
	const struct command_line *command;
	struct limit *limit;
	struct strbuf *messages; /* gets what it warns of; a line each */
};

/* What to call when; both get argument. */
struct reload_events {
	/* The workers use the new plan; the previous one lasts for this call.
	 */
	void (*switched)(void *argument);
	/*
	 * The reload is over, and all sockets that are no longer used are
	 * closed.  good: it has switched; else nothing has changed, and the log
	 * says why.
	 */
	void (*over)(void *argument, bool good);
	void *argument;
};

/*
 * Prepare for reloads.  This starts a thread, so call it after privileges have
 * been dropped, as each thread has its own, and before a sandbox forbids new
 * threads.  NULL when out of memory or threads.
 */
struct reload *reload_new(
    const struct reload_subject *subject, const struct reload_events *events);

/*
 * Read the files again, and switch the workers to what they say.  One at a
 * time: not before the previous one is over.  host_file_read() must have the
 * files until then.
 */
void reload_begin(struct reload *reload);

/*
 * The end is near: give up the one that is going on, or complete it if the
 * workers have begun to switch.  It is over then, but for a worker that is
 * stuck.
 */
void reload_finish(struct reload *reload);

/* End the thread, and free; NULL is allowed. */
void reload_free(struct reload *reload);

#endif
