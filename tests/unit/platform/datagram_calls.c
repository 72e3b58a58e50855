/* SPDX-License-Identifier: ISC */
/*
 * src/platform/linux/datagram.c at the boundary to the kernel: how it
 * translates each error, and exactly what it passes.
 */
#include "unit/unit.h"

#include "unit/platform/suites.h"
#include "unit/wrap.h"

#include "lib/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct mh_socket *sockets[MH_SOCKETS_MAX];
static int socket_count;
static struct mh_batch *batch;
static const struct mh_source_policy strict = { .relaxed = false };

static void
setup(void)
{
	wrap_reset();
	socket_count = 0;
	batch = mh_batch_new(4);
}

static void
teardown(void)
{
	wrap_reset();
	while (socket_count > 0)
		mh_socket_close(sockets[--socket_count]);
	mh_batch_free(batch);
}

/* Returns what mh_socket_open() does. */
static int
serve(enum mh_stack stack, struct mh_problem *problem)
{
	const struct mh_socket_options options = { .stack = stack,
		.want = MH_CAN_OPTIONAL,
		.receive_buffer = 100000 };
	const struct mh_address endpoint = { .port = 0 };
	int n = mh_socket_open(sockets, &endpoint, &options, problem);

	socket_count = n > 0 ? n : 0;
	return n;
}

/* To itself, so that something is there to receive. */
static struct mh_datagram *
add_reply(const char *peer, const char *local)
{
	struct mh_datagram *reply = mh_batch_reserve(batch);

	reply->peer = unit_address(peer);
	reply->peer.port = mh_socket_info(sockets[0])->bound.port;
	reply->local = unit_address(local);
	reply->length = 3;
	return reply;
}

/*
 * Errors.
 */

static const struct {
	const char *name;
	int error;
	int status;      /* of the reply that met it, twice */
	const char *own; /* from and to there; NULL: 127.0.0.1 */
} send_errors[] = {
	{ "EAGAIN", EAGAIN, MH_EAGAIN, NULL },
	{ "EPERM", EPERM, MH_EPERMISSION, NULL },
	{ "EACCES", EACCES, MH_EPERMISSION, NULL },
	{ "ENOBUFS", ENOBUFS, MH_ENOBUFFERS, NULL },
	{ "ENOMEM", ENOMEM, MH_ENOMEMORY, NULL },
	{ "EMSGSIZE", EMSGSIZE, MH_ETOOBIG, NULL },
	{ "EHOSTUNREACH", EHOSTUNREACH, MH_EUNREACHABLE, NULL },
	{ "ENETDOWN", ENETDOWN, MH_EUNREACHABLE, NULL },
	{ "EHOSTDOWN", EHOSTDOWN, MH_EUNREACHABLE, NULL },
	{ "ECONNREFUSED", ECONNREFUSED, MH_EREFUSED, NULL },
	{ "EIO", EIO, MH_ESYSTEM, NULL },
	{ "EAFNOSUPPORT", EAFNOSUPPORT, MH_EFAMILY, NULL },
	/* The source, 127.0.0.1, is there. */
	{ "EINVAL", EINVAL, MH_EUNREACHABLE, NULL },
	{ "ENETUNREACH", ENETUNREACH, MH_EUNREACHABLE, NULL },
	{ "EADDRNOTAVAIL", EADDRNOTAVAIL, MH_EUNREACHABLE, NULL },
	{ "ENODEV", ENODEV, MH_EUNREACHABLE, NULL },
	/* So IPv6 calls a full table of neighbours. */
	{ "EINVAL", EINVAL, MH_EINVALID, "::1" },
	{ "ENETUNREACH", ENETUNREACH, MH_EUNREACHABLE, "::1" },
};

START_TEST(test_send_error)
{
	const char *own =
	    send_errors[_i].own != NULL ? send_errors[_i].own : "127.0.0.1";
	struct mh_datagram *reply;

	ck_assert_int_eq(serve(MH_STACK_DUAL, NULL), 1);
	reply = add_reply(own, own);
	wrap.sendmmsg.error = wrap.sendmsg.error = send_errors[_i].error;
	ck_assert_int_eq(mh_batch_send(batch, sockets[0], &strict), 0);
	ck_assert_msg(reply->status == send_errors[_i].status, "%s: %d",
	    send_errors[_i].name, (int)reply->status);
	ck_assert_int_eq(sockets[0]->udp.system_code, send_errors[_i].error);
	/* It was not forever. */
	wrap.sendmmsg.error = wrap.sendmsg.error = 0;
	reply = add_reply(own, own);
	ck_assert_int_eq(mh_batch_send(batch, sockets[0], &strict), 1);
	ck_assert_int_eq(reply->status, MH_SENT);
}
END_TEST

