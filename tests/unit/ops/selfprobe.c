/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/ops/selfprobe.c over the fake system: what it queries, and which
 * replies it takes.  The test replies as the workers would.
 */
#include "daemon/ops/selfprobe.h"

#include "common/bytes.h"

#include "unit/fake_host.h"
#include "unit/fixture.h"

#include <string.h>

enum { WORKERS = 3 };

static struct selfprobe_secret secret = { .enabled = true,
	.bytes = "0123456789abcde" };

static struct selfprobe *probe;

static void
setup(void)
{
	fake_host_reset();
	probe = selfprobe_new(&secret);
	ck_assert_ptr_nonnull(probe);
}

static void
teardown(void)
{
	selfprobe_free(probe);
}

static void
retry(void)
{
	selfprobe_retry(probe);
	while (selfprobe_send(probe))
		continue;
}

/* Begin a round with sockets at those endpoints. */
static void
begin(const char *const *endpoints, size_t count, unsigned int sockets)
{
	static struct selfprobe_target targets[4];
	size_t i;

	ck_assert_uint_le(count, LENGTH(targets));
	for (i = 0; i < count; i++)
		targets[i] = (struct selfprobe_target){ .bound = unit_address(
							    endpoints[i]),
			.can = MH_CAN_IPV4 | MH_CAN_IPV6,
			.sockets = sockets };
	selfprobe_begin(probe, targets, count);
	while (selfprobe_send(probe))
		continue;
}

/* The query that was sent as number i. */
static struct selfprobe_message
query(unsigned int i)
{
	struct selfprobe_message message;

	ck_assert_uint_lt(i, fake.sent_count);
	ck_assert_uint_eq(fake.sent[i].length, sizeof(message));
	memcpy(&message, fake.sent[i].data, sizeof(message));
	ck_assert_mem_eq(message.secret, secret.bytes, sizeof(message.secret));
	return message;
}

/* Reply to it from there, with these bytes. */
static bool
answer_with(unsigned int i, const struct mh_address *from, const void *bytes,
    size_t length)
{
	const struct fake_incoming incoming = { .peer = *from,
		.ttl = -1,
		.tos = -1,
		.data = bytes,
		.length = length };

	fake_deliver(fake.sent[i].handle, &incoming);
	return selfprobe_receive(probe);
}

/* Reply as this worker; true if that was the last one that was missing. */
static bool
answer(unsigned int i, unsigned int worker)
{
	struct selfprobe_message message = query(i);

	bytes_put16(message.worker, worker);
	return answer_with(i, &fake.sent[i].peer, &message, sizeof(message));
}

static unsigned int
number(unsigned int i)
{
	struct selfprobe_message message = query(i);

	return bytes_get16(message.number);
}

static const char *const wildcard[] = { "[::]:7" };
static const char *const both[] = { "[::]:7", "127.0.0.2:8" };

/* Each family of a wildcard, each worker of each, each address. */
START_TEST(test_queries_each_socket)
{
	unsigned int numbers[WORKERS] = { 0 }, i;

	ck_assert_int_eq(selfprobe_state(probe), SELFPROBE_OPEN);
	begin(both, 2, WORKERS);
	ck_assert_uint_eq(fake.sent_count, 3 * WORKERS);
	for (i = 0; i < fake.sent_count; i++) {
		ck_assert_uint_lt(number(i), WORKERS);
		numbers[number(i)]++;
		ck_assert_int_eq(selfprobe_state(probe), SELFPROBE_OPEN);
		ck_assert_int_eq(
		    answer(i, number(i)), i == fake.sent_count - 1);
	}
	for (i = 0; i < WORKERS; i++)
		ck_assert_uint_eq(numbers[i], 3);
	ck_assert_int_eq(selfprobe_state(probe), SELFPROBE_REPLIED);
	retry();
	ck_assert_uint_eq(fake.sent_count, 3 * WORKERS);
}
END_TEST

