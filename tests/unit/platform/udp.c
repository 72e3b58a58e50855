/* SPDX-License-Identifier: ISC */
/*
 * src/platform/linux/udp.c through the public interface: real sockets on
 * loopback.  The peer is a plain unconnected socket of the system's own, so
 * that it can see where a reply came from.
 */
#include "unit/unit.h"

#include "unit/wrap.h"

#include "lib/socket.h"
#include "platform/linux/reuseport.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE_MS = 2000 };

/* What each test has: one server, one batch, and peers. */
static struct mh_socket *sockets[MH_SOCKETS_MAX];
static int socket_count;
static struct mh_batch *batch;
static int peers[4];
static unsigned int peer_count;
static int first_free; /* file descriptor */

static void
setup(void)
{
	void *data;
	int i;

	first_free = wrap_lowest_file();
	socket_count = 0;
	peer_count = 0;
	batch = mh_batch_new(32);
	ck_assert_ptr_nonnull(batch);
	/* As if it had been used before. */
	for (i = 0; i < 32; i++) {
		data = batch->received[i].data;
		memset(&batch->received[i], 0xa5, sizeof(struct mh_datagram));
		batch->received[i].data = data;
	}
}

static void
teardown(void)
{
	while (socket_count > 0)
		mh_socket_close(sockets[--socket_count]);
	while (peer_count > 0)
		close(peers[--peer_count]);
	mh_batch_free(batch);
	ck_assert_msg(wrap_lowest_file() == first_free, "a file is left open");
}

/*
 * The server's side.
 */

static void
serve(const char *endpoint, const struct mh_socket_options *options)
{
	const struct mh_address address = unit_address(endpoint);
	struct mh_problem problem;

	socket_count = mh_socket_open(sockets, &address, options, &problem);
	ck_assert_msg(socket_count > 0, "%s: %s: %s", endpoint, problem.what,
	    problem.text);
}

static void
serve_stack(const char *endpoint, enum mh_stack stack)
{
	const struct mh_socket_options options = { .stack = stack };

	serve(endpoint, &options);
}

static uint16_t
port(void)
{
	return mh_socket_info(sockets[0])->bound.port;
}

/* Wait for datagrams on any of the sockets; NULL: none in time. */
static struct mh_socket *
wait_server(int milliseconds)
{
	struct pollfd pollers[MH_SOCKETS_MAX];
	int i;

	for (i = 0; i < socket_count; i++)
		pollers[i] =
		    (struct pollfd){ .fd = (int)mh_socket_handle(sockets[i]),
			    .events = POLLIN };
	poll(pollers, (nfds_t)socket_count, milliseconds);
	for (i = 0; i < socket_count; i++) {
		if (pollers[i].revents != 0)
			return sockets[i];
	}
	return NULL;
}

/* Receive one datagram. */
static struct mh_socket *
receive(const char *name)
{
	struct mh_socket *socket = wait_server(PATIENCE_MS);

	ck_assert_msg(socket != NULL, "%s: nothing arrives", name);
	ck_assert_msg(
	    mh_batch_receive(batch, socket) == 1, "%s: not one", name);
	return socket;
}

/* Send back what was received, by the rule. */
static int
echo(struct mh_socket *socket, const struct mh_source_policy *rule)
{
	struct mh_datagram *reply = mh_batch_reserve(batch);

	ck_assert_int_eq(mh_reply_address(reply, &batch->received[0], rule), 0);
	reply->data = batch->received[0].data;
	reply->length = batch->received[0].length;
	return mh_batch_send(batch, socket, rule);
}

static const struct mh_source_policy strict = { .relaxed = false };

/*
 * The peer's side.
 */

union name {
	struct sockaddr any;
	struct sockaddr_in ipv4;
	struct sockaddr_in6 ipv6;
};

static socklen_t
name_of(const char *address, uint16_t port_number, union name *name)
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

