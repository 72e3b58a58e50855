/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/ops/metrics.c and the sums of snapshot.c below it: the samples of
 * a snapshot, to the letter.
 */
#include "daemon/ops/metrics.h"

#include "unit/ops/sample.h"
#include "unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct strbuf text;

static void
setup(void)
{
	struct snapshot_cursor cursor = { .part = 0 };

	sample_make();
	while (metrics_step(&sample, &cursor, &text))
		continue;
	ck_assert(!text.lost);
}

static void
teardown(void)
{
	free(text.text);
	text = (struct strbuf){ .text = NULL };
}

/* Is there a line that is exactly this?  Returns where. */
static const char *
line(const char *expected)
{
	size_t length = strlen(expected);
	const char *at = text.text;

	while ((at = strstr(at, expected)) != NULL) {
		if ((at == text.text || at[-1] == '\n') && at[length] == '\n')
			return at;
		at += length;
	}
	ck_abort_msg("no line %s in\n%s", expected, text.text);
	return NULL;
}

#define ECHO "{service=\"echo\",endpoint=\"[::]:7\""
#define LABEL "{service=\"echo:lab\",endpoint=\"192.0.2.1:7007\""

static const char *const lines[] = {
	"# TYPE multihomed_requests_total counter",
	"multihomed_requests_total" ECHO ",family=\"ipv4\"} 30",
	"multihomed_requests_total" ECHO ",family=\"ipv6\"} 70",
	"multihomed_requests_total" LABEL ",family=\"ipv4\"} 0",
	"multihomed_asked_total" ECHO ",local=\"192.0.2.1\"} 12",
	"multihomed_asked_total" ECHO ",local=\"2001:db8::1\"} 70",
	"multihomed_asked_total" ECHO ",local=\"other\"} 18",
	"multihomed_self_probes_total" ECHO "} 4",
	"multihomed_replies_total" ECHO "} 80",
	"multihomed_silent_total" ECHO "} 5",
	"multihomed_received_bytes_total" ECHO "} 1000",
	"multihomed_sent_bytes_total" ECHO "} 800",
	"multihomed_control_truncated_total" ECHO "} 1",
	"multihomed_receive_failed_total" ECHO "} 2",
	"multihomed_replies_by_source_total" ECHO ",source=\"pinned\"} 77",
	"multihomed_replies_by_source_total" ECHO ",source=\"fallback\"} 3",
	"multihomed_replies_by_source_total" ECHO ",source=\"gone\"} 6",
	"multihomed_events_total" ECHO ",event=\"begun\"} 41",
	"multihomed_events_total" ECHO ",event=\"ended\"} 1",
	"multihomed_events_total" LABEL ",event=\"begun\"} 0",
	"multihomed_faults_total" ECHO ",fault=\"drop\"} 0",
	"multihomed_faults_total" ECHO ",fault=\"delay\"} 8",
	"multihomed_faults_impossible_total" ECHO ",fault=\"source\"} 7",
	"multihomed_test_packets_total" ECHO ",mode=\"open\"} 61",
	"multihomed_test_packets_total" ECHO ",mode=\"signed\"} 65",
	"multihomed_test_packets_lost_total" ECHO
	",mode=\"open\",direction=\"up\"} 0",
	"multihomed_test_packets_lost_total" ECHO
	",mode=\"signed\",direction=\"up\"} 7",
	"multihomed_test_packets_lost_total" LABEL
	",mode=\"signed\",direction=\"up\"} 8",
	"multihomed_residence_seconds_bucket" ECHO
	",mode=\"open\",le=\"5e-06\"} 2",
	"multihomed_residence_seconds_bucket" ECHO ",mode=\"open\",le=\"1\"} 2",
	"multihomed_residence_seconds_bucket" ECHO
	",mode=\"open\",le=\"+Inf\"} 5",
	"multihomed_residence_seconds_sum" ECHO ",mode=\"open\"} 0.000005000",
	"multihomed_residence_seconds_count" ECHO ",mode=\"open\"} 5",
	"multihomed_residence_seconds_count" ECHO ",mode=\"signed\"} 0",
	"multihomed_kernel_drops_total" ECHO "} 9",
	"multihomed_kernel_drops_total" LABEL "} 0",
	"multihomed_http_connections_total{result=\"answered\"} 11",
	"multihomed_http_connections_total{result=\"refused\"} 12",
	"multihomed_http_connections_total{result=\"forbidden\"} 13",
	"multihomed_http_connections_total{result=\"evicted\"} 14",
	"multihomed_http_connections_total{result=\"timeout\"} 15",
	"multihomed_http_connections_total{result=\"abandoned\"} 16",
	"multihomed_http_connections_total{result=\"failed\"} 17",
	"multihomed_reloads_total{result=\"good\"} 2",
	"multihomed_reloads_total{result=\"refused\"} 1",
	"multihomed_config_last_reload_successful 0",
	"multihomed_config_last_reload_success_timestamp_seconds 1080.250",
	"multihomed_ready 1",
	"multihomed_healthy 0",
	"multihomed_unasked_endpoints 3",
	"multihomed_workers 3",
	"multihomed_start_time_seconds 1000.500",
};