/*
 * From loopback, where the reply finds its way back whichever address of this
 * host is queried; from that address only where it does not.
 */
static const struct {
	const char *endpoint, *source;
} sources[] = {
	{ "127.0.0.1:7", "127.0.0.1" },
	{ "127.0.0.2:8", "127.0.0.1" },
	{ "192.0.2.1:8", "127.0.0.1" },
	{ "169.254.0.1:8", "127.0.0.1" },
	{ "[::1]:9", "::1" },
	{ "[2001:db8::1]:9", "::1" },
	{ "[fe80::1%2]:9", "fe80::1%2" },
};

START_TEST(test_queries_from)
{
	const struct mh_address endpoint = unit_address(sources[_i].endpoint);
	const struct mh_address source = unit_address(sources[_i].source);
	bool loopback = mh_address_class(&source) == MH_CLASS_LOOPBACK;
	intptr_t handles[SELFPROBE_SOCKETS_MAX];
	const struct mh_address *bound;

	fake_local_add(&endpoint);
	begin(&sources[_i].endpoint, 1, 1);
	ck_assert_uint_eq(fake.sent_count, 1);
	ck_assert_int_eq(mh_address_compare(&fake.sent[0].local, &source), 0);
	ck_assert_int_eq(mh_address_compare(&fake.sent[0].peer, &endpoint), 0);
	bound = &fake_socket(fake.sent[0].handle)->bound;
	ck_assert(loopback == (mh_address_class(bound) == MH_CLASS_LOOPBACK));
	/* Strangers can reach the wildcard: it is open only if needed. */
	ck_assert_uint_eq(selfprobe_handles(probe, handles), loopback ? 2 : 3);
	ck_assert(answer(0, 0));
}
END_TEST

/* In slices, so that nobody waits for all of them. */
START_TEST(test_sends_in_slices)
{
	enum { TARGETS = SELFPROBE_SLICE };
	static struct selfprobe_target targets[TARGETS];
	unsigned int i;

	for (i = 0; i < TARGETS; i++)
		targets[i] = (struct selfprobe_target){
			.bound = { .family = MH_FAMILY_IPV4,
			    .ip = { 127, 0, 0, 2 },
			    .port = (uint16_t)(1000 + i) },
			.can = MH_CAN_IPV4,
			.sockets = WORKERS,
		};
	selfprobe_begin(probe, targets, TARGETS);
	for (i = 1; selfprobe_send(probe); i++)
		ck_assert_uint_eq(fake.sent_count, i * SELFPROBE_SLICE);
	ck_assert_uint_eq(i, WORKERS);
	ck_assert_uint_eq(fake.sent_count, WORKERS * SELFPROBE_SLICE);
	for (i = 0; i < fake.sent_count; i++)
		ck_assert_int_eq(
		    answer(i, number(i)), i == fake.sent_count - 1);
	ck_assert_int_eq(selfprobe_state(probe), SELFPROBE_REPLIED);
}
END_TEST

/* The ports that it queries from are part of the secret. */
START_TEST(test_tells_its_ports)
{
	intptr_t handles[SELFPROBE_SOCKETS_MAX];
	unsigned int count = selfprobe_handles(probe, handles), i;

	ck_assert_uint_gt(count, 0);
	for (i = 0; i < count; i++)
		ck_assert_uint_eq(
		    secret.ports[i], fake_socket(handles[i])->bound.port);
}
END_TEST

static bool
is_restricted(intptr_t handle)
{
	unsigned int i;

	for (i = 0; i < fake.event_count; i++)
		if (fake.events[i].call == FAKE_RESTRICT &&
		    fake.events[i].handle == handle)
			return true;
	return false;
}

