/* SPDX-License-Identifier: ISC */
/*
 * Events that happen when a test says so.
 */
#include "unit/events.h"

#include <check.h>
#include <string.h>

struct event_base *
events_base(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base;

	ck_assert_ptr_nonnull(config);
	event_config_avoid_method(config, "epoll");
	base = event_base_new_with_config(config);
	event_config_free(config);
	ck_assert_ptr_nonnull(base);
	return base;
}

struct search {
	short kind;
	intptr_t handle; /* -1: any */
	const struct event *found;
};

static int
match(const struct event_base *of, const struct event *event, void *argument)
{
	struct search *search = argument;
	short kind = event_get_events(event) & (EV_READ | EV_WRITE);

	(void)of;
	if (kind == 0)
		kind = EV_TIMEOUT;
	if (kind == search->kind &&
	    (search->handle == -1 ||
		(intptr_t)event_get_fd(event) == search->handle))
		search->found = event;
	return 0;
}

static struct event *
find(struct event_base *base, short kind, intptr_t handle)
{
	struct search search = { .kind = kind, .handle = handle };
	struct event *event;

	event_base_foreach_event(base, match, &search);
	memcpy(&event, &search.found, sizeof(event));
	return event;
}

static void
happen(struct event *event, short kind)
{
	short events;

	ck_assert_msg(event != NULL, "nobody waits for event %d", kind);
	events = event_get_events(event);
	if ((events & EV_PERSIST) == 0)
		event_del(event);
	event_get_callback(event)(
	    event_get_fd(event), kind, event_get_callback_arg(event));
}

struct event *
events_waiting(struct event_base *base, short kind)
{
	return find(base, kind, -1);
}

void
events_happen(struct event_base *base, short kind)
{
	happen(find(base, kind, -1), kind);
}

void
events_read(struct event_base *base, intptr_t handle)
{
	happen(find(base, EV_READ, handle), EV_READ);
}
