/* SPDX-License-Identifier: ISC */
/*
 * src/platform/socket.c, src/platform/win32/socket.c and
 * src/platform/win32/datagram.c through the public interface: real sockets. The
 * peer is a plain socket of the system's own, so that it sees where an answer
 * comes from.  Wine ignores the source that an answer is to have; there the
 * test is that mh_self_test() finds that out, unless the stand-in of
 * tests/windows/strict is there.
 *
 * An address that asks itself gets its answer from there anyway.  What proves
 * the source are two addresses: one asks the other.
 */
#include "windows/windows.h"

#include "platform/network.h"
#include "platform/socket.h"
#include "platform/win32/extension.h"

#include <winsock2.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ws2tcpip.h>

/* Set where there are two addresses of each family, so that none is no test. */
#define REQUIRE_PAIRS "MH_REQUIRE_PAIRS"

enum { PATIENCE_MS = 30000, ADDRESSES_MAX = 32, PEERS_GONE = 1000 };

static struct mh_socket *sockets[MH_SOCKETS_MAX];
static int socket_count;
static struct mh_batch *batch;
static SOCKET peer = INVALID_SOCKET;

static const struct mh_source_policy strict = { .relaxed = false };

static void
setup(void)
{
	batch = mh_batch_new(32);
	ck_assert_ptr_nonnull(batch);
}

static void
teardown(void)
{
	while (socket_count > 0)
		mh_socket_close(sockets[--socket_count]);
	if (peer != INVALID_SOCKET)
		closesocket(peer);
	peer = INVALID_SOCKET;
	mh_batch_free(batch);
}

static void
serve(const char *endpoint, enum mh_stack stack)
{
	const struct mh_socket_options options = { .stack = stack,
		.want = MH_CAN_OPTIONAL };
	const struct mh_address address = unit_address(endpoint);
	struct mh_problem problem;

	socket_count = mh_socket_open(sockets, &address, &options, &problem);
	ck_assert_msg(socket_count > 0, "%s: %s: %s", endpoint, problem.what,
	    problem.text);
}

static uint16_t
port(void)
{
	return mh_socket_info(sockets[0])->bound.port;
}

static bool
wait_readable(SOCKET socket)
{
	struct timeval patience = { .tv_sec = PATIENCE_MS / 1000 };
	fd_set readable;

	FD_ZERO(&readable);
	FD_SET(socket, &readable);
	return select(0, &readable, NULL, NULL, &patience) == 1;
}

/* Receive on whichever of the server's sockets has something. */
static struct mh_socket *
receive(const char *name)
{
	struct timeval patience = { .tv_sec = PATIENCE_MS / 1000 };
	fd_set readable;
	int i;

	FD_ZERO(&readable);
	for (i = 0; i < socket_count; i++)
		FD_SET((SOCKET)mh_socket_handle(sockets[i]), &readable);
	ck_assert_msg(select(0, &readable, NULL, NULL, &patience) == 1,
	    "%s: nothing arrives", name);
	for (i = 0; i < socket_count - 1; i++)
		if (FD_ISSET((SOCKET)mh_socket_handle(sockets[i]), &readable))
			break;
	ck_assert_msg(
	    mh_batch_receive(batch, sockets[i]) == 1, "%s: not one", name);
	return sockets[i];
}

static int
name_of(const struct mh_address *address, struct sockaddr_storage *name)
{
	struct sockaddr_in6 ipv6 = { .sin6_family = AF_INET6,
		.sin6_port = htons(address->port),
		.sin6_scope_id = address->scope };
	struct sockaddr_in ipv4 = { .sin_family = AF_INET,
		.sin_port = htons(address->port) };

	memcpy(&ipv6.sin6_addr, address->ip, 16);
	memcpy(&ipv4.sin_addr, address->ip, 4);
	if (address->family == MH_FAMILY_IPV4) {
		memcpy(name, &ipv4, sizeof(ipv4));
		return sizeof(ipv4);
	}
	memcpy(name, &ipv6, sizeof(ipv6));
	return sizeof(ipv6);
}

