/* SPDX-License-Identifier: ISC */
/*
 * src/probe/probe.c over the fake system: from which address and socket each
 * target is asked, and what becomes of what happens there.
 */
#include "probe/probe.h"

#include "platform/clock.h"
#include "platform/network.h"
#include "unit/fixture.h"
#include "unit/probe/suites.h"

#include <string.h>

static struct options options;
static struct probe probe;
static char line_copy[256];

/* Read a command line, and make a row of its first target. */
static struct row *
start(const char *line)
{
	static char program[] = "mhprobe";
	char *words[16] = { program }, *word, *rest = line_copy;
	char why[TARGET_WHY];
	struct mh_address address;
	int count = 1;

	strcpy(line_copy, line);
	for (word = strtok_r(rest, " ", &rest); word != NULL;
	     word = strtok_r(rest, " ", &rest))
		words[count++] = word;
	ck_assert_msg(options_parse(&options, count, words, why), "%s", why);
	ck_assert_int_eq(probe_init(&probe, &options), 0);
	address = target_address(&options.targets[0], 0);
	return probe_add(&probe, 0, &address);
}

static void
stop(struct lane *lane)
{
	if (lane != NULL)
		probe_close(&probe, lane);
	probe_clear(&probe);
	options_clear(&options);
}

/* The source for each kind of target, on a host with these addresses. */
static const char *const has[] = { "127.0.0.1", "::1", "192.0.2.100",
	"192.0.2.200", "2001:db8::100", "2001:db8::200", "fe80::100%2" };

static const struct {
	const char *line;
	size_t count; /* so many of these addresses */
	const char *source;
} sources[] = {
	{ "echo 192.0.2.1:7", 7, "" },
	{ "echo [2001:db8::1]:7", 7, "" },
	{ "--from 192.0.2.200 echo 192.0.2.1:7", 7, "192.0.2.200" },
	/* Our own addresses are asked from another. */
	{ "echo 127.0.0.1:7", 7, "127.0.0.2" },
	{ "echo 127.0.0.2:7", 7, "127.0.0.1" },
	{ "echo 192.0.2.100:7", 7, "192.0.2.200" },
	{ "echo 192.0.2.200:7", 7, "192.0.2.100" },
	{ "echo [2001:db8::100]:7", 7, "2001:db8::200" },
	{ "echo [::1]:7", 7, "2001:db8::100" },
	{ "echo [fe80::100%2]:7", 7, "2001:db8::100" },
	{ "--from 192.0.2.200 echo 127.0.0.1:7", 7, "192.0.2.200" },
	/* If there is one. */
	{ "echo 192.0.2.100:7", 3, "" },
	{ "echo [::1]:7", 3, "" },
};

static struct host_address addresses[LENGTH(has)];
static struct host_network real_network;

/* Take the place of what the real host has. */
static void
set_network(size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		addresses[i] = (struct host_address){ unit_address(has[i]),
			{ .family = 0 }, 1 };
		if (mh_address_class(&addresses[i].address) !=
		    MH_CLASS_LOOPBACK)
			fake_local_add(&addresses[i].address);
	}
	real_network = probe.network;
	probe.network.addresses = addresses;
	probe.network.address_count = count;
}

static void
stop_network(struct lane *lane)
{
	probe.network = real_network;
	stop(lane);
}

START_TEST(test_source)
{
	struct row *row = start(sources[_i].line);
	struct lane *lane;

	set_network(sources[_i].count);
	lane = probe_open(&probe, row);
	ck_assert_ptr_nonnull(lane);
	probe_step(&probe, lane, 0);
	ck_assert_uint_eq(fake.sent_count, 1);
	unit_assert_address(
	    &fake.sent[0].local, sources[_i].source, sources[_i].line);
	ck_assert_mem_eq(
	    &fake.sent[0].peer, &row->peer, sizeof(struct mh_address));
	/* Asked all the same, but it is said that this proves little. */
	ck_assert_int_eq(strstr(row->note, "no second address") != NULL,
	    sources[_i].count < LENGTH(has));
	stop_network(lane);
}

START_TEST(test_wrong_family)
{
	static const char *const lines[] = { "-6 echo 192.0.2.1:7",
		"-4 echo [2001:db8::1]:7", "--from ::1 echo 192.0.2.1:7" };
	struct row *row = start(lines[_i]);

	ck_assert_ptr_null(probe_open(&probe, row));
	ck_assert_int_eq(row_verdict(row), ROW_ERROR);
	stop(NULL);
}

/* What the options want of the sockets. */
START_TEST(test_socket)
{
	struct row *row = start("--df --dscp 46 echo 192.0.2.1:7");
	struct lane *lane = probe_open(&probe, row);
	int at;

	ck_assert_ptr_nonnull(lane);
	at = fake_event_find(0, FAKE_SET, MH_FAMILY_IPV4, MH__TOS);
	ck_assert_int_ge(at, 0);
	ck_assert_uint_eq(fake.events[at].value, 46 << 2);
	ck_assert_int_ge(
	    fake_event_find(0, FAKE_SET, MH_FAMILY_IPV4, MH__DONT_FRAGMENT), 0);
	ck_assert_int_ge(
	    fake_event_find(0, FAKE_SET, MH_FAMILY_IPV4, MH__RECV_ERRORS), 0);
	stop(lane);
}