START_TEST(test_has_each_sample)
{
	line(lines[_i]);
}
END_TEST

/* Who makes none has no samples of them. */
START_TEST(test_no_faults)
{
	ck_assert_ptr_null(strstr(text.text, "multihomed_faults_total" LABEL));
	ck_assert_ptr_null(
	    strstr(text.text, "multihomed_faults_impossible_total" LABEL));
	ck_assert_ptr_null(strstr(
	    text.text, "multihomed_faults_total" ECHO ",fault=\"reorder\""));
}
END_TEST

/* Who has no sessions cannot say that nothing was lost. */
START_TEST(test_no_losses)
{
	ck_assert_ptr_null(strstr(text.text,
	    "multihomed_test_packets_lost_total" LABEL ",mode=\"open\""));
}
END_TEST

/* Each bucket includes everything below its bound. */
START_TEST(test_histogram_is_cumulative)
{
	static const char *const buckets[] = {
		"multihomed_queue_delay_seconds_bucket" ECHO ",le=\"1e-05\"} 1",
		"multihomed_queue_delay_seconds_bucket" ECHO ",le=\"5e-05\"} 3",
		"multihomed_queue_delay_seconds_bucket" ECHO
		",le=\"0.0001\"} 6",
		"multihomed_queue_delay_seconds_bucket" ECHO
		",le=\"0.0005\"} 10",
		"multihomed_queue_delay_seconds_bucket" ECHO ",le=\"1\"} 66",
		"multihomed_queue_delay_seconds_bucket" ECHO ",le=\"+Inf\"} 78",
		"multihomed_queue_delay_seconds_sum" ECHO "} 1.500000000",
		"multihomed_queue_delay_seconds_count" ECHO "} 78",
	};
	const char *at, *before = text.text;
	size_t i;

	line("# TYPE multihomed_queue_delay_seconds histogram");
	for (i = 0; i < LENGTH(buckets); i++) {
		at = line(buckets[i]);
		ck_assert_msg(at > before, "%s is not in order", buckets[i]);
		before = at;
	}
	line("multihomed_queue_delay_seconds_bucket" LABEL ",le=\"+Inf\"} 0");
}
END_TEST

/* Every reason is there from the start, so that its rate can be computed. */
START_TEST(test_has_every_reason)
{
	char expected[128];

	snprintf(expected, sizeof(expected),
	    "multihomed_drops_total" ECHO ",reason=\"%s\"} %d",
	    verdict_name(_i), _i == DROP_SOURCE_GONE ? 6 : 0);
	line(expected);
}
END_TEST

