/* SPDX-License-Identifier: ISC */
/*
 * src/platform/win32/datagram.c at its boundary: WSASendMsg() is replaced by
 * one that records what it is given, WSARecvMsg() by one that gives what a
 * table says.  For every way in which a request can arrive, the bytes of the
 * answer are proven here; that Windows does what they say, only Windows can
 * show.
 */
#include "windows/windows.h"

#include "lib/multihome_report.h"

#include "platform/win32/control.h"
#include "platform/win32/extension.h"

#include <string.h>
#include <ws2tcpip.h>

static struct extension real;
static struct mh_batch *batch;
static struct mh_socket *sockets[MH_SOCKETS_MAX];
static int socket_count;

/* The recorder. */

static struct {
	unsigned int calls;
	SOCKET socket;
	WSAMSG message;
	uint8_t name[sizeof(struct sockaddr_in6)];
	uint8_t control[CONTROL_SIZE];
	ULONG length; /* of the data */
	int ttls[2];  /* of the socket: IPv4, IPv6 */
	DWORD flags;
	int errors[4]; /* of the calls; 0: sent */
} record;

/* -1: there is none. */
static int
option_of(SOCKET socket, int level, int name)
{
	int value, size = sizeof(value);

	return getsockopt(socket, level, name, (char *)&value, &size) == 0
	    ? value
	    : -1;
}

static int WSAAPI
record_send(SOCKET socket, LPWSAMSG message, DWORD flags, LPDWORD sent,
    LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE done)
{
	int error = record.calls < LENGTH(record.errors)
	    ? record.errors[record.calls]
	    : 0;

	ck_assert(overlapped == NULL && done == NULL);
	record.calls++;
	record.socket = socket;
	record.message = *message;
	record.flags = flags;
	ck_assert_int_le(message->namelen, (int)sizeof(record.name));
	memcpy(record.name, message->name, (size_t)message->namelen);
	ck_assert_uint_le(message->Control.len, sizeof(record.control));
	if (message->Control.len > 0)
		memcpy(
		    record.control, message->Control.buf, message->Control.len);
	ck_assert_uint_eq(message->dwBufferCount, 1);
	record.length = message->lpBuffers[0].len;
	record.ttls[0] = option_of(socket, IPPROTO_IP, IP_TTL);
	record.ttls[1] = option_of(socket, IPPROTO_IPV6, IPV6_UNICAST_HOPS);
	*sent = record.length;
	if (error == 0)
		return 0;
	WSASetLastError(error);
	return SOCKET_ERROR;
}

static void
setup(void)
{
	real = mh__extension;
	memset(&record, 0, sizeof(record));
	batch = mh_batch_new(4);
	ck_assert_ptr_nonnull(batch);
}

static void
teardown(void)
{
	mh__extension = real;
	while (socket_count > 0)
		mh_socket_close(sockets[--socket_count]);
	mh_batch_free(batch);
}

static void
serve(const char *endpoint, enum mh_stack stack)
{
	const struct mh_socket_options options = { .stack = stack };
	struct mh_address address = unit_address(endpoint);
	struct mh_problem problem;

	socket_count = mh_socket_open(sockets, &address, &options, &problem);
	ck_assert_msg(socket_count == 1, "%s: %s: %s", endpoint, problem.what,
	    problem.text);
}

/*
 * The answer to every kind of request.
 */

/* sockaddr_in and sockaddr_in6: family, port 9, address. */
#define TO_IPV4 "2 0 0 9 c0 0 2 63 0 0 0 0 0 0 0 0"
#define TO_MAPPED "17 0 0 9 0 0 0 0 0 0 0 0 0 0 0 0 0 0 ff ff c0 0 2 63 0 0 0 0"
#define TO_GLOBAL "17 0 0 9 0 0 0 0 20 1 d b8 0 0 0 0 0 0 0 0 0 0 0 63 0 0 0 0"
#define TO_LINK "17 0 0 9 0 0 0 0 fe 80 0 0 0 0 0 0 0 0 0 0 0 0 0 63 5 0 0 0"

