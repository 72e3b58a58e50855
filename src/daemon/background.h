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

/* Work for it, and what follows in the main thread, each with that argument. */
struct background_job {
	void (*work)(void *argument);
	void (*done)(void *argument);
	void *argument;
};

/* Start the thread; before a sandbox forbids it.  NULL on failure. */
struct background *background_new(struct event_base *base);

/*
 * Do a job, one at a time; done comes from the loop, or from within this call
 * if there is no thread, and may begin the next job.  job must last until then.
 */
void background_run(
    struct background *background, const struct background_job *job);

/* Wait for the job, if there is one, and have its done called now. */
void background_wait(struct background *background);

/* End the thread, when it has done its job, and free; NULL is allowed. */
void background_free(struct background *background);

#endif