/* A system without ICMP errors or TTL will do, one without DF will not. */
START_TEST(test_lacking)
{
	static const struct {
		enum mh__option option;
		bool good;
	} lacks[] = { { MH__RECV_ERRORS, true }, { MH__RECV_TTL, true },
		{ MH__DONT_FRAGMENT, false } };
	const struct fake_fault fault = { .call = FAKE_SET,
		.option = lacks[_i].option,
		.code = MH_EUNSUPPORTED };
	struct row *row = start("--df echo 192.0.2.1:7");
	struct lane *lane;

	fake_fault(&fault);
	lane = probe_open(&probe, row);
	ck_assert_int_eq(lane != NULL, lacks[_i].good);
	ck_assert_int_eq(row->error[0] == '\0', lacks[_i].good);
	if (lane != NULL)
		probe_step(&probe, lane, 0);
	stop(lane);
}

/* Each source port in turn, and all at once when there is no interval. */
START_TEST(test_ports)
{
	struct row *row = start("--sweep-ports 3 -i 0.001 echo 192.0.2.1:7");
	struct lane *lane = probe_open(&probe, row);
	unsigned int i;

	ck_assert_ptr_nonnull(lane);
	ck_assert_uint_eq(fake_open_count(), 3);
	for (i = 0; i < 3; i++) {
		probe_step(&probe, lane, i * 1000000);
		ck_assert_uint_eq(fake.sent_count, i + 1);
		ck_assert_int_eq(
		    fake.sent[i].handle, mh_socket_handle(lane->sockets[i]));
	}
	stop(lane);
}

static const struct {
	int code;
	const char *error; /* "": tried again */
} failures[] = {
	{ MH_EAGAIN, "" },
	{ MH_EPERMISSION, "not permitted" },
	{ MH_EADDRESS, "unreachable" },
	{ MH_ETOOBIG, "too big" },
	{ MH_ENOBUFFERS, "out of buffers" },
};

START_TEST(test_send_fails)
{
	const struct fake_fault fault = { .call = FAKE_SEND,
		.code = failures[_i].code };
	struct row *row = start("-c 1 echo 192.0.2.1:7");
	struct lane *lane = probe_open(&probe, row);

	ck_assert_ptr_nonnull(lane);
	fake_fault(&fault);
	ck_assert_int_gt(probe_step(&probe, lane, 0), 0);
	ck_assert_uint_eq(row->sent, 0);
	ck_assert_msg(
	    strstr(row->error, failures[_i].error) != NULL, "%s", row->error);
	ck_assert_int_eq(row_is_done(row), failures[_i].error[0] != '\0');
	fake_heal();
	probe_step(&probe, lane, 2000000);
	ck_assert_uint_eq(row->sent, failures[_i].error[0] == '\0');
	stop(lane);
}

/* The source that the user named is not to be given up. */
START_TEST(test_source_gone)
{
	const struct fake_fault fault = { .call = FAKE_SEND,
		.condition = FAKE_WITH_SOURCE,
		.code = MH_EADDRESS };
	struct row *row = start("-c 1 --from 192.0.2.100 echo 192.0.2.1:7");
	struct lane *lane = probe_open(&probe, row);

	fake_fault(&fault);
	probe_step(&probe, lane, 0);
	ck_assert_uint_eq(fake.sent_count, 0);
	ck_assert(strstr(row->error, "not an address of this host") != NULL);
	stop(lane);
}

/* What comes in: the answer, from here or from there. */
START_TEST(test_receive)
{
	static const struct {
		const char *from;
		enum row_verdict verdict;
	} froms[] = { { "192.0.2.1:7", ROW_OK }, { "192.0.2.2:7", ROW_WRONG },
		{ "192.0.2.1:8", ROW_WRONG_PORT } };
	struct row *row = start("-c 1 echo 192.0.2.1:7");
	struct lane *lane = probe_open(&probe, row);
	struct fake_incoming incoming = {
		.peer = unit_address(froms[_i].from),
		.ttl = 61,
	};

	probe_step(&probe, lane, host_monotonic_ns());
	incoming.data = fake.sent[0].data;
	incoming.length = fake.sent[0].length;
	fake_deliver(mh_socket_handle(lane->sockets[0]), &incoming);
	probe_receive(&probe, lane, 0);
	ck_assert_uint_eq(row->received, 1);
	ck_assert_int_eq(row->ttl, 61);
	ck_assert_int_eq(row_verdict(row), froms[_i].verdict);
	ck_assert(row_is_done(row));
	stop(lane);
}

