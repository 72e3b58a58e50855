/* SPDX-License-Identifier: ISC */
/*
 * src/probe/probe.c over the fake system: from which address and socket each
 * target is asked, and how events there are handled.
 */
#include "probe/probe.h"

#include "probe/arguments.h"
#include "probe/describe.h"

#include "unit/fixture.h"
#include "unit/probe/suites.h"
#include "platform/clock.h"
#include "platform/network.h"

#include <stdio.h>
#include <string.h>

static struct options options;
static struct probe probe;
static char line_copy[256];

/* Read a command line, and make a session of its first target. */
static struct session *
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
	ck_assert_msg(arguments_parse(&options, count, words, why), "%s", why);
	ck_assert_int_eq(probe_init(&probe, &options), 0);
	address = target_address(&options.targets[0], 0);
	return probe_add(&probe, 0, &address);
}

static void
stop(struct socket_group *group)
{
	if (group != NULL)
		probe_close(&probe, group);
	probe_clear(&probe);
	options_clear(&options);
}

/* The source for each kind of target, on a host with these addresses. */
static const char *const has[] = { "127.0.0.1", "::1", "192.0.2.100",
	"192.0.2.200", "2001:db8::100", "2001:db8::200", "fe80::100%2" };

static const struct {
	const char *line;
	size_t count; /* how many of these addresses */
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
	{ "echo [fe80::100%3]:7", 7, "" },
	{ "--from 192.0.2.200 echo 127.0.0.1:7", 7, "192.0.2.200" },
	/* If there is one. */
	{ "echo 192.0.2.100:7", 3, "" },
	{ "echo [::1]:7", 3, "" },
};

static struct host_address addresses[LENGTH(has)];
static struct host_network real_network;

/* Replace the real host's addresses. */
static void
set_network(size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		addresses[i] = (struct host_address){ unit_address(has[i]),
			{ .family = 0 }, 2, 0, HOST_ADDRESS_USABLE, false };
		if (mh_address_class(&addresses[i].address) !=
		    MH_CLASS_LOOPBACK)
			fake_local_add(&addresses[i].address);
	}
	real_network = probe.network;
	probe.network.addresses = addresses;
	probe.network.address_count = count;
}

static void
stop_network(struct socket_group *group)
{
	probe.network = real_network;
	stop(group);
}

START_TEST(test_source)
{
	struct session *session = start(sources[_i].line);
	struct socket_group *group;
	const char *expected = sources[_i].source;
	struct mh_address from;

	set_network(sources[_i].count);
	/* Windows reaches ::1 from itself alone. */
	if (session->peer.family == MH_FAMILY_IPV6 &&
	    mh_address_class(&session->peer) == MH_CLASS_LOOPBACK &&
	    !host_loopback_reaches(&addresses[LENGTH(has) - 2].address))
		expected = "";
	group = probe_open(&probe, session);
	ck_assert_ptr_nonnull(group);
	probe_step(&probe, group, 0);
	ck_assert_uint_eq(fake.sent_count, 1);
	/* By the socket; an interface takes a source with it. */
	from = fake_socket(fake.sent[0].handle)->bound;
	from.port = 0;
	if (mh_address_class(&from) == MH_CLASS_UNSPECIFIED)
		from.family = MH_FAMILY_NONE;
	unit_assert_address(&from, expected, sources[_i].line);
	unit_assert_address(&fake.sent[0].local,
	    session->if_index != 0 ? expected : "", sources[_i].line);
	ck_assert_mem_eq(
	    &fake.sent[0].peer, &session->peer, sizeof(struct mh_address));
	/* Asked anyway, with a note that this proves little. */
	ck_assert_int_eq(strstr(session->note, "no second address") != NULL,
	    from.family == MH_FAMILY_NONE &&
		mh_address_is_local(&session->peer));
	stop_network(group);
}
END_TEST

