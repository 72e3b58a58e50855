/* SPDX-License-Identifier: ISC */
/*
 * libevent's listener, which accepts as long as somebody comes, with pauses.
 */
#include "daemon/ops/acceptor.h"

#include <event2/event.h>
#include <event2/listener.h>
#include <event2/util.h>
#include <stdlib.h>
#include <string.h>

/* Connections that wait for us to accept them; any more are lost. */
#define BACKLOG 1024

/* To accept in one turn of the loop. */
#define ACCEPTS_MAX 8

struct acceptor {
	struct evconnlistener *listener;
	struct connections *connections;
	struct event *resume;
	unsigned int accepts;
};

static void
pause_accepting(struct acceptor *acceptor, const struct timeval *time)
{
	evconnlistener_disable(acceptor->listener);
	event_add(acceptor->resume, time);
}

static void
on_resume(evutil_socket_t fd, short events, void *argument)
{
	struct acceptor *acceptor = argument;

	(void)fd;
	(void)events;
	acceptor->accepts = 0;
	evconnlistener_enable(acceptor->listener);
}

static void
on_accept(struct evconnlistener *listener, evutil_socket_t fd,
    struct sockaddr *name, int length, void *argument)
{
	static const struct timeval next_turn = { .tv_sec = 0 };
	struct acceptor *acceptor = argument;

	(void)listener;
	(void)name;
	(void)length;
	connections_add(acceptor->connections, fd);
	if (++acceptor->accepts >= ACCEPTS_MAX)
		pause_accepting(acceptor, &next_turn);
}

/*
 * Out of file descriptors, most likely: the socket stays readable, so that
 * without a pause the loop would spin.
 */
static void
on_accept_error(struct evconnlistener *listener, void *argument)
{
	static const struct timeval later = { .tv_usec = 100000 };
	struct acceptor *acceptor = argument;

	(void)listener;
	connections_add_failed(acceptor->connections,
	    evutil_socket_error_to_string(EVUTIL_SOCKET_ERROR()));
	pause_accepting(acceptor, &later);
}

struct acceptor *
acceptor_new(
    struct event_base *base, intptr_t handle, struct connections *connections)
{
	struct acceptor *acceptor = calloc(1, sizeof(*acceptor));
	const evutil_socket_t fd = (evutil_socket_t)handle;

	if (acceptor != NULL) {
		acceptor->connections = connections;
		acceptor->resume = evtimer_new(base, on_resume, acceptor);
	}
	if (acceptor != NULL && acceptor->resume != NULL)
		acceptor->listener = evconnlistener_new(base, on_accept,
		    acceptor, LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_CLOSE_ON_FREE,
		    BACKLOG, fd);
	if (acceptor != NULL && acceptor->listener != NULL) {
		evconnlistener_set_error_cb(
		    acceptor->listener, on_accept_error);
		return acceptor;
	}
	evutil_closesocket(fd);
	acceptor_free(acceptor);
	return NULL;
}

void
acceptor_free(struct acceptor *acceptor)
{
	if (acceptor == NULL)
		return;
	if (acceptor->listener != NULL)
		evconnlistener_free(acceptor->listener);
	if (acceptor->resume != NULL)
		event_free(acceptor->resume);
	free(acceptor);
}