/* WSACMSGHDR: length 24 or 36, level IPPROTO_IP or _IPV6, type 19. */
#define IPV4_INFO "18 0 0 0 0 0 0 0  0 0 0 0  13 0 0 0 "
#define IPV6_INFO "24 0 0 0 0 0 0 0  29 0 0 0  13 0 0 0 "
#define ROUTED "0 0 0 0 "
#define ARRIVAL "5 0 0 0 "
#define PAD "0 0 0 0 "
#define GLOBAL "20 1 d b8 0 0 0 0 0 0 0 0 0 0 0 1 "
#define LINK "fe 80 0 0 0 0 0 0 0 0 0 0 0 0 0 1 "

struct reply_case {
	const char *name;
	enum mh_stack stack;
	const char *peer;
	const char *local; /* what was asked, if reported */
	uint32_t flags;
	struct mh_source_policy rule;
	const char *to;      /* the name, to the byte */
	const char *control; /* "": none, and no buffer */
};

static const struct reply_case replies[] = {
	{ "IPv4 on a dual-stack socket", MH_STACK_DUAL, "192.0.2.99:9",
	    "192.0.2.1:7", .to = TO_MAPPED,
	    .control = IPV4_INFO "c0 0 2 1 " ROUTED },
	{ "IPv4 on an IPv4 socket", MH_STACK_IPV4, "192.0.2.99:9",
	    "192.0.2.1:7", .to = TO_IPV4,
	    .control = IPV4_INFO "c0 0 2 1 " ROUTED },
	{ "IPv4 by arrival", MH_STACK_DUAL, "192.0.2.99:9", "192.0.2.1:7",
	    .rule = { .arrival = true }, .to = TO_MAPPED,
	    .control = IPV4_INFO "c0 0 2 1 " ARRIVAL },
	{ "IPv4 loopback", MH_STACK_DUAL, "192.0.2.99:9", "127.0.0.2:7",
	    .to = TO_MAPPED, .control = IPV4_INFO "7f 0 0 2 " ROUTED },
	/* An index without address would make 0.0.0.0 the source. */
	{ "IPv4 broadcast", MH_STACK_DUAL, "192.0.2.99:9", "0.0.0.0:7",
	    MH_TO_BROADCAST, .to = TO_MAPPED, .control = "" },
	{ "IPv4 broadcast by arrival", MH_STACK_DUAL, "192.0.2.99:9",
	    "0.0.0.0:7", MH_TO_BROADCAST, { .arrival = true }, TO_MAPPED, "" },
	{ "IPv4 multicast", MH_STACK_DUAL, "192.0.2.99:9", "0.0.0.0:7",
	    MH_TO_MULTICAST, .to = TO_MAPPED, .control = "" },
	{ "IPv4 multicast, an address comes with it", MH_STACK_DUAL,
	    "192.0.2.99:9", "192.0.2.1:7", MH_TO_MULTICAST, .to = TO_MAPPED,
	    .control = IPV4_INFO "c0 0 2 1 " ARRIVAL },
	{ "IPv4, bound to it", MH_STACK_DUAL, "192.0.2.99:9", "192.0.2.1:7",
	    MH_BOUND, .to = TO_MAPPED, .control = "" },
	{ "IPv4, not told, relaxed", MH_STACK_DUAL, "192.0.2.99:9", "",
	    .rule = { .relaxed = true }, .to = TO_MAPPED, .control = "" },

	{ "IPv6 on a dual-stack socket", MH_STACK_DUAL, "[2001:db8::63]:9",
	    "[2001:db8::1]:7", .to = TO_GLOBAL,
	    .control = IPV6_INFO GLOBAL ROUTED PAD },
	{ "IPv6 on an IPv6 socket", MH_STACK_IPV6, "[2001:db8::63]:9",
	    "[2001:db8::1]:7", .to = TO_GLOBAL,
	    .control = IPV6_INFO GLOBAL ROUTED PAD },
	{ "IPv6 by arrival", MH_STACK_DUAL, "[2001:db8::63]:9",
	    "[2001:db8::1]:7", .rule = { .arrival = true }, .to = TO_GLOBAL,
	    .control = IPV6_INFO GLOBAL ARRIVAL PAD },
	{ "IPv6 link-local", MH_STACK_DUAL, "[fe80::63%5]:9", "[fe80::1%5]:7",
	    .to = TO_LINK, .control = IPV6_INFO LINK ARRIVAL PAD },
	{ "IPv6 link-local peer", MH_STACK_DUAL, "[fe80::63%5]:9",
	    "[2001:db8::1]:7", .to = TO_LINK,
	    .control = IPV6_INFO GLOBAL ARRIVAL PAD },
	{ "IPv6 multicast", MH_STACK_DUAL, "[fe80::63%5]:9", "[::]:7",
	    MH_TO_MULTICAST, .to = TO_LINK, .control = "" },
	{ "IPv6 multicast from far", MH_STACK_DUAL, "[2001:db8::63]:9",
	    "[::]:7", MH_TO_MULTICAST, .to = TO_GLOBAL, .control = "" },
	{ "IPv6, bound to it", MH_STACK_DUAL, "[2001:db8::63]:9",
	    "[2001:db8::1]:7", MH_BOUND, .to = TO_GLOBAL, .control = "" },
};

