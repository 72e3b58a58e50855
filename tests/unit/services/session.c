/* SPDX-License-Identifier: ISC */
/*
 * src/services/session.c: who shares a session, when it ends, and that a full
 * table stays as it is.
 */
#include "services/session.h"

#include "unit/services/ask.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#define IDLE (10 * SECOND)
#define ROOM 5

static const uint8_t seed[SERVICE_SEED] = "not random";
static alignas(max_align_t) uint8_t memory[4096];
static struct session_table *const table = (void *)memory;

static void
setup(void)
{
	size_t size = session_table_size(ROOM, sizeof(int));

	ck_assert_uint_lt(size, sizeof(memory));
	ck_assert_uint_eq(size % alignof(max_align_t), 0);
	memset(memory, 0xee, sizeof(memory));
	session_table_init(table, ROOM, sizeof(int), seed);
}

static void
stays_within_its_memory(void)
{
	size_t i = session_table_size(ROOM, sizeof(int));

	for (; i < sizeof(memory); i++)
		ck_assert_uint_eq(memory[i], 0xee);
}

static struct session_key
key_of(const char *peer, const char *local, unsigned int id)
{
	const struct mh_datagram request = { .peer = unit_address(peer),
		.local = unit_address(local) };

	return session_key_of(&request, (uint16_t)id);
}

/* The session of a port; NULL: there is no room.  New ones are 0. */
static int *
use(unsigned int port, int64_t now)
{
	struct session_key key = key_of("192.0.2.9:1", "192.0.2.1:862", 0);
	int *value;

	key.peer_port = (uint16_t)port;
	value = session_find(table, &key, now, IDLE);
	if (value == NULL)
		value = session_add(table, &key, ROOM, now, IDLE);
	return value;
}

START_TEST(test_end)
{
	unsigned int i;

	for (i = 1; i <= ROOM; i++)
		*use(i, 0) = (int)i;
	session_end(table, use(3, 0));
	ck_assert_uint_eq(session_count(table), ROOM - 1);
	for (i = 1; i <= ROOM; i++)
		if (i != 3)
			ck_assert_int_eq(*use(i, 0), (int)i);
	/* Its place is another one's. */
	ck_assert_int_eq(*use(ROOM + 1, 0), 0);
	ck_assert_ptr_null(use(3, 0));
	stays_within_its_memory();
}
END_TEST

static const struct {
	const char *peer, *local;
	unsigned int id;
} parties[] = {
	{ "192.0.2.9:1", "192.0.2.1:862", 7 },
	{ "192.0.2.8:1", "192.0.2.1:862", 7 },
	{ "192.0.2.9:2", "192.0.2.1:862", 7 },
	{ "192.0.2.9:1", "192.0.2.2:862", 7 },
	{ "192.0.2.9:1", "192.0.2.1:863", 7 },
	{ "192.0.2.9:1", "192.0.2.1:862", 8 },
	{ "[fe80::9%1]:1", "[fe80::1%1]:862", 7 },
	{ "[fe80::9%2]:1", "[fe80::1%2]:862", 7 },
	{ "[c000:209::]:1", "[c000:201::]:862", 7 },
};

/* All of that, and nothing else. */
START_TEST(test_key)
{
	struct session_key key, other;
	size_t i;

	key = key_of(parties[_i].peer, parties[_i].local, parties[_i].id);
	for (i = 0; i < LENGTH(parties); i++) {
		other =
		    key_of(parties[i].peer, parties[i].local, parties[i].id);
		ck_assert_int_eq(
		    memcmp(&key, &other, sizeof(key)) == 0, (int)i == _i);
	}
}
END_TEST

START_TEST(test_finds_its_own)
{
	int i;

	for (i = 1; i <= ROOM; i++) {
		ck_assert_int_eq(*use((unsigned int)i, 0), 0);
		*use((unsigned int)i, 0) = i;
	}
	for (i = 1; i <= ROOM; i++)
		ck_assert_int_eq(*use((unsigned int)i, 0), i);
	ck_assert_uint_eq(session_count(table), ROOM);
	stays_within_its_memory();
}
END_TEST

