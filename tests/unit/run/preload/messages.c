/* SPDX-License-Identifier: ISC */
/*
 * src/run/preload/messages.c: the program has what the kernel would have given
 * it.  Pure; tests/net/test_run.c compares with the kernel.
 */
#include "run/preload/messages.h"

#include "unit/run/suites.h"

#include <netinet/in.h>
#include <string.h>

enum { SIZE = 256, FILL = 0xa5 };

/* Any messages of both systems, one after the other; 0 ends them. */
static const struct message {
	int level, type;
	size_t size;
} kernel[] = {
	{ IPPROTO_IP, IP_PKTINFO, 12 },
	{ IPPROTO_IP, IP_TTL, 4 },
	{ IPPROTO_IPV6, IPV6_PKTINFO, 20 },
	{ IPPROTO_IPV6, IPV6_TCLASS, 4 },
	{ IPPROTO_IP, IP_TOS, 1 },
};

/* put_cmsg() of the kernel, written anew. */
static size_t
put(uint8_t *to, size_t room, size_t at, const struct message *message,
    bool *cut)
{
	struct cmsghdr header = { .cmsg_len = CMSG_LEN(message->size),
		.cmsg_level = message->level,
		.cmsg_type = message->type };
	uint8_t data[32];
	size_t space = CMSG_SPACE(message->size);

	memset(data, message->type, sizeof(data));
	if (to == NULL || room - at < sizeof(header)) {
		*cut = true;
		return at;
	}
	if (room - at < header.cmsg_len) {
		*cut = true;
		header.cmsg_len = room - at;
	}
	memcpy(to + at, &header, sizeof(header));
	memcpy(
	    to + at + sizeof(header), data, header.cmsg_len - sizeof(header));
	return at + (space < room - at ? space : room - at);
}

static size_t
put_all(
    uint8_t *to, size_t room, const struct messages_hidden *hidden, bool *cut)
{
	size_t i, at = 0;

	for (i = 0; i < LENGTH(kernel); i++)
		if (!(hidden->ipv4 && kernel[i].type == IP_PKTINFO &&
			kernel[i].level == IPPROTO_IP) &&
		    !(hidden->ipv6 && kernel[i].type == IPV6_PKTINFO &&
			kernel[i].level == IPPROTO_IPV6))
			at = put(to, room, at, &kernel[i], cut);
	return at;
}

/* For every size: the same bytes, length and flag; also in the same memory. */
static void
check_size(size_t size, const struct messages_hidden *hidden, bool in_place)
{
	static const struct messages_hidden none;
	_Alignas(struct cmsghdr) uint8_t wanted[SIZE], ours[SIZE], got[SIZE];
	struct msghdr from = { .msg_control = in_place ? got : ours }, to;
	bool cut = false, ours_cut = false;
	size_t length;

	memset(wanted, FILL, SIZE);
	memset(ours, FILL, SIZE);
	memset(got, FILL, SIZE);
	length = put_all(size > 0 ? wanted : NULL, size, hidden, &cut);
	from.msg_controllen = put_all(from.msg_control, SIZE, &none, &ours_cut);
	ck_assert(!ours_cut);
	to = (struct msghdr){ .msg_control = size > 0 ? got : NULL,
		.msg_controllen = size };
	messages_deliver(&to, &from, hidden);
	ck_assert_uint_eq(to.msg_controllen, length);
	ck_assert_int_eq(to.msg_flags, cut ? MSG_CTRUNC : 0);
	if (in_place)
		return;
	ck_assert_mem_eq(got, wanted, SIZE);
}

START_TEST(test_deliver)
{
	const struct messages_hidden hidden = { (_i & 1) != 0, (_i & 2) != 0 };
	size_t size;

	for (size = 0; size <= SIZE; size++)
		check_size(size, &hidden, false);
	check_size(SIZE, &hidden, true);
}
END_TEST

START_TEST(test_own_flags)
{
	const struct messages_hidden none = { false, false };
	struct msghdr from = { .msg_flags = MSG_TRUNC | MSG_CTRUNC }, to = from;

	to.msg_flags = MSG_OOB;
	messages_deliver(&to, &from, &none);
	ck_assert_int_eq(to.msg_flags, MSG_TRUNC | MSG_CTRUNC);
	ck_assert_uint_eq(to.msg_controllen, 0);
}
END_TEST

static const struct {
	int level, type;
	bool is_source;
} sources[] = {
	{ IPPROTO_IP, IP_PKTINFO, true },
	{ IPPROTO_IPV6, IPV6_PKTINFO, true },
	{ IPPROTO_IPV6, 2, true }, /* RFC 2292 */
	{ IPPROTO_IP, IP_TTL, false },
	{ SOL_SOCKET, IP_PKTINFO, false },
	{ IPPROTO_IPV6, IPV6_TCLASS, false },
};

/* Alone, after another one, and cut off. */
START_TEST(test_source)
{
	static const struct message first = { IPPROTO_IP, IP_TTL, 4 };
	const struct message message = { sources[_i].level, sources[_i].type,
		20 };
	_Alignas(struct cmsghdr) uint8_t bytes[SIZE];
	struct msghdr header = { .msg_control = bytes };
	bool cut = false;

	ck_assert(!messages_have_source(&header));
	header.msg_controllen = put(bytes, SIZE, 0, &message, &cut);
	ck_assert_int_eq(messages_have_source(&header), sources[_i].is_source);
	header.msg_controllen =
	    put(bytes, SIZE, put(bytes, SIZE, 0, &first, &cut), &message, &cut);
	ck_assert_int_eq(messages_have_source(&header), sources[_i].is_source);
	header.msg_controllen -= 12;
	ck_assert(!messages_have_source(&header));
	header.msg_control = NULL;
	ck_assert(!messages_have_source(&header));
}
END_TEST

START_TEST(test_append)
{
	_Alignas(struct cmsghdr) uint8_t control[64];
	uint8_t more[32];
	struct msghdr program = { .msg_control = more };
	/* 29 bytes need padding, whatever a long is. */
	const size_t at = CMSG_ALIGN(29);

	memset(control, FILL, sizeof(control));
	memset(more, 1, sizeof(more));
	ck_assert_uint_eq(messages_append(control, 64, 29, &program), 29);
	program.msg_controllen = sizeof(more);
	ck_assert_uint_eq(
	    messages_append(control, 64, 29, &program), at + sizeof(more));
	ck_assert_uint_eq(control[28], FILL);
	ck_assert_uint_eq(control[29], 0);
	ck_assert_uint_eq(control[at - 1], 0);
	ck_assert_mem_eq(control + at, more, sizeof(more));
	ck_assert_uint_eq(messages_append(control, at + 31, 29, &program), 0);
}
END_TEST

Suite *
run_messages_suite(void)
{
	Suite *suite = suite_create("run messages");
	TCase *tcase = tcase_create("messages");

	tcase_add_loop_test(tcase, test_deliver, 0, 4);
	tcase_add_test(tcase, test_own_flags);
	tcase_add_loop_test(tcase, test_source, 0, LENGTH(sources));
	tcase_add_test(tcase, test_append);
	suite_add_tcase(suite, tcase);
	return suite;
}
