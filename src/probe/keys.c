/* SPDX-License-Identifier: ISC */
/*
 * Keys, between the terminal and the event loop.
 */
#include "probe/keys.h"

#include "platform/keyboard.h"

#include <event2/event.h>

static void
on_readable(evutil_socket_t fd, short events, void *argument)
{
	struct keys *keys = argument;
	int key = host_keyboard_read();

	(void)fd;
	(void)events;
	/* What stays readable would keep the loop busy. */
	if (key < 0)
		event_del(keys->readable);
	for (; key >= 0; key = host_keyboard_read())
		if (key == 'q' || key == 'Q')
			event_base_loopbreak(keys->base);
}

bool
keys_open(struct keys *keys, struct event_base *base)
{
	*keys = (struct keys){ .base = base };
	if (!host_keyboard_open())
		return true;
	keys->readable = event_new(base, host_keyboard_handle(),
	    EV_READ | EV_PERSIST, on_readable, keys);
	return keys->readable != NULL && event_add(keys->readable, NULL) == 0;
}

void
keys_look(struct keys *keys)
{
	if (keys->readable != NULL)
		event_add(keys->readable, NULL);
}

void
keys_close(struct keys *keys)
{
	host_keyboard_close();
	if (keys->readable != NULL)
		event_free(keys->readable);
	keys->readable = NULL;
}
