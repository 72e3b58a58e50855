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
 * A helper for reloads of this configuration, which is started if they need
 * one: privileges may be dropped after that.  command: as at start; must
 * outlive the helper.  NULL on failure.
 */
struct helper *helper_new(struct event_base *base, const struct plan *plan,
    const struct command_line *command);

/* Have it remove the port file, and end it, even if it hangs. */
void helper_stop(struct helper *helper);

/* The same, and free it. */
void helper_free(struct helper *helper);

/*
 * Read all files that a reload reads.  done is called when they are there,
 * perhaps within this call; from then until helper_forget(), host_file_read()
 * has them.  why: NULL, or the reason why they cannot be read.  One request at
 * a time, and none before the files are forgotten.
 */
void helper_read(struct helper *helper,
    void (*done)(void *argument, const char *why), void *argument);

/* Free the files that it has read. */
void helper_forget(struct helper *helper);

/* Replace the port file by that text; done as for helper_read(). */
void helper_write(struct helper *helper, const struct strbuf *text,
    void (*done)(void *argument, const char *why), void *argument);

#endif