/* A filter that refuses the one call but not the other: no error at all. */
START_TEST(test_send_singly)
{
	static const int errors[] = { ENOSYS, EPERM };
	unsigned int i;

	ck_assert_int_eq(serve(MH_STACK_DUAL, NULL), 1);
	for (i = 1; i < 4; i++)
		add_reply("127.0.0.1", "127.0.0.2")->length = i;
	wrap.sendmmsg.error = errors[_i];
	ck_assert_int_eq(mh_batch_send(batch, sockets[0], &strict), 3);
	ck_assert_int_eq(mh_batch_receive(batch, sockets[0]), 3);
	for (i = 0; i < 3; i++) {
		ck_assert_uint_eq(batch->received[i].length, i + 1);
		ck_assert_uint_eq(batch->received[i].peer.ip[3], 2);
	}
}
END_TEST

/* These pass by themselves. */
START_TEST(test_send_again)
{
	static const int errors[] = { EINTR, ECONNREFUSED };

	ck_assert_int_eq(serve(MH_STACK_DUAL, NULL), 1);
	add_reply("127.0.0.1", "127.0.0.1");
	wrap.sendmmsg.error = errors[_i];
	wrap.sendmmsg.times = 1;
	ck_assert_int_eq(mh_batch_send(batch, sockets[0], &strict), 1);
	ck_assert_uint_eq(wrap.sendmmsg.calls, 2);
}
END_TEST

static const struct {
	const char *name;
	int error;
	int code;
} receive_errors[] = {
	{ "EAGAIN", EAGAIN, 0 },
	{ "ECONNREFUSED", ECONNREFUSED, MH_EREFUSED },
	{ "EHOSTUNREACH", EHOSTUNREACH, MH_EREFUSED },
	{ "ENETUNREACH", ENETUNREACH, MH_EREFUSED },
	{ "ENOMEM", ENOMEM, MH_ENOMEMORY },
	{ "ENOBUFS", ENOBUFS, MH_ENOBUFFERS },
	{ "EIO", EIO, MH_ESYSTEM },
};

/* Nothing of a failed call remains in the next one. */
START_TEST(test_receive_error)
{
	const struct mh_datagram *got = batch->received;

	ck_assert_int_eq(serve(MH_STACK_DUAL, NULL), 1);
	add_reply("127.0.0.2", "127.0.0.1");
	ck_assert_int_eq(mh_batch_send(batch, sockets[0], &strict), 1);
	wrap.recvmmsg.error = receive_errors[_i].error;
	ck_assert_msg(
	    mh_batch_receive(batch, sockets[0]) == receive_errors[_i].code,
	    "%s", receive_errors[_i].name);
	ck_assert_uint_eq(batch->received_count, 0);
	wrap.recvmmsg.error = 0;
	ck_assert_int_eq(mh_batch_receive(batch, sockets[0]), 1);
	ck_assert_uint_eq(got->flags, 0);
	ck_assert_uint_eq(got->length, 3);
	ck_assert_uint_eq(got->peer.family, MH_FAMILY_IPV4);
	ck_assert_uint_eq(got->local.ip[3], 2);
	ck_assert_int_eq(mh_batch_receive(batch, sockets[0]), 0);
	ck_assert(!wrap.stale);
}
END_TEST

START_TEST(test_receive_again)
{
	ck_assert_int_eq(serve(MH_STACK_DUAL, NULL), 1);
	add_reply("127.0.0.1", "");
	ck_assert_int_eq(mh_batch_send(batch, sockets[0], &strict), 1);
	wrap.recvmmsg.error = EINTR;
	wrap.recvmmsg.times = 1;
	ck_assert_int_eq(mh_batch_receive(batch, sockets[0]), 1);
	ck_assert_uint_eq(wrap.recvmmsg.calls, 2);
}
END_TEST

static const struct {
	int system;
	uint32_t flags;
} receive_flags[] = {
	{ MSG_TRUNC, MH_TRUNCATED },
	{ MSG_CTRUNC, MH_CONTROL_TRUNCATED },
	{ MSG_TRUNC | MSG_CTRUNC, MH_TRUNCATED | MH_CONTROL_TRUNCATED },
	{ MSG_EOR, 0 },
};

