/* SPDX-License-Identifier: ISC */
/*
 * dns ENDPOINT: a name server for which every name has one address, the one
 * that was asked.  With poll(2).
 */
#include <err.h>
#include <multihome.h>
#include <poll.h>
#include <string.h>

static bool
respond(struct mh_datagram *response, const struct mh_datagram *query)
{
	const unsigned char *in = (const unsigned char *)query->data;
	unsigned char *out = (unsigned char *)response->data;
	const bool ipv6 = query->local.family == MH_FAMILY_IPV6;
	const unsigned char type = ipv6 ? 28 : 1, size = ipv6 ? 16 : 4;
	const unsigned char record[] = { 0xc0, 12, 0, type, 0, 1, 0, 0, 0, 0, 0,
		size };
	size_t end = 12;

	/* One question, RFC 1035; responding to a response would never end. */
	if (query->length < 12 || (in[2] & 0xf8) != 0 || in[5] != 1 ||
	    (query->flags & (MH_TO_BROADCAST | MH_TO_MULTICAST)) != 0)
		return false;
	while (end < query->length && in[end] != 0)
		end += in[end] + 1u;
	end += 5; /* the end of the name, the type and the class */
	if (end > query->length || end > 512)
		return false;
	memcpy(out, in, end);
	memset(out + 3, 0, 9);
	out[2] = (unsigned char)(in[2] | 0x84); /* authoritative response */
	out[5] = 1;
	out[7] = in[end - 4] == 0 && in[end - 3] == type;
	memcpy(out + end, record, 12);
	memcpy(out + end + 12, query->local.ip, size);
	response->length = out[7] == 1 ? end + 12 + size : end;
	return mh_reply_address(response, query, NULL) == 0;
}

static void
serve(struct mh_batch *batch, struct mh_socket *socket)
{
	int i, n = mh_batch_receive(batch, socket);

	for (i = 0; i < n; i++) {
		struct mh_datagram *response = mh_batch_reserve(batch);

		if (!respond(response, &batch->received[i]))
			mh_batch_release(batch, response); /* silence */
	}
	mh_batch_send(batch, socket, NULL);
}

int
main(int argc, char *argv[])
{
	struct mh_batch *batch = mh_batch_new(32);
	struct mh_socket *sockets[MH_SOCKETS_MAX];
	struct pollfd polled[] = { { -1, POLLIN, 0 }, { -1, POLLIN, 0 } };
	struct mh_address endpoint;
	int i, n;

	if (argc != 2 || mh_endpoint_parse(&endpoint, argv[1]) != 0 ||
	    mh_platform_init(NULL) != 0 || batch == NULL)
		errx(2, "usage: dns ENDPOINT");
	n = mh_socket_open(sockets, &endpoint, NULL, NULL);
	if (n < 0)
		errx(1, "%s: %s", argv[1], mh_strerror(n));
	for (i = 0; i < n; i++) {
		polled[i].fd = (int)mh_socket_handle(sockets[i]);
		warnx("port %u", mh_socket_info(sockets[i])->bound.port);
	}
	while (poll(polled, 2, -1) >= 0)
		for (i = 0; i < n; i++)
			serve(batch, sockets[i]);
	err(1, "poll");
}