/* Answer a request that arrived in this way on interface 5. */
static int
answer(const char *peer, const char *local, uint32_t flags,
    const struct mh_source_policy *rule, size_t length)
{
	const struct mh_datagram request = { .peer = unit_address(peer),
		.local = unit_address(local),
		.if_index = 5,
		.flags = flags };
	struct mh_datagram *reply;

	reply = mh_batch_reserve(batch);
	ck_assert_int_eq(mh_reply_address(reply, &request, rule), 0);
	/* From earlier use, and none of it may show. */
	memset(reply->data, 0xa5, 16);
	reply->length = length;
	return mh_batch_send(batch, sockets[0], rule);
}

START_TEST(test_reply)
{
	const struct reply_case *row = &replies[_i];
	uint8_t expected[CONTROL_SIZE];
	size_t length;

	serve(":0", row->stack);
	mh__extension.send = record_send;
	ck_assert_int_eq(
	    answer(row->peer, row->local, row->flags, &row->rule, 5), 1);
	ck_assert_uint_eq(record.calls, 1);
	ck_assert_uint_eq(record.socket, (SOCKET)mh_socket_handle(sockets[0]));
	ck_assert_uint_eq(record.flags, 0);
	ck_assert_uint_eq(record.message.dwFlags, 0);
	ck_assert_uint_eq(record.length, 5);

	length = windows_bytes(row->to, expected, sizeof(expected));
	ck_assert_msg((size_t)record.message.namelen == length &&
		memcmp(record.name, expected, length) == 0,
	    "%s: another name, of %d bytes", row->name, record.message.namelen);

	length = windows_bytes(row->control, expected, sizeof(expected));
	ck_assert_msg(record.message.Control.len == length &&
		memcmp(record.control, expected, length) == 0,
	    "%s: another control message, of %lu bytes", row->name,
	    record.message.Control.len);
	ck_assert_msg((record.message.Control.buf == NULL) == (length == 0),
	    "%s: a buffer without length", row->name);
	ck_assert_msg((uintptr_t)record.message.Control.buf % 8 == 0,
	    "%s: not aligned", row->name);
}
END_TEST

/* What a datagram has of its own: a TOS by a message, a TTL by the socket. */

/* WSACMSGHDR: length 20, level IPPROTO_IP or _IPV6, type 3 or 39. */
#define TOS "14 0 0 0 0 0 0 0  0 0 0 0  3 0 0 0 "
#define TCLASS "14 0 0 0 0 0 0 0  29 0 0 0  27 0 0 0 "

static const struct {
	const char *name;
	enum mh_stack stack;
	const char *peer, *local;
	int16_t tos, ttl;
	bool takes_tos;
	const char *control;
} marks[] = {
	{ "IPv4", MH_STACK_IPV4, "192.0.2.99:9", "192.0.2.1:7", 0xb9, 33, true,
	    IPV4_INFO "c0 0 2 1 " ROUTED TOS "b9 0 0 0 " PAD },
	{ "IPv4, dual", MH_STACK_DUAL, "192.0.2.99:9", "192.0.2.1:7", 0, 33,
	    true, IPV4_INFO "c0 0 2 1 " ROUTED TOS "0 0 0 0 " PAD },
	{ "IPv4, no source", MH_STACK_DUAL, "192.0.2.99:9", "", 2, -1, true,
	    TOS "2 0 0 0 " PAD },
	{ "IPv6", MH_STACK_IPV6, "[2001:db8::63]:9", "[2001:db8::1]:7", 0xb9,
	    33, true, IPV6_INFO GLOBAL ROUTED PAD TCLASS "b9 0 0 0 " PAD },
	{ "IPv6, dual", MH_STACK_DUAL, "[2001:db8::63]:9", "[2001:db8::1]:7", 1,
	    33, true, IPV6_INFO GLOBAL ROUTED PAD TCLASS "1 0 0 0 " PAD },
	{ "none", MH_STACK_DUAL, "192.0.2.99:9", "192.0.2.1:7", -1, -1, true,
	    IPV4_INFO "c0 0 2 1 " ROUTED },
	{ "the system cannot", MH_STACK_DUAL, "192.0.2.99:9", "192.0.2.1:7", 2,
	    33, false, IPV4_INFO "c0 0 2 1 " ROUTED },
};

