/* SPDX-License-Identifier: ISC */
/*
 * A row as a JSON object on a line of its own.
 */
#include "probe/json.h"

#include "probe/summary.h"

#include <inttypes.h>

/*
 * The length of the character of more than one byte that stands there, 2 to 4
 * bytes; 0: there is none in UTF-8, RFC 3629.
 */
static size_t
utf8_length(const unsigned char *at)
{
	static const struct {
		unsigned char first, last; /* of the first byte */
		unsigned char low, high;   /* of the second */
		size_t length;
	} forms[] = {
		{ 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 }, /* not overlong */
		{ 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 }, /* no surrogates */
		{ 0xee, 0xef, 0x80, 0xbf, 3 }, { 0xf0, 0xf0, 0x90, 0xbf, 4 },
		{ 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 }, /* up to U+10FFFF */
	};
	size_t i, more;

	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (at[0] < forms[i].first || at[0] > forms[i].last)
			continue;
		if (at[1] < forms[i].low || at[1] > forms[i].high)
			return 0;
		for (more = 2; more < forms[i].length; more++)
			if ((at[more] & 0xc0) != 0x80)
				return 0;
		return forms[i].length;
	}
	return 0;
}

/* A string, with its name before it; always another member before that. */
static void
put_string(FILE *file, const char *name, const char *value)
{
	const unsigned char *at = (const unsigned char *)value;
	size_t length;

	fprintf(file, ",\"%s\":\"", name);
	for (; *at != '\0'; at += length) {
		length = utf8_length(at);
		if (length > 0) {
			fwrite(at, 1, length, file);
			continue;
		}
		length = 1;
		if (*at == '"' || *at == '\\')
			fprintf(file, "\\%c", *at);
		else if (*at < 0x20 || *at > 0x7e)
			fprintf(file, "\\u%04x", *at);
		else
			fputc(*at, file);
	}
	fputc('"', file);
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
put_times(FILE *file, struct row *row)
{
	static const struct {
		unsigned int percent;
		const char *name;
	} percentiles[] = { { 50, "p50" }, { 90, "p90" }, { 95, "p95" },
		{ 99, "p99" } };
	const struct rtt *rtt = &row->rtt;
	int64_t ns;
	size_t i;

	if (rtt->count == 0)
		return;
	fprintf(file, ",\"rtt_ms\":{\"min\":%.6f", (double)rtt->min / 1e6);
	put_milliseconds(file, "avg", rtt->mean);
	put_milliseconds(file, "max", (double)rtt->max);
	put_milliseconds(file, "stddev", rtt_deviation(rtt));
	for (i = 0; i < sizeof(percentiles) / sizeof(percentiles[0]); i++)
		if (rtt_percentile(&row->rtt, percentiles[i].percent, &ns))
			put_milliseconds(file, percentiles[i].name, (double)ns);
	fputc('}', file);
}

static void
put_icmp(FILE *file, const struct row *row)
{
	const char *comma = "";
	unsigned int i;

	for (i = 0; i < ROW_ICMP_KINDS && row->icmp[i] == 0; i++)
		;
	if (i == ROW_ICMP_KINDS)
		return;
	fputs(",\"icmp\":{", file);
	for (; i < ROW_ICMP_KINDS; i++) {
		if (row->icmp[i] == 0)
			continue;
		fprintf(file, "%s\"%s\":%" PRIu32, comma,
		    mh_icmp_text((enum mh_icmp_kind)i), row->icmp[i]);
		comma = ",";
	}
	fputc('}', file);
	put_address(file, "icmp_from", &row->reporter);
}

static const char *
verdict_word(enum row_verdict verdict)
{
	static const char *const words[] = {
		[ROW_OK] = "ok",
		[ROW_WRONG] = "wrong",
		[ROW_WRONG_PORT] = "wrong-port",
		[ROW_SILENT] = "no-answer",
		[ROW_UNREACHABLE] = "icmp",
		[ROW_ERROR] = "error",
	};

	return words[verdict];
}

/* What only some runs have. */
static void
put_rest(FILE *file, const struct row *row)
{
	if (row->wrong > 0 || row->wrong_port > 0) {
		put_address(file, "answered_from", &row->wrong_from);
		put_number(file, "answered_from_port", row->wrong_from.port);
	}
	if (row->plan->paths > 1) {
		put_number(file, "source_ports", row->plan->paths);
		put_number(file, "source_ports_answered", row->paths_answered);
	}
	if (row->plan->sweep_to != 0) {
		put_number(file, "largest_request", row->largest_request);
		put_number(file, "largest_answer", row->largest_answer);
	}
	if (row->ttl >= 0)
		put_number(file, "ttl", (uint64_t)row->ttl);
	if (row->detail[0] != '\0')
		put_string(file, "detail", row->detail);
	if (row->note[0] != '\0')
		put_string(file, "note", row->note);
	if (row->error[0] != '\0')
		put_string(file, "error", row->error);
}

void
json_print(FILE *file, struct row *row)
{
	char text[ROW_TEXT];

	fprintf(file, "{\"service\":\"%s\"", row->plan->ask->name);
	put_string(file, "target", row_label(row, text));
	if (row->name[0] != '\0')
		put_string(file, "name", row->name);
	put_address(file, "address", &row->peer);
	put_number(file, "port", row->peer.port);
	put_address(file, "from", &row->from);
	put_string(file, "source", verdict_word(row_verdict(row)));
	put_number(file, "sent", row->sent);
	put_number(file, "received", row->received);
	fprintf(file, ",\"loss_percent\":%.2f",
	    tally_loss(row->sent, row->received));
	put_number(file, "from_elsewhere", row->wrong);
	put_number(file, "from_other_port", row->wrong_port);
	put_number(file, "duplicates", row->duplicates);
	put_number(file, "reordered", row->reordered);
	put_number(file, "late", row->late);
	put_number(file, "not_an_answer", row->stray);
	put_icmp(file, row);
	put_times(file, row);
	put_rest(file, row);
	fputs("}\n", file);
}
