/* SPDX-License-Identifier: ISC */
/*
 * The files of a reload.  A disk or a file server can keep whoever reads them
 * waiting, and so no thread that answers does: the privileged helper gets them
 * ready meanwhile.
 */
#ifndef DAEMON_FILES_H
#define DAEMON_FILES_H

#include <stdbool.h>

struct event;
struct event_base;

/* For the main thread. */
struct files {
	struct event *event, *timer; /* NULL: nothing to wait for */
	bool gone;                   /* nothing can be read any more */
	bool requested;
	void (*ready)(void *argument, bool good);
	void *argument;
};

/*
 * Prepare *files, once the helper has been started, if there is one.  ready:
 * called after each files_request(); good: files can be read without waiting,
 * else the reason has been logged.  False when out of memory.
 */
bool files_open(struct files *files, struct event_base *base,
    void (*ready)(void *argument, bool good), void *argument);

/*
 * Get the files ready; ready() is called at once, or in the event loop within
 * 2 seconds.  Another request before that replaces it.
 */
void files_request(struct files *files);

/* Free; also if it has not been opened, but is all zero. */
void files_close(struct files *files);

#endif