START_TEST(test_wrong_family)
{
	static const struct {
		const char *line, *error;
	} lines[] = {
		{ "-6 echo 192.0.2.1:7", "only IPv6 was asked for" },
		{ "-4 echo [2001:db8::1]:7", "only IPv4 was asked for" },
		{ "--from ::1 echo 192.0.2.1:7", "only IPv6 was asked for" },
	};
	struct session *session = start(lines[_i].line);

	ck_assert_ptr_null(probe_open(&probe, session));
	ck_assert_int_eq(session_verdict(session), SESSION_ERROR);
	ck_assert_str_eq(session->error, lines[_i].error);
	stop(NULL);
}
END_TEST

/* What the options require of the sockets. */
START_TEST(test_socket)
{
	struct session *session = start("--df --dscp 46 echo 192.0.2.1:7");
	struct socket_group *group = probe_open(&probe, session);
	int at;

	ck_assert_ptr_nonnull(group);
	at = fake_event_find(0, FAKE_SET, MH_FAMILY_IPV4, MH__TOS);
	ck_assert_int_ge(at, 0);
	ck_assert_uint_eq(fake.events[at].value, 46 << 2);
	ck_assert_int_ge(
	    fake_event_find(0, FAKE_SET, MH_FAMILY_IPV4, MH__DONT_FRAGMENT), 0);
	ck_assert_int_ge(
	    fake_event_find(0, FAKE_SET, MH_FAMILY_IPV4, MH__RECV_ERRORS), 0);
	stop(group);
}
END_TEST

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
	struct session *session = start("--df echo 192.0.2.1:7");
	struct socket_group *group;

	fake_fault(&fault);
	group = probe_open(&probe, session);
	ck_assert_int_eq(group != NULL, lacks[_i].good);
	ck_assert_int_eq(session->error[0] == '\0', lacks[_i].good);
	if (group != NULL)
		probe_step(&probe, group, 0);
	stop(group);
}
END_TEST

/* What the options require of the requests. */
START_TEST(test_request)
{
	struct session *session = start("--size 100 echo 192.0.2.1%1:7");
	struct socket_group *group = probe_open(&probe, session);

	probe_step(&probe, group, 0);
	ck_assert_uint_eq(fake.sent_count, 1);
	ck_assert_uint_eq(fake.sent[0].length, 100);
	/* The user's interface must not be replaced by another. */
	ck_assert_uint_eq(fake.sent[0].if_index, 1);
	ck_assert_uint_eq(probe.batch->outgoing[0].flags, MH_VIA_VRF);
	stop(group);
}
END_TEST

/* Each source port in turn, and all at once when there is no interval. */
START_TEST(test_ports)
{
	struct session *session =
	    start("--sweep-ports 3 -i 0.001 echo 192.0.2.1:7");
	struct socket_group *group = probe_open(&probe, session);
	unsigned int i;

	ck_assert_ptr_nonnull(group);
	ck_assert_uint_eq(fake_open_count(), 3);
	for (i = 0; i < 3; i++) {
		probe_step(&probe, group, i * 1000000);
		ck_assert_uint_eq(fake.sent_count, i + 1);
		ck_assert_int_eq(
		    fake.sent[i].handle, mh_socket_handle(group->sockets[i]));
	}
	stop(group);
}
END_TEST

static const struct {
	int code;
	const char *error; /* "": tried again */
} failures[] = {
	{ MH_EAGAIN, "" },
	{ MH_EPERMISSION, "not permitted" },
	{ MH_EADDRESS, "unreachable" },
	{ MH_ETOOBIG, "too big" },
	{ MH_EINVALID, "cannot send" }, /* over IPv4 */
	{ MH_ENOBUFFERS, "" },
	{ MH_ENOMEMORY, "" },
};

START_TEST(test_send_fails)
{
	const struct fake_fault fault = { .call = FAKE_SEND,
		.code = failures[_i].code };
	struct session *session = start("-c 1 echo 192.0.2.1:7");
	struct socket_group *group = probe_open(&probe, session);

	ck_assert_ptr_nonnull(group);
	fake_fault(&fault);
	ck_assert_int_gt(probe_step(&probe, group, 0), 0);
	ck_assert_uint_eq(session->sent, 0);
	ck_assert_msg(strstr(session->error, failures[_i].error) != NULL, "%s",
	    session->error);
	ck_assert_int_eq(
	    session_is_done(session), failures[_i].error[0] != '\0');
	fake_heal();
	probe_step(&probe, group, 20000000);
	ck_assert_uint_eq(session->sent, failures[_i].error[0] == '\0');
	stop(group);
}
END_TEST