START_TEST(test_marks)
{
	const struct mh_socket_options options = { .stack = marks[_i].stack,
		.want = MH_CAN_SEND_TTL | MH_CAN_SEND_TOS };
	const struct mh_address any = { .port = 0 };
	const struct mh_source_policy rule = { .relaxed = true };
	bool ipv6 = marks[_i].peer[0] == '[';
	int level = ipv6 ? IPPROTO_IPV6 : IPPROTO_IP;
	int option = ipv6 ? IPV6_UNICAST_HOPS : IP_TTL, usual;
	uint8_t expected[CONTROL_SIZE];
	struct mh_datagram *datagram;
	SOCKET handle;
	size_t length;

	mh__extension.tos = marks[_i].takes_tos;
	socket_count = mh_socket_open(sockets, &any, &options, NULL);
	ck_assert_int_eq(socket_count, 1);
	ck_assert_uint_eq(mh_socket_info(sockets[0])->can & options.want,
	    MH_CAN_SEND_TTL | (mh__extension.tos ? MH_CAN_SEND_TOS : 0u));
	handle = (SOCKET)mh_socket_handle(sockets[0]);
	usual = option_of(handle, level, option);
	mh__extension.send = record_send;
	datagram = mh_batch_reserve(batch);
	datagram->peer = unit_address(marks[_i].peer);
	datagram->local = unit_address(marks[_i].local);
	datagram->tos = marks[_i].tos;
	datagram->ttl = marks[_i].ttl;
	ck_assert_int_eq(mh_batch_send(batch, sockets[0], &rule), 1);
	length = windows_bytes(marks[_i].control, expected, sizeof(expected));
	ck_assert_msg(record.message.Control.len == length &&
		memcmp(record.control, expected, length) == 0,
	    "%s: another control message, of %lu bytes", marks[_i].name,
	    record.message.Control.len);
	ck_assert_msg(
	    record.ttls[ipv6] == (marks[_i].ttl > 0 ? marks[_i].ttl : usual),
	    "%s: TTL %d", marks[_i].name, record.ttls[ipv6]);
	ck_assert_int_eq(option_of(handle, level, option), usual);
}
END_TEST

/* Who does not want them has none. */
START_TEST(test_marks_not_wanted)
{
	struct mh_datagram *datagram;
	const struct mh_source_policy rule = { .relaxed = false };

	mh__extension.tos = true;
	serve(":0", MH_STACK_DUAL);
	mh__extension.send = record_send;
	datagram = mh_batch_reserve(batch);
	datagram->peer = unit_address("192.0.2.99:9");
	datagram->tos = 2;
	datagram->ttl = 33;
	ck_assert_int_eq(mh_batch_send(batch, sockets[0], &rule), 1);
	ck_assert_uint_eq(record.message.Control.len, 0);
	ck_assert_int_ne(record.ttls[0], 33);
}
END_TEST

/* The TOS of a socket goes with each datagram that has none of its own. */
static const struct {
	const char *peer;
	unsigned int want;
	uint8_t of_socket;
	int16_t tos;
	const char *control;
} socket_marks[] = {
	{ "192.0.2.99:9", 0, 0xb8, -1, TOS "b8 0 0 0 " PAD },
	{ "[2001:db8::63]:9", 0, 0xb8, -1, TCLASS "b8 0 0 0 " PAD },
	{ "192.0.2.99:9", MH_CAN_SEND_TOS, 0xb8, -1, TOS "b8 0 0 0 " PAD },
	{ "192.0.2.99:9", MH_CAN_SEND_TOS, 0xb8, 2, TOS "2 0 0 0 " PAD },
	{ "192.0.2.99:9", MH_CAN_SEND_TOS, 0xb8, 0, TOS "0 0 0 0 " PAD },
	/* Who did not ask for one of its own has that of the socket. */
	{ "192.0.2.99:9", 0, 0xb8, 2, TOS "b8 0 0 0 " PAD },
	{ "192.0.2.99:9", MH_CAN_SEND_TOS, 0, -1, "" },
};