/* A session of that peer, whose network may have that many; is there room? */
static bool
opens(const char *peer, uint32_t share, int64_t now)
{
	struct session_key key = key_of(peer, "192.0.2.1:862", 0);

	ck_assert_ptr_null(session_find(table, &key, now, IDLE));
	return session_add(table, &key, share, now, IDLE) != NULL;
}

/* One network does not take what is there for all. */
START_TEST(test_share)
{
	ck_assert(opens("192.0.2.9:1", 2, 0));
	ck_assert(opens("192.0.2.250:1", 2, 1));
	ck_assert(!opens("192.0.2.9:2", 2, 1));
	ck_assert(opens("192.0.3.9:1", 2, 1));
	/* What was refused took no room. */
	ck_assert_uint_eq(session_count(table), 3);
	/* One that is idle makes room; others are as they were. */
	ck_assert(opens("192.0.2.9:3", 2, IDLE));
	ck_assert(!opens("192.0.2.9:4", 2, IDLE));
	ck_assert_uint_eq(session_count(table), 3);
	/* The next reload may have allowed more. */
	ck_assert(opens("192.0.2.9:4", 3, IDLE));
	stays_within_its_memory();
}
END_TEST

START_TEST(test_full_stays_as_it_is)
{
	unsigned int i;

	for (i = 1; i <= ROOM; i++)
		*use(i, i) = (int)i;
	ck_assert_ptr_null(use(ROOM + 1, ROOM));
	/* One nanosecond before the first is idle. */
	ck_assert_ptr_null(use(ROOM + 1, IDLE));
	for (i = 1; i <= ROOM; i++)
		ck_assert_int_eq(*use(i, IDLE), (int)i);
	ck_assert_uint_eq(session_count(table), ROOM);
}
END_TEST

START_TEST(test_idle_ones_make_room)
{
	unsigned int i;

	for (i = 1; i <= ROOM; i++)
		*use(i, i) = (int)i;
	/* The first one was used again, so the second goes. */
	*use(1, ROOM) = 1;
	ck_assert_int_eq(*use(ROOM + 1, IDLE + 2), 0);
	ck_assert_int_eq(*use(1, IDLE + 2), 1);
	ck_assert_int_eq(*use(3, IDLE + 2), 3);
	ck_assert_ptr_null(use(2, IDLE + 2));
}
END_TEST

/* It has ended even if nobody needed the room. */
START_TEST(test_idle_one_begins_anew)
{
	*use(1, 0) = 1;
	ck_assert_int_eq(*use(1, IDLE - 1), 1);
	ck_assert_int_eq(*use(1, 2 * IDLE - 1), 0);
	ck_assert_uint_eq(session_count(table), 1);
}
END_TEST

START_TEST(test_expires_a_few_at_a_time)
{
	unsigned int i;

	for (i = 1; i <= ROOM; i++)
		(void)use(i, 0);
	ck_assert_uint_eq(session_expire(table, IDLE - 1, IDLE), 0);
	ck_assert_uint_eq(session_expire(table, IDLE, IDLE), 4);
	ck_assert_uint_eq(session_count(table), ROOM - 4);
	ck_assert_uint_eq(session_expire(table, IDLE, IDLE), 1);
	ck_assert_uint_eq(session_expire(table, IDLE, IDLE), 0);
	ck_assert_uint_eq(session_count(table), 0);
}
END_TEST

/* Against a model: sessions come and go in any order. */
START_TEST(test_any_order)
{
	int64_t used[8], now = 0;
	int values[8] = { 0 }, *value;
	unsigned int i, port, count, state = 1;

	for (port = 0; port < LENGTH(used); port++)
		used[port] = -IDLE;
	for (i = 0; i < 20000; i++) {
		state = state * 1103515245 + 12345;
		port = state >> 16 & 7;
		now += state >> 20 & 1 ? SECOND : 3 * SECOND;
		for (count = 0, value = values; value < values + 8; value++)
			count += now - used[value - values] < IDLE;
		value = use(port, now);
		if (now - used[port] >= IDLE) {
			ck_assert_int_eq(value == NULL, count >= ROOM);
			values[port] = 0;
		}
		if (value == NULL)
			continue;
		ck_assert_int_eq(*value, values[port]);
		*value = ++values[port];
		used[port] = now;
	}
	stays_within_its_memory();
}
END_TEST

