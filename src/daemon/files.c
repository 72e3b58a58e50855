/* SPDX-License-Identifier: ISC */
/*
 * Waiting for the privileged helper in the event loop.
 */
#include "daemon/files.h"

#include "daemon/base/log.h"
#include "platform/file.h"

#include <event2/event.h>
#include <stddef.h>

/* How long a reload waits, while everything else goes on. */
#define PATIENCE_SECONDS 2

static void
finish(struct files *files, bool good)
{
	if (!files->requested)
		return;
	files->requested = false;
	event_del(files->timer);
	files->ready(files->argument, good);
}

static void
on_readable(evutil_socket_t fd, short events, void *argument)
{
	struct files *files = argument;

	(void)fd;
	(void)events;
	switch (host_files_poll()) {
	case HOST_FILES_WAIT:
		break;
	case HOST_FILES_READY:
		finish(files, true);
		break;
	case HOST_FILES_GONE:
		event_del(files->event);
		files->gone = true;
		log_error("the privileged helper has died: reloads fail, and "
			  "the port file stays as it is, until a restart");
		finish(files, false);
		break;
	}
}

static void
on_timer(evutil_socket_t fd, short events, void *argument)
{
	(void)fd;
	(void)events;
	log_error("cannot read the files: the privileged helper has not "
		  "answered for %d s",
	    PATIENCE_SECONDS);
	finish(argument, false);
}

bool
files_open(struct files *files, struct event_base *base,
    void (*ready)(void *argument, bool good), void *argument)
{
	intptr_t handle = host_files_handle();

	*files = (struct files){ .ready = ready, .argument = argument };
	if (handle < 0)
		return true;
	files->timer = evtimer_new(base, on_timer, files);
	files->event = event_new(base, (evutil_socket_t)handle,
	    EV_READ | EV_PERSIST, on_readable, files);
	return files->timer != NULL && files->event != NULL &&
	    event_add(files->event, NULL) == 0;
}

void
files_request(struct files *files)
{
	static const struct timeval patience = { .tv_sec = PATIENCE_SECONDS };

	if (files->event == NULL) {
		files->ready(files->argument, true);
	} else if (files->gone || !host_files_prepare()) {
		log_error("cannot read the files: the privileged helper %s",
		    files->gone ? "has died; restart" : "does not answer");
		files->ready(files->argument, false);
	} else {
		files->requested = true;
		event_add(files->timer, &patience);
	}
}

void
files_close(struct files *files)
{
	if (files->event != NULL)
		event_free(files->event);
	if (files->timer != NULL)
		event_free(files->timer);
	files->event = files->timer = NULL;
}