START_TEST(test_socket_marks)
{
	const struct mh_socket_options options = {
		.want = socket_marks[_i].want, .tos = socket_marks[_i].of_socket
	};
	const struct mh_address any = { .port = 0 };
	uint8_t expected[CONTROL_SIZE];
	struct mh_datagram *datagram;
	size_t length;

	mh__extension.tos = true;
	socket_count = mh_socket_open(sockets, &any, &options, NULL);
	ck_assert_int_eq(socket_count, 1);
	mh__extension.send = record_send;
	datagram = mh_batch_reserve(batch);
	datagram->peer = unit_address(socket_marks[_i].peer);
	datagram->tos = socket_marks[_i].tos;
	ck_assert_int_eq(mh_batch_send(batch, sockets[0], NULL), 1);
	length =
	    windows_bytes(socket_marks[_i].control, expected, sizeof(expected));
	ck_assert_uint_eq(record.message.Control.len, length);
	ck_assert_mem_eq(record.control, expected, length);
}
END_TEST

/* A Windows that would send 0 refuses it, rather than to pretend. */
START_TEST(test_socket_marks_refused)
{
	const struct mh_socket_options options = { .tos = 0xb8 };
	const struct mh_address any = { .port = 0 };
	struct mh_problem problem;

	mh__extension.tos = false;
	ck_assert_int_eq(
	    mh_socket_open(sockets, &any, &options, &problem), MH_EUNSUPPORTED);
	ck_assert_str_eq(problem.what, "IP_TOS");
}
END_TEST

/* A burst leaves one by one. */
START_TEST(test_burst)
{
	const struct mh_source_policy rule = { .relaxed = false };
	struct mh_datagram *datagram;

	serve(":0", MH_STACK_DUAL);
	mh__extension.send = record_send;
	datagram = mh_batch_reserve(batch);
	datagram->peer = unit_address("192.0.2.99:9");
	datagram->length = 250;
	datagram->segment = 100;
	ck_assert_int_eq(mh_batch_send(batch, sockets[0], &rule), 1);
	ck_assert_int_eq(datagram->status, MH_SENT);
	ck_assert_uint_eq(record.calls, 3);
	ck_assert_uint_eq(record.length, 50);
}
END_TEST

/* No time of departure, and nothing else on the way. */
START_TEST(test_report)
{
	const struct mh_socket_options options = { .want = MH_CAN_SEND_TIME |
		    MH_CAN_HARDWARE_TIME | MH_CAN_ERRORS };
	const struct mh_source_policy rule = { .relaxed = false };
	const struct mh_address any = { .port = 0 };
	struct mh_datagram *datagram;
	struct mh_report report;

	socket_count = mh_socket_open(sockets, &any, &options, NULL);
	ck_assert_int_eq(socket_count, 1);
	ck_assert_uint_eq(mh_socket_info(sockets[0])->can & options.want, 0);
	mh__extension.send = record_send;
	datagram = mh_batch_reserve(batch);
	datagram->peer = unit_address("192.0.2.99:9");
	datagram->length = 5;
	datagram->report_sent = true;
	ck_assert_int_eq(mh_batch_send(batch, sockets[0], &rule), 1);
	ck_assert_uint_eq(datagram->sent_id, 0);
	ck_assert_uint_eq(record.message.Control.len, 0);
	ck_assert_int_eq(
	    mh_socket_report(sockets[0], &report), MH_EUNSUPPORTED);
}
END_TEST

START_TEST(test_reply_empty)
{
	const struct mh_source_policy rule = { .relaxed = false };

	serve(":0", MH_STACK_DUAL);
	mh__extension.send = record_send;
	ck_assert_int_eq(answer("192.0.2.99:9", "192.0.2.1:7", 0, &rule, 0), 1);
	ck_assert_uint_eq(record.length, 0);
	ck_assert_uint_eq(record.message.dwBufferCount, 1);
}
END_TEST

/*
 * Errors of WSASendMsg().
 */

