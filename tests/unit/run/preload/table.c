/* SPDX-License-Identifier: ISC */
/*
 * src/run/preload/table.c: who asked which address, for how long, and what
 * happens if there are too many, or somebody dies while writing.
 */
#include "run/preload/table.h"

#include "unit/run/suites.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static struct table *
new_table(uint32_t entries, uint32_t idle)
{
	const struct table_settings settings = {
		.entries = entries, .idle = idle, .key = { 1, 2, 3 }
	};
	void *memory = mmap(NULL, table_size(entries), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(memory, MAP_FAILED);
	return table_init(memory, &settings);
}

static struct table_peer
peer_of(const char *text, uint16_t port)
{
	return (struct table_peer){ unit_address(text), port };
}

static struct table_route
route_of(const char *text, uint32_t if_index)
{
	return (struct table_route){ unit_address(text), if_index };
}

/* What is found for the peer: "" for nothing. */
static void
expect(struct table *table, const struct table_peer *peer, const char *text,
    uint32_t if_index, uint32_t now)
{
	struct table_route route = { .if_index = 0 };

	ck_assert_int_eq(table_find(table, peer, &route, now), *text != '\0');
	unit_assert_address(&route.local, text, text);
	ck_assert_uint_eq(route.if_index, if_index);
}

START_TEST(test_learn)
{
	struct table *table = new_table(64, 300);
	struct table_peer peer = peer_of("192.0.2.9:5000", 7);
	struct table_route route = route_of("192.0.2.2", 0);

	expect(table, &peer, "", 0, 1000);
	table_learn(table, &peer, &route, 1000);
	expect(table, &peer, "192.0.2.2", 0, 1000);
	route = route_of("198.51.100.1", 3);
	table_learn(table, &peer, &route, 1001);
	expect(table, &peer, "198.51.100.1", 3, 1001);
	/* The system picks, by an interface. */
	route = route_of("0.0.0.0", 4);
	table_learn(table, &peer, &route, 1001);
	expect(table, &peer, "0.0.0.0", 4, 1001);
	table_forget(table, &peer);
	expect(table, &peer, "", 0, 1001);
	table_forget(table, &peer);
}
END_TEST

/* Each differs from the first in one thing. */
static const struct {
	const char *peer;
	uint16_t port;
	bool is_same;
} others[] = {
	{ "[fe80::9%2]:5000", 7, true },
	{ "[fe80::9%2]:5000", 8, false },
	{ "[fe80::9%2]:5001", 7, false },
	{ "[fe80::8%2]:5000", 7, false },
	{ "[fe80::9%3]:5000", 7, false },
	{ "192.0.2.9:5000", 7, false },
};

START_TEST(test_key)
{
	struct table *table = new_table(64, 300);
	struct table_peer peer = peer_of("[fe80::9]:5000", 7);
	struct table_peer other = peer;
	struct table_route route = route_of("2001:db8::1", 2);
	const char *scope = strchr(others[_i].peer, '%');
	char text[64];

	peer.address.scope = 2;
	table_learn(table, &peer, &route, 5);
	strcpy(text, others[_i].peer);
	if (scope != NULL)
		strcpy(strchr(text, '%'), strchr(others[_i].peer, ']'));
	other = peer_of(text, others[_i].port);
	if (scope != NULL)
		other.address.scope = (uint32_t)atoi(scope + 1);
	expect(table, &other, others[_i].is_same ? "2001:db8::1" : "",
	    others[_i].is_same ? 2 : 0, 5);
}
END_TEST

/* A scope that means nothing is no difference. */
START_TEST(test_scope)
{
	struct table *table = new_table(64, 300);
	struct table_peer peer = peer_of("[2001:db8::9]:5000", 7);
	struct table_route route = route_of("2001:db8::1", 0);

	table_learn(table, &peer, &route, 5);
	peer.address.scope = 2;
	expect(table, &peer, "2001:db8::1", 0, 5);
}
END_TEST

START_TEST(test_idle)
{
	struct table *table = new_table(64, 300);
	struct table_peer peer = peer_of("192.0.2.9:5000", 7);
	struct table_route route = route_of("192.0.2.2", 0);

	table_learn(table, &peer, &route, 1000);
	expect(table, &peer, "", 0, 1301);
	/* It asked again. */
	table_learn(table, &peer, &route, 1301);
	expect(table, &peer, "192.0.2.2", 0, 1601);
	/* It only listens. */
	expect(table, &peer, "192.0.2.2", 0, 1901);
	/* A thread that is late. */
	expect(table, &peer, "192.0.2.2", 0, 1300);
	expect(table, &peer, "192.0.2.2", 0, 2201);
	expect(table, &peer, "", 0, 2502);
}
END_TEST

static struct table_peer
numbered(unsigned int i)
{
	struct table_peer peer = peer_of("10.0.0.0:1", 7);

	peer.address.ip[1] = (uint8_t)(i >> 16);
	peer.address.ip[2] = (uint8_t)(i >> 8);
	peer.address.ip[3] = (uint8_t)i;
	return peer;
}

/* Many peers: it stays as large as it is, and the last ones are in it. */
START_TEST(test_full)
{
	enum { ENTRIES = 1024, PEERS = 10 * ENTRIES };
	struct table *table = new_table(ENTRIES, 300);
	struct table_route route = route_of("192.0.2.2", 0);
	struct table_peer peer;
	unsigned int i, found = 0, recent = 0;

	for (i = 0; i < PEERS; i++) {
		peer = numbered(i);
		table_learn(table, &peer, &route, 1000 + i / ENTRIES);
		ck_assert(table_find(table, &peer, &route, 1000));
	}
	for (i = 0; i < PEERS; i++) {
		peer = numbered(i);
		if (!table_find(table, &peer, &route, 1010))
			continue;
		found++;
		recent += i >= PEERS - ENTRIES;
	}
	ck_assert_uint_le(found, ENTRIES);
	ck_assert_uint_ge(found, ENTRIES * 9 / 10);
	/* Four ways: few sets have more than four of as many as there are. */
	ck_assert_uint_ge(recent, ENTRIES * 7 / 10);
}
END_TEST

/* Kill writers in the middle: what is found was learnt, and it goes on. */
START_TEST(test_killed)
{
	struct table *table = new_table(64, 300);
	struct table_route routes[2] = { route_of("192.0.2.1", 1),
		route_of("2001:db8::2", 2) };
	struct table_route route;
	struct table_peer peer = numbered(0);
	_Atomic unsigned int *learnt = mmap(NULL, sizeof(*learnt),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	unsigned int i, n;
	pid_t pid;

	for (n = 0; n < 100; n++) {
		*learnt = 0;
		pid = fork();
		ck_assert_int_ge(pid, 0);
		if (pid == 0)
			for (i = 0;; i++) {
				peer = numbered(i % 5);
				table_learn(
				    table, &peer, &routes[i / 5 % 2], i);
				*learnt = i;
			}
		while (*learnt < n * 10)
			;
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		for (i = 0; i < 5; i++) {
			peer = numbered(i);
			if (table_find(table, &peer, &route, 0))
				ck_assert(memcmp(&route.local,
					      &routes[route.if_index - 1].local,
					      sizeof(route.local)) == 0);
			table_learn(table, &peer, &routes[i % 2], 0);
			ck_assert(table_find(table, &peer, &route, 0));
			ck_assert_uint_eq(route.if_index, i % 2 + 1);
		}
	}
}
END_TEST

struct work {
	struct table *table;
	unsigned int first, lost;
};

/* Own peers, in sets that others write to. */
static void *
work_on(void *argument)
{
	struct work *work = argument;
	struct table_route route = { .if_index = work->first }, found;
	struct table_peer peer;
	unsigned int i;

	route.local = unit_address("192.0.2.1");
	for (i = 0; i < 20000; i++) {
		peer = numbered(work->first + i % 4);
		route.local.ip[3] = (uint8_t)(i / 4);
		table_learn(work->table, &peer, &route, i);
		if (!table_find(work->table, &peer, &found, i) ||
		    found.if_index != route.if_index ||
		    found.local.ip[3] != route.local.ip[3])
			work->lost++;
	}
	return NULL;
}

START_TEST(test_threads)
{
	enum { THREADS = 4 };
	struct work work[THREADS];
	pthread_t threads[THREADS];
	unsigned int i;

	for (i = 0; i < THREADS; i++) {
		work[i] = (struct work){ new_table(256, 300), 100 * i + 1, 0 };
		work[i].table = work[0].table;
		ck_assert_int_eq(
		    pthread_create(&threads[i], NULL, work_on, &work[i]), 0);
	}
	for (i = 0; i < THREADS; i++) {
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
		ck_assert_uint_eq(work[i].lost, 0);
	}
}
END_TEST

Suite *
run_table_suite(void)
{
	Suite *suite = suite_create("run table");
	TCase *tcase = tcase_create("table");
	TCase *threads = tcase_create("threads");

	tcase_add_test(tcase, test_learn);
	tcase_add_loop_test(tcase, test_key, 0, LENGTH(others));
	tcase_add_test(tcase, test_scope);
	tcase_add_test(tcase, test_idle);
	tcase_add_test(tcase, test_full);
	tcase_add_test(tcase, test_killed);
	suite_add_tcase(suite, tcase);
	/* On a busy machine, with ThreadSanitizer. */
	tcase_set_timeout(tcase, 120);
	tcase_set_timeout(threads, 120);
	tcase_add_test(threads, test_threads);
	suite_add_tcase(suite, threads);
	return suite;
}