static int
peer_open(const char *address)
{
	union name name;
	socklen_t length = name_of(address, 0, &name);
	int fd = socket(name.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	peers[peer_count++] = fd;
	ck_assert_int_eq(bind(fd, &name.any, length), 0);
	return fd;
}

static uint16_t
peer_port(int fd)
{
	union name name;
	socklen_t length = sizeof(name);

	getsockname(fd, &name.any, &length);
	return ntohs(name.ipv4.sin_port);
}

static void
peer_send(int fd, const char *address, const void *data, size_t size)
{
	union name name;
	socklen_t length = name_of(address, port(), &name);

	ck_assert_msg(
	    sendto(fd, data, size, 0, &name.any, length) == (ssize_t)size,
	    "to %s: %s", address, strerror(errno));
}

/* -1: nothing came.  source: "address:port" */
static ssize_t
peer_receive(int fd, void *data, size_t size, struct mh_address *source)
{
	struct pollfd poller = { .fd = fd, .events = POLLIN };
	union name name;
	socklen_t length = sizeof(name);
	char text[INET6_ADDRSTRLEN];
	ssize_t n;

	if (poll(&poller, 1, PATIENCE_MS) != 1)
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
static void
assert_answer(const char *name, int fd, const char *from, size_t size)
{
	static uint8_t data[MH_SLOT_SIZE];
	struct mh_address source, expected = unit_address(from);
	ssize_t n = peer_receive(fd, data, sizeof(data), &source);

	expected.port = port();
	ck_assert_msg(n >= 0, "%s: no answer", name);
	ck_assert_msg((size_t)n == size, "%s: %zd bytes", name, n);
	ck_assert_msg(memcmp(&source, &expected, sizeof(source)) == 0,
	    "%s: answered from %s, not from %s", name, unit_text(&source),
	    unit_text(&expected));
}

/*
 * Which address was asked, and the answer comes from there.
 */

struct ask_case {
	const char *name;
	const char *endpoint;
	enum mh_stack stack;
	const char *peer;
	const char *asked;
	uint32_t flags;
};

static const struct ask_case asks[] = {
	{ "dual, 127.0.0.1", ":0", MH_STACK_DUAL, "127.0.0.3", "127.0.0.1", 0 },
	{ "dual, 127.0.0.2", ":0", MH_STACK_DUAL, "127.0.0.3", "127.0.0.2", 0 },
	{ "dual, 127.255.255.254", ":0", MH_STACK_DUAL, "127.0.0.3",
	    "127.255.255.254", 0 },
	{ "dual, ::1", ":0", MH_STACK_DUAL, "::1", "::1", 0 },
	{ "[::], 127.0.0.2", "[::]:0", MH_STACK_DUAL, "127.0.0.3", "127.0.0.2",
	    0 },
	{ "two, 127.0.0.1", ":0", MH_STACK_TWO, "127.0.0.3", "127.0.0.1", 0 },
	{ "two, 127.0.0.2", ":0", MH_STACK_TWO, "127.0.0.3", "127.0.0.2", 0 },
	{ "two, ::1", ":0", MH_STACK_TWO, "::1", "::1", 0 },
	{ "ipv4, 127.0.0.2", ":0", MH_STACK_IPV4, "127.0.0.3", "127.0.0.2", 0 },
	{ "ipv6, ::1", ":0", MH_STACK_IPV6, "::1", "::1", 0 },
	{ "0.0.0.0, 127.0.0.2", "0.0.0.0:0", MH_STACK_DUAL, "127.0.0.3",
	    "127.0.0.2", 0 },
	{ "127.0.0.2 alone", "127.0.0.2:0", MH_STACK_DUAL, "127.0.0.3",
	    "127.0.0.2", MH_BOUND },
	{ "::1 alone", "[::1]:0", MH_STACK_DUAL, "::1", "::1", MH_BOUND },
};

START_TEST(test_ask)
{
	const struct ask_case *row = &asks[_i];
	const struct mh_datagram *got = batch->received;
	struct mh_address local = unit_address(row->asked);
	struct mh_address peer = unit_address(row->peer);
	struct mh_socket *socket;
	int fd;

	serve_stack(row->endpoint, row->stack);
	fd = peer_open(row->peer);
	peer_send(fd, row->asked, "hello", 5);
	socket = receive(row->name);
	local.port = port();
	peer.port = peer_port(fd);
	ck_assert_msg(memcmp(&got->local, &local, sizeof(local)) == 0,
	    "%s: asked %s", row->name, unit_text(&got->local));
	ck_assert_msg(memcmp(&got->peer, &peer, sizeof(peer)) == 0,
	    "%s: the peer is %s", row->name, unit_text(&got->peer));
	ck_assert_msg(got->flags == row->flags, "%s: flags %#x", row->name,
	    (unsigned int)got->flags);
	ck_assert_msg(got->if_index == if_nametoindex("lo"), "%s: interface %u",
	    row->name, (unsigned int)got->if_index);
	ck_assert_mem_eq(got->data, "hello", 5);
	ck_assert_int_eq(echo(socket, &strict), 1);
	assert_answer(row->name, fd, row->asked, 5);
}

/* One batch, several peers and addresses of both families. */
START_TEST(test_ask_many)
{
	static const char *const asked[] = { "127.0.0.1", "::1", "127.0.0.3",
		"127.0.0.2", "::1", "127.0.0.4" };
	enum { COUNT = LENGTH(asked) };
	struct mh_datagram *reply;
	int ipv4, ipv6, i;

	serve_stack(":0", MH_STACK_DUAL);
	ipv4 = peer_open("0.0.0.0");
	ipv6 = peer_open("::");
	for (i = 0; i < COUNT; i++)
		peer_send(asked[i][0] == ':' ? ipv6 : ipv4, asked[i], asked[i],
		    (size_t)i);
	ck_assert_int_eq(mh_batch_receive(batch, sockets[0]), COUNT);
	for (i = 0; i < COUNT; i++) {
		reply = mh_batch_reserve(batch);
		ck_assert_int_eq(
		    mh_reply_address(reply, &batch->received[i], &strict), 0);
		reply->length = batch->received[i].length;
	}
	ck_assert_int_eq(mh_batch_send(batch, sockets[0], &strict), COUNT);
	for (i = 0; i < COUNT; i++)
		assert_answer(asked[i], asked[i][0] == ':' ? ipv6 : ipv4,
		    asked[i], (size_t)i);
	ck_assert_int_eq(mh_batch_receive(batch, sockets[0]), 0);
}

/*
 * Several replies as one datagram for the system.
 */

/* Ask so often, and echo it all in one batch. */
static void
echo_many(int fd, const char *asked, size_t size, unsigned int count)
{
	uint8_t data[2048];
	struct mh_datagram *reply;
	unsigned int i;

	for (i = 0; i < count; i++) {
		memset(data, (int)i, size);
		peer_send(fd, asked, data, size);
	}
	ck_assert_int_eq(
	    mh_batch_receive(batch, wait_server(PATIENCE_MS)), (int)count);
	for (i = 0; i < count; i++) {
		reply = mh_batch_reserve(batch);
		ck_assert_int_eq(
		    mh_reply_address(reply, &batch->received[i], &strict), 0);
		reply->data = batch->received[i].data;
		reply->length = batch->received[i].length;
	}
	ck_assert_int_eq(mh_batch_send(batch, sockets[0], &strict), (int)count);
}

static void
assert_from(const struct mh_address *source, const char *asked)
{
	const struct mh_address expected = unit_address(asked);

	ck_assert_msg(mh_address_compare(source, &expected) == 0,
	    "asked %s, answered from %s", asked, unit_text(source));
}

static const struct {
	const char *asked;
	size_t size;
	unsigned int count;
	unsigned int wholes; /* datagrams at a peer that puts them together */
} segments[] = {
	{ "127.0.0.2", 64, 1, 1 },
	{ "127.0.0.2", 64, 2, 1 },
	{ "127.0.0.2", 64, 32, 1 },
	{ "::1", 64, 32, 1 },
	{ "127.0.0.2", 0, 3, 3 },
	{ "127.0.0.2", 1, 32, 1 },
	{ "127.0.0.2", 1232, 32, 1 },
	{ "::1", 1232, 32, 1 },
	{ "127.0.0.2", 1233, 2, 2 },
};

/* A peer that does not ask for it sees nothing of it. */
START_TEST(test_segments)
{
	const char *asked = segments[_i].asked;
	uint8_t data[2048], expected[2048];
	struct mh_address source;
	unsigned int i;
	int fd;

	serve_stack(":0", MH_STACK_DUAL);
	fd = peer_open(asked[0] == ':' ? "::" : "0.0.0.0");
	echo_many(fd, asked, segments[_i].size, segments[_i].count);
	for (i = 0; i < segments[_i].count; i++) {
		memset(expected, (int)i, sizeof(expected));
		ck_assert_int_eq(peer_receive(fd, data, sizeof(data), &source),
		    (int)segments[_i].size);
		ck_assert_mem_eq(data, expected, segments[_i].size);
		assert_from(&source, asked);
	}
}

/* How many datagrams a peer gets that lets the system put them together. */
static unsigned int
wholes(int fd, size_t total)
{
	static uint8_t data[MH_SLOT_SIZE];
	struct mh_address source;
	unsigned int count = 0;
	size_t seen = 0;
	ssize_t n;

	do {
		n = peer_receive(fd, data, sizeof(data), &source);
		ck_assert_int_ge(n, 0);
		count++;
		seen += (size_t)n;
	} while (seen < total);
	ck_assert_uint_eq(seen, total);
	return count;
}

static int
peer_open_whole(const char *address)
{
	int fd = peer_open(address), on = 1;

	ck_assert_int_eq(setsockopt(fd, SOL_UDP, UDP_GRO, &on, sizeof(on)), 0);
	return fd;
}

START_TEST(test_segments_whole)
{
	const char *asked = segments[_i].asked;
	size_t size = segments[_i].size;
	int fd;

	if (size == 0)
		return;
	serve_stack(":0", MH_STACK_DUAL);
	fd = peer_open_whole(asked[0] == ':' ? "::" : "0.0.0.0");
	echo_many(fd, asked, size, segments[_i].count);
	ck_assert_uint_eq(
	    wholes(fd, size * segments[_i].count), segments[_i].wholes);
}

START_TEST(test_unsegmented)
{
	const struct mh_socket_options options = { .unsegmented = true };
	int fd;

	serve(":0", &options);
	fd = peer_open_whole("0.0.0.0");
	echo_many(fd, "127.0.0.2", 10, 4);
	ck_assert_uint_eq(wholes(fd, 40), 4);
}

/* What differs must not be put together. */
START_TEST(test_segments_differ)
{
	static const struct {
		const char *asked;
		unsigned int peer;
		size_t size;
	} steps[] = {
		{ "127.0.0.2", 0, 8 },
		{ "127.0.0.2", 0, 8 },
		{ "127.0.0.3", 0, 8 }, /* another source */
		{ "127.0.0.3", 1, 8 }, /* another peer */
		{ "127.0.0.3", 1, 9 }, /* another size */
		{ "127.0.0.3", 1, 8 },
		{ "127.0.0.2", 0, 8 },
	};
	uint8_t data[64];
	struct mh_address source;
	struct mh_datagram *reply;
	int fds[2];
	unsigned int i;

	serve_stack(":0", MH_STACK_DUAL);
	fds[0] = peer_open("0.0.0.0");
	fds[1] = peer_open("0.0.0.0");
	for (i = 0; i < LENGTH(steps); i++) {
		memset(data, (int)i, sizeof(data));
		peer_send(
		    fds[steps[i].peer], steps[i].asked, data, steps[i].size);
	}
	ck_assert_int_eq(
	    mh_batch_receive(batch, sockets[0]), (int)LENGTH(steps));
	for (i = 0; i < LENGTH(steps); i++) {
		reply = mh_batch_reserve(batch);
		mh_reply_address(reply, &batch->received[i], &strict);
		reply->data = batch->received[i].data;
		reply->length = batch->received[i].length;
	}
	ck_assert_int_eq(
	    mh_batch_send(batch, sockets[0], &strict), (int)LENGTH(steps));
	for (i = 0; i < LENGTH(steps); i++) {
		ck_assert_int_eq(peer_receive(fds[steps[i].peer], data,
				     sizeof(data), &source),
		    (int)steps[i].size);
		ck_assert_int_eq(data[0], (int)i);
		assert_from(&source, steps[i].asked);
	}
}

/* A system that cannot cut: all arrives, and it is not asked again. */
START_TEST(test_segments_refused)
{
	int fd, off = 1;

	serve_stack(":0", MH_STACK_IPV4);
	fd = peer_open_whole("0.0.0.0");
	/* No checksums, no segments: udp_send_skb() says EINVAL. */
	ck_assert_int_eq(setsockopt((int)mh_socket_handle(sockets[0]),
			     SOL_SOCKET, SO_NO_CHECK, &off, sizeof(off)),
	    0);
	echo_many(fd, "127.0.0.2", 10, 4);
	ck_assert_uint_eq(wholes(fd, 40), 4);
	off = 0;
	setsockopt((int)mh_socket_handle(sockets[0]), SOL_SOCKET, SO_NO_CHECK,
	    &off, sizeof(off));
	echo_many(fd, "127.0.0.2", 10, 4);
	ck_assert_uint_eq(wholes(fd, 40), 4);
}

/* A source that is gone looks the same, but says nothing about segments. */
START_TEST(test_segments_source_gone)
{
	struct mh_datagram *reply;
	unsigned int i;
	int fd;

	serve_stack(":0", MH_STACK_DUAL);
	fd = peer_open_whole("::");
	for (i = 0; i < 3; i++) {
		reply = mh_batch_reserve(batch);
		reply->peer = unit_address("[::1]:9");
		reply->peer.port = peer_port(fd);
		reply->local = unit_address("[2001:db8::77]:0");
		reply->length = 10;
	}
	ck_assert_int_eq(mh_batch_send(batch, sockets[0], &strict), 0);
	for (i = 0; i < 3; i++)
		ck_assert_int_eq(batch->replies[i].status, MH_EGONE);
	echo_many(fd, "::1", 10, 4);
	ck_assert_uint_eq(wholes(fd, 40), 1);
}

/*
 * Sizes.
 */

static const struct {
	const char *asked;
	size_t size;
} sizes[] = { { "127.0.0.2", 0 }, { "::1", 0 }, { "127.0.0.2", 1 },
	{ "::1", 1 }, { "127.0.0.2", 1472 }, { "127.0.0.2", 9000 },
	{ "127.0.0.2", 65507 }, { "::1", 65507 }, { "::1", 65527 } };

START_TEST(test_size)
{
	static uint8_t data[MH_SLOT_SIZE], back[MH_SLOT_SIZE];
	const char *asked = sizes[_i].asked;
	size_t size = sizes[_i].size, i;
	struct mh_address source;
	struct mh_socket *socket;
	int fd;

	for (i = 0; i < size; i++)
		data[i] = (uint8_t)(i * 7 + i / 256);
	serve_stack(":0", MH_STACK_DUAL);
	fd = peer_open(asked[0] == ':' ? "::" : "0.0.0.0");
	peer_send(fd, asked, data, size);
	socket = receive(asked);
	ck_assert_uint_eq(batch->received[0].length, size);
	ck_assert_uint_eq(batch->received[0].flags, 0);
	ck_assert_mem_eq(batch->received[0].data, data, size);
	ck_assert_int_eq(echo(socket, &strict), 1);
	ck_assert_int_eq(
	    peer_receive(fd, back, sizeof(back), &source), (ssize_t)size);
	ck_assert_mem_eq(back, data, size);
}

/* One byte more than UDP can carry. */
START_TEST(test_too_big)
{
	struct mh_datagram *reply;

	serve_stack(":0", MH_STACK_DUAL);
	reply = mh_batch_reserve(batch);
	reply->peer = unit_address(_i == 0 ? "127.0.0.1:9" : "[::1]:9");
	reply->length = _i == 0 ? 65508 : 65528;
	ck_assert_int_eq(mh_batch_send(batch, sockets[0], &strict), 0);
	ck_assert_int_eq(reply->status, MH_ETOOBIG);
}

/*
 * What else is told of a datagram.
 */

static void
set_int(int fd, int level, int option, int value)
{
	ck_assert_int_eq(
	    setsockopt(fd, level, option, &value, sizeof(value)), 0);
}

static const struct {
	const char *name;
	enum mh_stack stack;
	const char *asked;
	bool wanted;
} facts[] = {
	{ "IPv4, dual", MH_STACK_DUAL, "127.0.0.1", true },
	{ "IPv6, dual", MH_STACK_DUAL, "::1", true },
	{ "IPv4", MH_STACK_IPV4, "127.0.0.1", true },
	{ "IPv6", MH_STACK_IPV6, "::1", true },
	{ "IPv4, not wanted", MH_STACK_DUAL, "127.0.0.1", false },
	{ "IPv6, not wanted", MH_STACK_DUAL, "::1", false },
};

START_TEST(test_facts)
{
	const struct mh_socket_options options = { .stack = facts[_i].stack,
		.want = facts[_i].wanted ? MH_CAN_OPTIONAL : 0 };
	const char *name = facts[_i].name, *asked = facts[_i].asked;
	const struct mh_datagram *got = batch->received;
	bool wanted = facts[_i].wanted, is_ipv6 = asked[0] == ':';
	int fd = peer_open(is_ipv6 ? "::" : "0.0.0.0");
	int64_t now;

	serve(":0", &options);
	ck_assert_msg(
	    (mh_socket_info(sockets[0])->can & MH_CAN_OPTIONAL) == options.want,
	    "%s: can %#x", name, mh_socket_info(sockets[0])->can);
	set_int(fd, is_ipv6 ? IPPROTO_IPV6 : IPPROTO_IP,
	    is_ipv6 ? IPV6_UNICAST_HOPS : IP_TTL, 33);
	set_int(fd, is_ipv6 ? IPPROTO_IPV6 : IPPROTO_IP,
	    is_ipv6 ? IPV6_TCLASS : IP_TOS, 0xb8);
	peer_send(fd, asked, "x", 1);
	now = (int64_t)time(NULL) * 1000000000;
	receive(name);
	ck_assert_msg(
	    got->ttl == (wanted ? 33 : -1), "%s: TTL %d", name, got->ttl);
	ck_assert_msg(
	    got->tos == (wanted ? 0xb8 : -1), "%s: TOS %d", name, got->tos);
	if (wanted)
		ck_assert_msg(got->arrived_ns > now - 10000000000 &&
			got->arrived_ns < now + 10000000000,
		    "%s: time %lld", name, (long long)got->arrived_ns);
	else
		ck_assert_msg(got->arrived_ns == 0, "%s: time", name);
}

/* The system counts what did not fit.  Its counter wraps; ours does not. */
START_TEST(test_drops)
{
	const struct mh_socket_options options = { .want = MH_CAN_DROPS,
		.receive_buffer = 4096 };
	enum { SENT = 300 };
	const uint64_t before = _i == 0 ? 0 : UINT64_C(0x200000000);
	int fd = peer_open("0.0.0.0"), i, n, got = 0;

	serve(":0", &options);
	if (_i == 1)
		sockets[0]->udp.drops = before - 5;
	for (i = 0; i < SENT; i++)
		peer_send(fd, "127.0.0.1", "hello", 5);
	while ((n = mh_batch_receive(batch, sockets[0])) > 0)
		got += n;
	ck_assert_int_gt(got, 0);
	ck_assert_int_lt(got, SENT);
	ck_assert_uint_eq(
	    mh_socket_drops(sockets[0]), SENT - (uint32_t)got + before);
	/* Told with the next datagrams as well, counted once. */
	for (i = 0; i < 2; i++) {
		peer_send(fd, "127.0.0.1", "hello", 5);
		receive("after the drops");
		ck_assert_uint_eq(
		    sockets[0]->udp.drops, SENT - (uint32_t)got + before);
	}
	ck_assert_uint_eq(
	    mh_socket_drops(sockets[0]), SENT - (uint32_t)got + before);
}

START_TEST(test_nothing)
{
	serve_stack(":0", MH_STACK_DUAL);
	ck_assert_int_eq(mh_batch_receive(batch, sockets[0]), 0);
	ck_assert_uint_eq(batch->received_count, 0);
}

/*
 * IPv4 broadcast and multicast.  For IPv6 groups the loopback has no route:
 * the tests in namespaces have them.
 */

static const struct {
	const char *name;
	enum mh_stack stack;
	const char *asked;
	const char *local; /* the answer comes from there */
	uint32_t flags;
} groups[] = {
	{ "broadcast, dual", MH_STACK_DUAL, "127.255.255.255", "127.0.0.1",
	    MH_TO_BROADCAST },
	{ "broadcast", MH_STACK_IPV4, "127.255.255.255", "127.0.0.1",
	    MH_TO_BROADCAST },
	{ "IPv4 multicast, dual", MH_STACK_DUAL, "239.1.2.3", "127.0.0.1",
	    MH_TO_MULTICAST },
	{ "IPv4 multicast", MH_STACK_IPV4, "239.1.2.3", "127.0.0.1",
	    MH_TO_MULTICAST },
};

/*
 * Make the peer a member and send there by loopback.  The server has joined
 * nothing: it gets what is sent to any group that this host is in.
 */
static void
join(int fd, const char *group)
{
	struct ip_mreqn request = { .imr_ifindex = (int)if_nametoindex("lo") };

	set_int(fd, SOL_SOCKET, SO_BROADCAST, 1);
	inet_pton(AF_INET, group, &request.imr_multiaddr);
	if (!IN_MULTICAST(ntohl(request.imr_multiaddr.s_addr)))
		return;
	ck_assert_int_eq(setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &request,
			     sizeof(request)),
	    0);
	ck_assert_int_eq(setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &request,
			     sizeof(request)),
	    0);
}

