/* SPDX-License-Identifier: ISC */
/*
 * A server on loopback, and peers that are plain unconnected sockets of the
 * system's own, so that they can see where a reply came from.
 */
#include "unit/platform/live.h"

#include "unit/unit.h"
#include "unit/wrap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

struct live live;

const struct mh_source_policy live_strict = { .relaxed = false };

static void
setup(void)
{
	void *data;
	int i;

	wrap_reset();
	live.first_free = wrap_lowest_file();
	live.socket_count = 0;
	live.peer_count = 0;
	live.batch = mh_batch_new(32);
	ck_assert_ptr_nonnull(live.batch);
	/* As if it had been used before. */
	for (i = 0; i < 32; i++) {
		data = live.batch->received[i].data;
		memset(
		    &live.batch->received[i], 0xa5, sizeof(struct mh_datagram));
		live.batch->received[i].data = data;
	}
}

static void
teardown(void)
{
	wrap_reset();
	while (live.socket_count > 0)
		mh_socket_close(live.sockets[--live.socket_count]);
	while (live.peer_count > 0)
		close(live.peers[--live.peer_count]);
	mh_batch_free(live.batch);
	ck_assert_msg(
	    wrap_lowest_file() == live.first_free, "a file is left open");
}

/*
 * The server's side.
 */

void
live_serve(const char *endpoint, const struct mh_socket_options *options)
{
	const struct mh_address address = unit_address(endpoint);
	struct mh_problem problem;

	live.socket_count =
	    mh_socket_open(live.sockets, &address, options, &problem);
	ck_assert_msg(live.socket_count > 0, "%s: %s: %s", endpoint,
	    problem.what, problem.text);
}

void
live_serve_stack(const char *endpoint, enum mh_stack stack)
{
	const struct mh_socket_options options = { .stack = stack };

	live_serve(endpoint, &options);
}

uint16_t
live_port(void)
{
	return mh_socket_info(live.sockets[0])->bound.port;
}

/* Wait for datagrams on any of the sockets; NULL: none in time. */
struct mh_socket *
live_wait(int milliseconds)
{
	struct pollfd pollers[MH_SOCKETS_MAX];
	int i;

	for (i = 0; i < live.socket_count; i++)
		pollers[i] = (struct pollfd){ .fd = (int)mh_socket_handle(
						  live.sockets[i]),
			.events = POLLIN };
	poll(pollers, (nfds_t)live.socket_count, milliseconds);
	for (i = 0; i < live.socket_count; i++) {
		if (pollers[i].revents != 0)
			return live.sockets[i];
	}
	return NULL;
}

/* Receive one datagram. */
struct mh_socket *
live_receive(const char *name)
{
	struct mh_socket *socket = live_wait(LIVE_PATIENCE_MS);

	ck_assert_msg(socket != NULL, "%s: nothing arrives", name);
	ck_assert_msg(
	    mh_batch_receive(live.batch, socket) == 1, "%s: not one", name);
	return socket;
}

/* Send back what was received, by the rule. */
int
live_echo(struct mh_socket *socket, const struct mh_source_policy *rule)
{
	struct mh_datagram *reply = mh_batch_reserve(live.batch);

	ck_assert_int_eq(
	    mh_reply_address(reply, &live.batch->received[0], rule), 0);
	reply->data = live.batch->received[0].data;
	reply->length = live.batch->received[0].length;
	return mh_batch_send(live.batch, socket, rule);
}

/*
 * The peer's side.
 */

socklen_t
live_name(const char *address, uint16_t port_number, union live_name *name)
{
	memset(name, 0, sizeof(*name));
	if (inet_pton(AF_INET, address, &name->ipv4.sin_addr) == 1) {
		name->ipv4.sin_family = AF_INET;
		name->ipv4.sin_port = htons(port_number);
		return sizeof(name->ipv4);
	}
	ck_assert_int_eq(
	    inet_pton(AF_INET6, address, &name->ipv6.sin6_addr), 1);
	name->ipv6.sin6_family = AF_INET6;
	name->ipv6.sin6_port = htons(port_number);
	return sizeof(name->ipv6);
}

int
live_peer(const char *address)
{
	union live_name name;
	socklen_t length = live_name(address, 0, &name);
	int fd = socket(name.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	live.peers[live.peer_count++] = fd;
	ck_assert_int_eq(bind(fd, &name.any, length), 0);
	return fd;
}

uint16_t
live_peer_port(int fd)
{
	union live_name name;
	socklen_t length = sizeof(name);

	getsockname(fd, &name.any, &length);
	return ntohs(name.ipv4.sin_port);
}

void
live_peer_send(int fd, const char *address, const void *data, size_t size)
{
	union live_name name;
	socklen_t length = live_name(address, live_port(), &name);

	ck_assert_msg(
	    sendto(fd, data, size, 0, &name.any, length) == (ssize_t)size,
	    "to %s: %s", address, strerror(errno));
}

/* -1: nothing came.  source: "address:port" */
ssize_t
live_peer_receive(int fd, void *data, size_t size, struct mh_address *source)
{
	struct pollfd poller = { .fd = fd, .events = POLLIN };
	union live_name name;
	socklen_t length = sizeof(name);
	char text[INET6_ADDRSTRLEN];
	ssize_t n;

	if (poll(&poller, 1, LIVE_PATIENCE_MS) != 1)
		return -1;
	n = recvfrom(fd, data, size, 0, &name.any, &length);
	if (name.any.sa_family == AF_INET)
		inet_ntop(AF_INET, &name.ipv4.sin_addr, text, sizeof(text));
	else
		inet_ntop(AF_INET6, &name.ipv6.sin6_addr, text, sizeof(text));
	*source = unit_address(text);
	source->port = ntohs(name.ipv4.sin_port);
	return n;
}

/* The answer comes from there, and from the server's port. */
void
live_assert_answer(const char *name, int fd, const char *from, size_t size)
{
	static uint8_t data[MH_SLOT_SIZE];
	struct mh_address source, expected = unit_address(from);
	ssize_t n = live_peer_receive(fd, data, sizeof(data), &source);

	expected.port = live_port();
	ck_assert_msg(n >= 0, "%s: no answer", name);
	ck_assert_msg((size_t)n == size, "%s: %zd bytes", name, n);
	ck_assert_msg(memcmp(&source, &expected, sizeof(source)) == 0,
	    "%s: answered from %s, not from %s", name, unit_text(&source),
	    unit_text(&expected));
}

struct mh_datagram *
live_reply(int fd, const char *peer, const char *local)
{
	struct mh_datagram *reply = mh_batch_reserve(live.batch);

	reply->peer = unit_address(peer);
	reply->peer.port = live_peer_port(fd);
	reply->local = unit_address(local);
	reply->length = live.batch->outgoing_count;
	return reply;
}

void
live_set(int fd, int level, int option, int value)
{
	ck_assert_int_eq(
	    setsockopt(fd, level, option, &value, sizeof(value)), 0);
}

TCase *
live_case(Suite *suite, const char *name)
{
	TCase *tcase = tcase_create(name);

	tcase_add_checked_fixture(tcase, setup, teardown);
	suite_add_tcase(suite, tcase);
	return tcase;
}
