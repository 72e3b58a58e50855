/* SPDX-License-Identifier: ISC */
/*
 * Counters in the two forms that operators read.
 */
#include "daemon/report.h"

#include <inttypes.h>

static void
add_local(
    struct report_slot *slot, const struct mh_address *address, uint64_t count)
{
	size_t i;

	for (i = 0; i < slot->local_count; i++)
		if (mh_address_compare(&slot->locals[i], address) == 0)
			break;
	if (i == STATS_LOCALS) {
		slot->other_locals += count;
		return;
	}
	if (i == slot->local_count) {
		slot->locals[i] = *address;
		slot->local_counts[i] = 0;
		slot->local_count++;
	}
	slot->local_counts[i] += count;
}

void
report_add(
    struct report_slot *slot, const struct stats *stats, uint64_t kernel_drops)
{
	unsigned int i,
	    locals =
		atomic_load_explicit(&stats->local_count, memory_order_acquire);

	stats_sum(stats, slot->counters);
	slot->kernel_drops += kernel_drops;
	slot->delay_sum +=
	    atomic_load_explicit(&stats->delay_sum, memory_order_relaxed);
	for (i = 0; i < STATS_DELAYS; i++)
		slot->delays[i] += atomic_load_explicit(
		    &stats->delays[i], memory_order_relaxed);
	for (i = 0; i < locals; i++)
		add_local(slot, &stats->locals[i].address,
		    atomic_load_explicit(
			&stats->locals[i].received, memory_order_relaxed));
	slot->other_locals +=
	    atomic_load_explicit(&stats->other_locals, memory_order_relaxed);
}

/*
 * Metrics.
 */

static void
print_head(
    struct text *text, const char *name, const char *type, const char *help)
{
	text_print(text, "# HELP multihomed_%s %s\n# TYPE multihomed_%s %s\n",
	    name, help, name, type);
}

/* The labels that say which socket; the caller closes the brace. */
static void
print_labels(
    struct text *text, const char *name, const struct report_slot *slot)
{
	char endpoint[MH_ADDRESS_TEXT];

	text_print(text, "multihomed_%s{service=\"%s\",endpoint=\"%s\"", name,
	    slot->service,
	    mh_endpoint_format(&slot->bound, endpoint, sizeof(endpoint)));
}

static void
print_counter(const struct report *report, struct text *text, const char *name,
    enum stats_counter counter)
{
	size_t i;

	for (i = 0; i < report->slot_count; i++) {
		print_labels(text, name, &report->slots[i]);
		text_print(text, "} %" PRIu64 "\n",
		    report->slots[i].counters[counter]);
	}
}

static void
print_requests(const struct report *report, struct text *text)
{
	const struct report_slot *slot;
	uint64_t ipv4;
	size_t i;

	print_head(text, "requests_total", "counter", "Datagrams received.");
	for (i = 0; i < report->slot_count; i++) {
		slot = &report->slots[i];
		ipv4 = slot->counters[STATS_RECEIVED_IPV4];
		print_labels(text, "requests_total", slot);
		text_print(text, ",family=\"ipv4\"} %" PRIu64 "\n", ipv4);
		print_labels(text, "requests_total", slot);
		text_print(text, ",family=\"ipv6\"} %" PRIu64 "\n",
		    slot->counters[STATS_RECEIVED] - ipv4);
	}
}

static void
print_asked(const struct report *report, struct text *text)
{
	const struct report_slot *slot;
	char local[MH_ADDRESS_TEXT];
	size_t i, j;

	print_head(text, "asked_total", "counter",
	    "Datagrams received, by the local address they were sent to.");
	for (i = 0; i < report->slot_count; i++) {
		slot = &report->slots[i];
		for (j = 0; j < slot->local_count; j++) {
			print_labels(text, "asked_total", slot);
			text_print(text, ",local=\"%s\"} %" PRIu64 "\n",
			    mh_address_format(
				&slot->locals[j], local, sizeof(local)),
			    slot->local_counts[j]);
		}
		print_labels(text, "asked_total", slot);
		text_print(text, ",local=\"other\"} %" PRIu64 "\n",
		    slot->other_locals);
	}
}

