/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/collector.c: the sums over workers, by binding.
 */
#include "daemon/collector.h"

#include "services/table.h"
#include "unit/daemon/scene.h"

#include <stdlib.h>
#include <string.h>

static struct snapshot snapshot;

/* Worker 0 answers one, worker 1 two; discard drops none but is silent. */
static void
setup(void)
{
	scene_serve("-w 2 --node gate echo=127.0.0.1:7 discard=127.0.0.1:9");
	ck_assert(scene_ask(0, 0));
	ck_assert(scene_ask(1, 0));
	ck_assert(scene_ask(1, 0));
	ck_assert(!scene_ask(1, 1));
	scratch_log();
}

static void
teardown(void)
{
	snapshot = (struct snapshot){ .bindings = NULL };
}

START_TEST(test_sums_up)
{
	static struct snapshot_binding bindings[2];
	const struct snapshot_binding *echo = &bindings[0],
				      *discard = &bindings[1];

	snapshot.reloads = 5;
	collector_snapshot(&scene.workers, &snapshot);
	/* What is no longer there. */
	bindings[0].counters[STATS_RECEIVED] = 7;
	collector_binding(&scene.workers, 0, &bindings[0]);
	collector_binding(&scene.workers, 1, &bindings[1]);
	ck_assert_uint_eq(snapshot.binding_count, 2);
	ck_assert_uint_eq(snapshot.workers, 2);
	ck_assert_uint_eq(snapshot.reloads, 5);
	ck_assert_str_eq(snapshot.node, "gate");
	ck_assert_str_eq(echo->service, "echo");
	unit_assert_address(&echo->bound, "127.0.0.1:7", "bound");
	ck_assert_uint_eq(echo->counters[STATS_RECEIVED], 3);
	ck_assert_uint_eq(echo->counters[STATS_ANSWERED], 3);
	ck_assert_uint_eq(echo->counters[STATS_BYTES_OUT], 15);
	ck_assert_uint_eq(echo->local_count, 1);
	ck_assert_uint_eq(echo->local_counts[0], 3);
	ck_assert_str_eq(discard->service, "discard");
	ck_assert_uint_eq(discard->counters[STATS_RECEIVED], 1);
	ck_assert_uint_eq(discard->counters[STATS_SILENT], 1);
}
END_TEST

START_TEST(test_logs)
{
	const char *log;

	collector_log(&scene.workers);
	log = scratch_log();
	ck_assert_msg(strstr(log,
			  "multihomed: echo 127.0.0.1:7: received=3 "
			  "answered=3 silent=0 dropped=0 unpinned=0 "
			  "bytes-in=15 bytes-out=15 kernel-drops=0\n"
			  "multihomed: discard 127.0.0.1:9: received=1 "
			  "answered=0 silent=1 ") == log,
	    "%s", log);
}
END_TEST

static uint64_t
received_by(const struct selfprobe_socket *socket)
{
	struct liveness_count count;

	collector_count(&scene.workers, socket, &count);
	ck_assert_uint_eq(count.queries, 0);
	return count.received;
}

/* By worker if the self-probe can select one, otherwise for all. */
START_TEST(test_received_by_socket)
{
	struct selfprobe_socket socket = { 0, 0 };

	scene.workers.bindings.items[0].selectable = 2;
	ck_assert_uint_eq(received_by(&socket), 1);
	socket.worker = 1;
	ck_assert_uint_eq(received_by(&socket), 2);
	socket.worker = 0;
	socket.target = 1;
	ck_assert_uint_eq(received_by(&socket), 1);
	scene.workers.bindings.items[0].selectable = 1;
	socket.target = 0;
	ck_assert_uint_eq(received_by(&socket), 3);
}
END_TEST

static bool
waiting(size_t target, unsigned int worker)
{
	const struct selfprobe_socket socket = { target, worker };

	return collector_waiting(&scene.workers, &socket);
}

/* The same for what has not been read yet. */
START_TEST(test_waiting_by_socket)
{
	const struct fake_incoming incoming = {
		.peer = unit_address("192.0.2.9:9"), .data = "?", .length = 1
	};

	scene.workers.bindings.items[0].selectable = 2;
	ck_assert(!waiting(0, 0));
	ck_assert(!waiting(0, 1));
	fake_deliver(scene_socket(1, 0), &incoming);
	ck_assert(!waiting(0, 0));
	ck_assert(waiting(0, 1));
	ck_assert(!waiting(1, 0));
	scene.workers.bindings.items[0].selectable = 1;
	ck_assert(waiting(0, 0));
}
END_TEST

/* Events have the names of the service that counts them. */
START_TEST(test_names_events)
{
	struct snapshot_binding binding;
	struct config_service *config;
	void *own = calloc(1, service_stamp.settings_size), *before;
	size_t i;

	ck_assert_ptr_nonnull(own);
	for (i = 0; i < 2; i++) {
		collector_binding(&scene.workers, i, &binding);
		ck_assert_ptr_null(binding.event_names);
	}
	config = scene.workers.plan->services[0].config;
	before = config->values.own;
	config->service = &service_stamp;
	config->values.own = own;
	collector_binding(&scene.workers, 0, &binding);
	config->service = &service_echo;
	config->values.own = before;
	free(own);
	ck_assert_ptr_eq(binding.event_names, service_stamp.events);
}
END_TEST

/* What all workers remember, once they are to. */
START_TEST(test_recalls)
{
	static struct records records;
	const struct drops_entry *entry = records.drops.entries[DROP_MALFORMED];

	records = (struct records){ .now = fake_host.monotonic_ns };
	collector_recall(&scene.workers, &records);
	ck_assert_uint_eq(records.peers.total, 0);
	scene_serve("-w 2 --control c echo=127.0.0.1:7 dns=127.0.0.1:53 "
		    "stamp=127.0.0.1:862 --stamp-mode=stateful");
	ck_assert(scene_ask(0, 0));
	ck_assert(scene_ask(1, 0));
	ck_assert(!scene_ask(1, 1));
	collector_recall(&scene.workers, &records);
	ck_assert_uint_gt(records.peers.total, 0);
	ck_assert_uint_eq(records.table_count, 1);
	ck_assert_str_eq(records.tables[0].service, "stamp");
	ck_assert_uint_eq(records.tables[0].limit, 2048);
	ck_assert_uint_eq(records.late, 0);
	ck_assert_uint_eq(entry->count, 1);
	ck_assert_str_eq(entry->service->name, "dns");
	unit_assert_address(&entry->local, "127.0.0.1:53", "local");
	ck_assert_uint_eq(entry->request, strlen("query"));
}
END_TEST

Suite *
collector_suite(void)
{
	Suite *suite = suite_create("collector");
	TCase *tcase = scene_tcase("collector");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_sums_up);
	tcase_add_test(tcase, test_logs);
	tcase_add_test(tcase, test_recalls);
	tcase_add_test(tcase, test_names_events);
	tcase_add_test(tcase, test_received_by_socket);
	tcase_add_test(tcase, test_waiting_by_socket);
	suite_add_tcase(suite, tcase);
	return suite;
}