static const struct {
	int code;
	const char *target, *error;
} shortages[] = {
	{ MH_EAGAIN, "192.0.2.1:7", "the way out stays blocked" },
	{ MH_ENOBUFFERS, "192.0.2.1:7", "table of neighbours full?" },
	{ MH_EINVALID, "[2001:db8::1]:7", "table of neighbours full?" },
};

/* What this host lacks for ever is said in the end, with few tries. */
START_TEST(test_shortage)
{
	const struct fake_fault fault = { .call = FAKE_SEND,
		.code = shortages[_i].code };
	char line[64];
	struct session *session;
	struct socket_group *group;
	int64_t now = 1000000000, last = now;

	snprintf(line, sizeof(line), "-c 1 echo %s", shortages[_i].target);
	session = start(line);
	group = probe_open(&probe, session);
	fake_fault(&fault);
	while (!session_is_done(session)) {
		last = now;
		now = probe_step(&probe, group, now);
		ck_assert_int_gt(now, last);
		/* Nor is it tried before then. */
		if (now != INT64_MAX)
			ck_assert_int_eq(
			    probe_step(&probe, group, now - 1), now);
	}
	ck_assert_int_ge(last, INT64_C(6000000000));
	ck_assert_int_lt(last, INT64_C(32000000000));
	ck_assert_msg(strstr(session->error, shortages[_i].error) != NULL, "%s",
	    session->error);
	ck_assert_int_eq(session_verdict(session), SESSION_ERROR);
	stop(group);
}
END_TEST

/* While others are asked, it goes on; what is asked then is a result. */
START_TEST(test_shortage_of_one)
{
	const struct fake_fault fault = {
		.call = FAKE_SEND, .port = 7, .code = MH_ENOBUFFERS
	};
	struct session *session = start("-c 1 echo 192.0.2.1:7");
	struct socket_group *group = probe_open(&probe, session);
	int64_t second = INT64_C(1000000000);

	fake_fault(&fault);
	probe_step(&probe, group, second);
	probe.sent_at = 50 * second;
	probe_step(&probe, group, 60 * second);
	ck_assert_str_eq(session->error, "");
	fake_heal();
	probe_step(&probe, group, 61 * second);
	ck_assert_uint_eq(session->sent, 1);
	ck_assert_int_eq(probe.sent_at, 61 * second);
	stop(group);
}
END_TEST

/* The source that the user named must not be given up. */
START_TEST(test_source_gone)
{
	const struct fake_fault fault = {
		.call = FAKE_SEND, .code = MH_EADDRESS, .system_code = 22
	};
	struct session *session =
	    start("-c 1 --from 192.0.2.100 echo 192.0.2.1:7");
	struct socket_group *group = probe_open(&probe, session);

	fake_fault(&fault);
	probe_step(&probe, group, 0);
	ck_assert_uint_eq(fake.sent_count, 0);
	ck_assert(
	    strstr(session->error, "not an address of this host") != NULL);
	stop(group);
}
END_TEST

/* What comes in: the answer, from here or from there. */
START_TEST(test_receive)
{
	static const struct {
		const char *from;
		enum session_verdict verdict;
	} froms[] = { { "192.0.2.1:7", SESSION_OK },
		{ "192.0.2.2:7", SESSION_WRONG },
		{ "192.0.2.1:8", SESSION_WRONG_PORT } };
	struct session *session = start("-c 1 echo 192.0.2.1:7");
	struct socket_group *group = probe_open(&probe, session);
	struct fake_incoming incoming = {
		.peer = unit_address(froms[_i].from),
		.ttl = 61,
	};

	probe_step(&probe, group, host_monotonic_ns());
	incoming.data = fake.sent[0].data;
	incoming.length = fake.sent[0].length;
	fake_deliver(mh_socket_handle(group->sockets[0]), &incoming);
	probe_receive(&probe, group, 0);
	ck_assert_uint_eq(session->received, 1);
	ck_assert_int_eq(session->marks.ttl, 61);
	ck_assert_int_eq(session_verdict(session), froms[_i].verdict);
	ck_assert(session_is_done(session));
	stop(group);
}
END_TEST

