/* SPDX-License-Identifier: ISC */
/*
 * src/services/irtt_session.c: tokens, and that sessions keep to their memory.
 * Pure.
 */
#include "services/irtt_session.h"

#include "unit/services/ask.h"

#include <stdalign.h>
#include <string.h>

#define TIMEOUT (60 * SECOND)
#define ROOM 3

static alignas(max_align_t) uint8_t memory[4096];
static struct irtt_sessions *const table = (void *)memory;
static struct irtt_client client;

static const struct irtt_agreement agreed = { .duration = SECOND,
	.length = 100,
	.tos = 4 },
				   otherwise = { .length = 7 };

static void
setup(void)
{
	static const uint8_t seed[SERVICE_SEED] = "sixteen bytes !";
	const struct mh_datagram request = {
		.peer = unit_address("[2001:db8::9]:40000"),
		.local = unit_address("[2001:db8::1]:2112"),
	};

	ck_assert_uint_lt(irtt_sessions_size(ROOM), sizeof(memory));
	memset(memory, 0xee, sizeof(memory));
	irtt_sessions_init(table, ROOM, seed);
	client = (struct irtt_client){ .key = session_key_of(&request, 0),
		.now = 1000 * SECOND,
		.timeout = TIMEOUT,
		.share = ROOM };
}

static void
stays_within_its_memory(void)
{
	size_t i = irtt_sessions_size(ROOM);

	for (; i < sizeof(memory); i++)
		ck_assert_uint_eq(memory[i], 0xee);
}

static enum service_outcome
begin(struct irtt_session **session)
{
	return irtt_sessions_begin(table, &client, &otherwise, session);
}

/* 256 opens of one client differ; their low bits are the layout. */
START_TEST(test_tokens)
{
	uint64_t tokens[256];
	size_t i, j;

	for (i = 0; i < LENGTH(tokens); i++) {
		tokens[i] = irtt_sessions_agree(table, &client, 0x55, &agreed);
		ck_assert_uint_eq(tokens[i] % IRTT_LAYOUTS, 0x55);
		for (j = 0; j < i; j++)
			ck_assert_uint_ne(tokens[i], tokens[j]);
	}
	ck_assert_uint_eq(irtt_sessions_count(table), 0);
	stays_within_its_memory();
}
END_TEST

/* The last one has its slot; the first has lost it, and is good, too. */
START_TEST(test_begin)
{
	const uint64_t first = irtt_sessions_agree(table, &client, 1, &agreed);
	struct irtt_session *session;
	unsigned int i;

	for (i = 0; i < 200; i++)
		client.token = irtt_sessions_agree(table, &client, 1, &agreed);
	ck_assert_ptr_null(irtt_sessions_find(table, &client));
	ck_assert_int_eq(begin(&session), SERVICE_REPLY);
	ck_assert_ptr_eq(irtt_sessions_find(table, &client), session);
	ck_assert_uint_eq(session->token, client.token);
	ck_assert_int_eq(session->agreement.duration, SECOND);
	ck_assert_uint_eq(session->agreement.length, 100);
	ck_assert_uint_eq(session->agreement.tos, 4);
	/* Once. */
	ck_assert_int_eq(begin(&session), SERVICE_NO_SESSION);
	ck_assert_ptr_null(session);
	client.token = first;
	ck_assert_ptr_null(irtt_sessions_find(table, &client));
	ck_assert_int_eq(begin(&session), SERVICE_REPLY);
	ck_assert_uint_eq(session->agreement.length, 7);
	/* That was the client's other one. */
	ck_assert_uint_eq(irtt_sessions_count(table), 1);
	ck_assert_int_eq(begin(&session), SERVICE_NO_SESSION);
	stays_within_its_memory();
}
END_TEST

START_TEST(test_end)
{
	struct irtt_session *session;

	client.token = irtt_sessions_agree(table, &client, 1, &agreed);
	ck_assert_int_eq(begin(&session), SERVICE_REPLY);
	client.token ^= 1;
	ck_assert(!irtt_sessions_end(table, &client));
	client.token ^= 1;
	ck_assert(irtt_sessions_end(table, &client));
	ck_assert_uint_eq(irtt_sessions_count(table), 0);
	ck_assert(!irtt_sessions_end(table, &client));
	/* One that nothing came of. */
	client.token = irtt_sessions_agree(table, &client, 1, &agreed);
	ck_assert(irtt_sessions_end(table, &client));
	ck_assert_int_eq(begin(&session), SERVICE_NO_SESSION);
}
END_TEST