/* Whatever it opens, the system keeps strangers out of the buffer. */
START_TEST(test_sockets_are_filtered)
{
	static const char *const link_local[] = { "[fe80::1%2]:9" };
	const struct mh_address endpoint = unit_address(link_local[0]);
	intptr_t handles[SELFPROBE_SOCKETS_MAX];
	unsigned int count, i;

	fake_local_add(&endpoint);
	begin(link_local, 1, 1);
	count = selfprobe_handles(probe, handles);
	ck_assert_uint_eq(count, 3);
	for (i = 0; i < count; i++)
		ck_assert(is_restricted(handles[i]));
}
END_TEST

/* A target on an address that is not ours gets no reply. */
START_TEST(test_nothing_to_query)
{
	const struct mh_address ipv4 = unit_address("127.0.0.1");
	const struct mh_address ipv6 = unit_address("::1");

	fake_local_remove(&ipv4);
	begin(wildcard, 1, 1);
	ck_assert_uint_eq(fake.sent_count, 1);
	ck_assert(answer(0, 0));
	ck_assert_int_eq(selfprobe_state(probe), SELFPROBE_REPLIED);
	fake_local_remove(&ipv6);
	begin(wildcard, 1, 1);
	ck_assert_uint_eq(fake.sent_count, 1);
	ck_assert_int_eq(selfprobe_state(probe), SELFPROBE_PARTLY);
}
END_TEST

/* An address that is gone counts against us, unless it may be absent. */
START_TEST(test_absent_addresses)
{
	const struct selfprobe_target target = {
		.bound = unit_address("192.0.2.1:7"),
		.can = MH_CAN_IPV4,
		.sockets = WORKERS,
		.may_be_absent = _i != 0,
	};

	selfprobe_begin(probe, &target, 1);
	(void)selfprobe_send(probe);
	ck_assert_uint_eq(fake.sent_count, 0);
	ck_assert_int_eq(selfprobe_state(probe),
	    _i != 0 ? SELFPROBE_REPLIED : SELFPROBE_PARTLY);
	if (_i != 0)
		ck_assert_ptr_null(selfprobe_unasked(probe, 0));
	else
		ck_assert_str_eq(selfprobe_unasked(probe, 0),
		    "its address is not on this host");
}
END_TEST

/* What is bound to an interface hears nothing that this host says. */
START_TEST(test_on_an_interface)
{
	const struct selfprobe_target target = { .bound =
						     unit_address("[::]:7"),
		.can = MH_CAN_IPV4 | MH_CAN_IPV6,
		.sockets = WORKERS,
		.on_interface = true };

	selfprobe_begin(probe, &target, 1);
	(void)selfprobe_send(probe);
	ck_assert_uint_eq(fake.sent_count, 0);
	ck_assert_int_eq(selfprobe_state(probe), SELFPROBE_PARTLY);
	ck_assert_str_eq(selfprobe_unasked(probe, 0),
	    "it is bound to an interface (SO_BINDTODEVICE)");
	ck_assert_ptr_null(selfprobe_unasked(probe, 1));
}
END_TEST

/* Nor could a reply come from where the query went; whatever freebind says. */
static const char *const groups[] = { "239.1.2.3:7", "[ff02::1%2]:7",
	"255.255.255.255:7" };

START_TEST(test_group)
{
	const struct selfprobe_target target = { .bound =
						     unit_address(groups[_i]),
		.can = MH_CAN_IPV4 | MH_CAN_IPV6,
		.sockets = WORKERS,
		.may_be_absent = true };

	selfprobe_begin(probe, &target, 1);
	(void)selfprobe_send(probe);
	ck_assert_uint_eq(fake.sent_count, 0);
	ck_assert_int_eq(selfprobe_state(probe), SELFPROBE_PARTLY);
	ck_assert_str_eq(selfprobe_unasked(probe, 0),
	    "it is a multicast group, or broadcast: no single host");
}
END_TEST

/* What the system does not send; and one that it sends in the end. */
static const struct {
	int code;
	const char *why;
} refused[] = {
	{ MH_EPERMISSION, "a firewall refuses the query" },
	{ MH_EUNREACHABLE, "destination unreachable" },
	{ MH_EAGAIN, NULL },
};

