/* SPDX-License-Identifier: ISC */
/*
 * An echo server of libmultihome and nothing else: what the library costs
 * without the daemon around it.
 *
 *	library [-b] PORT
 *
 * -b: receive several datagrams of one peer as one, MH_CAN_BURSTS, and send
 * them back as they came.
 *
 * Port 0 is allowed; the real one is written to standard output.
 */
#include "lib/multihome.h"

#include <err.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS 32

static const struct mh_source_policy policy = { .relaxed = false };

static struct mh_socket *
open_socket(uint16_t port, bool bursts)
{
	const struct mh_socket_options options = {
		.want = bursts ? MH_CAN_BURSTS : 0, .receive_buffer = 4 << 20
	};
	const struct mh_address any = { .port = port };
	struct mh_socket *sockets[MH_SOCKETS_MAX];
	struct mh_problem problem;

	if (mh_socket_open(sockets, &any, &options, &problem) != 1)
		errx(EXIT_FAILURE, "%s: %s", problem.what, problem.text);
	if ((mh_socket_info(sockets[0])->can & options.want) != options.want)
		errx(EXIT_FAILURE, "this system has no UDP_GRO");
	printf("%u\n", (unsigned int)mh_socket_info(sockets[0])->bound.port);
	fflush(stdout);
	return sockets[0];
}

/* Send each back, from where it came to. */
static void
echo(struct mh_batch *batch, struct mh_socket *socket)
{
	const struct mh_datagram *received;
	struct mh_datagram *reply;
	unsigned int i;

	for (i = 0; i < batch->received_count; i++) {
		received = &batch->received[i];
		reply = mh_batch_reserve(batch);
		if (mh_reply_address(reply, received, &policy) != 0) {
			mh_batch_release(batch, reply);
			continue;
		}
		reply->data = received->data;
		reply->length = received->length;
		reply->segment = received->segment;
	}
	mh_batch_send(batch, socket, &policy);
}

int
main(int argc, char *argv[])
{
	bool bursts = argc == 3 && strcmp(argv[1], "-b") == 0;
	struct mh_batch *batch = mh_batch_new_sized(SLOTS, MH_SLOT_SIZE, 0);
	struct mh_socket *socket;
	struct pollfd poller;

	if ((argc != 2 && !bursts) || batch == NULL)
		errx(64, "usage: library [-b] PORT");
	socket =
	    open_socket((uint16_t)strtoul(argv[argc - 1], NULL, 10), bursts);
	poller = (struct pollfd){ .fd = (int)mh_socket_handle(socket),
		.events = POLLIN };
	for (;;) {
		if (mh_batch_receive(batch, socket) == 0)
			(void)poll(&poller, 1, -1);
		echo(batch, socket);
	}
}
