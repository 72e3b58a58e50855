/* SPDX-License-Identifier: ISC */
/*
 * Counters in the two forms that operators read.
 */
#include "daemon/ops/metrics.h"

#include <inttypes.h>

static void
add_local(struct metrics_binding *binding, const struct mh_address *address,
    uint64_t count)
{
	size_t i;

	for (i = 0; i < binding->local_count; i++)
		if (mh_address_compare(&binding->locals[i], address) == 0)
			break;
	if (i == STATS_LOCALS) {
		binding->other_locals += count;
		return;
	}
	if (i == binding->local_count) {
		binding->locals[i] = *address;
		binding->local_counts[i] = 0;
		binding->local_count++;
	}
	binding->local_counts[i] += count;
}

void
metrics_add(struct metrics_binding *binding, const struct stats *stats,
    uint64_t kernel_drops)
{
	unsigned int i,
	    locals =
		atomic_load_explicit(&stats->local_count, memory_order_acquire);

	stats_sum(stats, binding->counters);
	binding->kernel_drops += kernel_drops;
	binding->delay_sum +=
	    atomic_load_explicit(&stats->delay_sum, memory_order_relaxed);
	for (i = 0; i < STATS_DELAYS; i++)
		binding->delays[i] += atomic_load_explicit(
		    &stats->delays[i], memory_order_relaxed);
	for (i = 0; i < locals; i++)
		add_local(binding, &stats->locals[i].address,
		    atomic_load_explicit(
			&stats->locals[i].received, memory_order_relaxed));
	binding->other_locals +=
	    atomic_load_explicit(&stats->other_locals, memory_order_relaxed);
}

/*
 * Metrics.
 */

static void
print_head(
    struct strbuf *text, const char *name, const char *type, const char *help)
{
	strbuf_print(text, "# HELP multihomed_%s %s\n# TYPE multihomed_%s %s\n",
	    name, help, name, type);
}

/* The labels that say which socket; the caller closes the brace. */
static void
print_labels(struct strbuf *text, const char *name,
    const struct metrics_binding *binding)
{
	char endpoint[MH_ADDRESS_TEXT];

	strbuf_print(text, "multihomed_%s{service=\"%s\",endpoint=\"%s\"", name,
	    binding->service,
	    mh_endpoint_format(&binding->bound, endpoint, sizeof(endpoint)));
}

static void
print_counter(const struct metrics *metrics, struct strbuf *text,
    const char *name, enum stats_counter counter)
{
	size_t i;

	for (i = 0; i < metrics->binding_count; i++) {
		print_labels(text, name, &metrics->bindings[i]);
		strbuf_print(text, "} %" PRIu64 "\n",
		    metrics->bindings[i].counters[counter]);
	}
}

static void
print_requests(const struct metrics *metrics, struct strbuf *text)
{
	const struct metrics_binding *binding;
	uint64_t ipv4;
	size_t i;

	print_head(text, "requests_total", "counter", "Datagrams received.");
	for (i = 0; i < metrics->binding_count; i++) {
		binding = &metrics->bindings[i];
		ipv4 = binding->counters[STATS_RECEIVED_IPV4];
		print_labels(text, "requests_total", binding);
		strbuf_print(text, ",family=\"ipv4\"} %" PRIu64 "\n", ipv4);
		print_labels(text, "requests_total", binding);
		strbuf_print(text, ",family=\"ipv6\"} %" PRIu64 "\n",
		    binding->counters[STATS_RECEIVED] - ipv4);
	}
}

