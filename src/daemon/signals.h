/* SPDX-License-Identifier: ISC */
/*
 * The signals of this system, as events of the main thread's loop.
 */
#ifndef DAEMON_SIGNALS_H
#define DAEMON_SIGNALS_H

#include "platform/program.h"

#include <stdbool.h>

#define SIGNALS_MAX 8

struct event;
struct event_base;

/* Initially all zero, but for the first two. */
struct signals {
	/* What a signal asks for. */
	void (*act)(void *argument, enum host_action action, int number);
	void *argument;
	struct event *events[SIGNALS_MAX];
};

/* Listen, to those since host_main(), too.  False when out of memory. */
bool signals_watch(struct signals *signals, struct event_base *base);

/* Listen no more. */
void signals_clear(struct signals *signals);

#endif