START_TEST(test_group)
{
	const char *name = groups[_i].name, *asked = groups[_i].asked;
	const struct mh_datagram *got = batch->received;
	struct mh_address local = unit_address(groups[_i].local);
	struct mh_socket *socket;
	int fd = peer_open("127.0.0.1");

	serve_stack(":0", groups[_i].stack);
	join(fd, asked);
	peer_send(fd, asked, "hello", 5);
	socket = receive(name);
	ck_assert_msg(got->flags == groups[_i].flags, "%s: flags %#x", name,
	    (unsigned int)got->flags);
	ck_assert_msg(mh_address_compare(&got->local, &local) == 0,
	    "%s: local is %s", name, unit_text(&got->local));
	ck_assert_msg(got->if_index == if_nametoindex("lo"), "%s: interface %u",
	    name, (unsigned int)got->if_index);
	ck_assert_int_eq(echo(socket, &strict), 1);
	assert_answer(name, fd, groups[_i].local, 5);
}

/*
 * Send errors.
 */

static struct mh_datagram *
reply_to(int fd, const char *peer, const char *local)
{
	struct mh_datagram *reply = mh_batch_reserve(batch);

	reply->peer = unit_address(peer);
	reply->peer.port = peer_port(fd);
	reply->local = unit_address(local);
	reply->length = batch->reply_count;
	return reply;
}

