/* SPDX-License-Identifier: ISC */
/*
 * ecn ENDPOINT: a QUIC-like use of paths and ECN, RFC 9000.  With libuv.
 */
#include <err.h>
#include <multihome.h>
#include <stdio.h>
#include <string.h>
#include <uv.h>

static struct connection {
	struct mh_return_path path;
	unsigned int marks[4]; /* RFC 3168: none, ECT(1), ECT(0), CE */
} connections[256];            /* by the first byte of their datagrams */
static struct mh_batch *batch;

static bool
answer(struct mh_datagram *reply, const struct mh_datagram *request,
    struct mh_socket *socket)
{
	struct connection *on = &connections[*(unsigned char *)request->data];
	const struct mh_return_path before = on->path;

	if (request->length == 0 ||
	    mh_return_path_take(&on->path, request, socket, NULL) != 0)
		return false;
	if (memcmp(&on->path, &before, sizeof(before)) != 0) /* it migrated */
		memset(on->marks, 0, sizeof(on->marks));
	on->marks[request->tos & 3] += request->tos >= 0; /* -1: unknown */
	mh_return_path_apply(reply, &on->path);
	reply->tos = 2; /* ECT(0) */
	reply->length = (size_t)snprintf((char *)reply->data, 64,
	    "ect0 %u ce %u\n", on->marks[2], on->marks[3]);
	return reply->length <= request->length; /* it may be forged */
}

static void
on_readable(uv_poll_t *handle, int status, int events)
{
	struct mh_socket *socket = (struct mh_socket *)handle->data;
	int i, n = mh_batch_receive(batch, socket);

	(void)status;
	(void)events;
	for (i = 0; i < n; i++) {
		struct mh_datagram *reply = mh_batch_reserve(batch);

		if (!answer(reply, &batch->received[i], socket))
			mh_batch_release(batch, reply); /* silence */
	}
	mh_batch_send(batch, socket, NULL);
}

int
main(int argc, char *argv[])
{
	static struct mh_socket_options options; /* all zero: the defaults */
	struct mh_socket *sockets[MH_SOCKETS_MAX];
	uv_poll_t polls[MH_SOCKETS_MAX];
	struct mh_address endpoint;
	int i, n;

	options.want = MH_CAN_TOS | MH_CAN_SEND_TOS;
	if (argc != 2 || mh_endpoint_parse(&endpoint, argv[1]) != 0 ||
	    mh_platform_init(NULL) != 0 || (batch = mh_batch_new(32)) == NULL)
		errx(2, "usage: ecn ENDPOINT");
	n = mh_socket_open(sockets, &endpoint, &options, NULL);
	if (n < 0)
		errx(1, "%s: %s", argv[1], mh_strerror(n));
	for (i = 0; i < n; i++) {
		if (uv_poll_init_socket(uv_default_loop(), &polls[i],
			(uv_os_sock_t)mh_socket_handle(sockets[i])) != 0 ||
		    uv_poll_start(&polls[i], UV_READABLE, on_readable) != 0)
			errx(1, "libuv");
		polls[i].data = sockets[i];
		warnx("port %u", mh_socket_info(sockets[i])->bound.port);
	}
	return uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}