/* Several that came in before anybody looked. */
START_TEST(test_receive_batch)
{
	struct session *session = start("-c 2 echo 192.0.2.1:7");
	struct socket_group *group = probe_open(&probe, session);
	struct fake_incoming incoming = { .peer = session->peer };
	int i;

	probe_step(&probe, group, host_monotonic_ns());
	incoming.data = fake.sent[0].data;
	incoming.length = fake.sent[0].length;
	for (i = 0; i < 3; i++)
		fake_deliver(mh_socket_handle(group->sockets[0]), &incoming);
	probe_receive(&probe, group, 0);
	ck_assert_uint_eq(session->received, 1);
	ck_assert_uint_eq(session->duplicates, 2);
	stop(group);
}
END_TEST

/*
 * The time that an answer waited in the socket is subtracted.  An hour, so that
 * nothing that delays this test comes near it.
 */
START_TEST(test_receive_age)
{
	struct session *session = start("-c 1 -W 80000 echo 192.0.2.1:7");
	struct socket_group *group = probe_open(&probe, session);
	const int64_t hour = INT64_C(3600000000000);
	struct fake_incoming incoming = { .peer = session->peer };

	probe_step(&probe, group, host_monotonic_ns());
	incoming.data = fake.sent[0].data;
	incoming.length = fake.sent[0].length;
	session->requests[0].sent_at -= 2 * hour;
	incoming.arrived_ns = host_realtime_ns() - hour;
	fake_deliver(mh_socket_handle(group->sockets[0]), &incoming);
	probe_receive(&probe, group, 0);
	ck_assert_uint_eq(session->received, 1);
	ck_assert_int_gt(session->rtt.max, hour / 2);
	ck_assert_int_lt(session->rtt.max, hour + hour / 2);
	stop(group);
}
END_TEST

/*
 * That it left may be known only once its answer is there; and an ICMP error
 * in between is not lost.
 */
START_TEST(test_receive_left)
{
	struct session *session = start("-c 1 -W 80000 echo 192.0.2.1:7");
	struct socket_group *group = probe_open(&probe, session);
	struct fake_incoming incoming = { .peer = session->peer };

	probe_step(&probe, group, host_monotonic_ns() - 1000000000);
	ck_assert_uint_ne(fake.sent[0].sent_id, 0);
	incoming.data = fake.sent[0].data;
	incoming.length = fake.sent[0].length;
	incoming.arrived_ns = host_realtime_ns();
	fake_deliver(mh_socket_handle(group->sockets[0]), &incoming);
	fake.reports[0] = (struct mh_report){ .icmp.kind = MH_ICMP_PROHIBITED };
	fake.reports[1] = (struct mh_report){ .kind = MH_REPORT_SENT,
		.sent_id = fake.sent[0].sent_id,
		.sent_ns = incoming.arrived_ns - 1234 };
	fake.report_count = 2;
	/* The first is there before the answer is received. */
	fake.reports_held = 1;
	probe_receive(&probe, group, 0);
	ck_assert_uint_eq(fake.report_count, 0);
	ck_assert_uint_eq(session->icmp[MH_ICMP_PROHIBITED], 1);
	ck_assert_uint_eq(session->received, 1);
	ck_assert_uint_eq(session->rtt.by_system, 1);
	ck_assert_int_eq(session->rtt.max, 1234);
	stop(group);
}
END_TEST

/* The answer to a request of one source port is not one at another. */
START_TEST(test_receive_other_port)
{
	struct session *session =
	    start("-c 1 --sweep-ports 2 -i 0.001 echo 192.0.2.1:7");
	struct socket_group *group = probe_open(&probe, session);
	struct fake_incoming incoming = { .peer = session->peer };
	uint32_t path;

	probe_step(&probe, group, 0);
	probe_step(&probe, group, 1000000);
	incoming.data = fake.sent[0].data;
	incoming.length = fake.sent[0].length;
	for (path = 2; path-- > 0;) {
		fake_deliver(mh_socket_handle(group->sockets[path]), &incoming);
		probe_receive(&probe, group, path);
		ck_assert_uint_eq(session->stray, 1);
		ck_assert_uint_eq(session->received, path == 0);
	}
	stop(group);
}
END_TEST

