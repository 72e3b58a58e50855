/* SPDX-License-Identifier: ISC */
/*
 * A snapshot in Prometheus' text format: for each metric its help, its type,
 * and a sample for each socket.
 */
#include "daemon/ops/metrics.h"

#include <inttypes.h>
#include <stdio.h>

static void
print_head(
    struct strbuf *text, const char *name, const char *type, const char *help)
{
	strbuf_print(text, "# HELP multihomed_%s %s\n# TYPE multihomed_%s %s\n",
	    name, help, name, type);
}

/* The labels that identify the socket; the caller closes the brace. */
static void
print_labels(struct strbuf *text, const char *name,
    const struct snapshot_binding *binding)
{
	char endpoint[MH_ADDRESS_TEXT];

	strbuf_print(text, "multihomed_%s{service=\"%s\",endpoint=\"%s\"", name,
	    binding->service,
	    mh_endpoint_format(&binding->bound, endpoint, sizeof(endpoint)));
}

struct metric {
	const char *name;
	const char *type;
	const char *help;
	/* All samples of one socket. */
	void (*print)(struct strbuf *text, const struct metric *metric,
	    const struct snapshot_binding *binding);
	enum stats_counter counter; /* that print_counter() prints */
};

static void
print_counter(struct strbuf *text, const struct metric *metric,
    const struct snapshot_binding *binding)
{
	print_labels(text, metric->name, binding);
	strbuf_print(
	    text, "} %" PRIu64 "\n", binding->counters[metric->counter]);
}

static void
print_requests(struct strbuf *text, const struct metric *metric,
    const struct snapshot_binding *binding)
{
	const uint64_t ipv4 = binding->counters[STATS_RECEIVED_IPV4];

	print_labels(text, metric->name, binding);
	strbuf_print(text, ",family=\"ipv4\"} %" PRIu64 "\n", ipv4);
	print_labels(text, metric->name, binding);
	strbuf_print(text, ",family=\"ipv6\"} %" PRIu64 "\n",
	    binding->counters[STATS_RECEIVED] - ipv4);
}

static void
print_asked(struct strbuf *text, const struct metric *metric,
    const struct snapshot_binding *binding)
{
	char local[MH_ADDRESS_TEXT];
	size_t i;

	for (i = 0; i < binding->local_count; i++) {
		print_labels(text, metric->name, binding);
		strbuf_print(text, ",local=\"%s\"} %" PRIu64 "\n",
		    mh_address_format(
			&binding->locals[i], local, sizeof(local)),
		    binding->local_counts[i]);
	}
	print_labels(text, metric->name, binding);
	strbuf_print(
	    text, ",local=\"other\"} %" PRIu64 "\n", binding->other_locals);
}

static void
print_sources(struct strbuf *text, const struct metric *metric,
    const struct snapshot_binding *binding)
{
	print_labels(text, metric->name, binding);
	strbuf_print(text, ",source=\"pinned\"} %" PRIu64 "\n",
	    binding->counters[STATS_ANSWERED] -
		binding->counters[STATS_UNPINNED]);
	print_labels(text, metric->name, binding);
	strbuf_print(text, ",source=\"fallback\"} %" PRIu64 "\n",
	    binding->counters[STATS_UNPINNED]);
	print_labels(text, metric->name, binding);
	strbuf_print(text, ",source=\"gone\"} %" PRIu64 "\n",
	    binding->counters[STATS_DROPPED + DROP_SOURCE_GONE]);
}

static void
print_drops(struct strbuf *text, const struct metric *metric,
    const struct snapshot_binding *binding)
{
	size_t reason;

	for (reason = PASS + 1; reason < VERDICT_COUNT; reason++) {
		print_labels(text, metric->name, binding);
		strbuf_print(text, ",reason=\"%s\"} %" PRIu64 "\n",
		    verdict_name(reason),
		    binding->counters[STATS_DROPPED + reason]);
	}
}