START_TEST(test_receive_flags)
{
	ck_assert_int_eq(serve(MH_STACK_DUAL, NULL), 1);
	add_reply("127.0.0.1", "");
	add_reply("127.0.0.1", "");
	ck_assert_int_eq(mh_batch_send(batch, sockets[0], &strict), 2);
	wrap.receive_flags = receive_flags[_i].system;
	ck_assert_int_eq(mh_batch_receive(batch, sockets[0]), 2);
	ck_assert_uint_eq(batch->received[0].flags, receive_flags[_i].flags);
	ck_assert_uint_eq(batch->received[1].flags, 0);
}
END_TEST

/* Peers as the kernel names them: with a scope, v4-mapped, not at all. */
static const struct {
	const char *name;
	struct sockaddr_in6 from;
	const char *peer;
} names[] = {
	{ "IPv6",
	    { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT },
	    "::1" },
	{ "link-local",
	    { .sin6_family = AF_INET6,
		.sin6_addr = { .s6_addr = { 0xfe, 0x80, [15] = 9 } },
		.sin6_scope_id = 5 },
	    "fe80::9%5" },
	{ "v4-mapped",
	    { .sin6_family = AF_INET6,
		.sin6_addr = { .s6_addr = { [10] = 0xff,
				   0xff,
				   192,
				   0,
				   2,
				   1 } } },
	    "192.0.2.1" },
	{ "v4-mapped with a scope",
	    { .sin6_family = AF_INET6,
		.sin6_addr = { .s6_addr = { [10] = 0xff, 0xff, 192, 0, 2, 1 } },
		.sin6_scope_id = 5 },
	    "192.0.2.1" },
	{ "another family", { .sin6_family = AF_UNIX }, "" },
};

START_TEST(test_receive_name)
{
	struct mh_address *peer = &batch->received[0].peer;

	ck_assert_int_eq(serve(MH_STACK_DUAL, NULL), 1);
	add_reply("127.0.0.1", "");
	ck_assert_int_eq(mh_batch_send(batch, sockets[0], &strict), 1);
	wrap.receive_name = &names[_i].from;
	memset(peer, 0xa5, sizeof(*peer));
	ck_assert_int_eq(mh_batch_receive(batch, sockets[0]), 1);
	unit_assert_address(peer, names[_i].peer, names[_i].name);
}
END_TEST

/* Exactly what is passed. */

static const struct {
	const char *name;
	enum mh_stack stack;
	const char *peer, *local;
	uint32_t if_index;
	int family;  /* of the name */
	bool mapped; /* v4-mapped */
	int level;   /* of the control message; -1: none */
} outs[] = {
	{ "IPv4 on dual-stack", MH_STACK_DUAL, "127.0.0.1", "127.0.0.2", 0,
	    AF_INET6, true, IPPROTO_IP },
	{ "IPv4 on dual-stack, no source", MH_STACK_DUAL, "127.0.0.1", "", 0,
	    AF_INET6, true, -1 },
	{ "IPv4 on dual-stack, interface", MH_STACK_DUAL, "127.0.0.1", "", 1,
	    AF_INET6, true, IPPROTO_IP },
	{ "IPv6 on dual-stack", MH_STACK_DUAL, "::1", "::1", 0, AF_INET6, false,
	    IPPROTO_IPV6 },
	{ "IPv6 on dual-stack, no source", MH_STACK_DUAL, "::1", "", 0,
	    AF_INET6, false, -1 },
	{ "IPv4", MH_STACK_IPV4, "127.0.0.1", "127.0.0.2", 0, AF_INET, false,
	    IPPROTO_IP },
	{ "IPv4, no source", MH_STACK_IPV4, "127.0.0.1", "", 0, AF_INET, false,
	    -1 },
	{ "IPv6", MH_STACK_IPV6, "::1", "::1", 0, AF_INET6, false,
	    IPPROTO_IPV6 },
	{ "IPv6, both", MH_STACK_IPV6, "::1", "::1", 1, AF_INET6, false,
	    IPPROTO_IPV6 },
	{ "IPv6, link-local", MH_STACK_DUAL, "fe80::9%1", "fe80::1%1", 1,
	    AF_INET6, false, IPPROTO_IPV6 },
};

/* One control message of that level and no other, of exactly that length. */
static void
assert_control(const char *name, const struct wrap_message *message, int level)
{
	const struct cmsghdr *header = (const void *)message->bytes;
	bool is_ipv4 = level == IPPROTO_IP;
	size_t size =
	    is_ipv4 ? sizeof(struct in_pktinfo) : sizeof(struct in6_pktinfo);

	if (level == -1) {
		ck_assert_msg(
		    message->control == NULL && message->control_length == 0,
		    "%s: %zu bytes of control", name, message->control_length);
		return;
	}
	ck_assert_msg(message->control_length == CMSG_LEN(size),
	    "%s: %zu bytes of control", name, message->control_length);
	ck_assert_msg(header->cmsg_level == level &&
		header->cmsg_type == (is_ipv4 ? IP_PKTINFO : IPV6_PKTINFO) &&
		header->cmsg_len == CMSG_LEN(size),
	    "%s: level %d, type %d", name, header->cmsg_level,
	    header->cmsg_type);
}

