/* SPDX-License-Identifier: ISC */
/*
 * Which number asks for what is up to the platform.
 */
#include "daemon/signals.h"

#include <event2/event.h>

static void
on_signal(evutil_socket_t number, short events, void *argument)
{
	const struct signals *signals = argument;
	const struct host_signal *signal;

	(void)events;
	for (signal = host_signals; signal->number != 0; signal++)
		if (signal->number == number)
			break;
	signals->act(signals->argument, signal->action, (int)number);
}

bool
signals_watch(struct signals *signals, struct event_base *base)
{
	size_t i;

	for (i = 0; host_signals[i].number != 0 && i < SIGNALS_MAX; i++) {
		signals->events[i] = evsignal_new(
		    base, host_signals[i].number, on_signal, signals);
		if (signals->events[i] == NULL ||
		    event_add(signals->events[i], NULL) < 0)
			return false;
	}
	host_signals_release();
	return true;
}

void
signals_clear(struct signals *signals)
{
	size_t i;

	for (i = 0; i < SIGNALS_MAX; i++)
		if (signals->events[i] != NULL)
			event_free(signals->events[i]);
}