/* The peer: a socket that is bound to that address. */
static void
open_peer(const struct mh_address *from)
{
	struct sockaddr_storage name;
	int length = name_of(from, &name);

	peer = socket(name.ss_family, SOCK_DGRAM, IPPROTO_UDP);
	ck_assert(peer != INVALID_SOCKET);
	ck_assert_msg(bind(peer, (struct sockaddr *)&name, length) == 0,
	    "bind to %s: error %d", unit_text(from), WSAGetLastError());
}

/* The peer, bound to nothing in particular if it is new, asks on our port. */
static void
ask(const struct mh_address *address, const void *data, int size)
{
	const struct mh_address any = { .family = address->family };
	struct mh_address to = *address;
	struct sockaddr_storage name;
	WSABUF buffer = { (ULONG)size, (char *)(uintptr_t)data };
	WSAMSG message = { .name = (struct sockaddr *)&name,
		.lpBuffers = &buffer,
		.dwBufferCount = 1 };
	DWORD sent;

	if (peer == INVALID_SOCKET)
		open_peer(&any);
	to.port = port();
	message.namelen = name_of(&to, &name);
	ck_assert_msg(
	    mh__extension.send(peer, &message, 0, &sent, NULL, NULL) == 0,
	    "to %s: error %d", unit_text(&to), WSAGetLastError());
}

/* Send what was received back, by the rule. */
static void
echo(struct mh_socket *socket)
{
	struct mh_datagram *reply = mh_batch_reserve(batch);

	ck_assert_int_eq(
	    mh_reply_address(reply, &batch->received[0], &strict), 0);
	reply->data = batch->received[0].data;
	reply->length = batch->received[0].length;
	ck_assert_int_eq(mh_batch_send(batch, socket, &strict), 1);
}

/* Send it back without a source: the system picks one. */
static void
echo_unpinned(struct mh_socket *socket)
{
	struct mh_datagram *reply = mh_batch_reserve(batch);

	reply->peer = batch->received[0].peer;
	reply->data = batch->received[0].data;
	reply->length = batch->received[0].length;
	ck_assert_int_eq(mh_batch_send(batch, socket, &strict), 1);
}

/*
 * 127.0.0.2 is received on, but no source: it is not assigned (envoyproxy/envoy
 * PR 12820).  A Windows that takes it is right as well; false then.
 */
static bool
is_refused(struct mh_socket *socket)
{
	struct mh_datagram *reply = mh_batch_reserve(batch);

	ck_assert_int_eq(
	    mh_reply_address(reply, &batch->received[0], &strict), 0);
	if (mh_batch_send(batch, socket, &strict) == 1 && !windows_is_wine())
		return false;
	printf("from %s: %s, system error %d\n",
	    unit_text(&batch->outgoing[0].local),
	    mh_strerror(batch->outgoing[0].status),
	    (int)batch->outgoing[0].system_code);
	ck_assert_int_eq(batch->outgoing[0].status, MH_EINVALID);
	ck_assert_int_eq(batch->outgoing[0].system_code, WSAEINVAL);
	return true;
}

/* The answer, as long as that: is it from our port on that address? */
static bool
answer_is_from(const struct mh_address *asked, int size)
{
	static char data[MH_SLOT_SIZE];
	struct mh_address expected = *asked;
	struct sockaddr_storage from, wanted;
	int n, length = sizeof(from), wanted_length;

	memset(&from, 0, sizeof(from));
	ck_assert_msg(wait_readable(peer), "%s: no answer", unit_text(asked));
	n = recvfrom(
	    peer, data, sizeof(data), 0, (struct sockaddr *)&from, &length);
	ck_assert_msg(n == size, "%s: %d bytes, error %d", unit_text(asked), n,
	    WSAGetLastError());
	expected.port = port();
	wanted_length = name_of(&expected, &wanted);
	return length == wanted_length &&
	    memcmp(&from, &wanted, (size_t)length) == 0;
}