static const struct {
	const char *peer;
	const char *local;
	bool relaxed;
	int errors[4];
	int status;
	unsigned int calls;
} failures[] = {
	{ "192.0.2.99:9", "127.0.0.1:7", false, { WSAEWOULDBLOCK }, MH_EAGAIN,
	    1 },
	{ "192.0.2.99:9", "127.0.0.1:7", false, { WSAENOBUFS }, MH_ENOBUFFERS,
	    1 },
	{ "192.0.2.99:9", "127.0.0.1:7", false, { WSAEMSGSIZE }, MH_ETOOBIG,
	    1 },
	{ "192.0.2.99:9", "127.0.0.1:7", false, { WSAEACCES }, MH_EPERMISSION,
	    1 },
	{ "192.0.2.99:9", "127.0.0.1:7", false, { WSAEHOSTUNREACH },
	    MH_EUNREACHABLE, 1 },
	{ "192.0.2.99:9", "127.0.0.1:7", false, { WSAENOTSOCK }, MH_ESYSTEM,
	    1 },
	/* About an earlier datagram: once more. */
	{ "192.0.2.99:9", "127.0.0.1:7", false, { WSAECONNRESET }, MH_SENT, 2 },
	{ "192.0.2.99:9", "127.0.0.1:7", false, { WSAENETRESET }, MH_SENT, 2 },
	/*
	 * The source is refused: once more by the interface of its arrival.
	 * Then, is it still ours?
	 */
	{ "192.0.2.99:9", "127.0.0.1:7", false, { WSAEINVAL },
	    MH_SENT_BY_ARRIVAL, 2 },
	{ "192.0.2.99:9", "127.0.0.1:7", false, { WSAEADDRNOTAVAIL },
	    MH_SENT_BY_ARRIVAL, 2 },
	{ "[2001:db8::63]:9", "[2001:db8:77::1]:7", false, { WSAEINVAL },
	    MH_SENT_BY_ARRIVAL, 2 },
	{ "[2001:db8::63]:9", "[2001:db8:77::1]:7", false,
	    { WSAEADDRNOTAVAIL, WSAEADDRNOTAVAIL }, MH_EGONE, 2 },
	{ "[2001:db8::63]:9", "[2001:db8:77::1]:7", false,
	    { WSAEINVAL, WSAEINVAL }, MH_EGONE, 2 },
	{ "192.0.2.99:9", "127.0.0.1:7", false,
	    { WSAEADDRNOTAVAIL, WSAEADDRNOTAVAIL }, MH_EUNREACHABLE, 2 },
	{ "192.0.2.99:9", "127.0.0.1:7", false,
	    { WSAENETUNREACH, WSAENETUNREACH }, MH_EUNREACHABLE, 2 },
	{ "192.0.2.99:9", "127.0.0.1:7", false, { WSAEINVAL, WSAEWOULDBLOCK },
	    MH_EAGAIN, 2 },
	/* Ours, but Windows does not like it: counted apart. */
	{ "192.0.2.99:9", "127.0.0.1:7", false, { WSAEINVAL, WSAEINVAL },
	    MH_EINVALID, 2 },
	{ "192.0.2.99:9", "127.0.0.1:7", true, { WSAEINVAL, WSAEINVAL },
	    MH_SENT_UNPINNED, 3 },
	{ "192.0.2.99:9", "127.0.0.1:7", true,
	    { WSAEINVAL, WSAEINVAL, WSAEINVAL }, MH_EINVALID, 3 },
	{ "192.0.2.99:9", "127.0.0.1:7", true,
	    { WSAEADDRNOTAVAIL, WSAEADDRNOTAVAIL }, MH_SENT_UNPINNED, 3 },
};

START_TEST(test_send_error)
{
	const struct mh_source_policy rule = { .relaxed =
						   failures[_i].relaxed };

	serve(":0", MH_STACK_DUAL);
	mh__extension.send = record_send;
	memcpy(record.errors, failures[_i].errors, sizeof(record.errors));
	answer(failures[_i].peer, failures[_i].local, 0, &rule, 5);
	ck_assert_msg(batch->outgoing[0].status == failures[_i].status,
	    "row %d: %d", _i, (int)batch->outgoing[0].status);
	ck_assert_msg(record.calls == failures[_i].calls, "row %d: %u calls",
	    _i, record.calls);
	if (batch->outgoing[0].status == MH_SENT_UNPINNED)
		ck_assert_ptr_null(record.message.Control.buf);
	if (batch->outgoing[0].status < 0)
		ck_assert_int_eq(batch->outgoing[0].system_code,
		    failures[_i].errors[record.calls - 1]);
}
END_TEST