static void
print_sources(const struct report *report, struct text *text)
{
	const struct report_slot *slot;
	size_t i;

	print_head(text, "replies_by_source_total", "counter",
	    "Replies by source: the address asked, another one (relaxed), or "
	    "not sent because that address is gone.");
	for (i = 0; i < report->slot_count; i++) {
		slot = &report->slots[i];
		print_labels(text, "replies_by_source_total", slot);
		text_print(text, ",source=\"pinned\"} %" PRIu64 "\n",
		    slot->counters[STATS_ANSWERED] -
			slot->counters[STATS_UNPINNED]);
		print_labels(text, "replies_by_source_total", slot);
		text_print(text, ",source=\"fallback\"} %" PRIu64 "\n",
		    slot->counters[STATS_UNPINNED]);
		print_labels(text, "replies_by_source_total", slot);
		text_print(text, ",source=\"gone\"} %" PRIu64 "\n",
		    slot->counters[STATS_DROPPED + DROP_SOURCE_GONE]);
	}
}

static void
print_drops(const struct report *report, struct text *text)
{
	size_t i, reason;

	print_head(text, "drops_total", "counter",
	    "Datagrams received and not answered, by reason.");
	for (i = 0; i < report->slot_count; i++)
		for (reason = PASS + 1; reason < VERDICT_COUNT; reason++) {
			print_labels(text, "drops_total", &report->slots[i]);
			text_print(text, ",reason=\"%s\"} %" PRIu64 "\n",
			    verdict_name(reason),
			    report->slots[i].counters[STATS_DROPPED + reason]);
		}
	print_head(text, "kernel_drops_total", "counter",
	    "Datagrams that the system dropped because the receive buffer was "
	    "full.");
	for (i = 0; i < report->slot_count; i++) {
		print_labels(text, "kernel_drops_total", &report->slots[i]);
		text_print(
		    text, "} %" PRIu64 "\n", report->slots[i].kernel_drops);
	}
}

static void
print_delays(const struct report *report, struct text *text)
{
	const struct report_slot *slot;
	uint64_t sum;
	size_t i, j;

	print_head(text, "queue_delay_seconds", "histogram",
	    "Time from the kernel's receive timestamp to the answer.");
	for (i = 0; i < report->slot_count; i++) {
		slot = &report->slots[i];
		sum = 0;
		for (j = 0; j < STATS_DELAYS; j++) {
			sum += slot->delays[j];
			print_labels(text, "queue_delay_seconds_bucket", slot);
			if (j + 1 < STATS_DELAYS)
				text_print(text, ",le=\"%g\"} %" PRIu64 "\n",
				    (double)stats_delay_bounds[j] / 1e9, sum);
			else
				text_print(
				    text, ",le=\"+Inf\"} %" PRIu64 "\n", sum);
		}
		print_labels(text, "queue_delay_seconds_sum", slot);
		text_print(text, "} %.9f\n", (double)slot->delay_sum / 1e9);
		print_labels(text, "queue_delay_seconds_count", slot);
		text_print(text, "} %" PRIu64 "\n", sum);
	}
}

static void
print_daemon(const struct report *report, struct text *text)
{
	print_head(text, "reloads_total", "counter",
	    "Configuration reloads, by result.");
	text_print(text,
	    "multihomed_reloads_total{result=\"good\"} %" PRIu64 "\n"
	    "multihomed_reloads_total{result=\"refused\"} %" PRIu64 "\n",
	    report->reloads, report->reloads_failed);
	print_head(text, "ready", "gauge", "0 while draining.");
	text_print(text, "multihomed_ready %d\n", report->ready);
	print_head(text, "healthy", "gauge",
	    "1 if all sockets answered the last self-probe.");
	text_print(text, "multihomed_healthy %d\n", report->healthy);
	print_head(text, "workers", "gauge", "Threads that answer.");
	text_print(text, "multihomed_workers %u\n", report->workers);
	print_head(text, "start_time_seconds", "gauge",
	    "When the daemon was started, in Unix time.");
	text_print(text, "multihomed_start_time_seconds %.3f\n",
	    (double)report->started_ns / 1e9);
	print_head(text, "build_info", "gauge", "The version; always 1.");
	text_print(
	    text, "multihomed_build_info{version=\"%s\"} 1\n", mh_version());
}