static void
print_events(struct strbuf *text, const struct metric *metric,
    const struct snapshot_binding *binding)
{
	const char *const *names = binding->event_names;
	size_t i;

	for (i = 0; names != NULL && names[i] != NULL; i++) {
		print_labels(text, metric->name, binding);
		strbuf_print(text, ",event=\"%s\"} %" PRIu64 "\n", names[i],
		    binding->events[i]);
	}
}

/* Only of a socket that makes any, or has made any. */
static void
print_faults(struct strbuf *text, const struct metric *metric,
    const struct snapshot_binding *binding)
{
	uint64_t number;
	size_t i;

	for (i = 0; i < FAULT_KINDS; i++) {
		number = binding->counters[metric->counter + i];
		if (number == 0 && !fault_is_set(&binding->faults.kinds[i]))
			continue;
		print_labels(text, metric->name, binding);
		strbuf_print(text, ",fault=\"%s\"} %" PRIu64 "\n",
		    fault_name(i), number);
	}
}

static void
print_kernel_drops(struct strbuf *text, const struct metric *metric,
    const struct snapshot_binding *binding)
{
	print_labels(text, metric->name, binding);
	strbuf_print(text, "} %" PRIu64 "\n", binding->kernel_drops);
}

/* A histogram: how many were within each bound, but not the one before. */
struct histogram {
	const int64_t *bounds; /* ns; the last: any */
	const uint64_t *counts;
	size_t size;
	uint64_t sum;     /* ns */
	const char *mode; /* NULL: without this label */
};

/* One series of it: with what to the metric's name. */
static void
print_series(struct strbuf *text, const struct metric *metric,
    const struct snapshot_binding *binding, const struct histogram *histogram,
    const char *what)
{
	char name[64];

	snprintf(name, sizeof(name), "%s_%s", metric->name, what);
	print_labels(text, name, binding);
	if (histogram->mode != NULL)
		strbuf_print(text, ",mode=\"%s\"", histogram->mode);
}

/* Prometheus' buckets are cumulative: each includes all previous ones. */
static void
print_histogram(struct strbuf *text, const struct metric *metric,
    const struct snapshot_binding *binding, const struct histogram *histogram)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < histogram->size; i++) {
		sum += histogram->counts[i];
		print_series(text, metric, binding, histogram, "bucket");
		if (i + 1 < histogram->size)
			strbuf_print(text, ",le=\"%g\"} %" PRIu64 "\n",
			    (double)histogram->bounds[i] / 1e9, sum);
		else
			strbuf_print(text, ",le=\"+Inf\"} %" PRIu64 "\n", sum);
	}
	print_series(text, metric, binding, histogram, "sum");
	strbuf_print(text, "} %.9f\n", (double)histogram->sum / 1e9);
	print_series(text, metric, binding, histogram, "count");
	strbuf_print(text, "} %" PRIu64 "\n", sum);
}

static void
print_delays(struct strbuf *text, const struct metric *metric,
    const struct snapshot_binding *binding)
{
	print_histogram(text, metric, binding,
	    &(struct histogram){ .bounds = stats_delay_bounds,
		.counts = binding->delays,
		.size = STATS_DELAYS,
		.sum = binding->delay_sum });
}

/* Those below are only of services whose sessions have modes. */
static void
print_packets(struct strbuf *text, const struct metric *metric,
    const struct snapshot_binding *binding)
{
	const char *const *names = binding->mode_names;
	size_t i;

	for (i = 0; names != NULL && names[i] != NULL; i++) {
		print_labels(text, metric->name, binding);
		strbuf_print(text, ",mode=\"%s\"} %" PRIu64 "\n", names[i],
		    binding->modes[i].packets);
	}
}

/* Who keeps no sessions does not know, and has no 0 to say so. */
static void
print_lost(struct strbuf *text, const struct metric *metric,
    const struct snapshot_binding *binding)
{
	const char *const *names = binding->mode_names;
	size_t i;

	for (i = 0; names != NULL && names[i] != NULL; i++) {
		if (!binding->counts_lost && binding->modes[i].lost == 0)
			continue;
		print_labels(text, metric->name, binding);
		strbuf_print(text,
		    ",mode=\"%s\",direction=\"up\"} %" PRIu64 "\n", names[i],
		    binding->modes[i].lost);
	}
}