static void
assert_name(const char *name, const struct wrap_message *message, int family,
    bool mapped, uint32_t scope)
{
	const struct sockaddr_in6 *to = &message->name;
	uint16_t port = mh_socket_info(sockets[0])->bound.port;

	ck_assert_msg(
	    to->sin6_family == family, "%s: family %d", name, to->sin6_family);
	ck_assert_msg(message->name_length ==
		(family == AF_INET ? sizeof(struct sockaddr_in)
				   : sizeof(struct sockaddr_in6)),
	    "%s: name of %d bytes", name, (int)message->name_length);
	ck_assert_msg(ntohs(to->sin6_port) == port, "%s: port", name);
	if (family == AF_INET)
		return;
	ck_assert_msg(IN6_IS_ADDR_V4MAPPED(&to->sin6_addr) == mapped,
	    "%s: v4-mapped or not", name);
	ck_assert_msg(to->sin6_flowinfo == 0 && to->sin6_scope_id == scope,
	    "%s: flow %u, scope %u", name, to->sin6_flowinfo,
	    to->sin6_scope_id);
}

/* Send something from another socket, whether it is sent or not. */
static void
use_slot(enum mh_stack stack, const char *peer)
{
	struct mh_datagram *reply;

	ck_assert_int_eq(serve(stack, NULL), 1);
	reply = add_reply(peer, peer);
	reply->if_index = 1;
	mh_batch_send(batch, sockets[0], &strict);
	mh_socket_close(sockets[--socket_count]);
}

START_TEST(test_out)
{
	const struct wrap_message *message = &wrap.sent[0];
	struct mh_datagram *reply;

	/* Slots are reused: nothing of the last turn may remain. */
	use_slot(MH_STACK_IPV6, "fe80::1%1");
	use_slot(MH_STACK_IPV4, "127.1.2.3");
	ck_assert_int_eq(serve(outs[_i].stack, NULL), 1);
	wrap.sent_count = 0;
	reply = add_reply(outs[_i].peer, outs[_i].local);
	reply->if_index = outs[_i].if_index;
	mh_batch_send(batch, sockets[0], &strict);
	ck_assert_uint_ge(wrap.sent_count, 1);
	assert_name(outs[_i].name, message, outs[_i].family, outs[_i].mapped,
	    unit_address(outs[_i].peer).scope);
	assert_control(outs[_i].name, message, outs[_i].level);
	ck_assert_int_eq(message->flags, 0);
	ck_assert_ptr_eq(message->data, reply->data);
	ck_assert_uint_eq(message->length, 3);
}
END_TEST

/*
 * Replies that leave as one: the kernel gets the same ancillary data for all.
 */
static const struct {
	const char *name;
	const char *local;
	uint32_t if_index;
	int16_t tos, ttl;
	unsigned int messages;
} pairs[] = {
	{ "alike", "127.0.0.1", 1, -1, -1, 1 },
	{ "another source", "127.0.0.2", 1, -1, -1, 2 },
	{ "another interface", "127.0.0.1", 0, -1, -1, 2 },
	{ "another TOS", "127.0.0.1", 1, 4, -1, 2 },
	{ "another TTL", "127.0.0.1", 1, -1, 64, 2 },
};

START_TEST(test_out_pair)
{
	struct mh_datagram *reply;

	ck_assert_int_eq(serve(MH_STACK_DUAL, NULL), 1);
	reply = add_reply("127.0.0.1", "127.0.0.1");
	reply->if_index = 1;
	reply = add_reply("127.0.0.1", pairs[_i].local);
	reply->if_index = pairs[_i].if_index;
	reply->tos = pairs[_i].tos;
	reply->ttl = pairs[_i].ttl;
	ck_assert_int_eq(mh_batch_send(batch, sockets[0], &strict), 2);
	ck_assert_msg(wrap.sent_count == pairs[_i].messages, "%s: %u messages",
	    pairs[_i].name, wrap.sent_count);
}
END_TEST

/* A burst is one message that says where to cut it, and stays alone. */
START_TEST(test_out_burst)
{
	struct mh_datagram *reply;
	char data[300] = { 0 };
	int i;

	ck_assert_int_eq(serve(MH_STACK_DUAL, NULL), 1);
	for (i = 0; i < 3; i++) {
		reply = add_reply("127.0.0.1", "127.0.0.1");
		reply->data = data;
		reply->length = sizeof(data);
		reply->segment = 100;
	}
	ck_assert_int_eq(mh_batch_send(batch, sockets[0], &strict), 3);
	ck_assert_uint_eq(wrap.sent_count, 3);
}
END_TEST

