/* SPDX-License-Identifier: ISC */
/*
 * A snapshot in Prometheus' text format: for each metric its help, its type,
 * and a sample for each socket.
 */
#include "daemon/ops/metrics.h"

#include <inttypes.h>

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

/* Metrics that are a single counter per socket, in the order of the output. */
static const struct {
	const char *name;
	enum stats_counter counter;
	const char *help;
} plain_counters[] = {
	{ "self_probes_total", STATS_OWN,
	    "Datagrams of the daemon's own self-probe; requests and replies "
	    "include them." },
	{ "replies_total", STATS_ANSWERED, "Replies sent." },
	{ "silent_total", STATS_SILENT,
	    "Datagrams that the service does not reply to, on purpose." },
	{ "beyond_amplification_total", STATS_BEYOND,
	    "Replies longer than max-amplification allows, as the protocol "
	    "requires." },
	{ "handed_over_total", STATS_HANDED_OVER,
	    "Requests whose reply is sent by another socket of the service." },
	{ "taken_over_total", STATS_TAKEN_OVER,
	    "Replies to requests received by another socket of the service." },
	{ "received_bytes_total", STATS_BYTES_IN, "Payload received." },
	{ "sent_bytes_total", STATS_BYTES_OUT, "Payload sent." },
	{ "control_truncated_total", STATS_CONTROL_TRUNCATED,
	    "Datagrams whose control messages were truncated." },
	{ "receive_failed_total", STATS_RECEIVE_FAILED,
	    "Receive errors that belong to no particular datagram." },
};

static void
print_plain_counters(const struct snapshot *snapshot, struct strbuf *text)
{
	const struct snapshot_binding *binding;
	size_t i, j;

	for (i = 0; i < sizeof(plain_counters) / sizeof(plain_counters[0]);
	     i++) {
		print_head(text, plain_counters[i].name, "counter",
		    plain_counters[i].help);
		for (j = 0; j < snapshot->binding_count; j++) {
			binding = &snapshot->bindings[j];
			print_labels(text, plain_counters[i].name, binding);
			strbuf_print(text, "} %" PRIu64 "\n",
			    binding->counters[plain_counters[i].counter]);
		}
	}
}

static void
print_requests(const struct snapshot *snapshot, struct strbuf *text)
{
	const struct snapshot_binding *binding;
	uint64_t ipv4;
	size_t i;

	print_head(text, "requests_total", "counter", "Datagrams received.");
	for (i = 0; i < snapshot->binding_count; i++) {
		binding = &snapshot->bindings[i];
		ipv4 = binding->counters[STATS_RECEIVED_IPV4];
		print_labels(text, "requests_total", binding);
		strbuf_print(text, ",family=\"ipv4\"} %" PRIu64 "\n", ipv4);
		print_labels(text, "requests_total", binding);
		strbuf_print(text, ",family=\"ipv6\"} %" PRIu64 "\n",
		    binding->counters[STATS_RECEIVED] - ipv4);
	}
}

static void
print_asked(const struct snapshot *snapshot, struct strbuf *text)
{
	const struct snapshot_binding *binding;
	char local[MH_ADDRESS_TEXT];
	size_t i, j;

	print_head(text, "asked_total", "counter",
	    "Datagrams received, by the local address they were sent to.");
	for (i = 0; i < snapshot->binding_count; i++) {
		binding = &snapshot->bindings[i];
		for (j = 0; j < binding->local_count; j++) {
			print_labels(text, "asked_total", binding);
			strbuf_print(text, ",local=\"%s\"} %" PRIu64 "\n",
			    mh_address_format(
				&binding->locals[j], local, sizeof(local)),
			    binding->local_counts[j]);
		}
		print_labels(text, "asked_total", binding);
		strbuf_print(text, ",local=\"other\"} %" PRIu64 "\n",
		    binding->other_locals);
	}
}

static void
print_sources(const struct snapshot *snapshot, struct strbuf *text)
{
	const struct snapshot_binding *binding;
	size_t i;

	print_head(text, "replies_by_source_total", "counter",
	    "Replies by source: the address asked, another one (relaxed), or "
	    "not sent because that address is gone.");
	for (i = 0; i < snapshot->binding_count; i++) {
		binding = &snapshot->bindings[i];
		print_labels(text, "replies_by_source_total", binding);
		strbuf_print(text, ",source=\"pinned\"} %" PRIu64 "\n",
		    binding->counters[STATS_ANSWERED] -
			binding->counters[STATS_UNPINNED]);
		print_labels(text, "replies_by_source_total", binding);
		strbuf_print(text, ",source=\"fallback\"} %" PRIu64 "\n",
		    binding->counters[STATS_UNPINNED]);
		print_labels(text, "replies_by_source_total", binding);
		strbuf_print(text, ",source=\"gone\"} %" PRIu64 "\n",
		    binding->counters[STATS_DROPPED + DROP_SOURCE_GONE]);
	}
}

