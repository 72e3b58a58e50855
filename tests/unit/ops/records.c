/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/ops/records.c: what two threads remember is added up, and of more
 * than fits the latest stays.
 */
#include "daemon/ops/records.h"

#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

#define SECOND INT64_C(1000000000)

enum { SESSIONS = 100 };

static struct records records;
static struct session_table *table;

static void
setup(void)
{
	static const uint8_t seed[SERVICE_SEED];

	memset(&records, 0, sizeof(records));
	records.now = 1000 * SECOND;
	table = calloc(1, session_table_size(SESSIONS, 8));
	session_table_init(table, SESSIONS, 8, seed);
}

static void
teardown(void)
{
	free(table);
}

/* A session of a peer's port, used at that second. */
static void
use(uint16_t port, int64_t second)
{
	struct mh_datagram request = { .peer = unit_address("192.0.2.9:1"),
		.local = unit_address("198.51.100.1:862") };
	struct session_key key;

	request.peer.port = port;
	key = session_key_of(&request, 0);
	ck_assert_ptr_nonnull(session_add(
	    table, &key, SESSIONS, second * SECOND, 10000 * SECOND));
}

static void
add(const char *bound)
{
	const struct mh_address address = unit_address(bound);

	records_add_sessions(&records, "stamp", &address, table);
}

START_TEST(test_sessions)
{
	use(10, 1);
	use(30, 3);
	add("[::]:862");
	teardown();
	setup();
	memset(&records.drops, 0, sizeof(records.drops));
	use(20, 2);
	use(40, 4);
	records.session_count = 0;
	add("[::]:862");
	add("[::]:863");
	ck_assert_uint_eq(records.table_count, 2);
	ck_assert_uint_eq(records.tables[0].count, 2);
	ck_assert_uint_eq(records.tables[0].limit, SESSIONS);
	/* Each is there twice, by the time of its last use. */
	ck_assert_uint_eq(records.session_count, 4);
	ck_assert_uint_eq(records.sessions[0].view.peer.port, 40);
	ck_assert_uint_eq(records.sessions[1].view.peer.port, 40);
	ck_assert_uint_eq(records.sessions[3].view.peer.port, 20);
	unit_assert_address(
	    &records.sessions[3].view.local, "198.51.100.1:862", "local");
}
END_TEST

/* Two workers' sockets of one binding are one line. */
START_TEST(test_workers)
{
	use(10, 1);
	add("[::]:862");
	add("[::]:862");
	ck_assert_uint_eq(records.table_count, 1);
	ck_assert_uint_eq(records.tables[0].count, 2);
	ck_assert_uint_eq(records.tables[0].limit, 2 * SESSIONS);
}
END_TEST

START_TEST(test_many)
{
	unsigned int i;

	for (i = 0; i < SESSIONS; i++)
		use((uint16_t)(i + 1), i);
	add("[::]:862");
	add("[::]:862");
	ck_assert_uint_eq(records.session_count, RECORDS_SESSIONS);
	ck_assert_uint_eq(records.sessions[0].view.peer.port, SESSIONS);
	ck_assert_uint_eq(records.sessions[RECORDS_SESSIONS - 1].view.peer.port,
	    SESSIONS - RECORDS_SESSIONS / 2 + 1);
}
END_TEST

START_TEST(test_memory)
{
	static struct drops drops;
	static struct top top;
	const struct path_memory memory = { &drops, &top, NULL };
	const struct path_memory none = { NULL, NULL, NULL };
	const struct drops_entry entry = { .peer = unit_address("192.0.2.9:1"),
		.local = unit_address("198.51.100.1:7"),
		.last = 5,
		.count = 2 };
	struct top_sampling sampling = { .next = 0 };

	memset(&top, 0, sizeof(top));
	drops_note(&drops, DROP_RATE, &entry);
	top_sample(&top, &sampling, &entry.peer, 9, 990 * SECOND);
	records_add(&records, &memory);
	records_add(&records, &none);
	records_add(&records, &memory);
	ck_assert_uint_eq(records.drops.entries[DROP_RATE][0].count, 4);
	ck_assert_uint_eq(records.peers.total, 18);
	ck_assert_int_eq(records.peers_ns, 10 * SECOND);
}
END_TEST

Suite *
records_suite(void)
{
	Suite *suite = suite_create("records");
	TCase *tcase = tcase_create("records");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_sessions);
	tcase_add_test(tcase, test_workers);
	tcase_add_test(tcase, test_many);
	tcase_add_test(tcase, test_memory);
	suite_add_tcase(suite, tcase);
	return suite;
}