static void
assert_answer(const struct mh_address *asked, int size)
{
	bool right = answer_is_from(asked, size);

	/* If it ignores the source, see test_self_test_wine. */
	ck_assert_msg(right || windows_ignores_source(),
	    "%s: the answer comes from another address", unit_text(asked));
}

/*
 * Which address was asked, and the answer comes from there.
 */

struct ask_case {
	const char *name;
	const char *endpoint;
	enum mh_stack stack;
	const char *asked;
	uint32_t flags;
};

static const struct ask_case asks[] = {
	{ "dual, 127.0.0.1", ":0", MH_STACK_DUAL, "127.0.0.1", 0 },
	{ "dual, 127.0.0.2", ":0", MH_STACK_DUAL, "127.0.0.2", 0 },
	{ "dual, ::1", ":0", MH_STACK_DUAL, "::1", 0 },
	{ "two, 127.0.0.2", ":0", MH_STACK_TWO, "127.0.0.2", 0 },
	{ "two, ::1", ":0", MH_STACK_TWO, "::1", 0 },
	{ "ipv4, 127.0.0.2", ":0", MH_STACK_IPV4, "127.0.0.2", 0 },
	{ "ipv6, ::1", ":0", MH_STACK_IPV6, "::1", 0 },
	{ "0.0.0.0, 127.0.0.2", "0.0.0.0:0", MH_STACK_DUAL, "127.0.0.2", 0 },
	{ "127.0.0.2 alone", "127.0.0.2:0", MH_STACK_DUAL, "127.0.0.2",
	    MH_BOUND },
	{ "::1 alone", "[::1]:0", MH_STACK_DUAL, "::1", MH_BOUND },
};

START_TEST(test_ask)
{
	const struct ask_case *row = &asks[_i];
	const struct mh_datagram *got = batch->received;
	const struct mh_address asked = unit_address(row->asked);
	struct mh_socket *socket;

	serve(row->endpoint, row->stack);
	ask(&asked, "hello", 5);
	socket = receive(row->name);
	ck_assert_msg(mh_address_compare(&got->local, &asked) == 0,
	    "%s: asked %s", row->name, unit_text(&got->local));
	ck_assert_msg(got->flags == row->flags, "%s: flags %#x", row->name,
	    (unsigned int)got->flags);
	ck_assert_msg(got->if_index != 0, "%s: no interface", row->name);
	ck_assert_msg(got->peer.family == asked.family && got->peer.port != 0,
	    "%s: the peer is %s", row->name, unit_text(&got->peer));
	ck_assert_msg(
	    (mh_socket_info(socket)->can & MH_CAN_TTL) == 0 || got->ttl > 0,
	    "%s: TTL %d", row->name, got->ttl);
	ck_assert_uint_eq(got->length, 5);
	ck_assert_mem_eq(got->data, "hello", 5);
	if (windows_ignores_source() || asked.family != MH_FAMILY_IPV4 ||
	    asked.ip[3] != 2 || row->flags != 0)
		echo(socket);
	else if (is_refused(socket))
		return;
	assert_answer(&asked, 5);
}
END_TEST

/* Every address that this host has, on one socket. */
START_TEST(test_ask_own)
{
	struct host_network network = { .addresses = NULL };
	const struct mh_address *asked;
	size_t i;

	ck_assert_int_eq(host_network_load(&network), 0);
	ck_assert_uint_gt(network.address_count, 0);
	serve(":0", MH_STACK_DUAL);
	for (i = 0; i < network.address_count && i < ADDRESSES_MAX; i++) {
		asked = &network.addresses[i].address;
		/* Tentative, or its interface is down; or in need of one. */
		if (!mh_address_is_local(asked) ||
		    mh_address_class(asked) == MH_CLASS_LINK_LOCAL)
			continue;
		ask(asked, "own", 3);
		receive(unit_text(asked));
		ck_assert_msg(
		    mh_address_compare(&batch->received[0].local, asked) == 0,
		    "%s: asked %s", unit_text(asked),
		    unit_text(&batch->received[0].local));
		echo(sockets[0]);
		assert_answer(asked, 3);
		closesocket(peer);
		peer = INVALID_SOCKET;
	}
	host_network_free(&network);
}
END_TEST