/* The answer to a request of one source port is none at another. */
START_TEST(test_receive_other_port)
{
	struct row *row =
	    start("-c 1 --sweep-ports 2 -i 0.001 echo 192.0.2.1:7");
	struct lane *lane = probe_open(&probe, row);
	struct fake_incoming incoming = { .peer = row->peer };
	uint32_t path;

	probe_step(&probe, lane, 0);
	probe_step(&probe, lane, 1000000);
	incoming.data = fake.sent[0].data;
	incoming.length = fake.sent[0].length;
	for (path = 2; path-- > 0;) {
		fake_deliver(mh_socket_handle(lane->sockets[path]), &incoming);
		probe_receive(&probe, lane, path);
		ck_assert_uint_eq(row->stray, 1);
		ck_assert_uint_eq(row->received, path == 0);
	}
	stop(lane);
}

/* An error in the way hides neither itself nor the answer behind it. */
START_TEST(test_receive_error)
{
	struct row *row = start("-c 2 -i 0.001 echo 192.0.2.1:7");
	struct lane *lane = probe_open(&probe, row);
	const struct fake_incoming pending = { .code = MH_EREFUSED };
	struct fake_incoming incoming = { .peer = row->peer };

	probe_step(&probe, lane, 0);
	probe_step(&probe, lane, 1000000);
	fake.icmp[0] = (struct mh_icmp_error){ .kind = MH_ICMP_PROHIBITED,
		.reporter = unit_address("192.0.2.254") };
	fake.icmp_count = 1;
	incoming.data = fake.sent[1].data;
	incoming.length = fake.sent[1].length;
	fake_deliver(mh_socket_handle(lane->sockets[0]), &pending);
	fake_deliver(mh_socket_handle(lane->sockets[0]), &incoming);
	probe_receive(&probe, lane, 0);
	ck_assert_uint_eq(row->icmp[MH_ICMP_PROHIBITED], 1);
	ck_assert_uint_eq(row->received, 1);
	stop(lane);
}

/* Every address that can be bound, once, with its port. */
START_TEST(test_local)
{
	start("--json echo 127.0.0.1:7");
	options.local_port = 99;
	set_network(LENGTH(has));
	/* This one is tentative. */
	fake_local_remove(&addresses[3].address);
	ck_assert(probe_add_local(&probe));
	ck_assert_uint_eq(probe.row_count, 1 + LENGTH(has) - 1);
	unit_assert_address(&probe.rows[1]->peer, "127.0.0.1:99", "first");
	unit_assert_address(&probe.rows[6]->peer, "[fe80::100%2]:99", "last");
	stop_network(NULL);
}

/* Each address of a target is there once, wherever; of a name, with its port.
 */
START_TEST(test_has)
{
	const struct mh_address none = { .family = MH_FAMILY_NONE };
	struct mh_address address = unit_address("192.0.2.1");

	start("echo 192.0.2.1:7 example.net:9");
	ck_assert(probe_has(&probe, 0, &address));
	ck_assert(!probe_has(&probe, 1, &address));
	probe_add(&probe, 1, &address);
	address = unit_address("192.0.2.2");
	ck_assert(!probe_has(&probe, 1, &address));
	probe_add(&probe, 1, &address);
	address = unit_address("192.0.2.1");
	ck_assert(probe_has(&probe, 1, &address));
	ck_assert_uint_eq(probe_add(&probe, 1, &none)->peer.port, 9);
	stop(NULL);
}

/* Names are found in any order; rows are printed in that of the line. */
START_TEST(test_sort)
{
	const struct mh_address address = unit_address("192.0.2.9");
	char label[ROW_TEXT];

	start("echo 192.0.2.1:7 192.0.2.2:8");
	probe_add(&probe, 1, &address);
	probe_add(&probe, 0, &address);
	probe_sort(&probe);
	ck_assert_str_eq(row_label(probe.rows[0], label), "192.0.2.1:7");
	ck_assert_str_eq(row_label(probe.rows[1], label), "192.0.2.9:7");
	ck_assert_str_eq(row_label(probe.rows[2], label), "192.0.2.9:8");
	stop(NULL);
}

Suite *
probe_probe_suite(void)
{
	Suite *suite = suite_create("probe probe");
	TCase *tcase = fixture_tcase("probe");

	tcase_add_loop_test(tcase, test_source, 0, LENGTH(sources));
	tcase_add_loop_test(tcase, test_wrong_family, 0, 3);
	tcase_add_test(tcase, test_socket);
	tcase_add_loop_test(tcase, test_lacking, 0, 3);
	tcase_add_test(tcase, test_ports);
	tcase_add_loop_test(tcase, test_send_fails, 0, LENGTH(failures));
	tcase_add_test(tcase, test_source_gone);
	tcase_add_loop_test(tcase, test_receive, 0, 3);
	tcase_add_test(tcase, test_receive_other_port);
	tcase_add_test(tcase, test_receive_error);
	tcase_add_test(tcase, test_local);
	tcase_add_test(tcase, test_has);
	tcase_add_test(tcase, test_sort);
	suite_add_tcase(suite, tcase);
	return suite;
}