START_TEST(test_system_refuses)
{
	const struct fake_fault fault = { .call = FAKE_SEND,
		.family = MH_FAMILY_IPV6,
		.code = refused[_i].code };
	unsigned int first;

	fake_fault(&fault);
	begin(wildcard, 1, 1);
	ck_assert_uint_eq(fake.sent_count, 1);
	ck_assert(!answer(0, 0));
	retry();
	ck_assert_uint_eq(fake.sent_count, 1);
	if (refused[_i].why == NULL)
		ck_assert_ptr_null(selfprobe_unasked(probe, 0));
	else
		ck_assert_str_eq(selfprobe_unasked(probe, 0), refused[_i].why);
	fake_heal();
	first = fake.sent_count;
	retry();
	ck_assert(answer(first, 0));
	ck_assert_ptr_null(selfprobe_unasked(probe, 0));
}
END_TEST

/* A wildcard is queried in the families of its socket. */
START_TEST(test_families_of_a_wildcard)
{
	const struct selfprobe_target target = { .bound =
						     unit_address("[::]:7"),
		.can = _i == 0 ? MH_CAN_IPV4 : MH_CAN_IPV6,
		.sockets = 1 };

	selfprobe_begin(probe, &target, 1);
	(void)selfprobe_send(probe);
	ck_assert_uint_eq(fake.sent_count, 1);
	ck_assert_int_eq(fake.sent[0].peer.family,
	    _i == 0 ? MH_FAMILY_IPV4 : MH_FAMILY_IPV6);
	ck_assert_uint_eq(fake.sent[0].peer.port, 7);
}
END_TEST

/* All but one worker reply: that one is named, and queried again. */
START_TEST(test_one_worker_is_deaf)
{
	unsigned int deaf = (unsigned int)_i, i, first;
	struct selfprobe_socket socket;
	size_t at;

	begin(both, 2, WORKERS);
	first = fake.sent_count;
	for (i = 0; i < first; i++)
		if (number(i) != deaf)
			ck_assert(!answer(i, number(i)));
	ck_assert_int_eq(selfprobe_state(probe), SELFPROBE_OPEN);
	for (i = 0, at = 0; selfprobe_missing(probe, &at, &socket); i++)
		ck_assert_uint_eq(socket.worker, deaf);
	ck_assert_uint_eq(i, 3);
	retry();
	ck_assert_uint_eq(fake.sent_count, first + 3);
	for (i = first; i < fake.sent_count; i++)
		ck_assert_uint_eq(number(i), deaf);
}
END_TEST

/* One worker does not reply for another, however often it does. */
START_TEST(test_one_worker_answers_for_all)
{
	struct selfprobe_socket socket;
	size_t at;
	unsigned int i;

	begin(wildcard, 1, WORKERS);
	for (i = 0; i < fake.sent_count; i++)
		ck_assert(!answer(i, 1));
	ck_assert_int_eq(selfprobe_state(probe), SELFPROBE_OPEN);
	for (i = 0, at = 0; selfprobe_missing(probe, &at, &socket); i++)
		ck_assert_uint_ne(socket.worker, 1);
	ck_assert_uint_eq(i, 2 * (WORKERS - 1));
}
END_TEST

/*
 * After a reload the numbers are assigned anew.  A query that is lost is sent
 * again to its number, whichever worker has that.
 */
