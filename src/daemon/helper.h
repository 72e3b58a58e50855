/* SPDX-License-Identifier: ISC */
/*
 * What the daemon has the privileged helper do, without ever waiting for it:
 * the thread that asks also answers datagrams.  Where there is no helper, the
 * work is done at once.
 *
 * All functions are for the main thread.
 */
#ifndef DAEMON_HELPER_H
#define DAEMON_HELPER_H

#include "common/strbuf.h"
#include "daemon/config/load.h"
#include "daemon/config/plan.h"

struct event_base;

/*
 * A helper for reloads of that configuration, if they need one; started, so
 * that privileges can be dropped from then on.  command: as at start, outlives
 * the helper.  NULL if that is not possible.
 */
struct helper *helper_new(struct event_base *base, const struct plan *plan,
    const struct command_line *command);

/* Remove the port file, and end it, even if it hangs. */
void helper_stop(struct helper *helper);

/* The same, and free it. */
void helper_free(struct helper *helper);

/*
 * Read all files that a reload reads, so that host_file_read() has them from
 * the call of done, which comes when they are there, or within this call, until
 * helper_forget().  why: NULL, or why they cannot be had, in words.  One
 * request at a time, and none before the files are forgotten.
 */
void helper_read(struct helper *helper,
    void (*done)(void *argument, const char *why), void *argument);

/* Free the files that it has read. */
void helper_forget(struct helper *helper);

/* Replace the port file by that text; done as for helper_read(). */
void helper_write(struct helper *helper, const struct strbuf *text,
    void (*done)(void *argument, const char *why), void *argument);

#endif