static const struct {
	const char *name;
	const char *peer;
	const char *good, *gone, *natural; /* sources */
	bool relaxed;
} sources[] = {
	{ "IPv4", "127.0.0.1", "127.0.0.2", "198.51.100.77", "127.0.0.1",
	    false },
	{ "IPv6", "::1", "::1", "2001:db8:77::77", "::1", false },
	{ "IPv4, relaxed", "127.0.0.1", "127.0.0.2", "198.51.100.77",
	    "127.0.0.1", true },
	{ "IPv6, relaxed", "::1", "::1", "2001:db8:77::77", "::1", true },
};

/* A source that is not there costs its own reply and no other. */
START_TEST(test_source_gone)
{
	const char *name = sources[_i].name, *peer = sources[_i].peer;
	const struct mh_source_policy rule = { .relaxed = sources[_i].relaxed };
	struct mh_datagram *bad;
	int fd = peer_open(peer);

	serve_stack(":0", MH_STACK_DUAL);
	reply_to(fd, peer, sources[_i].good);
	bad = reply_to(fd, peer, sources[_i].gone);
	reply_to(fd, peer, sources[_i].good);
	ck_assert_int_eq(
	    mh_batch_send(batch, sockets[0], &rule), rule.relaxed ? 3 : 2);
	ck_assert_int_eq(
	    bad->status, rule.relaxed ? MH_SENT_UNPINNED : MH_EGONE);
	assert_answer(name, fd, sources[_i].good, 1);
	if (rule.relaxed)
		assert_answer(name, fd, sources[_i].natural, 2);
	assert_answer(name, fd, sources[_i].good, 3);
}