/*
 * What only Windows can pass, or a Wine with the stand-in: an address that
 * other hosts ask is asked from another one.
 */

static struct mh_address assigned[ADDRESSES_MAX];
static size_t assigned_count;

static void
load_assigned(void)
{
	struct host_network network = { .addresses = NULL };
	const struct host_address *at;
	size_t i;

	assigned_count = 0;
	ck_assert_int_eq(host_network_load(&network), 0);
	for (i = 0; i < network.address_count; i++) {
		at = &network.addresses[i];
		if (assigned_count < ADDRESSES_MAX &&
		    at->state == HOST_ADDRESS_USABLE &&
		    mh_address_class(&at->address) != MH_CLASS_LOOPBACK &&
		    mh_address_class(&at->address) != MH_CLASS_LINK_LOCAL &&
		    mh_address_is_local(&at->address))
			assigned[assigned_count++] = at->address;
	}
	host_network_free(&network);
}

/*
 * From one to the other: answered from there.  Is it from elsewhere without a
 * source?  Not that it must: the choice is the system's.
 */
static bool
ask_pair(const struct mh_address *from, const struct mh_address *to)
{
	bool differs;

	open_peer(from);
	ask(to, "pair", 4);
	receive(unit_text(to));
	ck_assert_int_eq(mh_address_compare(&batch->received[0].local, to), 0);
	echo(sockets[0]);
	assert_answer(to, 4);
	ask(to, "pair", 4);
	receive(unit_text(to));
	echo_unpinned(sockets[0]);
	differs = !answer_is_from(to, 4);
	closesocket(peer);
	peer = INVALID_SOCKET;
	return differs;
}

START_TEST(test_pairs)
{
	unsigned int pairs[2] = { 0, 0 }, proofs[2] = { 0, 0 };
	size_t i, j, ipv6;

	load_assigned();
	serve(":0", MH_STACK_DUAL);
	for (i = 0; i < assigned_count; i++)
		for (j = 0; j < assigned_count; j++) {
			if (i == j || assigned[i].family != assigned[j].family)
				continue;
			ipv6 = assigned[i].family == MH_FAMILY_IPV6;
			pairs[ipv6]++;
			proofs[ipv6] += ask_pair(&assigned[i], &assigned[j]);
		}
	printf("pairs of addresses: IPv4 %u, IPv6 %u\n"
	       "wrong without a source: IPv4 %u, IPv6 %u\n",
	    pairs[0], pairs[1], proofs[0], proofs[1]);
	ck_assert(
	    getenv(REQUIRE_PAIRS) == NULL || (proofs[0] > 0 && proofs[1] > 0));
}
END_TEST

static void
assert_verified(const struct mh_self_test_family *family, const char *name)
{
	ck_assert_msg(family->available && family->asked, "%s", name);
	ck_assert_msg(family->source == MH_VERIFIED ||
		(family->source == MH_NOT_VERIFIED &&
		    getenv(REQUIRE_PAIRS) == NULL),
	    "%s: %d, system error %d", name, (int)family->source,
	    (int)family->system_code);
	ck_assert_int_eq(
	    mh_address_compare(&family->seen, &family->address), 0);
}

START_TEST(test_self_test)
{
	struct mh_self_test result;

	load_assigned();
	ck_assert_int_eq(
	    mh_self_test(&result, MH_STACK_DUAL, assigned, assigned_count), 0);
	assert_verified(&result.ipv4, "IPv4");
	assert_verified(&result.ipv6, "IPv6");
}
END_TEST

