/* SPDX-License-Identifier: ISC */
/*
 * A session as a JSON object on a line of its own.
 */
#include "probe/json.h"

#include "common/json.h"
#include "probe/describe.h"
#include "probe/summary.h"

#include <inttypes.h>

/* The longest value: a text of describe.h, or a name of the DNS. */
#define VALUE_MAX DESCRIBE_TEXT

/* A string and its name, after another member. */
static void
put_string(FILE *file, const char *name, const char *value)
{
	char buffer[JSON_STRING_SIZE(VALUE_MAX)];
	struct strbuf string = strbuf_over(buffer, sizeof(buffer));

	json_string(&string, value);
	fprintf(file, ",\"%s\":%s", name, string.text);
}

static void
put_number(FILE *file, const char *name, uint64_t value)
{
	fprintf(file, ",\"%s\":%" PRIu64, name, value);
}

static void
put_address(FILE *file, const char *name, const struct mh_address *address)
{
	char text[MH_ADDRESS_TEXT];

	if (address->family != MH_FAMILY_NONE)
		put_string(
		    file, name, mh_address_format(address, text, sizeof(text)));
}

static void
put_milliseconds(FILE *file, const char *name, double ns)
{
	fprintf(file, ",\"%s\":%.6f", name, ns / 1e6);
}

static void
put_times(FILE *file, struct session *session)
{
	static const struct {
		unsigned int percent;
		const char *name;
	} percentiles[] = { { 50, "p50" }, { 90, "p90" }, { 95, "p95" },
		{ 99, "p99" } };
	const struct rtt *rtt = &session->rtt;
	int64_t ns;
	size_t i;

	if (rtt->count == 0)
		return;
	fprintf(file, ",\"rtt_ms\":{\"min\":%.6f", (double)rtt->min / 1e6);
	put_milliseconds(file, "avg", rtt->mean);
	put_milliseconds(file, "max", (double)rtt->max);
	put_milliseconds(file, "stddev", rtt_deviation(rtt));
	for (i = 0; i < sizeof(percentiles) / sizeof(percentiles[0]); i++)
		if (rtt_percentile(&session->rtt, percentiles[i].percent, &ns))
			put_milliseconds(file, percentiles[i].name, (double)ns);
	fputc('}', file);
	put_number(file, "rtt_by_system", rtt->by_system);
}

static void
put_delay(FILE *file, const char *name, const struct oneway_delay *delay)
{
	fprintf(file, ",\"%s\":{\"min\":%.6f", name, (double)delay->min / 1e6);
	put_milliseconds(file, "avg", delay->mean);
	put_milliseconds(file, "max", (double)delay->max);
	fputc('}', file);
}

/* Each direction by itself, if the server says enough. */
static void
put_oneway(FILE *file, const struct session *session)
{
	const struct oneway *oneway = &session->oneway;
	uint32_t there, back;

	if (session->plan->paths == 1 && oneway_loss(oneway, &there, &back)) {
		put_number(file, "lost_there", there);
		put_number(file, "lost_back", back);
	}
	if (oneway->count == 0)
		return;
	put_delay(file, "there_ms", &oneway->there);
	put_delay(file, "back_ms", &oneway->back);
	fprintf(file, ",\"clock_synchronised\":%s",
	    oneway->synchronised ? "true" : "false");
	put_milliseconds(file, "clock_error_ms", (double)oneway->error_ns);
}

static void
put_icmp(FILE *file, const struct session *session)
{
	const char *comma = "";
	unsigned int i;

	for (i = 0; i < SESSION_ICMP_KINDS && session->icmp[i] == 0; i++)
		;
	if (i == SESSION_ICMP_KINDS)
		return;
	fputs(",\"icmp\":{", file);
	for (; i < SESSION_ICMP_KINDS; i++) {
		if (session->icmp[i] == 0)
			continue;
		fprintf(file, "%s\"%s\":%" PRIu32, comma,
		    mh_icmp_text((enum mh_icmp_kind)i), session->icmp[i]);
		comma = ",";
	}
	fputc('}', file);
	put_address(file, "icmp_from", &session->reporter);
}

static const char *
verdict_word(enum session_verdict verdict)
{
	static const char *const words[] = {
		[SESSION_OK] = "ok",
		[SESSION_WRONG] = "wrong",
		[SESSION_WRONG_PORT] = "wrong-port",
		[SESSION_SILENT] = "no-answer",
		[SESSION_UNREACHABLE] = "icmp",
		[SESSION_ERROR] = "error",
	};

	return words[verdict];
}

static void
put_marks(FILE *file, const struct marks *marks)
{
	if (marks->ttl >= 0)
		put_number(file, "ttl", (uint64_t)marks->ttl);
	if (marks->tos >= 0) {
		put_number(file, "dscp", (uint64_t)marks->tos >> 2);
		put_string(file, "ecn", marks_ecn_names[marks->tos & 3]);
	}
	if (marks->congested > 0)
		put_number(file, "congestion_experienced", marks->congested);
}

/* What only some runs have. */
static void
put_rest(FILE *file, const struct session *session)
{
	if (session->wrong > 0 || session->wrong_port > 0) {
		put_address(file, "answered_from", &session->wrong_from);
		put_number(
		    file, "answered_from_port", session->wrong_from.port);
	}
	if (session->plan->paths > 1) {
		put_number(file, "source_ports", session->plan->paths);
		put_number(
		    file, "source_ports_answered", session->paths_answered);
	}
	if (session->plan->sweep_to != 0) {
		put_number(file, "largest_request", session->largest_request);
		put_number(file, "largest_answer", session->largest_answer);
	}
	put_marks(file, &session->marks);
	if (session->detail[0] != '\0')
		put_string(file, "detail", session->detail);
	if (session->note[0] != '\0')
		put_string(file, "note", session->note);
	if (session->error[0] != '\0')
		put_string(file, "error", session->error);
}

void
json_print(FILE *file, struct session *session)
{
	char text[DESCRIBE_TEXT];

	fprintf(file, "{\"service\":\"%s\"", session->plan->protocol->name);
	put_string(file, "target", describe_label(session, text));
	if (session->name[0] != '\0')
		put_string(file, "name", session->name);
	put_address(file, "address", &session->peer);
	put_number(file, "port", session->peer.port);
	put_address(file, "from", &session->from);
	put_string(file, "source", verdict_word(session_verdict(session)));
	put_number(file, "sent", session->sent);
	put_number(file, "received", session->received);
	fprintf(file, ",\"loss_percent\":%.2f",
	    summary_loss(session->sent, session->received));
	put_number(file, "from_elsewhere", session->wrong);
	put_number(file, "from_other_port", session->wrong_port);
	put_number(file, "duplicates", session->duplicates);
	put_number(file, "reordered", session->reordered);
	put_number(file, "late", session->late);
	put_number(file, "not_an_answer", session->stray);
	put_icmp(file, session);
	put_times(file, session);
	put_oneway(file, session);
	put_rest(file, session);
	fputs("}\n", file);
}
