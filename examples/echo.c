/* SPDX-License-Identifier: ISC */
/*
 * echo ENDPOINT: sends each datagram back, from the address it was sent to.
 * With libevent.  multihomed(8) has what keeps such a server from being abused
 * where strangers can reach it.
 */
#include <event2/event.h>
#include <multihome.h>
#include <stdio.h>

static struct mh_batch *batch;

/* Neither to all of a network, nor from another server, which would go on. */
static bool
is_request(const struct mh_datagram *datagram)
{
	return (datagram->flags & (MH_TO_BROADCAST | MH_TO_MULTICAST)) == 0 &&
	    datagram->peer.port >= 1024;
}

static void
on_readable(evutil_socket_t fd, short events, void *argument)
{
	struct mh_socket *socket = (struct mh_socket *)argument;
	int i, n = mh_batch_receive(batch, socket);

	(void)fd;
	(void)events;
	for (i = 0; i < n; i++) {
		const struct mh_datagram *request = &batch->received[i];
		struct mh_datagram *reply = mh_batch_reserve(batch);

		reply->data = request->data; /* sent from there, not copied */
		reply->length = request->length;
		if (!is_request(request) ||
		    mh_reply_address(reply, request, NULL) != 0)
			mh_batch_release(batch, reply); /* silence */
	}
	/* What the socket cannot take now is lost, as datagrams may be. */
	mh_batch_send(batch, socket, NULL);
}

static int
watch(struct event_base *base, struct mh_socket *socket)
{
	evutil_socket_t fd = (evutil_socket_t)mh_socket_handle(socket);
	struct event *event =
	    event_new(base, fd, EV_READ | EV_PERSIST, on_readable, socket);

	fprintf(stderr, "echo: port %u\n", mh_socket_info(socket)->bound.port);
	return event != NULL ? event_add(event, NULL) : -1;
}

int
main(int argc, char *argv[])
{
	struct event_base *base = event_base_new();
	struct mh_socket *sockets[MH_SOCKETS_MAX];
	struct mh_address endpoint;
	int i, n;

	batch = mh_batch_new(32);
	if (argc != 2 || mh_endpoint_parse(&endpoint, argv[1]) != 0 ||
	    mh_platform_init(NULL) != 0 || base == NULL || batch == NULL) {
		fprintf(stderr, "usage: echo ENDPOINT\n");
		return 2;
	}
	n = mh_socket_open(sockets, &endpoint, NULL, NULL);
	if (n < 0)
		fprintf(stderr, "%s: %s\n", argv[1], mh_strerror(n));
	for (i = 0; i < n; i++)
		if (watch(base, sockets[i]) != 0)
			return 1;
	return n < 0 ? 1 : event_base_dispatch(base);
}