/* With no other address: no word of it, good or bad; see is_refused(). */
START_TEST(test_self_test_alone)
{
	struct mh_self_test result;

	ck_assert_int_eq(mh_self_test(&result, MH_STACK_DUAL, NULL, 0), 0);
	if (windows_is_wine() || result.ipv4.source != MH_VERIFIED) {
		ck_assert_int_eq(result.ipv4.source, MH_NOT_VERIFIED);
		ck_assert_int_eq(result.ipv4.system_code, WSAEINVAL);
	}
	ck_assert_int_eq(result.ipv6.source, MH_NOT_VERIFIED);
}
END_TEST

/* And this tells Wine apart: it accepts the source and ignores it. */
START_TEST(test_self_test_wine)
{
	struct mh_self_test result;

	ck_assert_int_eq(
	    mh_self_test(&result, MH_STACK_DUAL, NULL, 0), MH_ESYSTEM);
	ck_assert(result.ipv4.available && result.ipv4.asked);
	ck_assert_int_eq(result.ipv4.source, MH_BROKEN);
	result.ipv4.seen.port = 0;
	unit_assert_address(&result.ipv4.seen, "127.0.0.1", "seen");
	ck_assert_int_eq(result.problem.code, 0);
}
END_TEST

/*
 * Sizes.
 */

START_TEST(test_size)
{
	static const int sizes[] = { 0, 1, 1472, 65000, 65507 };
	static const char data[65507];
	const struct mh_address asked = unit_address("127.0.0.1");
	size_t i;

	serve(":0", MH_STACK_DUAL);
	for (i = 0; i < LENGTH(sizes); i++) {
		ask(&asked, data, sizes[i]);
		receive("size");
		ck_assert_uint_eq(batch->received[0].length, (size_t)sizes[i]);
		ck_assert_uint_eq(batch->received[0].flags, 0);
		echo(sockets[0]);
		assert_answer(&asked, sizes[i]);
	}
}
END_TEST

/*
 * Peers that are gone before the answer comes: Windows makes that an error of
 * the server's next receive, unless an option is set.
 */
START_TEST(test_storm)
{
	const struct mh_address asked = unit_address("127.0.0.1");
	int i;

	serve(":0", MH_STACK_DUAL);
	for (i = 0; i < PEERS_GONE; i++) {
		ask(&asked, "gone", 4);
		receive("storm");
		closesocket(peer);
		peer = INVALID_SOCKET;
		echo(sockets[0]);
	}
	ask(&asked, "here", 4);
	receive("after the storm");
	echo(sockets[0]);
	assert_answer(&asked, 4);
	ck_assert_int_eq(mh_batch_receive(batch, sockets[0]), 0);
	printf("the TTL of loopback: %d\n", (int)batch->received[0].ttl);
}
END_TEST

/*
 * How sockets are opened.
 */

static int
option(int level, int name)
{
	int value = -1, size = sizeof(value);

	ck_assert_int_eq(getsockopt((SOCKET)mh_socket_handle(sockets[0]), level,
			     name, (char *)&value, &size),
	    0);
	/* Some are a BOOL, some a BYTE. */
	return value & 0xff;
}

START_TEST(test_open_dual)
{
	const struct mh_socket_info *info;
	DWORD inherited;

	serve(":0", MH_STACK_DUAL);
	ck_assert_int_eq(socket_count, 1);
	info = mh_socket_info(sockets[0]);
	ck_assert(info->dual_stack);
	ck_assert_uint_eq(info->notices, 0);
	/* Not all Windows versions report TTL and TOS, or send with a TOS. */
	ck_assert_uint_eq(
	    info->can & ~(MH_CAN_TTL | MH_CAN_TOS | MH_CAN_SEND_TOS),
	    MH_CAN_SEND_TTL | MH_CAN_IPV4 | MH_CAN_IPV6 | MH_CAN_SOURCE_IPV4 |
		MH_CAN_SOURCE_IPV6);
	ck_assert_uint_gt(info->receive_buffer, 0);
	ck_assert_int_eq(option(IPPROTO_IPV6, IPV6_V6ONLY), 0);
	ck_assert_int_ne(option(IPPROTO_IP, IP_PKTINFO), 0);
	ck_assert_int_ne(option(IPPROTO_IPV6, IPV6_PKTINFO), 0);
	ck_assert_int_ne(option(SOL_SOCKET, SO_EXCLUSIVEADDRUSE), 0);
	ck_assert(GetHandleInformation(
	    (HANDLE)mh_socket_handle(sockets[0]), &inherited));
	ck_assert_uint_eq(inherited & HANDLE_FLAG_INHERIT, 0);
	/* It does not wait. */
	ck_assert_int_eq(mh_batch_receive(batch, sockets[0]), 0);
}
END_TEST

