/* SPDX-License-Identifier: ISC */
/*
 * later ENDPOINT: answers when a timer fires, ten times a second.  With poll(2)
 * and timerfd_create(2).
 */
#include <err.h>
#include <multihome.h>
#include <poll.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define WAITING_MAX 1000

/* All that is kept of a request; copy what you need of its data, too. */
static struct mh_return_path waiting[WAITING_MAX];
static unsigned int count;

static void
keep(const struct mh_datagram *request, struct mh_socket *socket)
{
	/* An answer must not be longer than what was sent. */
	if (count < WAITING_MAX && request->length >= 6 &&
	    (request->flags & (MH_TO_BROADCAST | MH_TO_MULTICAST)) == 0 &&
	    mh_return_path_take(&waiting[count], request, socket, NULL) == 0)
		count++;
}

static void
answer_all(struct mh_batch *batch)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		struct mh_datagram *reply = mh_batch_reserve(batch);

		mh_return_path_apply(reply, &waiting[i]);
		memcpy(reply->data, "later\n", 6);
		reply->length = 6;
		mh_batch_send(batch, waiting[i].socket, NULL);
	}
	count = 0;
}

int
main(int argc, char *argv[])
{
	const struct itimerspec tenth = { { 0, 100000000 }, { 0, 100000000 } };
	const int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	struct pollfd polled[] = { { timer, POLLIN, 0 }, { -1, POLLIN, 0 },
		{ -1, POLLIN, 0 } }; /* -1: none */
	struct mh_batch *batch = mh_batch_new(32);
	struct mh_socket *sockets[MH_SOCKETS_MAX];
	struct mh_address endpoint;
	uint64_t ticks;
	int i, j, n, received;

	if (argc != 2 || mh_endpoint_parse(&endpoint, argv[1]) != 0 ||
	    mh_platform_init(NULL) != 0 || batch == NULL ||
	    timerfd_settime(timer, 0, &tenth, NULL) != 0)
		errx(2, "usage: later ENDPOINT");
	n = mh_socket_open(sockets, &endpoint, NULL, NULL);
	if (n < 0)
		errx(1, "%s: %s", argv[1], mh_strerror(n));
	for (i = 0; i < n; i++) {
		polled[1 + i].fd = (int)mh_socket_handle(sockets[i]);
		warnx("port %u", mh_socket_info(sockets[i])->bound.port);
	}
	while (poll(polled, 3, -1) >= 0) {
		for (i = 0; i < n; i++) {
			received = mh_batch_receive(batch, sockets[i]);
			for (j = 0; j < received; j++)
				keep(&batch->received[j], sockets[i]);
		}
		if (read(timer, &ticks, sizeof(ticks)) > 0)
			answer_all(batch);
	}
	err(1, "poll");
}
