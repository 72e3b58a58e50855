/* SPDX-License-Identifier: ISC */
/*
 * src/platform/linux/network.c: the addresses of this host; and what becomes of
 * messages that the kernel sends, loses, or cuts off.
 */
#include "platform/network.h"

#include "unit/unit.h"

#include "unit/platform/live.h"
#include "unit/platform/messages.h"
#include "unit/platform/suites.h"
#include "unit/wrap.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static struct host_network network;
static struct host_watch watch;

START_TEST(test_load)
{
	const struct mh_address loopback = unit_address("127.0.0.1");
	const struct host_address *found = NULL;
	size_t i;

	ck_assert_int_eq(host_network_load(&network), 0);
	for (i = 0; i < network.address_count; i++) {
		if (mh_address_compare(
			&network.addresses[i].address, &loopback) == 0)
			found = &network.addresses[i];
		ck_assert_uint_eq(network.addresses[i].address.port, 0);
	}
	ck_assert_ptr_nonnull(found);
	ck_assert_int_eq(found->broadcast.family, MH_FAMILY_NONE);
	ck_assert_str_eq(host_network_name(&network, found->if_index), "lo");
	/* Again, in place of the first. */
	ck_assert_int_eq(host_network_load(&network), 0);
	host_network_free(&network);
	ck_assert_uint_eq(network.address_count, 0);
}
END_TEST

START_TEST(test_watch)
{
	unsigned int expected;
	bool again;

	host_watch_open(&watch);
	ck_assert_int_ne(watch.handle, -1);
	(void)host_watch_read(&watch); /* does not wait */
	ck_assert_int_eq(host_watch_load(&watch, &network, &again), 0);
	ck_assert_uint_gt(network.address_count, 0);
	ck_assert_uint_gt(network.interface_count, 0);
	ck_assert_uint_eq(watch.complete, 1);
	/* Now from what it knows, unless it is not sure. */
	expected = again ? 2 : 1;
	ck_assert_int_eq(host_watch_load(&watch, &network, &again), 0);
	ck_assert_uint_eq(watch.complete, expected);
	ck_assert_uint_gt(network.address_count, 0);
	host_network_free(&network);
	host_watch_close(&watch);
	ck_assert_int_eq(watch.handle, -1);
	host_watch_close(&watch);
}
END_TEST

/*
 * A kernel of the test's own.
 */

/* The buffers that recv() gives, each with at least one message. */
static struct messages buffers[16];

/* Another buffer, empty. */
static struct messages *
next_buffer(void)
{
	struct messages *buffer = &buffers[wrap.answer_count];

	ck_assert_uint_lt(wrap.answer_count, LENGTH(buffers));
	*buffer = (struct messages){ .length = 0 };
	wrap.answers[wrap.answer_count++].data = buffer->bytes;
	return buffer;
}

static void
close_buffers(void)
{
	unsigned int i;

	for (i = 0; i < wrap.answer_count; i++)
		if (wrap.answers[i].length == 0)
			wrap.answers[i].length = buffers[i].length;
}

/* recv() fails once. */
static void
fail_receive(int error)
{
	wrap.answers[wrap.answer_count++].error = error;
}

/*
 * A dump of interfaces, then one of addresses: some0, number 7, with these.
 * flags: of the first message.
 */
static void
put_dump(const char *address, const char *other, unsigned short flags)
{
	struct messages *links = next_buffer(), *addresses;

	messages_link(links, 7, NULL);
	((struct nlmsghdr *)(void *)links->bytes)->nlmsg_flags = flags;
	messages_end(links, NLMSG_DONE);
	addresses = next_buffer();
	messages_address(addresses, RTM_NEWADDR, address, 7);
	if (other != NULL)
		messages_address(addresses, RTM_NEWADDR, other, 7);
	messages_end(addresses, NLMSG_DONE);
}

/* Forget what was sent, to send more. */
static void
begin_answers(void)
{
	close_buffers();
	wrap_reset();
}

static int
load(void)
{
	close_buffers();
	return host_network_load(&network);
}

/* The watch's turn; *again is checked. */
static int
load_watch(bool again)
{
	bool is_again = !again;
	int error;

	close_buffers();
	error = host_watch_load(&watch, &network, &is_again);
	ck_assert_int_eq(is_again, again);
	return error;
}