/* Arrived in a VRF: the answer has to name the interface, for IPv4 too. */
START_TEST(test_vrf)
{
	static const char *const asked[] = { "127.0.0.1", "::1" };
	const struct mh_datagram *got = batch->received;
	const struct cmsghdr *header = (const void *)wrap.sent[0].bytes;
	const uint32_t both[] = { 77, 1 }, *table = both + (_i < 2 ? 0 : 1);
	const char *address = asked[_i % 2];
	struct in_pktinfo info;
	struct in6_pktinfo info6;
	struct mh_datagram *reply;

	ck_assert_int_eq(serve(MH_STACK_DUAL, NULL), 1);
	add_reply(address, "");
	ck_assert_int_eq(mh_batch_send(batch, sockets[0], &strict), 1);
	/* lo is the last, or the only one. */
	ck_assert_int_eq(
	    mh_socket_set_vrf(sockets[0], table, _i < 2 ? 2 : 1), 0);
	ck_assert_int_eq(mh_batch_receive(batch, sockets[0]), 1);
	ck_assert_uint_eq(got->flags, MH_VIA_VRF);
	reply = mh_batch_reserve(batch);
	ck_assert_int_eq(mh_reply_address(reply, got, &strict), 0);
	wrap.sent_count = 0;
	ck_assert_int_eq(mh_batch_send(batch, sockets[0], &strict), 1);
	memcpy(&info, CMSG_DATA(header), sizeof(info));
	memcpy(&info6, CMSG_DATA(header), sizeof(info6));
	ck_assert_int_eq(
	    _i % 2 == 0 ? info.ipi_ifindex : (int)info6.ipi6_ifindex, 1);
}
END_TEST

/* Not in one of them. */
START_TEST(test_other_vrf)
{
	uint32_t *table = calloc(2, sizeof(*table));

	table[0] = 77;
	ck_assert_int_eq(serve(MH_STACK_DUAL, NULL), 1);
	add_reply("127.0.0.1", "");
	ck_assert_int_eq(mh_batch_send(batch, sockets[0], &strict), 1);
	sockets[0]->udp.vrf = table;
	sockets[0]->udp.vrf_count = 1;
	ck_assert_int_eq(mh_batch_receive(batch, sockets[0]), 1);
	ck_assert_uint_eq(batch->received[0].flags, 0);
	/* This host has none at all. */
	mh_socket_refresh(sockets[0]);
	ck_assert_uint_eq(sockets[0]->udp.vrf_count, 0);
}
END_TEST

/* A table that cannot be loaded stays as it was. */
START_TEST(test_vrf_refresh)
{
	uint32_t *table = calloc(1, sizeof(*table));

	ck_assert_int_eq(serve(MH_STACK_DUAL, NULL), 1);
	sockets[0]->udp.vrf = table;
	sockets[0]->udp.vrf_count = 1;
	wrap.socket.error = EMFILE;
	mh_socket_refresh(sockets[0]);
	ck_assert_ptr_eq(sockets[0]->udp.vrf, table);
	ck_assert_uint_eq(sockets[0]->udp.vrf_count, 1);
}
END_TEST

Suite *
platform_datagram_calls_suite(void)
{
	Suite *suite = suite_create("datagram calls");
	TCase *tcase = tcase_create("calls");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_send_error, 0, LENGTH(send_errors));
	tcase_add_loop_test(tcase, test_send_singly, 0, 2);
	tcase_add_loop_test(tcase, test_send_again, 0, 2);
	tcase_add_loop_test(
	    tcase, test_receive_error, 0, LENGTH(receive_errors));
	tcase_add_test(tcase, test_receive_again);
	tcase_add_loop_test(
	    tcase, test_receive_flags, 0, LENGTH(receive_flags));
	tcase_add_loop_test(tcase, test_receive_name, 0, LENGTH(names));
	tcase_add_loop_test(tcase, test_out, 0, LENGTH(outs));
	tcase_add_test(tcase, test_out_burst);
	tcase_add_loop_test(tcase, test_out_pair, 0, LENGTH(pairs));
	tcase_add_loop_test(tcase, test_vrf, 0, 4);
	tcase_add_test(tcase, test_other_vrf);
	tcase_add_test(tcase, test_vrf_refresh);
	suite_add_tcase(suite, tcase);
	return suite;
}