/* An error in between hides neither itself nor the answer after it. */
START_TEST(test_receive_error)
{
	struct session *session = start("-c 2 -i 0.001 echo 192.0.2.1:7");
	struct socket_group *group = probe_open(&probe, session);
	const struct fake_incoming pending = { .code = MH_EREFUSED };
	struct fake_incoming incoming = { .peer = session->peer };

	probe_step(&probe, group, 0);
	probe_step(&probe, group, 1000000);
	fake.reports[0].icmp =
	    (struct mh_icmp_error){ .kind = MH_ICMP_PROHIBITED,
		    .reporter = unit_address("192.0.2.254") };
	fake.report_count = 1;
	incoming.data = fake.sent[1].data;
	incoming.length = fake.sent[1].length;
	fake_deliver(mh_socket_handle(group->sockets[0]), &pending);
	fake_deliver(mh_socket_handle(group->sockets[0]), &incoming);
	probe_receive(&probe, group, 0);
	ck_assert_uint_eq(session->icmp[MH_ICMP_PROHIBITED], 1);
	ck_assert_uint_eq(session->received, 1);
	stop(group);
}
END_TEST

/* The interface by its name; by its index if it has none. */
START_TEST(test_zone)
{
	struct session *session = start("echo 192.0.2.1%1:7");
	char wanted[40];

	snprintf(wanted, sizeof(wanted), "%%%s",
	    host_network_name(&probe.network, 1));
	if (wanted[1] == '\0')
		strcpy(wanted, "%1");
	ck_assert_str_eq(session->zone, wanted);
	/* No host has that many interfaces. */
	options.targets[0].if_index = 4000000000u;
	session = probe_add(&probe, 0, &session->peer);
	ck_assert_str_eq(session->zone, "%4000000000");
	options.targets[0].if_index = 0;
	session = probe_add(&probe, 0, &session->peer);
	ck_assert_str_eq(session->zone, "");
	stop(NULL);
}
END_TEST

/* Every address once, with its port; what cannot be asked is an error. */
START_TEST(test_local)
{
	struct socket_group *group;
	size_t i;

	start("--json echo 127.0.0.1:7");
	options.local_port = 99;
	set_network(LENGTH(has));
	/* These are not in use, and tentative. */
	fake_local_remove(&addresses[3].address);
	addresses[5].state = HOST_ADDRESS_TENTATIVE;
	ck_assert(probe_add_local(&probe));
	ck_assert_uint_eq(probe.session_count, 1 + LENGTH(has));
	unit_assert_address(&probe.sessions[1]->peer, "127.0.0.1:99", "first");
	unit_assert_address(
	    &probe.sessions[7]->peer, "[fe80::100%2]:99", "last");
	for (i = 0; i < LENGTH(has); i++) {
		group = probe_open(&probe, probe.sessions[1 + i]);
		ck_assert_int_eq(group == NULL, i == 3 || i == 5);
		if (group != NULL)
			probe_close(&probe, group);
	}
	ck_assert_str_eq(probe.sessions[6]->error,
	    "not asked: tentative: duplicate address detection is not over "
	    "(is the link up?)");
	ck_assert_int_eq(session_verdict(probe.sessions[6]), SESSION_ERROR);
	stop_network(NULL);
}
END_TEST

/* Only silence is explained by a firewall. */
START_TEST(test_explain_silence)
{
	struct session *session = start("-c 1 echo 192.0.2.1:7");
	struct session *error = probe_add(&probe, 0, &session->peer);
	struct socket_group *group = probe_open(&probe, session);

	strcpy(error->error, "not asked");
	probe_step(&probe, group, 0);
	session_expire(session, INT64_C(5000000000));
	probe_explain_silence(&probe);
	ck_assert_str_eq(session->note,
	    "a firewall of this host may hide an answer from elsewhere");
	ck_assert_str_eq(error->note, "");
	stop(group);
}
END_TEST