/* Each metric has its help and type once, before its first sample. */
START_TEST(test_describes_each_metric_once)
{
	const char *at, *end, *sample_at;
	char name[128], help[160];

	for (at = text.text; (at = strstr(at, "# TYPE ")) != NULL; at++) {
		end = strchr(at + 7, ' ');
		snprintf(
		    name, sizeof(name), "%.*s", (int)(end - at - 7), at + 7);
		snprintf(help, sizeof(help), "# HELP %s ", name);
		ck_assert_ptr_nonnull(strstr(text.text, help));
		ck_assert_ptr_null(strstr(strstr(text.text, help) + 1, help));
		sample_at = strstr(end, name);
		ck_assert_msg(
		    sample_at != NULL && sample_at[-1] == '\n', "%s", name);
	}
}
END_TEST

/* A step is never more than one metric of one socket. */
START_TEST(test_steps_are_small)
{
	struct snapshot_cursor cursor = { .part = 0 };
	unsigned int steps = 1;
	size_t before;
	bool more;

	text.length = 0;
	do {
		before = text.length;
		more = metrics_step(&sample, &cursor, &text);
		/* One has no faults. */
		ck_assert_uint_ge(text.length, before);
		ck_assert_uint_lt(text.length - before, 6000);
		steps += more;
	} while (more);
	/* 23 metrics of two sockets, then what there is once. */
	ck_assert_uint_eq(steps, 23 * 2 + 1);
}
END_TEST

/* Without any socket there is still the rest. */
START_TEST(test_no_socket)
{
	struct snapshot_cursor cursor = { .part = 0 };

	text.length = 0;
	sample.binding_count = 0;
	while (metrics_step(&sample, &cursor, &text))
		continue;
	line("# TYPE multihomed_queue_delay_seconds histogram");
	line("multihomed_ready 1");
	ck_assert_ptr_null(strstr(text.text, "{service="));
}
END_TEST

/* A metric that is unavailable is left out entirely. */
START_TEST(test_adds_up_workers)
{
	struct snapshot_binding *binding = &sample.bindings[0];

	/* Two workers with the same: sample_make() adds each half. */
	ck_assert_uint_eq(binding->local_count, 2);
	unit_assert_address(&binding->locals[0], "192.0.2.1", "first");
	unit_assert_address(&binding->locals[1], "2001:db8::1", "second");
}
END_TEST

/* More addresses than there is room for count as "other". */
START_TEST(test_other_addresses)
{
	struct snapshot_binding sums = { .service = "echo" };
	static struct stats stats;
	unsigned int i;

	for (i = 0; i < STATS_LOCALS; i++) {
		stats.locals[i].address = unit_address("192.0.2.0");
		stats.locals[i].address.ip[3] = (uint8_t)i;
		stats.locals[i].received = 1;
	}
	stats.local_count = STATS_LOCALS;
	snapshot_add(&sums, &stats, 0);
	ck_assert_uint_eq(sums.other_locals, 0);
	stats.locals[0].address = unit_address("198.51.100.1");
	stats.locals[0].received = 7;
	snapshot_add(&sums, &stats, 0);
	ck_assert_uint_eq(sums.local_count, STATS_LOCALS);
	ck_assert_uint_eq(sums.other_locals, 7);
	ck_assert_uint_eq(sums.local_counts[0], 1);
	for (i = 1; i < STATS_LOCALS; i++)
		ck_assert_uint_eq(sums.local_counts[i], 2);
}
END_TEST

Suite *
metrics_suite(void)
{
	Suite *suite = suite_create("metrics");
	TCase *tcase = tcase_create("metrics");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_has_each_sample, 0, LENGTH(lines));
	tcase_add_test(tcase, test_no_faults);
	tcase_add_test(tcase, test_no_losses);
	tcase_add_test(tcase, test_histogram_is_cumulative);
	tcase_add_loop_test(
	    tcase, test_has_every_reason, PASS + 1, VERDICT_COUNT);
	tcase_add_test(tcase, test_describes_each_metric_once);
	tcase_add_test(tcase, test_steps_are_small);
	tcase_add_test(tcase, test_no_socket);
	tcase_add_test(tcase, test_adds_up_workers);
	tcase_add_test(tcase, test_other_addresses);
	suite_add_tcase(suite, tcase);
	return suite;
}
