/* SPDX-License-Identifier: ISC */
/*
 * A thread for work that takes long, so that the main one can go on answering.
 * Where there are no threads, the work is done at once.
 *
 * All functions are for the main thread.
 */
#ifndef DAEMON_BACKGROUND_H
#define DAEMON_BACKGROUND_H

#include <stdbool.h>

struct background;
struct event_base;

/*
 * A job for the thread, and what follows it in the main thread; both get
 * argument.
 */
struct background_job {
	void (*work)(void *argument);
	void (*done)(void *argument);
	void *argument;
};

/* Start the thread; before a sandbox forbids it.  NULL on failure. */
struct background *background_new(struct event_base *base);

/*
 * Run a job, one at a time.  done is called from the loop, or within this call
 * if there is no thread, and may start the next job.  job must last until then.
 */
void background_run(
    struct background *background, const struct background_job *job);

/* Wait for the job, if there is one, and call its done now. */
void background_wait(struct background *background);

/*
 * End the thread once its job is finished, and free everything; NULL is
 * allowed.
 */
void background_free(struct background *background);

#endif