/* An error that came meanwhile does not keep a request from being sent. */
START_TEST(test_send_error)
{
	struct session *session = start("-c 1 echo 192.0.2.1:7");
	struct socket_group *group = probe_open(&probe, session);

	fake.reports[0].icmp = (struct mh_icmp_error){ .kind = MH_ICMP_HOST };
	fake.report_count = 1;
	probe_step(&probe, group, 0);
	ck_assert_uint_eq(session->icmp[MH_ICMP_HOST], 1);
	ck_assert_uint_eq(session->sent, 1);
	stop(group);
}
END_TEST

/* How many requests, if the command line does not say. */
static const struct {
	const char *line;
	uint32_t count, paths;
} counts[] = {
	{ "echo 192.0.2.1:7", 3, 1 },
	{ "-c 5 echo 192.0.2.1:7", 5, 1 },
	{ "--sweep-ports 16 echo 192.0.2.1:7", 1, 16 },
	{ "--sweep-ports 16 -c 2 echo 192.0.2.1:7", 2, 16 },
	{ "--watch echo 192.0.2.1:7", 0, 1 },
	{ "--watch -c 4 echo 192.0.2.1:7", 4, 1 },
};

START_TEST(test_count)
{
	start(counts[_i].line);
	ck_assert_uint_eq(probe.plan.count, counts[_i].count);
	ck_assert_uint_eq(probe.plan.paths, counts[_i].paths);
	stop(NULL);
}
END_TEST

/*
 * Each address of a target is there once, wherever; of a name, with its port.
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
END_TEST

/*
 * Names are resolved in any order; sessions are printed in the command line's.
 */
START_TEST(test_sort)
{
	const struct mh_address address = unit_address("192.0.2.9");
	char label[DESCRIBE_TEXT];

	start("echo 192.0.2.1:7 192.0.2.2:8");
	probe_add(&probe, 1, &address);
	probe_add(&probe, 0, &address);
	probe_sort(&probe);
	ck_assert_str_eq(
	    describe_label(probe.sessions[0], label), "192.0.2.1:7");
	ck_assert_str_eq(
	    describe_label(probe.sessions[1], label), "192.0.2.9:7");
	ck_assert_str_eq(
	    describe_label(probe.sessions[2], label), "192.0.2.9:8");
	stop(NULL);
}
END_TEST

Suite *
probe_probe_suite(void)
{
	Suite *suite = suite_create("probe probe");
	TCase *tcase = fixture_tcase("probe");

	tcase_add_loop_test(tcase, test_source, 0, LENGTH(sources));
	tcase_add_loop_test(tcase, test_wrong_family, 0, 3);
	tcase_add_test(tcase, test_socket);
	tcase_add_loop_test(tcase, test_lacking, 0, 3);
	tcase_add_test(tcase, test_request);
	tcase_add_test(tcase, test_ports);
	tcase_add_loop_test(tcase, test_send_fails, 0, LENGTH(failures));
	tcase_add_loop_test(tcase, test_shortage, 0, LENGTH(shortages));
	tcase_add_test(tcase, test_shortage_of_one);
	tcase_add_test(tcase, test_source_gone);
	tcase_add_loop_test(tcase, test_receive, 0, 3);
	tcase_add_test(tcase, test_receive_batch);
	tcase_add_test(tcase, test_receive_age);
	tcase_add_test(tcase, test_receive_left);
	tcase_add_test(tcase, test_receive_other_port);
	tcase_add_test(tcase, test_receive_error);
	tcase_add_test(tcase, test_send_error);
	tcase_add_loop_test(tcase, test_count, 0, LENGTH(counts));
	tcase_add_test(tcase, test_zone);
	tcase_add_test(tcase, test_local);
	tcase_add_test(tcase, test_explain_silence);
	tcase_add_test(tcase, test_has);
	tcase_add_test(tcase, test_sort);
	suite_add_tcase(suite, tcase);
	return suite;
}
