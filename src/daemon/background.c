/* SPDX-License-Identifier: ISC */
/*
 * Pointers to jobs go to the thread over a channel, and return over it.
 */
#include "daemon/background.h"

#include "platform/thread.h"

#include <event2/event.h>
#include <stdlib.h>

struct background {
	const struct background_job *job; /* NULL: none is running */
	/* Only with a thread. */
	struct host_thread *thread;
	intptr_t channel[2]; /* the thread's, the main thread's */
	struct event *event;
};

/* Until it receives NULL. */
static void
thread_main(void *argument)
{
	const struct background *background = argument;
	intptr_t end = background->channel[0];
	const struct background_job *job;

	while (host_channel_receive(end, &job, sizeof(job)) && job != NULL) {
		job->work(job->argument);
		host_channel_send(end, &job, sizeof(job));
	}
}

/* In the main thread: a job has returned. */
static void
on_channel(evutil_socket_t fd, short events, void *argument)
{
	struct background *background = argument;
	const struct background_job *job;

	(void)events;
	if (!host_channel_receive(fd, &job, sizeof(job)))
		return;
	background->job = NULL;
	job->done(job->argument);
}

static bool
start_thread(struct background *background, struct event_base *base)
{
	background->event =
	    event_new(base, (evutil_socket_t)background->channel[1],
		EV_READ | EV_PERSIST, on_channel, background);
	if (background->event == NULL || event_add(background->event, NULL) < 0)
		return false;
	background->thread = host_thread_start(thread_main, background);
	return background->thread != NULL;
}

struct background *
background_new(struct event_base *base)
{
	struct background *background = calloc(1, sizeof(*background));

	if (background == NULL)
		return NULL;
	if (!host_channel_open(background->channel)) {
		background->channel[0] = -1;
		return background;
	}
	if (start_thread(background, base))
		return background;
	background_free(background);
	return NULL;
}

void
background_run(struct background *background, const struct background_job *job)
{
	if (background->thread == NULL) {
		job->work(job->argument);
		job->done(job->argument);
		return;
	}
	background->job = job;
	host_channel_send(background->channel[1], &job, sizeof(job));
}

void
background_wait(struct background *background)
{
	if (background->job != NULL)
		on_channel((evutil_socket_t)background->channel[1], EV_READ,
		    background);
}

void
background_free(struct background *background)
{
	const struct background_job *end = NULL;

	if (background == NULL)
		return;
	if (background->thread != NULL) {
		host_channel_send(background->channel[1], &end, sizeof(end));
		host_thread_join(background->thread);
	}
	if (background->event != NULL)
		event_free(background->event);
	if (background->channel[0] >= 0)
		host_channel_close(background->channel);
	free(background);
}