/* One that cannot be sent does not hold up the others. */
START_TEST(test_send_some)
{
	static const int errors[] = { 0, WSAEHOSTUNREACH, WSAEHOSTUNREACH, 0 };
	const struct mh_source_policy rule = { .relaxed = false };
	struct mh_datagram *reply;
	int i;

	serve(":0", MH_STACK_DUAL);
	mh__extension.send = record_send;
	memcpy(record.errors, errors, sizeof(errors));
	for (i = 0; i < 4; i++) {
		reply = mh_batch_reserve(batch);
		reply->peer = unit_address("192.0.2.99:9");
	}
	ck_assert_int_eq(mh_batch_send(batch, sockets[0], &rule), 3);
	ck_assert_int_eq(batch->outgoing[1].status, MH_EUNREACHABLE);
	ck_assert_int_eq(batch->outgoing[2].status, MH_SENT);
	ck_assert_int_eq(batch->outgoing[3].status, MH_SENT);
	/* The one that failed ended a run, and was the first of the next. */
	ck_assert_uint_eq(record.calls, 5);
}
END_TEST

/*
 * What WSARecvMsg() may come up with.
 */

static const struct receive_step {
	unsigned int times; /* 0: that was the last; WSAEWOULDBLOCK forever */
	int error;
	DWORD flags;
	ULONG length;
	ULONG control; /* the length that it reports */
} * step;
static unsigned int steps_done;

static int WSAAPI
play_receive(SOCKET socket, LPWSAMSG message, LPDWORD length,
    LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE done)
{
	struct sockaddr_in6 name = { .sin6_family = AF_INET6,
		.sin6_port = htons(9),
		.sin6_addr.s6_addr = { [15] = 1 } };

	(void)socket;
	/* All that the last call wrote is as before. */
	ck_assert(overlapped == NULL && done == NULL);
	ck_assert_int_eq(message->namelen, sizeof(name));
	ck_assert_uint_eq(message->Control.len, CONTROL_SIZE);
	ck_assert_uint_eq((uintptr_t)message->Control.buf % 8, 0);
	ck_assert_uint_eq(message->dwFlags, 0);
	ck_assert_uint_eq(message->lpBuffers[0].len, batch->receive_size);
	if (step->times == 0) {
		WSASetLastError(WSAEWOULDBLOCK);
		return SOCKET_ERROR;
	}
	memset(message->Control.buf, 0, CONTROL_SIZE);
	message->Control.len = step->control;
	message->dwFlags = step->flags;
	message->namelen = 1;
	*length = step->length;
	if (step->error == 0)
		memcpy(message->name, &name, sizeof(name));
	WSASetLastError(step->error);
	if (++steps_done == step->times) {
		steps_done = 0;
		step++;
		return step[-1].error == 0 ? 0 : SOCKET_ERROR;
	}
	return step->error == 0 ? 0 : SOCKET_ERROR;
}