static void
print_asked(const struct metrics *metrics, struct strbuf *text)
{
	const struct metrics_binding *binding;
	char local[MH_ADDRESS_TEXT];
	size_t i, j;

	print_head(text, "asked_total", "counter",
	    "Datagrams received, by the local address they were sent to.");
	for (i = 0; i < metrics->binding_count; i++) {
		binding = &metrics->bindings[i];
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
print_sources(const struct metrics *metrics, struct strbuf *text)
{
	const struct metrics_binding *binding;
	size_t i;

	print_head(text, "replies_by_source_total", "counter",
	    "Replies by source: the address asked, another one (relaxed), or "
	    "not sent because that address is gone.");
	for (i = 0; i < metrics->binding_count; i++) {
		binding = &metrics->bindings[i];
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
print_drops(const struct metrics *metrics, struct strbuf *text)
{
	size_t i, reason;

	print_head(text, "drops_total", "counter",
	    "Datagrams received and not answered, by reason.");
	for (i = 0; i < metrics->binding_count; i++)
		for (reason = PASS + 1; reason < VERDICT_COUNT; reason++) {
			print_labels(
			    text, "drops_total", &metrics->bindings[i]);
			strbuf_print(text, ",reason=\"%s\"} %" PRIu64 "\n",
			    verdict_name(reason),
			    metrics->bindings[i]
				.counters[STATS_DROPPED + reason]);
		}
	print_head(text, "kernel_drops_total", "counter",
	    "Datagrams that the system dropped because the receive buffer was "
	    "full.");
	for (i = 0; i < metrics->binding_count; i++) {
		print_labels(text, "kernel_drops_total", &metrics->bindings[i]);
		strbuf_print(
		    text, "} %" PRIu64 "\n", metrics->bindings[i].kernel_drops);
	}
}

static void
print_delays(const struct metrics *metrics, struct strbuf *text)
{
	const struct metrics_binding *binding;
	uint64_t sum;
	size_t i, j;

	print_head(text, "queue_delay_seconds", "histogram",
	    "Time from the kernel's receive timestamp to the answer.");
	for (i = 0; i < metrics->binding_count; i++) {
		binding = &metrics->bindings[i];
		sum = 0;
		for (j = 0; j < STATS_DELAYS; j++) {
			sum += binding->delays[j];
			print_labels(
			    text, "queue_delay_seconds_bucket", binding);
			if (j + 1 < STATS_DELAYS)
				strbuf_print(text, ",le=\"%g\"} %" PRIu64 "\n",
				    (double)stats_delay_bounds[j] / 1e9, sum);
			else
				strbuf_print(
				    text, ",le=\"+Inf\"} %" PRIu64 "\n", sum);
		}
		print_labels(text, "queue_delay_seconds_sum", binding);
		strbuf_print(
		    text, "} %.9f\n", (double)binding->delay_sum / 1e9);
		print_labels(text, "queue_delay_seconds_count", binding);
		strbuf_print(text, "} %" PRIu64 "\n", sum);
	}
}

static void
print_daemon(const struct metrics *metrics, struct strbuf *text)
{
	print_head(text, "reloads_total", "counter",
	    "Configuration reloads, by result.");
	strbuf_print(text,
	    "multihomed_reloads_total{result=\"good\"} %" PRIu64 "\n"
	    "multihomed_reloads_total{result=\"refused\"} %" PRIu64 "\n",
	    metrics->reloads, metrics->reloads_failed);
	print_head(text, "ready", "gauge", "0 while draining.");
	strbuf_print(text, "multihomed_ready %d\n", metrics->ready);
	print_head(text, "healthy", "gauge",
	    "1 if all sockets answered the last self-probe.");
	strbuf_print(text, "multihomed_healthy %d\n", metrics->healthy);
	print_head(text, "workers", "gauge", "Threads that answer.");
	strbuf_print(text, "multihomed_workers %u\n", metrics->workers);
	print_head(text, "start_time_seconds", "gauge",
	    "When the daemon was started, in Unix time.");
	strbuf_print(text, "multihomed_start_time_seconds %.3f\n",
	    (double)metrics->started_ns / 1e9);
	print_head(text, "build_info", "gauge", "The version; always 1.");
	strbuf_print(
	    text, "multihomed_build_info{version=\"%s\"} 1\n", mh_version());
}

void
metrics_prometheus(const struct metrics *metrics, struct strbuf *text)
{
	print_requests(metrics, text);
	print_asked(metrics, text);
	print_head(text, "self_probes_total", "counter",
	    "Datagrams of the daemon's own self-probe; requests and replies "
	    "have them, too.");
	print_counter(metrics, text, "self_probes_total", STATS_OWN);
	print_head(text, "replies_total", "counter", "Replies sent.");
	print_counter(metrics, text, "replies_total", STATS_ANSWERED);
	print_head(text, "silent_total", "counter",
	    "Datagrams that the service had no answer to.");
	print_counter(metrics, text, "silent_total", STATS_SILENT);
	print_head(
	    text, "received_bytes_total", "counter", "Payload received.");
	print_counter(metrics, text, "received_bytes_total", STATS_BYTES_IN);
	print_head(text, "sent_bytes_total", "counter", "Payload sent.");
	print_counter(metrics, text, "sent_bytes_total", STATS_BYTES_OUT);
	print_head(text, "control_truncated_total", "counter",
	    "Datagrams that came with less than the system knew of them.");
	print_counter(
	    metrics, text, "control_truncated_total", STATS_CONTROL_TRUNCATED);
	print_head(text, "receive_failed_total", "counter",
	    "Times that the system refused to hand over what came.");
	print_counter(
	    metrics, text, "receive_failed_total", STATS_RECEIVE_FAILED);
	print_sources(metrics, text);
	print_drops(metrics, text);
	print_delays(metrics, text);
	print_daemon(metrics, text);
}

/*
 * The page.
 */

/* HTML needs few characters written otherwise. */
static void
print_escaped(struct strbuf *text, const char *plain)
{
	for (; *plain != '\0'; plain++)
		switch (*plain) {
		case '<':
			strbuf_print(text, "&lt;");
			break;
		case '>':
			strbuf_print(text, "&gt;");
			break;
		case '&':
			strbuf_print(text, "&amp;");
			break;
		default:
			strbuf_print(text, "%c", *plain);
		}
}

static void
print_binding(struct strbuf *text, const struct metrics_binding *binding)
{
	char address[MH_ADDRESS_TEXT];

	strbuf_print(text, "<tr><td>");
	print_escaped(text, binding->service);
	strbuf_print(text,
	    "</td><td>%s</td><td>%" PRIu64 "</td><td>%" PRIu64
	    "</td><td>%" PRIu64 "</td><td>%" PRIu64 "</td><td>%" PRIu64
	    "</td></tr>\n",
	    mh_endpoint_format(&binding->bound, address, sizeof(address)),
	    binding->counters[STATS_RECEIVED],
	    binding->counters[STATS_ANSWERED], binding->counters[STATS_SILENT],
	    stats_dropped(binding->counters), binding->kernel_drops);
}

static void
print_binding_details(
    struct strbuf *text, const struct metrics_binding *binding)
{
	char address[MH_ADDRESS_TEXT];
	size_t i;

	strbuf_print(text, "<h2>");
	print_escaped(text, binding->service);
	strbuf_print(text,
	    " %s</h2>\n<table>\n<tr><th>asked</th><th>"
	    "received</th></tr>\n",
	    mh_endpoint_format(&binding->bound, address, sizeof(address)));
	for (i = 0; i < binding->local_count; i++)
		strbuf_print(text, "<tr><td>%s</td><td>%" PRIu64 "</td></tr>\n",
		    mh_address_format(
			&binding->locals[i], address, sizeof(address)),
		    binding->local_counts[i]);
	strbuf_print(text,
	    "</table>\n<table>\n<tr><th>dropped</th><th>"
	    "datagrams</th></tr>\n");
	for (i = PASS + 1; i < VERDICT_COUNT; i++)
		if (binding->counters[STATS_DROPPED + i] != 0)
			strbuf_print(text,
			    "<tr><td>%s</td><td>%" PRIu64 "</td></tr>\n",
			    verdict_name(i),
			    binding->counters[STATS_DROPPED + i]);
	strbuf_print(text, "</table>\n");
}

void
metrics_page(const struct metrics *metrics, struct strbuf *text)
{
	size_t i;

	strbuf_print(text,
	    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
	    "<meta charset=\"utf-8\">\n<title>multihomed</title>\n"
	    "<style>body{font-family:sans-serif}td,th{padding:.2em 1em;"
	    "text-align:left}td+td{text-align:right}</style>\n"
	    "</head>\n<body>\n<h1>multihomed on ");
	print_escaped(text, metrics->node);
	strbuf_print(text,
	    "</h1>\n<p>%s, %s; up %" PRId64 " s; %u worker%s; version %s</p>\n"
	    "<table>\n<tr><th>service</th><th>endpoint</th><th>received</th>"
	    "<th>answered</th><th>silent</th><th>dropped</th>"
	    "<th>dropped by the system</th></tr>\n",
	    metrics->healthy ? "healthy" : "NOT HEALTHY",
	    metrics->ready ? "ready" : "draining",
	    (metrics->now_ns - metrics->started_ns) / 1000000000,
	    metrics->workers, metrics->workers == 1 ? "" : "s", mh_version());
	for (i = 0; i < metrics->binding_count; i++)
		print_binding(text, &metrics->bindings[i]);
	strbuf_print(text, "</table>\n");
	for (i = 0; i < metrics->binding_count; i++)
		print_binding_details(text, &metrics->bindings[i]);
	strbuf_print(text,
	    "<p><a href=\"/metrics\">metrics</a></p>\n</body>\n"
	    "</html>\n");
}
