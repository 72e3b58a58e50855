/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/ops/liveness.c: verdicts on rounds over the fake system, with
 * evidence that the test makes up.
 */
#include "daemon/ops/liveness.h"

#include "unit/fake_host.h"
#include "unit/fixture.h"

#include <string.h>

enum { TARGETS = 3, WORKERS = 2 };

static struct selfprobe_secret secret = { .enabled = true,
	.bytes = "0123456789abcde" };
static struct selfprobe *probe;
static struct liveness liveness;
static struct selfprobe_target targets[TARGETS];
static struct liveness_count counted[TARGETS][WORKERS];
static bool queued[TARGETS][WORKERS];
static bool stuck;

static void
count(void *argument, const struct selfprobe_socket *socket,
    struct liveness_count *result)
{
	(void)argument;
	*result = counted[socket->target][socket->worker];
}

static bool
waiting(void *argument, const struct selfprobe_socket *socket)
{
	(void)argument;
	return queued[socket->target][socket->worker];
}

static bool
turning(void *argument)
{
	(void)argument;
	return !stuck;
}

static const struct liveness_source source = { count, waiting, turning, NULL };

static void
setup(void)
{
	static const char *const endpoints[TARGETS] = { "127.0.0.1:7",
		"127.0.0.2:8", "127.0.0.3:9" };
	unsigned int i;

	fake_host_reset();
	memset(counted, 0, sizeof(counted));
	memset(queued, 0, sizeof(queued));
	stuck = false;
	liveness = (struct liveness){ .source = NULL };
	probe = selfprobe_new(&secret);
	ck_assert_ptr_nonnull(probe);
	for (i = 0; i < TARGETS; i++) {
		targets[i] = (struct selfprobe_target){
			.bound = unit_address(endpoints[i]),
			.can = MH_CAN_IPV4,
			.sockets = WORKERS,
		};
		fake_local_add(&targets[i].bound);
	}
}

static void
teardown(void)
{
	liveness_clear(&liveness);
	selfprobe_free(probe);
}

static void
begin(void)
{
	liveness_begin(&liveness, &source, targets, TARGETS);
	selfprobe_begin(probe, targets, TARGETS);
	while (selfprobe_send(probe))
		continue;
}

/* Let all of a target's workers reply. */
static void
reply(size_t target)
{
	struct selfprobe_message message;
	struct fake_incoming incoming = { .data = &message,
		.length = sizeof(message) };
	unsigned int i;

	for (i = 0; i < fake.sent_count; i++) {
		incoming.peer = fake.sent[i].peer;
		if (incoming.peer.port != targets[target].bound.port)
			continue;
		memcpy(&message, fake.sent[i].data, sizeof(message));
		memcpy(message.worker, message.number, sizeof(message.worker));
		fake_deliver(fake.sent[i].handle, &incoming);
	}
	(void)selfprobe_receive(probe);
}

static struct liveness_verdict
judge(void)
{
	struct liveness_verdict verdict;

	liveness_judge(&liveness, probe, &verdict);
	return verdict;
}

START_TEST(test_good)
{
	size_t i;

	begin();
	for (i = 0; i < TARGETS; i++)
		reply(i);
	/* Their replies show that they turn. */
	stuck = true;
	ck_assert_int_eq(judge().state, LIVENESS_GOOD);
	ck_assert_uint_eq(judge().unknown, 0);
	ck_assert_str_eq(judge().why, "");
}
END_TEST

/*
 * One worker's socket of the second target; what happens to it before the last
 * look, and before the verdict.
 */
static const struct {
	const char *name;
	bool queued_then, queued_now;
	struct liveness_count then, now;
	enum liveness_state state;
	const char *why; /* how it begins */
} silences[] = {
	{ "not read", true, true, { 0, 0, 0 }, { 0, 0, 0 }, LIVENESS_DEAD, "" },
	{ "its first just now", false, true, { 0, 0, 0 }, { 0, 0, 0 },
	    LIVENESS_UNKNOWN, "no query arrives: " },
	{ "all read but ours", true, true, { 0, 0, 0 }, { 9, 0, 4 },
	    LIVENESS_BUSY, "" },
	{ "a flood that ended", false, false, { 9, 0, 4 }, { 9, 0, 4 },
	    LIVENESS_BUSY, "" },
	{ "no flood, only clients", true, true, { 8, 0, 0 }, { 9, 0, 0 },
	    LIVENESS_UNKNOWN, "no query arrives: " },
	{ "nothing comes", false, false, { 0, 0, 0 }, { 0, 0, 0 },
	    LIVENESS_UNKNOWN, "no query arrives: " },
	{ "nothing goes", false, false, { 1, 1, 0 }, { 2, 2, 0 },
	    LIVENESS_UNKNOWN,
	    "queries arrive, but replies do not come back: " },
	{ "nothing goes, in a flood", true, true, { 7, 1, 4 }, { 9, 2, 4 },
	    LIVENESS_UNKNOWN, "queries arrive, but replies do not " },
};