/* An interface that does not lead there is not insisted on, nor is there. */
START_TEST(test_no_interface)
{
	struct mh_datagram *reply;
	int fd = peer_open("127.0.0.1");

	serve_stack(":0", MH_STACK_DUAL);
	reply = reply_to(fd, "127.0.0.1", "127.0.0.2");
	reply->if_index = 0x7ffffff0;
	ck_assert_int_eq(mh_batch_send(batch, sockets[0], &strict), 1);
	ck_assert_int_eq(reply->status, MH_SENT);
	assert_answer("no such interface", fd, "127.0.0.2", 1);
	batch->reply_count = 0;
	reply = reply_to(fd, "127.0.0.1", "127.0.0.2");
	reply->if_index = 0x7ffffff0;
	reply->flags = MH_VIA_VRF;
	ck_assert_int_eq(mh_batch_send(batch, sockets[0], &strict), 0);
	ck_assert_int_eq(reply->status, MH_EUNREACHABLE);
}

/* Nobody listens there: neither this nor the next reply fails for it. */
START_TEST(test_dead_peer)
{
	struct mh_datagram *dead;
	int fd, i;

	serve_stack(":0", MH_STACK_DUAL);
	fd = peer_open("127.0.0.1");
	for (i = 0; i < 3; i++) {
		batch->reply_count = 0;
		dead = reply_to(fd, "127.0.0.1", "");
		dead->peer = unit_address("127.0.0.77:1");
		reply_to(fd, "127.0.0.1", "127.0.0.2");
		ck_assert_int_eq(mh_batch_send(batch, sockets[0], &strict), 2);
		assert_answer("after a dead peer", fd, "127.0.0.2", 2);
		ck_assert_int_eq(mh_batch_receive(batch, sockets[0]), 0);
	}
}

/* A v4-mapped address never reaches a socket of one family alone. */
START_TEST(test_other_family)
{
	struct mh_datagram *reply;

	serve_stack(":0", _i == 0 ? MH_STACK_IPV4 : MH_STACK_IPV6);
	reply = mh_batch_reserve(batch);
	reply->peer = unit_address(_i == 0 ? "[::1]:9" : "127.0.0.1:9");
	ck_assert_int_eq(mh_batch_send(batch, sockets[0], &strict), 0);
	ck_assert_int_eq(reply->status, MH_EFAMILY);
}

/* Nor does IPv4 arrive at one for IPv6 alone. */
START_TEST(test_only_ipv6)
{
	int fd = peer_open("0.0.0.0");

	serve_stack(":0", MH_STACK_IPV6);
	peer_send(fd, "127.0.0.1", "hello", 5);
	ck_assert_ptr_null(wait_server(50));
}

/*
 * Sockets.
 */

static int
get_int(int level, int option)
{
	int value = -1;
	socklen_t size = sizeof(value);

	ck_assert_int_eq(getsockopt((int)mh_socket_handle(sockets[0]), level,
			     option, &value, &size),
	    0);
	return value;
}

static const struct {
	const char *endpoint;
	enum mh_stack stack;
	int count;
	bool dual_stack;
	unsigned int can;
	const char *bound; /* without port */
} infos[] = {
	{ ":0", MH_STACK_DUAL, 1, true, 15, "::" },
	{ "[::]:0", MH_STACK_DUAL, 1, true, 15, "::" },
	{ ":0", MH_STACK_TWO, 2, false, 5, "0.0.0.0" },
	{ ":0", MH_STACK_IPV4, 1, false, 5, "0.0.0.0" },
	{ ":0", MH_STACK_IPV6, 1, false, 10, "::" },
	{ "0.0.0.0:0", MH_STACK_DUAL, 1, false, 5, "0.0.0.0" },
	{ "127.0.0.2:0", MH_STACK_DUAL, 1, false, 5, "127.0.0.2" },
	{ "[::1]:0", MH_STACK_DUAL, 1, false, 10, "::1" },
};

START_TEST(test_info)
{
	const struct mh_socket_info *info;
	struct mh_address bound;

	serve_stack(infos[_i].endpoint, infos[_i].stack);
	ck_assert_int_eq(socket_count, infos[_i].count);
	info = mh_socket_info(sockets[0]);
	ck_assert_uint_ne(info->bound.port, 0);
	bound = info->bound;
	bound.port = 0;
	unit_assert_address(&bound, infos[_i].bound, infos[_i].endpoint);
	ck_assert_int_eq(info->dual_stack, infos[_i].dual_stack);
	ck_assert_uint_eq(info->can, infos[_i].can);
	ck_assert_uint_eq(info->notices, 0);
	ck_assert_int_eq(
	    (int)info->receive_buffer, get_int(SOL_SOCKET, SO_RCVBUF));
	if (infos[_i].count == 2)
		ck_assert_uint_eq(
		    mh_socket_info(sockets[1])->bound.port, info->bound.port);
}