static bool
read_watch(void)
{
	close_buffers();
	return host_watch_read(&watch);
}

/* Are these the addresses, separated by blanks? */
static void
expect_addresses(const char *expected)
{
	char text[256] = "", one[MH_ADDRESS_TEXT];
	size_t i;

	for (i = 0; i < network.address_count; i++) {
		ck_assert_uint_eq(network.addresses[i].if_index, 7);
		mh_address_format(
		    &network.addresses[i].address, one, sizeof(one));
		if (i > 0)
			strcat(text, " ");
		strcat(text, one);
	}
	ck_assert_str_eq(text, expected);
}

/* A watch that knows 10.0.0.1. */
static void
open_watch(void)
{
	host_watch_open(&watch);
	ck_assert_int_ne(watch.handle, -1);
	put_dump("10.0.0.1", NULL, 0);
	ck_assert_int_eq(load_watch(false), 0);
	expect_addresses("10.0.0.1");
	begin_answers();
}

static void
teardown(void)
{
	host_network_free(&network);
	host_watch_close(&watch);
	ck_assert_int_eq(watch.handle, -1);
}

static void
setup(void)
{
	watch.handle = -1;
}

START_TEST(test_dump)
{
	put_dump("10.0.0.1", "10.0.0.2", 0);
	ck_assert_int_eq(load(), 0);
	expect_addresses("10.0.0.1 10.0.0.2");
	ck_assert_str_eq(host_network_name(&network, 7), "some0");
	ck_assert_uint_eq(network.interface_count, 1);
}
END_TEST

/* A dump comes in as many buffers as the kernel likes, and after signals. */
START_TEST(test_dump_in_parts)
{
	fail_receive(EINTR);
	messages_link(next_buffer(), 7, NULL);
	messages_end(next_buffer(), NLMSG_DONE);
	messages_address(next_buffer(), RTM_NEWADDR, "10.0.0.1", 7);
	fail_receive(EINTR);
	messages_address(next_buffer(), RTM_NEWADDR, "10.0.0.2", 7);
	messages_end(next_buffer(), NLMSG_DONE);
	ck_assert_int_eq(load(), 0);
	expect_addresses("10.0.0.1 10.0.0.2");
	ck_assert_uint_eq(wrap.answered, wrap.answer_count);
}
END_TEST

/* It cannot be had: what was known stays. */
START_TEST(test_dump_fails)
{
	put_dump("10.0.0.1", NULL, 0);
	ck_assert_int_eq(load(), 0);
	begin_answers();
	switch (_i) {
	case 0: /* the kernel says no */
		messages_end(next_buffer(), NLMSG_ERROR);
		break;
	case 1:
		fail_receive(ENOBUFS);
		break;
	case 2: /* the end, in the middle of it */
		messages_link(next_buffer(), 7, NULL);
		break;
	case 3: /* interfaces, but no addresses */
		messages_end(next_buffer(), NLMSG_DONE);
		messages_end(next_buffer(), NLMSG_ERROR);
		break;
	default:
		wrap.socket.error = EMFILE;
		break;
	}
	ck_assert_int_eq(load(), MH_ESYSTEM);
	expect_addresses("10.0.0.1");
}
END_TEST

/* Read again, and only the last time counts; but there is an end to it. */
START_TEST(test_dump_interrupted)
{
	int i;

	for (i = 0; i < _i; i++)
		put_dump("10.0.0.1", "10.0.0.2", NLM_F_DUMP_INTR);
	put_dump("10.0.0.3", NULL, 0);
	ck_assert_int_eq(load(), 0);
	expect_addresses(_i < 4 ? "10.0.0.3" : "10.0.0.1 10.0.0.2");
	ck_assert_uint_eq(wrap.receives, _i < 4 ? 2 * (_i + 1) : 8);
}
END_TEST