static const struct {
	const char *name;
	struct receive_step steps[4];
	int results[5]; /* of mh_batch_receive(), 4 slots; the last is 0 */
	uint32_t flags; /* of the first datagram */
} receives[] = {
	{ "nothing", .results = { 0 } },
	{ "one", { { 1, 0, 0, 5, 0 } }, { 1 }, 0 },
	{ "a full batch", { { 6, 0, 0, 5, 0 } }, { 4, 2 }, 0 },
	{ "a closed port at the other end",
	    { { 1, WSAECONNRESET, 0, 0, 0 }, { 2, 0, 0, 5, 0 } }, { 2 }, 0 },
	{ "a TTL that ran out",
	    { { 1, WSAENETRESET, 0, 0, 0 }, { 2, 0, 0, 5, 0 } }, { 2 }, 0 },
	{ "resets between datagrams",
	    { { 1, 0, 0, 5, 0 }, { 2, WSAECONNRESET, 0, 0, 0 },
		{ 1, 0, 0, 5, 0 } },
	    { 2 }, 0 },
	/* No more than that many in a turn: timers and signals have theirs. */
	{ "many resets", { { 9, WSAECONNRESET, 0, 0, 0 }, { 1, 0, 0, 5, 0 } },
	    { MH_EREFUSED, MH_EREFUSED, 1 }, 0 },
	{ "not whole",
	    { { 1, WSAEMSGSIZE, MSG_TRUNC, MH_SLOT_SIZE, 0 },
		{ 1, 0, 0, 5, 0 } },
	    { 2 }, MH_TRUNCATED },
	{ "not whole, no flag",
	    { { 1, WSAEMSGSIZE, 0, 0, 0 }, { 1, 0, 0, 5, 0 } }, { 2 },
	    MH_TRUNCATED },
	{ "not whole, no error", { { 1, 0, MSG_TRUNC, MH_SLOT_SIZE, 0 } },
	    { 1 }, MH_TRUNCATED },
	{ "control not whole",
	    { { 1, WSAEMSGSIZE, MSG_CTRUNC, 0, 4096 }, { 1, 0, 0, 5, 0 } },
	    { 2 }, MH_TRUNCATED | MH_CONTROL_TRUNCATED },
	{ "a length beyond the buffer", { { 1, 0, 0, MH_SLOT_SIZE + 9, 0 } },
	    { 1 }, 0 },
	{ "no buffers", { { 1, WSAENOBUFS, 0, 0, 0 }, { 1, 0, 0, 5, 0 } },
	    { MH_ENOBUFFERS, 1 }, 0 },
	/* What has come is not lost because of an error after it. */
	{ "one, then no buffers",
	    { { 1, 0, 0, 5, 0 }, { 1, WSAENOBUFS, 0, 0, 0 } }, { 1, 0 }, 0 },
};

START_TEST(test_receive)
{
	const size_t row = (size_t)_i % LENGTH(receives);
	unsigned int i;
	int n;

	/* Once more with slots of another size. */
	if ((size_t)_i != row) {
		mh_batch_free(batch);
		batch = mh_batch_new_sized(4, 100, 0);
	}
	serve(":0", MH_STACK_DUAL);
	step = receives[row].steps;
	steps_done = 0;
	mh__extension.receive = play_receive;
	for (i = 0; i < LENGTH(receives[row].results); i++) {
		n = mh_batch_receive(batch, sockets[0]);
		ck_assert_msg(n == receives[row].results[i],
		    "%s: turn %u gives %d", receives[row].name, i, n);
		if (n <= 0)
			continue;
		ck_assert_uint_le(
		    batch->received[0].length, batch->receive_size);
		if (i == 0)
			ck_assert_msg(
			    batch->received[0].flags == receives[row].flags,
			    "%s: flags %#x", receives[row].name,
			    (unsigned int)batch->received[0].flags);
	}
}
END_TEST

/* The sender of a truncated datagram may be unknown: not the previous one. */
START_TEST(test_receive_nobody)
{
	static const struct receive_step steps[] = { { 1, 0, 0, 5, 0 },
		{ 1, WSAEMSGSIZE, 0, 0, 0 }, { .times = 0 } };

	serve(":0", MH_STACK_DUAL);
	step = steps;
	steps_done = 0;
	mh__extension.receive = play_receive;
	ck_assert_int_eq(mh_batch_receive(batch, sockets[0]), 2);
	unit_assert_address(&batch->received[0].peer, "[::1]:9", "whole");
	unit_assert_address(&batch->received[1].peer, "", "not whole");
}
END_TEST

Suite *
windows_datagram_suite(void)
{
	Suite *suite = suite_create("udp");
	TCase *tcase = tcase_create("boundary");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_reply, 0, LENGTH(replies));
	tcase_add_loop_test(tcase, test_marks, 0, LENGTH(marks));
	tcase_add_test(tcase, test_marks_not_wanted);
	tcase_add_loop_test(tcase, test_socket_marks, 0, LENGTH(socket_marks));
	tcase_add_test(tcase, test_socket_marks_refused);
	tcase_add_test(tcase, test_burst);
	tcase_add_test(tcase, test_report);
	tcase_add_test(tcase, test_reply_empty);
	tcase_add_loop_test(tcase, test_send_error, 0, LENGTH(failures));
	tcase_add_test(tcase, test_send_some);
	tcase_add_loop_test(tcase, test_receive, 0, 2 * LENGTH(receives));
	tcase_add_test(tcase, test_receive_nobody);
	suite_add_tcase(suite, tcase);
	return suite;
}