/* What must be set, and what must not. */
START_TEST(test_options)
{
	int fd;

	serve_stack(":0", _i == 0 ? MH_STACK_DUAL : MH_STACK_IPV4);
	fd = (int)mh_socket_handle(sockets[0]);
	ck_assert_int_ne(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
	ck_assert_int_ne(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
	ck_assert_int_eq(get_int(IPPROTO_IP, IP_PKTINFO), 1);
	ck_assert_int_eq(get_int(IPPROTO_IP, IP_RECVERR), 0);
	ck_assert_int_eq(
	    get_int(IPPROTO_IP, IP_MTU_DISCOVER), IP_PMTUDISC_OMIT);
	ck_assert_int_eq(get_int(SOL_SOCKET, SO_REUSEADDR), 0);
	ck_assert_int_eq(get_int(SOL_SOCKET, SO_REUSEPORT), 0);
	if (_i != 0)
		return;
	ck_assert_int_eq(get_int(IPPROTO_IPV6, IPV6_V6ONLY), 0);
	ck_assert_int_eq(get_int(IPPROTO_IPV6, IPV6_RECVPKTINFO), 1);
	ck_assert_int_eq(get_int(IPPROTO_IPV6, IPV6_RECVERR), 0);
	ck_assert_int_eq(
	    get_int(IPPROTO_IPV6, IPV6_MTU_DISCOVER), IPV6_PMTUDISC_OMIT);
}

START_TEST(test_options_ipv6)
{
	serve_stack(":0", _i == 0 ? MH_STACK_IPV6 : MH_STACK_DUAL);
	ck_assert_int_eq(get_int(IPPROTO_IPV6, IPV6_V6ONLY), _i == 0);
	if (_i == 0)
		ck_assert_int_eq(get_int(IPPROTO_IPV6, IPV6_MTU_DISCOVER),
		    IPV6_PMTUDISC_OMIT);
}

/* As large as asked for, or what the system allows: that is told. */
START_TEST(test_receive_buffer)
{
	const struct mh_socket_options options = { .receive_buffer = 100000 };

	serve(":0", &options);
	ck_assert_int_ge(get_int(SOL_SOCKET, SO_RCVBUF), 100000);
	ck_assert_int_eq((int)mh_socket_info(sockets[0])->receive_buffer,
	    get_int(SOL_SOCKET, SO_RCVBUF));
}

START_TEST(test_send_buffer)
{
	const struct mh_socket_options options = { .send_buffer = 100000 };

	serve(":0", &options);
	ck_assert_int_eq(
	    get_int(SOL_SOCKET, SO_SNDBUF), 200000); /* socket(7) */
}

static const char *const taken[] = { ":0", "127.0.0.1:0", "[::1]:0" };

START_TEST(test_in_use)
{
	const struct mh_socket_options options = { .stack = MH_STACK_DUAL };
	struct mh_address endpoint = unit_address(taken[_i]);
	struct mh_socket *second[MH_SOCKETS_MAX];
	struct mh_problem problem;

	serve_stack(taken[_i], MH_STACK_DUAL);
	endpoint.port = port();
	ck_assert_int_eq(
	    mh_socket_open(second, &endpoint, &options, &problem), MH_EINUSE);
	ck_assert_int_eq(problem.code, MH_EINUSE);
	ck_assert_int_eq(problem.system_code, EADDRINUSE);
	ck_assert_str_eq(problem.what, "bind");
	ck_assert_str_eq(problem.text, strerror(EADDRINUSE));
}

/* An address is ours whether its port is taken or not. */
START_TEST(test_is_local)
{
	struct mh_address address = unit_address(taken[_i]);

	serve_stack(taken[_i], MH_STACK_DUAL);
	address.port = port();
	if (address.family == MH_FAMILY_NONE)
		address = (struct mh_address){ .family = MH_FAMILY_IPV6,
			.ip = { [15] = 1 },
			.port = port() };
	ck_assert(mh_address_is_local(&address));
}

static const struct {
	const char *endpoint;
	const char *gone; /* a source that is not ours */
	const char *peer;
} foreign[] = {
	{ "198.51.100.77:0", NULL, NULL },
	{ "[2001:db8:77::77]:0", "2001:db8:77::77", "::1" },
};

/* Not ours: an error, but not with freebind. */
START_TEST(test_foreign)
{
	struct mh_socket_options options = { .freebind = false };
	struct mh_address endpoint = unit_address(foreign[_i].endpoint);
	struct mh_problem problem;

	ck_assert_int_eq(mh_socket_open(sockets, &endpoint, &options, &problem),
	    MH_EADDRESS);
	ck_assert_str_eq(problem.what, "bind");
	ck_assert_int_eq(problem.system_code, EADDRNOTAVAIL);
	options.freebind = true;
	serve(foreign[_i].endpoint, &options);
	endpoint.port = port();
	unit_assert_address(
	    &mh_socket_info(sockets[0])->bound, unit_text(&endpoint), "bound");
}

/* An IPv6 source that is not there (yet) needs freebind. */
START_TEST(test_freebind_source)
{
	const struct mh_socket_options options = { .freebind = true };
	int fd = peer_open("::1");

	serve(":0", &options);
	reply_to(fd, "::1", "2001:db8:77::77");
	ck_assert_int_eq(mh_batch_send(batch, sockets[0], &strict), 1);
}

/* Only those that all say so share a port. */
START_TEST(test_share_port)
{
	const struct mh_socket_options share = { .share_port = true };
	const struct mh_socket_options alone = { .share_port = false };
	struct mh_address endpoint = unit_address(taken[_i]);
	struct mh_socket *second[MH_SOCKETS_MAX];

	serve(taken[_i], &share);
	endpoint.port = port();
	ck_assert_int_eq(
	    mh_socket_open(second, &endpoint, &alone, NULL), MH_EINUSE);
	ck_assert_int_eq(mh_socket_open(second, &endpoint, &share, NULL), 1);
	ck_assert_uint_eq(mh_socket_info(second[0])->bound.port, port());
	mh_socket_close(second[0]);
}

/* Go to that processor, or fail. */
static bool
go_to(unsigned int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set) == 0;
}

/* Where to ask what is bound to taken[]. */
static const char *const targets[] = { "::1", "127.0.0.1", "::1" };

/* Two sockets on one port, and peers. */
static void
serve_by_two(unsigned int number, unsigned int processors)
{
	const struct mh_socket_options first = { .share_port = true,
		.processors = processors };
	const struct mh_socket_options share = { .share_port = true };
	struct mh_address endpoint = unit_address(taken[number]);
	struct mh_socket *second[MH_SOCKETS_MAX];
	unsigned int i;

	serve(taken[number], &first);
	endpoint.port = port();
	ck_assert_int_eq(mh_socket_open(second, &endpoint, &share, NULL), 1);
	sockets[socket_count++] = second[0];
	for (i = 0; i < LENGTH(peers); i++)
		peer_open(targets[number]);
}

/*
 * What is sent over loopback arrives on the sender's processor; whatever the
 * source port, that decides which socket of a group it is for.
 */
START_TEST(test_share_by_cpu)
{
	unsigned int cpu, i;

	serve_by_two((unsigned int)_i, 2);
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		for (i = 0; go_to(cpu) && i < LENGTH(peers); i++) {
			peer_send(peers[i], targets[_i], "hello", 5);
			ck_assert_ptr_eq(
			    receive(targets[_i]), sockets[cpu % 2]);
		}
	}
}

static const uint8_t secret[] = "0123456789abcdef";

/* Not quite the secret, or the size, or a number. */
static const struct {
	const char *data;
	size_t size;
} unsteered[] = {
	{ "", 0 },
	{ "0", 1 },
	{ "0123456789abcdef\0\1", 18 },
	{ "0123456789abcdef\0\1\0", 19 },
	{ "0123456789abcdef\0\1\0\0\0", 21 },
	{ "1123456789abcdef\0\1\0\0", 20 },
	{ "0123456789abcdeF\0\1\0\0", 20 },
	{ "0123x56789abcdef\0\1\0\0", 20 },
	/* There is no such socket. */
	{ "0123456789abcdef\0\2\0\0", 20 },
	{ "0123456789abcdef\1\1\0\0", 20 },
};

/* Who knows the secret chooses; all others are as they were. */
START_TEST(test_steer)
{
	static const char *const choices[] = { "0123456789abcdef\0\0\0\0",
		"0123456789abcdef\0\1xx" };
	struct mh_socket *before;
	unsigned int i, j;

	serve_by_two((unsigned int)_i, 0);
	for (i = 0; i < LENGTH(peers); i++) {
		ck_assert(reuseport_select(
		    (int)mh_socket_handle(sockets[i % 2]), secret, 0));
		peer_send(peers[i], targets[_i], "hello", 5);
		before = receive(targets[_i]);
		for (j = 0; j < 2; j++) {
			peer_send(peers[i], targets[_i], choices[j], 20);
			ck_assert_ptr_eq(receive(targets[_i]), sockets[j]);
		}
		for (j = 0; j < LENGTH(unsteered); j++) {
			peer_send(peers[i], targets[_i], unsteered[j].data,
			    unsteered[j].size);
			ck_assert_ptr_eq(receive(targets[_i]), before);
		}
	}
}

/* The same where the processor decides on the others. */
START_TEST(test_steer_by_cpu)
{
	unsigned int cpu, i;

	serve_by_two((unsigned int)_i, 2);
	ck_assert(
	    reuseport_select((int)mh_socket_handle(sockets[0]), secret, 2));
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		for (i = 0; go_to(cpu) && i < LENGTH(unsteered) - 2; i++) {
			peer_send(peers[0], targets[_i], unsteered[i].data,
			    unsteered[i].size);
			ck_assert_ptr_eq(
			    receive(targets[_i]), sockets[cpu % 2]);
			peer_send(peers[0], targets[_i],
			    "0123456789abcdef\0\1\0\0", 20);
			ck_assert_ptr_eq(receive(targets[_i]), sockets[1]);
		}
	}
}

/*
 * Sockets that somebody else has opened.
 */