START_TEST(test_changes)
{
	struct messages *buffer;

	open_watch();
	buffer = next_buffer();
	messages_address(buffer, RTM_NEWADDR, "10.0.0.2", 7);
	messages_address(buffer, RTM_DELADDR, "10.0.0.1", 7);
	messages_address(next_buffer(), RTM_NEWADDR, "10.0.0.3", 7);
	fail_receive(EINTR);
	messages_address(next_buffer(), RTM_NEWADDR, "10.0.0.4", 7);
	fail_receive(EAGAIN);
	messages_address(next_buffer(), RTM_NEWADDR, "10.0.0.5", 7);
	ck_assert(read_watch());
	ck_assert_int_eq(load_watch(false), 0);
	expect_addresses("10.0.0.2 10.0.0.3 10.0.0.4");
	/* Nothing has changed since. */
	ck_assert_int_eq(load_watch(false), 0);
	expect_addresses("10.0.0.2 10.0.0.3 10.0.0.4");
	ck_assert(read_watch());
	ck_assert_int_eq(load_watch(false), 0);
	expect_addresses("10.0.0.2 10.0.0.3 10.0.0.4 10.0.0.5");
}
END_TEST

/* Messages about something else change nothing, before others or after. */
START_TEST(test_other_messages)
{
	open_watch();
	messages_end(next_buffer(), NLMSG_NOOP);
	ck_assert(!read_watch());
	begin_answers();
	messages_end(next_buffer(), NLMSG_NOOP);
	messages_address(next_buffer(), RTM_NEWADDR, "10.0.0.2", 7);
	messages_end(next_buffer(), NLMSG_NOOP);
	ck_assert(read_watch());
	ck_assert_int_eq(load_watch(false), 0);
	expect_addresses("10.0.0.1 10.0.0.2");
}
END_TEST

/* Some were lost, or one did not fit: all is read again. */
START_TEST(test_lost)
{
	open_watch();
	if (_i == 0)
		fail_receive(ENOBUFS);
	else {
		next_buffer();
		wrap.answers[0].length = 32769;
	}
	messages_address(next_buffer(), RTM_DELADDR, "10.0.0.1", 7);
	ck_assert(read_watch());
	begin_answers();
	put_dump("10.0.0.2", NULL, 0);
	ck_assert_int_eq(load_watch(false), 0);
	expect_addresses("10.0.0.2");
	ck_assert_uint_eq(wrap.answered, 2);
	/* And then no more. */
	ck_assert_int_eq(load_watch(false), 0);
	ck_assert_uint_eq(wrap.answered, 2);
}
END_TEST

/* What it knows stays until all can be read again. */
START_TEST(test_lost_for_long)
{
	open_watch();
	fail_receive(ENOBUFS);
	ck_assert(read_watch());
	begin_answers();
	messages_end(next_buffer(), NLMSG_ERROR);
	ck_assert_int_eq(load_watch(true), MH_ESYSTEM);
	expect_addresses("10.0.0.1");
	begin_answers();
	put_dump("10.0.0.2", NULL, 0);
	ck_assert_int_eq(load_watch(false), 0);
	expect_addresses("10.0.0.2");
}
END_TEST

/*
 * While messages are lost, what was queued before is stale; and the system says
 * it once, until all of that is read.
 */
START_TEST(test_lost_behind_many)
{
	enum { CALL = 1024 };
	struct messages *buffer;
	unsigned int read;

	open_watch();
	fail_receive(ENOBUFS);
	ck_assert(read_watch());
	begin_answers();
	buffer = next_buffer();
	messages_address(buffer, RTM_NEWADDR, "10.0.0.2", 7);
	wrap.answers[0].repeat = true;
	ck_assert(read_watch());
	ck_assert_int_eq(load_watch(true), 0);
	expect_addresses("10.0.0.1 10.0.0.2");
	/* Nothing but these was read. */
	read = wrap.receives;
	ck_assert_uint_eq(read, 2 * CALL);
	begin_answers();
	fail_receive(EAGAIN);
	put_dump("10.0.0.3", NULL, 0);
	ck_assert_int_eq(load_watch(false), 0);
	expect_addresses("10.0.0.3");
}
END_TEST

/* A list that may lack something adds to what is known. */
START_TEST(test_lost_while_changing)
{
	int i;

	open_watch();
	fail_receive(ENOBUFS);
	ck_assert(read_watch());
	begin_answers();
	for (i = 0; i < 4; i++)
		put_dump("10.0.0.2", NULL, NLM_F_DUMP_INTR);
	ck_assert_int_eq(load_watch(true), 0);
	expect_addresses("10.0.0.1 10.0.0.2");
	begin_answers();
	put_dump("10.0.0.3", NULL, 0);
	ck_assert_int_eq(load_watch(false), 0);
	expect_addresses("10.0.0.3");
}
END_TEST