static void
print_residences(struct strbuf *text, const struct metric *metric,
    const struct snapshot_binding *binding)
{
	const char *const *names = binding->mode_names;
	size_t i;

	for (i = 0; names != NULL && names[i] != NULL; i++)
		print_histogram(text, metric, binding,
		    &(struct histogram){ .bounds = service_residence_bounds,
			.counts = binding->modes[i].residences,
			.size = SERVICE_RESIDENCES,
			.sum = binding->modes[i].residence_sum,
			.mode = names[i] });
}

/* Of each socket, in the order of the output. */
static const struct metric metrics[] = {
	{ "requests_total", "counter", "Datagrams received.", print_requests,
	    0 },
	{ "asked_total", "counter",
	    "Datagrams received, by the local address they were sent to.",
	    print_asked, 0 },
	{ "self_probes_total", "counter",
	    "Datagrams of the daemon's own self-probe; requests and replies "
	    "include them.",
	    print_counter, STATS_OWN },
	{ "replies_total", "counter", "Replies sent.", print_counter,
	    STATS_ANSWERED },
	{ "silent_total", "counter",
	    "Datagrams that the service does not reply to, on purpose.",
	    print_counter, STATS_SILENT },
	{ "by_arrival_total", "counter",
	    "Replies that the system refused to route, and took by the "
	    "interface that the request came by.",
	    print_counter, STATS_BY_ARRIVAL },
	{ "beyond_amplification_total", "counter",
	    "Replies longer than max-amplification allows, as the protocol "
	    "requires.",
	    print_counter, STATS_BEYOND },
	{ "handed_over_total", "counter",
	    "Requests whose reply is sent by another socket of the service.",
	    print_counter, STATS_HANDED_OVER },
	{ "taken_over_total", "counter",
	    "Replies to requests received by another socket of the service.",
	    print_counter, STATS_TAKEN_OVER },
	{ "received_bytes_total", "counter", "Payload received.", print_counter,
	    STATS_BYTES_IN },
	{ "sent_bytes_total", "counter", "Payload sent.", print_counter,
	    STATS_BYTES_OUT },
	{ "control_truncated_total", "counter",
	    "Datagrams whose control messages were truncated.", print_counter,
	    STATS_CONTROL_TRUNCATED },
	{ "receive_failed_total", "counter",
	    "Receive errors that belong to no particular datagram.",
	    print_counter, STATS_RECEIVE_FAILED },
	{ "replies_by_source_total", "counter",
	    "Replies by source: the address asked, another one (relaxed), or "
	    "not sent because that address is gone.",
	    print_sources, 0 },
	{ "drops_total", "counter",
	    "Datagrams received and not answered, by reason.", print_drops, 0 },
	{ "faults_total", "counter",
	    "Faults made on purpose in replies to peers in trust.",
	    print_faults, STATS_FAULT },
	{ "faults_impossible_total", "counter",
	    "Those that could not be made: no other address, no room, nothing "
	    "to cut off.",
	    print_faults, STATS_FAULT_IMPOSSIBLE },
	{ "events_total", "counter", "Events that only this service has.",
	    print_events, 0 },
	{ "kernel_drops_total", "counter",
	    "Datagrams that the system dropped because the receive buffer was "
	    "full.",
	    print_kernel_drops, 0 },
	{ "queue_delay_seconds", "histogram",
	    "Time from the kernel's receive timestamp to the answer.",
	    print_delays, 0 },
	{ "test_packets_total", "counter",
	    "Valid test packets received, by the mode of their session.",
	    print_packets, 0 },
	{ "test_packets_lost_total", "counter",
	    "Test packets that did not arrive, by their senders' sequence "
	    "numbers.",
	    print_lost, 0 },
	{ "residence_seconds", "histogram",
	    "Time from the receive timestamp of a test packet, T2, to the one "
	    "put into the reply sent, T3.",
	    print_residences, 0 },
};