START_TEST(test_numbers_are_dealt_anew)
{
	static const unsigned int worker_of[][WORKERS] = { { 0, 1, 2 },
		{ 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 },
		{ 2, 1, 0 } };
	const unsigned int *workers = worker_of[_i / WORKERS];
	unsigned int lost = (unsigned int)_i % WORKERS, i, first;
	struct selfprobe_socket socket;
	size_t at;

	begin(wildcard, 1, WORKERS);
	first = fake.sent_count;
	for (i = 0; i < first; i++)
		if (number(i) != lost)
			ck_assert(!answer(i, workers[number(i)]));
	for (i = 0, at = 0; selfprobe_missing(probe, &at, &socket); i++)
		ck_assert_uint_eq(socket.worker, workers[lost]);
	retry();
	ck_assert_uint_eq(fake.sent_count, first + 2);
	for (i = first; i < fake.sent_count; i++) {
		ck_assert_uint_eq(number(i), lost);
		ck_assert_int_eq(
		    answer(i, workers[lost]), i == fake.sent_count - 1);
	}
	ck_assert_int_eq(selfprobe_state(probe), SELFPROBE_REPLIED);
}
END_TEST

/* Where none can be selected: one query for all, and any worker may reply. */
START_TEST(test_none_can_be_selected)
{
	unsigned int i;

	begin(both, 2, 1);
	ck_assert_uint_eq(fake.sent_count, 3);
	for (i = 0; i < 3; i++) {
		ck_assert_uint_eq(number(i), 0);
		ck_assert_int_eq(answer(i, (unsigned int)_i), i == 2);
	}
	ck_assert_int_eq(selfprobe_state(probe), SELFPROBE_REPLIED);
}
END_TEST

/* From elsewhere, without the secret, truncated, or from no worker. */
START_TEST(test_strangers_do_not_answer)
{
	struct mh_address elsewhere;
	struct selfprobe_message message;
	unsigned int i;

	begin(wildcard, 1, WORKERS);
	for (i = 0; i < fake.sent_count; i++) {
		elsewhere = fake.sent[i].peer;
		message = query(i);
		bytes_put16(message.worker, number(i));
		elsewhere.port++;
		ck_assert(
		    !answer_with(i, &elsewhere, &message, sizeof(message)));
		elsewhere = unit_address("127.0.0.2:7");
		ck_assert(
		    !answer_with(i, &elsewhere, &message, sizeof(message)));
		elsewhere = fake.sent[i].peer;
		ck_assert(
		    !answer_with(i, &elsewhere, &message, sizeof(message) - 1));
		ck_assert(!answer_with(i, &elsewhere, "", 0));
		message.secret[0]++;
		ck_assert(
		    !answer_with(i, &elsewhere, &message, sizeof(message)));
		ck_assert(!answer(i, WORKERS));
		ck_assert(!answer(i, 0xffff));
	}
	ck_assert_int_eq(selfprobe_state(probe), SELFPROBE_OPEN);
	retry();
	ck_assert_uint_eq(fake.sent_count, 4 * WORKERS);
}
END_TEST

Suite *
selfprobe_suite(void)
{
	Suite *suite = suite_create("selfprobe");
	TCase *tcase = fixture_tcase("selfprobe");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_queries_each_socket);
	tcase_add_loop_test(tcase, test_queries_from, 0, LENGTH(sources));
	tcase_add_test(tcase, test_sends_in_slices);
	tcase_add_test(tcase, test_tells_its_ports);
	tcase_add_test(tcase, test_sockets_are_filtered);
	tcase_add_test(tcase, test_nothing_to_query);
	tcase_add_loop_test(tcase, test_absent_addresses, 0, 2);
	tcase_add_test(tcase, test_on_an_interface);
	tcase_add_loop_test(tcase, test_group, 0, LENGTH(groups));
	tcase_add_loop_test(tcase, test_system_refuses, 0, LENGTH(refused));
	tcase_add_loop_test(tcase, test_families_of_a_wildcard, 0, 2);
	tcase_add_loop_test(tcase, test_one_worker_is_deaf, 0, WORKERS);
	tcase_add_test(tcase, test_one_worker_answers_for_all);
	tcase_add_loop_test(tcase, test_numbers_are_dealt_anew, 0, 6 * WORKERS);
	tcase_add_loop_test(tcase, test_none_can_be_selected, 0, WORKERS);
	tcase_add_test(tcase, test_strangers_do_not_answer);
	suite_add_tcase(suite, tcase);
	return suite;
}