static const struct {
	const char *name;
	int domain, type, protocol;
	int only_ipv6;     /* -1: not set */
	const char *bound; /* NULL: it is not */
	int code;
	unsigned int can;
} foreigners[] = {
	{ "dual-stack", AF_INET6, SOCK_DGRAM, 0, 0, "::", 0, 15 },
	{ "IPv6", AF_INET6, SOCK_DGRAM, 0, 1, "::", 0, 10 },
	{ "IPv4", AF_INET, SOCK_DGRAM, 0, -1, "0.0.0.0", 0, 5 },
	{ "one address", AF_INET, SOCK_DGRAM, 0, -1, "127.0.0.2", 0, 5 },
	{ "not bound", AF_INET6, SOCK_DGRAM, 0, -1, NULL, MH_EINVALID, 0 },
	{ "TCP", AF_INET, SOCK_STREAM, 0, -1, "127.0.0.1", MH_EINVALID, 0 },
	{ "UDP-Lite", AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE, -1, "127.0.0.1",
	    MH_EINVALID, 0 },
	{ "raw", AF_INET, SOCK_RAW, IPPROTO_UDP, -1, "127.0.0.1", MH_EINVALID,
	    0 },
	{ "local", AF_UNIX, SOCK_DGRAM, 0, -1, NULL, MH_EINVALID, 0 },
};

/* -1: there are no such sockets, or not for us. */
static int
foreign_open(unsigned int number)
{
	union name name;
	socklen_t length;
	int fd = socket(foreigners[number].domain, foreigners[number].type,
	    foreigners[number].protocol);

	if (fd < 0)
		return -1;
	if (foreigners[number].only_ipv6 >= 0)
		set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY,
		    foreigners[number].only_ipv6);
	if (foreigners[number].bound != NULL) {
		length = name_of(foreigners[number].bound, 0, &name);
		ck_assert_int_eq(bind(fd, &name.any, length), 0);
	}
	return fd;
}

START_TEST(test_adopt)
{
	const struct mh_socket_options options = { .stack = MH_STACK_TWO };
	const char *name = foreigners[_i].name;
	struct mh_problem problem;
	int code, fd = foreign_open((unsigned int)_i);

	if (fd < 0)
		return;
	code = mh_socket_adopt(&sockets[0], fd, &options, &problem);
	ck_assert_msg(code == foreigners[_i].code, "%s: %d", name, code);
	if (code != 0) {
		/* It is the caller's still. */
		ck_assert_msg(fcntl(fd, F_GETFD) >= 0, "%s: closed", name);
		close(fd);
		return;
	}
	socket_count = 1;
	ck_assert_int_eq(mh_socket_handle(sockets[0]), fd);
	ck_assert_uint_ne(port(), 0);
	ck_assert_msg(mh_socket_info(sockets[0])->can == foreigners[_i].can,
	    "%s: can %#x", name, mh_socket_info(sockets[0])->can);
	ck_assert_int_eq(
	    mh_socket_info(sockets[0])->dual_stack, foreigners[_i].can == 15);
	ck_assert_int_ne(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
	ck_assert_int_ne(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
}

/* It serves as one of our own. */
START_TEST(test_adopt_serves)
{
	static const char *const asked[] = { "127.0.0.2", "::1" };
	const struct mh_socket_options options = { .want = 0 };
	struct mh_socket *socket;
	int fd;

	ck_assert_int_eq(
	    mh_socket_adopt(&sockets[0], foreign_open(0), &options, NULL), 0);
	socket_count = 1;
	fd = peer_open(asked[_i][0] == ':' ? "::" : "0.0.0.0");
	peer_send(fd, asked[_i], "hello", 5);
	socket = receive(asked[_i]);
	ck_assert_int_eq(echo(socket, &strict), 1);
	assert_answer(asked[_i], fd, asked[_i], 5);
}

START_TEST(test_adopt_nothing)
{
	const struct mh_socket_options options = { .want = 0 };
	struct mh_problem problem;
	int ends[2];

	ck_assert_int_eq(
	    mh_socket_adopt(&sockets[0], -1, &options, &problem), MH_EINVALID);
	ck_assert_int_eq(problem.system_code, EBADF);
	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(
	    mh_socket_adopt(&sockets[0], ends[0], &options, &problem),
	    MH_EINVALID);
	ck_assert_int_eq(problem.system_code, ENOTSOCK);
	close(ends[0]);
	close(ends[1]);
}

/*
 * The rest of the room.
 */

START_TEST(test_refresh)
{
	int fd = peer_open("127.0.0.1");

	serve_stack(":0", MH_STACK_DUAL);
	mh_socket_refresh(sockets[0]);
	mh_socket_refresh(sockets[0]);
	peer_send(fd, "127.0.0.2", "hello", 5);
	receive("after a refresh");
	ck_assert_uint_eq(batch->received[0].flags, 0);
}

START_TEST(test_option_name)
{
	ck_assert_msg(*mh__udp_option_name((enum mh__option)_i) != '\0',
	    "option %d has no name", _i);
}

/*
 * For sockets that ask.
 */

static const struct {
	const char *asked, *bind;
} askers[] = {
	{ "127.0.0.1", "0.0.0.0:0" },
	{ "127.0.0.1", ":0" },
	{ "::1", ":0" },
};

/* Nobody is there: who was asked, who says so, what it is. */
START_TEST(test_icmp)
{
	const struct mh_socket_options options = { .want = MH_CAN_ERRORS };
	const struct mh_source_policy rule = { .relaxed = false };
	struct mh_address peer = unit_address(askers[_i].asked);
	struct mh_icmp_error error;
	struct mh_datagram *request;

	serve(askers[_i].bind, &options);
	ck_assert((mh_socket_info(sockets[0])->can & MH_CAN_ERRORS) != 0);
	ck_assert_int_eq(mh_socket_error(sockets[0], &error), 0);
	peer.port = 9; /* nobody listens here in tests */
	request = mh_batch_reserve(batch);
	request->peer = peer;
	request->length = 1;
	ck_assert_int_eq(mh_batch_send(batch, sockets[0], &rule), 1);
	ck_assert_ptr_nonnull(wait_server(PATIENCE_MS));
	ck_assert_int_eq(mh_socket_error(sockets[0], &error), 1);
	ck_assert_int_eq(error.kind, MH_ICMP_PORT);
	ck_assert_int_eq(mh_address_compare(&error.peer, &peer), 0);
	ck_assert_uint_eq(error.peer.port, 9);
	unit_assert_address(&error.reporter, askers[_i].asked, "reporter");
	ck_assert_int_eq(mh_socket_error(sockets[0], &error), 0);
	/* And then the socket is as before. */
	ck_assert_int_eq(mh_batch_receive(batch, sockets[0]), 0);
}

/* The system keeps what it was told; sending over a real way: tests/net. */
START_TEST(test_outgoing)
{
	const struct mh_socket_options options = { .dont_fragment = true,
		.tos = 0xb8 };
	socklen_t size = sizeof(int);
	int fd, value = 0;

	serve(askers[_i].bind, &options);
	fd = (int)mh_socket_handle(sockets[0]);
	ck_assert_int_eq(
	    getsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &value, &size), 0);
	ck_assert_int_eq(value, IP_PMTUDISC_PROBE);
	ck_assert_int_eq(getsockopt(fd, IPPROTO_IP, IP_TOS, &value, &size), 0);
	ck_assert_int_eq(value, 0xb8);
	if (_i == 0)
		return;
	ck_assert_int_eq(
	    getsockopt(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &value, &size), 0);
	ck_assert_int_eq(value, IPV6_PMTUDISC_PROBE);
	ck_assert_int_eq(
	    getsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &value, &size), 0);
	ck_assert_int_eq(value, 0xb8);
}