START_TEST(test_silence)
{
	struct liveness_verdict verdict;
	bool missing;

	counted[1][1] = (struct liveness_count){ 0, 0, 0 };
	begin();
	reply(0);
	reply(2);
	queued[1][1] = silences[_i].queued_then;
	counted[1][1] = silences[_i].then;
	liveness_look(&liveness, probe);
	queued[1][1] = silences[_i].queued_now;
	counted[1][1] = silences[_i].now;
	/* The other worker's is quite well. */
	counted[1][0] = silences[_i].state == LIVENESS_DEAD
	    ? (struct liveness_count){ 1, 0, 1 }
	    : silences[_i].now;
	verdict = judge();
	ck_assert_msg(verdict.state == silences[_i].state, "%s: %d",
	    silences[_i].name, (int)verdict.state);
	missing = silences[_i].state >= LIVENESS_BUSY;
	ck_assert_uint_eq(verdict.missing, missing ? 2 : 0);
	if (missing)
		ck_assert_uint_eq(verdict.socket.target, 1);
	ck_assert_uint_eq(verdict.unknown, missing ? 0 : 1);
	if (!missing)
		ck_assert_uint_eq(verdict.target, 1);
	ck_assert_msg(strncmp(verdict.why, silences[_i].why,
			  strlen(silences[_i].why)) == 0,
	    "%s: %s", silences[_i].name, verdict.why);
}
END_TEST

/* That it was busy before this round does not matter. */
START_TEST(test_counts_of_the_round)
{
	counted[0][0].received = counted[0][1].received = 1000;
	queued[0][0] = queued[0][1] = true;
	begin();
	reply(1);
	reply(2);
	liveness_look(&liveness, probe);
	ck_assert_int_eq(judge().state, LIVENESS_DEAD);
}
END_TEST

/* What cannot be queried is counted, and the first is named. */
START_TEST(test_unasked)
{
	struct liveness_verdict verdict;

	targets[0].on_interface = targets[2].on_interface = true;
	begin();
	reply(1);
	verdict = judge();
	ck_assert_int_eq(verdict.state, LIVENESS_UNKNOWN);
	ck_assert_uint_eq(verdict.unknown, 2);
	ck_assert_uint_eq(verdict.target, 0);
	ck_assert_str_eq(
	    verdict.why, "it is bound to an interface (SO_BINDTODEVICE)");
	ck_assert_uint_eq(verdict.missing, 0);
}
END_TEST

/* The system does not send: one reason, once. */
START_TEST(test_refused)
{
	const struct fake_fault fault = { .call = FAKE_SEND,
		.code = MH_EPERMISSION };
	struct liveness_verdict verdict;

	fake_fault(&fault);
	begin();
	liveness_look(&liveness, probe);
	verdict = judge();
	ck_assert_int_eq(verdict.state, LIVENESS_UNKNOWN);
	ck_assert_uint_eq(verdict.unknown, TARGETS);
	ck_assert_str_eq(verdict.why, "a firewall refuses the query");
	/* But a datagram of somebody else is not read. */
	queued[2][1] = true;
	liveness_look(&liveness, probe);
	verdict = judge();
	ck_assert_int_eq(verdict.state, LIVENESS_DEAD);
	ck_assert_uint_eq(verdict.missing, 1);
	ck_assert_uint_eq(verdict.socket.target, 2);
	ck_assert_uint_eq(verdict.socket.worker, 1);
}
END_TEST

/* A thread has the whole round to turn once. */
START_TEST(test_stuck)
{
	targets[0].on_interface = true;
	begin();
	reply(1);
	reply(2);
	stuck = true;
	liveness_look(&liveness, probe);
	ck_assert_int_eq(judge().state, LIVENESS_DEAD);
	stuck = false;
	liveness_look(&liveness, probe);
	stuck = true;
	ck_assert_int_eq(judge().state, LIVENESS_UNKNOWN);
	/* And another one for the next. */
	begin();
	reply(1);
	reply(2);
	ck_assert_int_eq(judge().state, LIVENESS_DEAD);
}
END_TEST

/* No round at all, as when there is no memory for it. */
START_TEST(test_nothing_was_queried)
{
	liveness_begin(&liveness, &source, targets, TARGETS);
	ck_assert_int_eq(judge().state, LIVENESS_DEAD);
}
END_TEST

Suite *
liveness_suite(void)
{
	Suite *suite = suite_create("liveness");
	TCase *tcase = fixture_tcase("liveness");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_good);
	tcase_add_loop_test(tcase, test_silence, 0, LENGTH(silences));
	tcase_add_test(tcase, test_counts_of_the_round);
	tcase_add_test(tcase, test_unasked);
	tcase_add_test(tcase, test_refused);
	tcase_add_test(tcase, test_stuck);
	tcase_add_test(tcase, test_nothing_was_queried);
	suite_add_tcase(suite, tcase);
	return suite;
}