static void
print_drops(const struct snapshot *snapshot, struct strbuf *text)
{
	size_t i, reason;

	print_head(text, "drops_total", "counter",
	    "Datagrams received and not answered, by reason.");
	for (i = 0; i < snapshot->binding_count; i++)
		for (reason = PASS + 1; reason < VERDICT_COUNT; reason++) {
			print_labels(
			    text, "drops_total", &snapshot->bindings[i]);
			strbuf_print(text, ",reason=\"%s\"} %" PRIu64 "\n",
			    verdict_name(reason),
			    snapshot->bindings[i]
				.counters[STATS_DROPPED + reason]);
		}
	print_head(text, "kernel_drops_total", "counter",
	    "Datagrams that the system dropped because the receive buffer was "
	    "full.");
	for (i = 0; i < snapshot->binding_count; i++) {
		print_labels(
		    text, "kernel_drops_total", &snapshot->bindings[i]);
		strbuf_print(text, "} %" PRIu64 "\n",
		    snapshot->bindings[i].kernel_drops);
	}
}

/* Prometheus' buckets are cumulative: each includes all previous ones. */
static void
print_histogram(struct strbuf *text, const struct snapshot_binding *binding)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < STATS_DELAYS; i++) {
		sum += binding->delays[i];
		print_labels(text, "queue_delay_seconds_bucket", binding);
		if (i + 1 < STATS_DELAYS)
			strbuf_print(text, ",le=\"%g\"} %" PRIu64 "\n",
			    (double)stats_delay_bounds[i] / 1e9, sum);
		else
			strbuf_print(text, ",le=\"+Inf\"} %" PRIu64 "\n", sum);
	}
	print_labels(text, "queue_delay_seconds_sum", binding);
	strbuf_print(text, "} %.9f\n", (double)binding->delay_sum / 1e9);
	print_labels(text, "queue_delay_seconds_count", binding);
	strbuf_print(text, "} %" PRIu64 "\n", sum);
}

static void
print_delays(const struct snapshot *snapshot, struct strbuf *text)
{
	size_t i;

	print_head(text, "queue_delay_seconds", "histogram",
	    "Time from the kernel's receive timestamp to the answer.");
	for (i = 0; i < snapshot->binding_count; i++)
		print_histogram(text, &snapshot->bindings[i]);
}

static void
print_http(const struct snapshot_http *http, struct strbuf *text)
{
	print_head(text, "http_closed_total", "counter",
	    "HTTP connections refused or closed early, by reason.");
	strbuf_print(text,
	    "multihomed_http_closed_total{reason=\"not-allowed\"} %" PRIu64 "\n"
	    "multihomed_http_closed_total{reason=\"displaced\"} %" PRIu64 "\n"
	    "multihomed_http_closed_total{reason=\"timeout\"} %" PRIu64 "\n"
	    "multihomed_http_closed_total{reason=\"host\"} %" PRIu64 "\n",
	    http->refused, http->displaced, http->late, http->misdirected);
}

static void
print_daemon(const struct snapshot *snapshot, struct strbuf *text)
{
	print_head(text, "reloads_total", "counter",
	    "Configuration reloads, by result.");
	strbuf_print(text,
	    "multihomed_reloads_total{result=\"good\"} %" PRIu64 "\n"
	    "multihomed_reloads_total{result=\"refused\"} %" PRIu64 "\n",
	    snapshot->reloads, snapshot->reloads_failed);
	print_http(&snapshot->http, text);
	print_head(text, "ready", "gauge", "0 while draining.");
	strbuf_print(text, "multihomed_ready %d\n", snapshot->ready);
	print_head(text, "healthy", "gauge",
	    "1 if all sockets answered the last self-probe.");
	strbuf_print(text, "multihomed_healthy %d\n", snapshot->healthy);
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

void
metrics_print(const struct snapshot *snapshot, struct strbuf *text)
{
	print_requests(snapshot, text);
	print_asked(snapshot, text);
	print_plain_counters(snapshot, text);
	print_sources(snapshot, text);
	print_drops(snapshot, text);
	print_delays(snapshot, text);
	print_daemon(snapshot, text);
}