#define METRICS (sizeof(metrics) / sizeof(metrics[0]))

static void
print_http(const struct snapshot *snapshot, struct strbuf *text)
{
	static const char *const results[] = {
		[SNAPSHOT_HTTP_ANSWERED] = "answered",
		[SNAPSHOT_HTTP_REFUSED] = "refused",
		[SNAPSHOT_HTTP_FORBIDDEN] = "forbidden",
		[SNAPSHOT_HTTP_EVICTED] = "evicted",
		[SNAPSHOT_HTTP_TIMED_OUT] = "timeout",
		[SNAPSHOT_HTTP_ABANDONED] = "abandoned",
		[SNAPSHOT_HTTP_FAILED] = "failed",
	};
	size_t i;

	print_head(text, "http_connections_total", "counter",
	    "Connections of HTTP clients that have ended, by result.");
	for (i = 0; i < SNAPSHOT_HTTP_COUNT; i++)
		strbuf_print(text,
		    "multihomed_http_connections_total{result=\"%s\"} %" PRIu64
		    "\n",
		    results[i], snapshot->http[i]);
}

static void
print_reloads(const struct snapshot *snapshot, struct strbuf *text)
{
	print_head(text, "reloads_total", "counter",
	    "Configuration reloads, by result.");
	strbuf_print(text,
	    "multihomed_reloads_total{result=\"good\"} %" PRIu64 "\n"
	    "multihomed_reloads_total{result=\"refused\"} %" PRIu64 "\n",
	    snapshot->reloads, snapshot->reloads_failed);
	print_head(text, "config_last_reload_successful", "gauge",
	    "0 if the file was refused, and the previous configuration kept.");
	strbuf_print(text, "multihomed_config_last_reload_successful %d\n",
	    !snapshot->reload_failed);
	print_head(text, "config_last_reload_success_timestamp_seconds",
	    "gauge", "When the configuration was read, in Unix time.");
	strbuf_print(text,
	    "multihomed_config_last_reload_success_timestamp_seconds %.3f\n",
	    (double)snapshot->reloaded_ns / 1e9);
}

static void
print_state(const struct snapshot *snapshot, struct strbuf *text)
{
	print_head(text, "ready", "gauge", "0 while draining.");
	strbuf_print(text, "multihomed_ready %d\n", snapshot->ready);
	print_head(text, "healthy", "gauge",
	    "1 if all sockets answered the last self-probe, or cannot be "
	    "queried and health-unasked is pass.");
	strbuf_print(text, "multihomed_healthy %d\n", snapshot->healthy);
	print_head(text, "unasked_endpoints", "gauge",
	    "Endpoints that the self-probe cannot query: see the log.");
	strbuf_print(
	    text, "multihomed_unasked_endpoints %zu\n", snapshot->unasked);
	print_head(text, "workers", "gauge", "Threads that answer.");
	strbuf_print(text, "multihomed_workers %u\n", snapshot->workers);
	print_head(text, "start_time_seconds", "gauge",
	    "When the daemon was started, in Unix time.");
	strbuf_print(text, "multihomed_start_time_seconds %.3f\n",
	    (double)snapshot->started_ns / 1e9);
	print_head(text, "build_info", "gauge", "The version; always 1.");
	strbuf_print(
	    text, "multihomed_build_info{version=\"%s\"} 1\n", mh_version());
}

bool
metrics_step(const struct snapshot *snapshot, struct snapshot_cursor *cursor,
    struct strbuf *text)
{
	const struct metric *metric;

	if (cursor->part == METRICS) {
		print_http(snapshot, text);
		print_reloads(snapshot, text);
		print_state(snapshot, text);
		return false;
	}
	metric = &metrics[cursor->part];
	if (cursor->binding == 0)
		print_head(text, metric->name, metric->type, metric->help);
	if (cursor->binding < snapshot->binding_count)
		metric->print(
		    text, metric, &snapshot->bindings[cursor->binding++]);
	if (cursor->binding == snapshot->binding_count)
		*cursor = (struct snapshot_cursor){ .part = cursor->part + 1 };
	return true;
}