/* The last one is valid until the session ends, and never for the next. */
START_TEST(test_tickets)
{
	uint64_t tickets[ROOM + 1], again;
	unsigned int i;

	for (i = 1; i <= ROOM; i++) {
		tickets[i] = session_ticket(table, use(i, 0));
		ck_assert_uint_ne(tickets[i], 0);
	}
	for (i = 1; i <= ROOM; i++)
		ck_assert_ptr_eq(
		    session_of_ticket(table, tickets[i]), use(i, 0));
	again = session_ticket(table, use(1, 0));
	ck_assert_ptr_null(session_of_ticket(table, tickets[1]));
	ck_assert_ptr_eq(session_of_ticket(table, again), use(1, 0));
	ck_assert_ptr_null(session_of_ticket(table, 0));
	ck_assert_ptr_null(session_of_ticket(table, ROOM + 1));
	ck_assert_ptr_null(session_of_ticket(table, UINT64_MAX));
	(void)session_expire(table, IDLE, IDLE);
	(void)session_expire(table, IDLE, IDLE);
	for (i = 1; i <= ROOM; i++)
		ck_assert_ptr_null(session_of_ticket(table, tickets[i]));
	(void)use(1, IDLE);
	for (i = 1; i <= ROOM; i++)
		ck_assert_ptr_null(session_of_ticket(table, tickets[i]));
	ck_assert_ptr_null(session_of_ticket(table, again));
	stays_within_its_memory();
}
END_TEST

/* The last used ones first; no more than there is room for. */
START_TEST(test_list)
{
	struct session_view list[ROOM] = { { .used_at = -1 } };
	struct session_key key = key_of("[fe80::9%7]:4", "[fe80::1%7]:862", 0);

	ck_assert_uint_eq(session_list(table, list, ROOM), 0);
	ck_assert_uint_eq(session_limit(table), ROOM);
	use(1, 1 * SECOND);
	use(2, 2 * SECOND);
	use(3, 3 * SECOND);
	use(1, 4 * SECOND);
	ck_assert_uint_eq(session_list(table, list, 2), 2);
	unit_assert_address(&list[0].peer, "192.0.2.9:1", "peer");
	unit_assert_address(&list[0].local, "192.0.2.1:862", "local");
	ck_assert_int_eq(list[0].used_at, 4 * SECOND);
	ck_assert_uint_eq(list[1].peer.port, 3);
	ck_assert_int_eq(list[2].used_at, 0);
	session_add(table, &key, ROOM, 5 * SECOND, IDLE);
	ck_assert_uint_eq(session_list(table, list, ROOM), 4);
	unit_assert_address(&list[0].peer, "[fe80::9%7]:4", "link-local");
	ck_assert_uint_eq(list[3].peer.port, 2);
}
END_TEST

Suite *
session_table_suite(void)
{
	Suite *suite = suite_create("session");
	TCase *tcase = tcase_create("session");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_loop_test(tcase, test_key, 0, LENGTH(parties));
	tcase_add_test(tcase, test_finds_its_own);
	tcase_add_test(tcase, test_end);
	tcase_add_test(tcase, test_share);
	tcase_add_test(tcase, test_full_stays_as_it_is);
	tcase_add_test(tcase, test_idle_ones_make_room);
	tcase_add_test(tcase, test_idle_one_begins_anew);
	tcase_add_test(tcase, test_expires_a_few_at_a_time);
	tcase_add_test(tcase, test_any_order);
	tcase_add_test(tcase, test_tickets);
	tcase_add_test(tcase, test_list);
	suite_add_tcase(suite, tcase);
	return suite;
}
