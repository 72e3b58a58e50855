/* SPDX-License-Identifier: ISC */
/*
 * threads ENDPOINT: two threads on one port, each with a share of the peers and
 * a socket and a batch of its own; says which one answers.  With POSIX threads.
 */
#include <err.h>
#include <multihome.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>

static struct mh_address endpoint;
static struct mh_socket_options options; /* all zero: the defaults */

static void
serve(struct mh_batch *batch, struct mh_socket *socket, const char *name)
{
	int i, n = mh_batch_receive(batch, socket);

	for (i = 0; i < n; i++) {
		const struct mh_datagram *request = &batch->received[i];
		struct mh_datagram *reply = mh_batch_reserve(batch);

		reply->length = (size_t)snprintf(
		    (char *)reply->data, 64, "thread %s\n", name);
		if (reply->length > request->length ||
		    (request->flags & (MH_TO_BROADCAST | MH_TO_MULTICAST)) ||
		    mh_reply_address(reply, request, NULL) != 0)
			mh_batch_release(batch, reply); /* silence */
	}
	mh_batch_send(batch, socket, NULL);
}

static void *
work(void *name)
{
	struct pollfd polled[] = { { -1, POLLIN, 0 }, { -1, POLLIN, 0 } };
	struct mh_batch *batch = mh_batch_new(32);
	struct mh_socket *sockets[MH_SOCKETS_MAX];
	int i, n;

	n = mh_socket_open(sockets, &endpoint, &options, NULL);
	if (n < 0 || batch == NULL)
		errx(1, "%s", mh_strerror(n < 0 ? n : MH_ENOMEMORY));
	for (i = 0; i < n; i++)
		polled[i].fd = (int)mh_socket_handle(sockets[i]);
	fprintf(stderr, "threads: port %u\n", endpoint.port);
	while (poll(polled, MH_SOCKETS_MAX, -1) >= 0)
		for (i = 0; i < n; i++)
			serve(batch, sockets[i], (const char *)name);
	err(1, "poll");
}

int
main(int argc, char *argv[])
{
	static char names[2][4] = { "one", "two" };
	pthread_t other;

	/* Not port 0, which would be another one for each. */
	if (argc != 2 || mh_endpoint_parse(&endpoint, argv[1]) != 0 ||
	    endpoint.port == 0 || mh_platform_init(NULL) != 0)
		errx(2, "usage: threads ENDPOINT, with a port");
	options.share_port = true;
	if (pthread_create(&other, NULL, work, names[0]) != 0)
		err(1, "pthread_create");
	work(names[1]);
	return 0;
}
