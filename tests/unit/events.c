/* SPDX-License-Identifier: ISC */
/*
 * Events happen when a test says so.
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
	if (kind == search->kind)
		search->found = event;
	return 0;
}

struct event *
events_waiting(struct event_base *base, short kind)
{
	struct search search = { .kind = kind };
	struct event *event;

	event_base_foreach_event(base, match, &search);
	memcpy(&event, &search.found, sizeof(event));
	return event;
}

void
events_happen(struct event_base *base, short kind)
{
	struct event *event = events_waiting(base, kind);
	short events;

	ck_assert_msg(event != NULL, "nobody waits for event %d", kind);
	events = event_get_events(event);
	if ((events & EV_PERSIST) == 0)
		event_del(event);
	event_get_callback(event)(
	    event_get_fd(event), kind, event_get_callback_arg(event));
}