void
report_metrics(const struct report *report, struct text *text)
{
	print_requests(report, text);
	print_asked(report, text);
	print_head(text, "self_probes_total", "counter",
	    "Datagrams of the daemon's own self-probe; requests and replies "
	    "have them, too.");
	print_counter(report, text, "self_probes_total", STATS_OWN);
	print_head(text, "replies_total", "counter", "Replies sent.");
	print_counter(report, text, "replies_total", STATS_ANSWERED);
	print_head(text, "silent_total", "counter",
	    "Datagrams that the service had no answer to.");
	print_counter(report, text, "silent_total", STATS_SILENT);
	print_head(
	    text, "received_bytes_total", "counter", "Payload received.");
	print_counter(report, text, "received_bytes_total", STATS_BYTES_IN);
	print_head(text, "sent_bytes_total", "counter", "Payload sent.");
	print_counter(report, text, "sent_bytes_total", STATS_BYTES_OUT);
	print_head(text, "control_truncated_total", "counter",
	    "Datagrams that came with less than the system knew of them.");
	print_counter(
	    report, text, "control_truncated_total", STATS_CONTROL_TRUNCATED);
	print_head(text, "receive_failed_total", "counter",
	    "Times that the system refused to hand over what came.");
	print_counter(
	    report, text, "receive_failed_total", STATS_RECEIVE_FAILED);
	print_sources(report, text);
	print_drops(report, text);
	print_delays(report, text);
	print_daemon(report, text);
}

/*
 * The page.
 */

/* HTML needs few characters written otherwise. */
static void
print_escaped(struct text *text, const char *plain)
{
	for (; *plain != '\0'; plain++)
		switch (*plain) {
		case '<':
			text_print(text, "&lt;");
			break;
		case '>':
			text_print(text, "&gt;");
			break;
		case '&':
			text_print(text, "&amp;");
			break;
		default:
			text_print(text, "%c", *plain);
		}
}

static void
print_slot(struct text *text, const struct report_slot *slot)
{
	char address[MH_ADDRESS_TEXT];

	text_print(text, "<tr><td>");
	print_escaped(text, slot->service);
	text_print(text,
	    "</td><td>%s</td><td>%" PRIu64 "</td><td>%" PRIu64
	    "</td><td>%" PRIu64 "</td><td>%" PRIu64 "</td><td>%" PRIu64
	    "</td></tr>\n",
	    mh_endpoint_format(&slot->bound, address, sizeof(address)),
	    slot->counters[STATS_RECEIVED], slot->counters[STATS_ANSWERED],
	    slot->counters[STATS_SILENT], stats_dropped(slot->counters),
	    slot->kernel_drops);
}

static void
print_slot_details(struct text *text, const struct report_slot *slot)
{
	char address[MH_ADDRESS_TEXT];
	size_t i;

	text_print(text, "<h2>");
	print_escaped(text, slot->service);
	text_print(text,
	    " %s</h2>\n<table>\n<tr><th>asked</th><th>"
	    "received</th></tr>\n",
	    mh_endpoint_format(&slot->bound, address, sizeof(address)));
	for (i = 0; i < slot->local_count; i++)
		text_print(text, "<tr><td>%s</td><td>%" PRIu64 "</td></tr>\n",
		    mh_address_format(
			&slot->locals[i], address, sizeof(address)),
		    slot->local_counts[i]);
	text_print(text,
	    "</table>\n<table>\n<tr><th>dropped</th><th>"
	    "datagrams</th></tr>\n");
	for (i = PASS + 1; i < VERDICT_COUNT; i++)
		if (slot->counters[STATS_DROPPED + i] != 0)
			text_print(text,
			    "<tr><td>%s</td><td>%" PRIu64 "</td></tr>\n",
			    verdict_name(i), slot->counters[STATS_DROPPED + i]);
	text_print(text, "</table>\n");
}

void
report_page(const struct report *report, struct text *text)
{
	size_t i;

	text_print(text,
	    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
	    "<meta charset=\"utf-8\">\n<title>multihomed</title>\n"
	    "<style>body{font-family:sans-serif}td,th{padding:.2em 1em;"
	    "text-align:left}td+td{text-align:right}</style>\n"
	    "</head>\n<body>\n<h1>multihomed on ");
	print_escaped(text, report->node);
	text_print(text,
	    "</h1>\n<p>%s, %s; up %" PRId64 " s; %u worker%s; version %s</p>\n"
	    "<table>\n<tr><th>service</th><th>endpoint</th><th>received</th>"
	    "<th>answered</th><th>silent</th><th>dropped</th>"
	    "<th>dropped by the system</th></tr>\n",
	    report->healthy ? "healthy" : "NOT HEALTHY",
	    report->ready ? "ready" : "draining",
	    (report->now_ns - report->started_ns) / 1000000000, report->workers,
	    report->workers == 1 ? "" : "s", mh_version());
	for (i = 0; i < report->slot_count; i++)
		print_slot(text, &report->slots[i]);
	text_print(text, "</table>\n");
	for (i = 0; i < report->slot_count; i++)
		print_slot_details(text, &report->slots[i]);
	text_print(text,
	    "<p><a href=\"/metrics\">metrics</a></p>\n</body>\n"
	    "</html>\n");
}