START_TEST(test_close_twice)
{
	struct mh__udp udp;

	ck_assert_int_eq(mh__udp_create(&udp, MH_FAMILY_IPV4), 0);
	mh__udp_close(&udp);
	ck_assert_int_eq((int)udp.handle, -1);
	mh__udp_close(&udp);
}

START_TEST(test_names)
{
	ck_assert_str_eq(mh__udp_option_name(MH__ONLY_IPV6), "IPV6_V6ONLY");
	ck_assert_str_eq(mh__udp_option_name(MH__RECV_IPV4), "IP_PKTINFO");
	ck_assert_str_eq(
	    mh__udp_option_name(MH__RECV_IPV6), "IPV6_RECVPKTINFO");
}

START_TEST(test_interface_name)
{
	struct mh_address address;

	ck_assert_int_eq(mh_endpoint_parse(&address, "[fe80::1%lo]:7"), 0);
	ck_assert_uint_eq(address.scope, if_nametoindex("lo"));
	ck_assert_int_eq(mh_address_parse(&address, "ff02::1%lo"), 0);
	ck_assert_uint_eq(address.scope, if_nametoindex("lo"));
}

START_TEST(test_error_text)
{
	char text[8];

	mh__udp_error_text(EADDRINUSE, text, sizeof(text));
	ck_assert_uint_eq(strlen(text), sizeof(text) - 1);
	ck_assert_int_eq(strncmp(text, strerror(EADDRINUSE), 7), 0);
	mh__udp_error_text(0, text, sizeof(text));
	ck_assert_str_eq(text, "");
}

START_TEST(test_wait)
{
	struct mh__udp udp;
	const struct mh_address loopback = unit_address("127.0.0.1");
	int fd = peer_open("127.0.0.1");
	union name name;
	socklen_t length;

	ck_assert_int_eq(mh__udp_create(&udp, MH_FAMILY_IPV4), 0);
	ck_assert_int_eq(mh__udp_bind(&udp, &loopback), 0);
	ck_assert_int_eq(mh__udp_wait(&udp, 1), 0);
	length = name_of("127.0.0.1", udp.bound.port, &name);
	ck_assert_int_eq(sendto(fd, "", 0, 0, &name.any, length), 0);
	ck_assert_int_eq(mh__udp_wait(&udp, PATIENCE_MS), 1);
	mh__udp_close(&udp);
}

START_TEST(test_self)
{
	struct mh_self_test result;
	struct mh_address loopback = unit_address("127.0.0.2");

	ck_assert_int_eq(mh_self_test(&result, MH_STACK_DUAL, NULL), 0);
	ck_assert_int_eq(result.problem.code, 0);
	ck_assert(result.ipv4.available && result.ipv4.asked);
	ck_assert_int_eq(result.ipv4.source, MH_VERIFIED);
	ck_assert_int_eq(mh_address_compare(&result.ipv4.seen, &loopback), 0);
	ck_assert(result.ipv6.available && result.ipv6.asked);
	ck_assert_int_eq(result.ipv6.source, MH_NOT_VERIFIED);
}

START_TEST(test_platform_init)
{
	struct mh_problem problem;

	ck_assert_int_eq(mh_platform_init(&problem), 0);
	ck_assert_int_eq(mh_platform_init(NULL), 0);
}

static TCase *
add(Suite *suite, const char *name)
{
	TCase *tcase = tcase_create(name);

	tcase_add_checked_fixture(tcase, setup, teardown);
	suite_add_tcase(suite, tcase);
	return tcase;
}

static void
add_datagrams(Suite *suite)
{
	TCase *tcase = add(suite, "datagrams");

	tcase_add_loop_test(tcase, test_ask, 0, LENGTH(asks));
	tcase_add_test(tcase, test_ask_many);
	tcase_add_loop_test(tcase, test_size, 0, LENGTH(sizes));
	tcase_add_loop_test(tcase, test_too_big, 0, 2);
	tcase_add_loop_test(tcase, test_facts, 0, LENGTH(facts));
	tcase_add_loop_test(tcase, test_drops, 0, 2);
	tcase_add_test(tcase, test_nothing);
	tcase_add_loop_test(tcase, test_group, 0, LENGTH(groups));
	tcase = add(suite, "send errors");
	tcase_add_loop_test(tcase, test_source_gone, 0, LENGTH(sources));
	tcase_add_test(tcase, test_no_interface);
	tcase_add_test(tcase, test_dead_peer);
	tcase_add_loop_test(tcase, test_other_family, 0, 2);
	tcase_add_test(tcase, test_only_ipv6);
}

Suite *
udp_suite(void)
{
	Suite *suite = suite_create("udp");
	TCase *tcase;

	add_datagrams(suite);
	tcase = add(suite, "segments");
	tcase_add_loop_test(tcase, test_segments, 0, LENGTH(segments));
	tcase_add_loop_test(tcase, test_segments_whole, 0, LENGTH(segments));
	tcase_add_test(tcase, test_unsegmented);
	tcase_add_test(tcase, test_segments_differ);
	tcase_add_test(tcase, test_segments_refused);
	tcase_add_test(tcase, test_segments_source_gone);
	tcase = add(suite, "sockets");
	tcase_add_loop_test(tcase, test_info, 0, LENGTH(infos));
	tcase_add_loop_test(tcase, test_options, 0, 2);
	tcase_add_loop_test(tcase, test_options_ipv6, 0, 2);
	tcase_add_test(tcase, test_receive_buffer);
	tcase_add_test(tcase, test_send_buffer);
	tcase_add_loop_test(tcase, test_in_use, 0, LENGTH(taken));
	tcase_add_loop_test(tcase, test_is_local, 0, LENGTH(taken));
	tcase_add_loop_test(tcase, test_foreign, 0, LENGTH(foreign));
	tcase_add_test(tcase, test_freebind_source);
	tcase_add_loop_test(tcase, test_share_port, 0, LENGTH(taken));
	tcase_add_loop_test(tcase, test_share_by_cpu, 0, LENGTH(taken));
	tcase_add_loop_test(tcase, test_steer, 0, LENGTH(taken));
	tcase_add_loop_test(tcase, test_steer_by_cpu, 0, LENGTH(taken));
	tcase = add(suite, "adopt");
	tcase_add_loop_test(tcase, test_adopt, 0, LENGTH(foreigners));
	tcase_add_loop_test(tcase, test_adopt_serves, 0, 2);
	tcase_add_test(tcase, test_adopt_nothing);
	tcase = add(suite, "room");
	tcase_add_test(tcase, test_refresh);
	tcase_add_loop_test(
	    tcase, test_option_name, MH__ONLY_IPV6, MH__RESPONDER + 1);
	tcase_add_loop_test(tcase, test_icmp, 0, LENGTH(askers));
	tcase_add_loop_test(tcase, test_outgoing, 0, LENGTH(askers));
	tcase_add_test(tcase, test_close_twice);
	tcase_add_test(tcase, test_names);
	tcase_add_test(tcase, test_interface_name);
	tcase_add_test(tcase, test_error_text);
	tcase_add_test(tcase, test_wait);
	tcase_add_test(tcase, test_self);
	tcase_add_test(tcase, test_platform_init);
	return suite;
}