START_TEST(test_open_two)
{
	serve(":0", MH_STACK_TWO);
	ck_assert_int_eq(socket_count, 2);
	ck_assert(!mh_socket_info(sockets[0])->dual_stack);
	ck_assert_uint_eq(mh_socket_info(sockets[1])->bound.port, port());
	ck_assert_int_ne(
	    mh_socket_info(sockets[1])->can & MH_CAN_SOURCE_IPV6, 0);
}
END_TEST

static const struct {
	const char *endpoint;
	bool same_port; /* as the first socket */
	bool freebind;
	int code;
	const char *what;
} refusals[] = {
	{ "", true, false, MH_EINUSE, "bind" },
	/* The first one is for all addresses, and has the port for itself. */
	{ "127.0.0.1:0", true, false, MH_EINUSE, "bind" },
	{ "[2001:db8:77::77]:0", false, false, MH_EADDRESS, "bind" },
	{ ":0", false, true, MH_EUNSUPPORTED, "freebind" },
	{ "198.51.100.77:0", false, false, MH_EADDRESS, "bind" },
};

START_TEST(test_refuse)
{
	const struct mh_socket_options options = { .freebind =
						       refusals[_i].freebind };
	struct mh_address endpoint = unit_address(refusals[_i].endpoint);
	struct mh_socket *others[MH_SOCKETS_MAX];
	struct mh_problem problem;

	serve(":0", MH_STACK_DUAL);
	if (refusals[_i].same_port)
		endpoint.port = port();
	ck_assert_int_eq(mh_socket_open(others, &endpoint, &options, &problem),
	    refusals[_i].code);
	ck_assert_int_eq(problem.code, refusals[_i].code);
	ck_assert_str_eq(problem.what, refusals[_i].what);
	ck_assert_msg(problem.system_code > 10000 && problem.text[0] != '\0',
	    "%d: %s", problem.system_code, problem.text);
}
END_TEST

/*
 * Of a port that Windows keeps from all programs, bind() says what it says of a
 * datagram that a firewall forbids.
 */
START_TEST(test_bind_code)
{
	ck_assert_int_eq(mh__socket_bind_code(WSAEACCES), MH_EINUSE);
	ck_assert_int_eq(mh__socket_code(WSAEACCES), MH_EPERMISSION);
	ck_assert_int_eq(mh__socket_bind_code(WSAEADDRINUSE), MH_EINUSE);
	ck_assert_int_eq(mh__socket_bind_code(WSAEADDRNOTAVAIL), MH_EADDRESS);
}
END_TEST

Suite *
windows_socket_suite(void)
{
	Suite *suite = suite_create("sockets");
	TCase *tcase = tcase_create("sockets");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_ask, 0, LENGTH(asks));
	tcase_add_test(tcase, test_ask_own);
	if (windows_ignores_source())
		tcase_add_test(tcase, test_self_test_wine);
	else {
		tcase_add_test(tcase, test_pairs);
		tcase_add_test(tcase, test_self_test);
		tcase_add_test(tcase, test_self_test_alone);
	}
	tcase_add_test(tcase, test_size);
	tcase_add_test(tcase, test_storm);
	tcase_add_test(tcase, test_open_dual);
	tcase_add_test(tcase, test_open_two);
	tcase_add_test(tcase, test_bind_code);
	/* To Wine every IPv4 address is one of this host. */
	tcase_add_loop_test(
	    tcase, test_refuse, 0, (int)LENGTH(refusals) - windows_is_wine());
	suite_add_tcase(suite, tcase);
	return suite;
}
