/* SPDX-License-Identifier: ISC */
/*
 * A session that is going on, between its sockets and the event loop.
 */
#include "probe/active.h"
#include "platform/clock.h"

#include <event2/event.h>
#include <stdlib.h>

/* After the last answer, listen on for duplicates; ns. */
#define LINGER_MIN INT64_C(100000000)

/* Watches one socket. */
struct watcher {
	struct active *active;
	uint32_t path;
	struct event *readable;
};

struct active {
	const struct active_place *place;
	struct socket_group *group;
	int64_t end_at; /* it is done: stop listening then; 0: it is not */
	struct watcher watchers[]; /* one for each socket */
};

static void
on_readable(evutil_socket_t fd, short events, void *argument)
{
	static const struct timeval at_once = { 0, 0 };
	const struct watcher *watcher = argument;
	const struct active_place *place = watcher->active->place;

	(void)fd;
	(void)events;
	probe_receive(place->probe, watcher->active->group, watcher->path);
	event_add(place->wake, &at_once);
}

static bool
watch(struct active *active, uint32_t path)
{
	struct watcher *watcher = &active->watchers[path];
	intptr_t handle = mh_socket_handle(active->group->sockets[path]);

	*watcher = (struct watcher){ .active = active, .path = path };
	watcher->readable =
	    event_new(active->place->base, (evutil_socket_t)handle,
		EV_READ | EV_PERSIST, on_readable, watcher);
	return watcher->readable != NULL &&
	    event_add(watcher->readable, NULL) == 0;
}

enum active_started
active_start(struct active **active, const struct active_place *place,
    struct session *session)
{
	uint32_t i, paths = place->probe->plan.paths;
	struct socket_group *group = probe_open(place->probe, session);
	struct active *new;

	if (group == NULL)
		return place->probe->spent ? ACTIVE_NO_SOCKETS : ACTIVE_REFUSED;
	new = calloc(1, sizeof(*new) + paths * sizeof(struct watcher));
	if (new == NULL) {
		probe_close(place->probe, group);
		return ACTIVE_NO_MEMORY;
	}
	new->place = place;
	new->group = group;
	for (i = 0; i < paths; i++)
		if (!watch(new, i)) {
			active_finish(new);
			return ACTIVE_NO_MEMORY;
		}
	*active = new;
	return ACTIVE_STARTED;
}

/* How long to listen on when all is answered. */
static int64_t
linger(const struct session *session)
{
	int64_t time = 2 * session->rtt.max;

	if (time < LINGER_MIN)
		time = LINGER_MIN;
	return time < session->plan->timeout ? time : session->plan->timeout;
}

int64_t
active_step(struct active *active)
{
	const struct session *session = active->group->session;
	int64_t now = host_monotonic_ns();
	int64_t wake = probe_step(active->place->probe, active->group, now);

	if (!session_is_done(session))
		return wake;
	if (active->end_at == 0)
		active->end_at =
		    now + (session->received > 0 ? linger(session) : 0);
	return active->end_at > now ? active->end_at : ACTIVE_OVER;
}

void
active_finish(struct active *active)
{
	uint32_t i;

	for (i = 0; i < active->place->probe->plan.paths; i++)
		if (active->watchers[i].readable != NULL)
			event_free(active->watchers[i].readable);
	probe_close(active->place->probe, active->group);
	free(active);
}