START_TEST(test_full)
{
	uint64_t tokens[ROOM + 1];
	struct irtt_session *session;
	unsigned int i;

	for (i = 0; i <= ROOM; i++) {
		client.key.peer_port = (uint16_t)i;
		tokens[i] = irtt_sessions_agree(table, &client, i, &agreed);
	}
	for (i = 0; i <= ROOM; i++) {
		client.key.peer_port = (uint16_t)i;
		client.token = tokens[i];
		ck_assert_int_eq(begin(&session),
		    i < ROOM ? SERVICE_REPLY : SERVICE_NO_SPACE);
	}
	ck_assert_uint_eq(irtt_sessions_count(table), ROOM);
	stays_within_its_memory();
	client.now += TIMEOUT;
	ck_assert_uint_eq(irtt_sessions_expire(table, &client), ROOM);
	ck_assert_uint_eq(irtt_sessions_count(table), 0);
}
END_TEST

/* From one to two timeouts. */
START_TEST(test_expires)
{
	struct irtt_session *session;

	client.now = 60 * SECOND;
	client.token = irtt_sessions_agree(table, &client, 1, &agreed);
	client.now = 180 * SECOND;
	ck_assert_int_eq(begin(&session), SERVICE_NO_SESSION);
	client.now = 180 * SECOND - 1;
	ck_assert_int_eq(begin(&session), SERVICE_REPLY);
}
END_TEST

/* 64 bits: what is 63 back is seen, and 64 is not. */
START_TEST(test_follow)
{
	struct irtt_session session = { .token = 0 };

	ck_assert_uint_eq(irtt_session_follow(&session, UINT32_MAX), 1);
	ck_assert_uint_eq(
	    irtt_session_follow(&session, 62), UINT64_C(1) << 63 | 1);
	ck_assert_uint_eq(irtt_session_follow(&session, 0), 0);
	ck_assert_uint_eq(irtt_session_follow(&session, UINT32_MAX), 0);
	ck_assert_uint_eq(irtt_session_follow(&session, UINT32_MAX - 1), 0);
	ck_assert_uint_eq(
	    irtt_session_follow(&session, 62), UINT64_C(3) << 62 | 1);
	ck_assert_uint_eq(irtt_session_follow(&session, 126), 1);
	ck_assert_uint_eq(session.received, 7);
}
END_TEST

/* What is saved up is a second, however long nothing came. */
START_TEST(test_pace)
{
	struct irtt_session session = { .received = 1 };
	const int64_t interval = SECOND / 10;
	unsigned int i, passed;
	int64_t now = 5 * SECOND;

	ck_assert(irtt_session_keeps_pace(&session, interval, now));
	ck_assert_int_eq(session.began, now);
	session.received++;
	for (now += 100 * SECOND, i = passed = 0; i < 50; i++)
		passed += irtt_session_keeps_pace(&session, interval, now);
	ck_assert_uint_eq(passed, 11);
	for (i = passed = 0; i < 50; i++)
		passed += irtt_session_keeps_pace(
		    &session, interval, now += interval / 2);
	ck_assert_uint_eq(passed, 25);
	ck_assert_int_eq(session.began, 5 * SECOND);
	/* No interval at all. */
	for (i = 0; i < 5000; i++)
		ck_assert(irtt_session_keeps_pace(&session, 0, now + SECOND));
}
END_TEST

Suite *
irtt_session_suite(void)
{
	Suite *suite = suite_create("irtt session");
	TCase *tcase = ask_tcase("irtt session");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, test_tokens);
	tcase_add_test(tcase, test_begin);
	tcase_add_test(tcase, test_end);
	tcase_add_test(tcase, test_full);
	tcase_add_test(tcase, test_expires);
	tcase_add_test(tcase, test_follow);
	tcase_add_test(tcase, test_pace);
	suite_add_tcase(suite, tcase);
	return suite;
}