/*
 * The caller's loop continues after that many; and when there are more than are
 * kept, all is read again.
 */
START_TEST(test_flood)
{
	enum { CALL = 1024, EACH = 32, KEPT = 65536 };
	struct messages *buffer;
	unsigned int i;

	open_watch();
	buffer = next_buffer();
	for (i = 0; i < EACH; i++)
		messages_address(buffer, RTM_NEWADDR, "10.0.0.2", 7);
	wrap.answers[0].repeat = true;
	for (i = CALL; i * EACH <= KEPT; i += CALL) {
		ck_assert(read_watch());
		ck_assert_uint_eq(wrap.receives, i);
	}
	begin_answers();
	if (_i == 1) {
		messages_address(next_buffer(), RTM_NEWADDR, "10.0.0.4", 7);
		ck_assert(read_watch());
		begin_answers();
	}
	put_dump("10.0.0.3", NULL, 0);
	ck_assert_int_eq(load_watch(false), 0);
	expect_addresses(_i == 0 ? "10.0.0.1 10.0.0.2" : "10.0.0.3");
}
END_TEST

/* No socket: nothing is watched, and nothing is left to close. */
START_TEST(test_no_watch)
{
	wrap.socket.error = EMFILE;
	host_watch_open(&watch);
	ck_assert_int_eq(watch.handle, -1);
	ck_assert_ptr_null(watch.system);
}
END_TEST

static int
buffer_of(int fd)
{
	int size = 0;
	socklen_t length = sizeof(size);

	ck_assert_int_eq(
	    getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, &length), 0);
	return size;
}

/* Without CAP_NET_ADMIN, as large as anybody may have it. */
START_TEST(test_watch_buffer)
{
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);

	if (_i == 1)
		wrap.setsockopt = (struct wrap_call){ .error = EPERM,
			.which = SOL_SOCKET << 16 | SO_RCVBUFFORCE };
	host_watch_open(&watch);
	ck_assert_int_gt(buffer_of((int)watch.handle), buffer_of(fd));
	close(fd);
}
END_TEST

static const struct {
	const char *address;
	bool reached;
} reached[] = {
	{ "127.0.0.1", true },
	{ "192.0.2.1", true },
	{ "169.254.0.1", true },
	{ "::1", true },
	{ "2001:db8::1", true },
	{ "fe80::1", false },
};

START_TEST(test_loopback_reaches)
{
	const struct mh_address address = unit_address(reached[_i].address);

	ck_assert_int_eq(host_loopback_reaches(&address), reached[_i].reached);
}
END_TEST

/* Cut if there is no room, and never without an end. */
START_TEST(test_host_name)
{
	char name[256], start[3] = { 'x', 'x', 'x' };

	host_name(name, sizeof(name));
	ck_assert_str_ne(name, "");
	host_name(start, sizeof(start));
	ck_assert_int_eq(start[2], '\0');
}
END_TEST

Suite *
platform_linux_network_suite(void)
{
	Suite *suite = suite_create("linux network");
	TCase *tcase = live_case(suite, "real");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_load);
	tcase_add_test(tcase, test_watch);
	tcase_add_test(tcase, test_no_watch);
	tcase_add_loop_test(tcase, test_watch_buffer, 0, 2);
	tcase_add_loop_test(tcase, test_loopback_reaches, 0, LENGTH(reached));
	tcase_add_test(tcase, test_host_name);
	tcase = live_case(suite, "messages");
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_dump);
	tcase_add_test(tcase, test_dump_in_parts);
	tcase_add_loop_test(tcase, test_dump_fails, 0, 5);
	tcase_add_loop_test(tcase, test_dump_interrupted, 0, 6);
	tcase_add_test(tcase, test_changes);
	tcase_add_test(tcase, test_other_messages);
	tcase_add_loop_test(tcase, test_lost, 0, 2);
	tcase_add_test(tcase, test_lost_for_long);
	tcase_add_test(tcase, test_lost_behind_many);
	tcase_add_test(tcase, test_lost_while_changing);
	tcase_add_loop_test(tcase, test_flood, 0, 2);
	return suite;
}
