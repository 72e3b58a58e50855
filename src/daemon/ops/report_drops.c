/* SPDX-License-Identifier: ISC */
/*
 * The numbers are those of all sockets; the peers are remembered.
 */
#include "daemon/ops/report_drops.h"

#include "common/json.h"
#include "common/request.h"
#include "daemon/ops/records.h"
#include "daemon/ops/report_pieces.h"
#include "daemon/path/explain.h"

#include <inttypes.h>

#define SECOND INT64_C(1000000000)

/* Bytes of an explanation. */
#define WHY_SIZE 256

/* Is that peer not to be shown? */
static bool
is_hidden(const struct snapshot *snapshot, const struct mh_address *peer)
{
	const struct mh_address *only = &snapshot->query->peer;

	return only->family != MH_FAMILY_NONE &&
	    mh_address_compare(only, peer) != 0;
}

/* Over all sockets. */
static uint64_t
count_drops(const struct snapshot *snapshot, size_t reason)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < snapshot->binding_count; i++)
		sum += snapshot->bindings[i].counters[STATS_DROPPED + reason];
	return sum;
}

/* Has a reason anything to show? */
static bool
has_drops(const struct snapshot *snapshot, size_t reason)
{
	const struct drops_entry *entry =
	    snapshot->records->drops.entries[reason];
	const struct drops_entry *end = entry + DROPS_KEPT;

	if (reason == PASS || count_drops(snapshot, reason) == 0)
		return false;
	if (snapshot->query->peer.family == MH_FAMILY_NONE)
		return true;
	while (entry < end &&
	    (entry->count == 0 || is_hidden(snapshot, &entry->peer)))
		entry++;
	return entry < end;
}

static void
drops_row(const struct snapshot *snapshot, size_t reason,
    const struct drops_entry *entry, struct strbuf *text)
{
	char local[MH_ADDRESS_TEXT];

	strbuf_print(text, "    ");
	explain_drop(text, reason, entry);
	strbuf_print(text, "\n        asked %s, %" PRIu64 " time%s, last ",
	    mh_endpoint_format(&entry->local, local, sizeof(local)),
	    entry->count, entry->count == 1 ? "" : "s");
	report_put_age(text, snapshot->records->now - entry->last);
	strbuf_print(text, " ago\n");
}

void
report_drops_reason(
    const struct snapshot *snapshot, size_t reason, struct strbuf *text)
{
	const struct drops_entry *entry =
	    snapshot->records->drops.entries[reason];
	size_t i, rows = 0;

	if (!has_drops(snapshot, reason))
		return;
	strbuf_print(text, "%s: %" PRIu64 "\n", verdict_name(reason),
	    count_drops(snapshot, reason));
	for (i = 0; i < DROPS_KEPT; i++, entry++)
		if (entry->count > 0 && !is_hidden(snapshot, &entry->peer)) {
			drops_row(snapshot, reason, entry, text);
			rows++;
		}
	if (rows > 0)
		return;
	/* Whose they were is not known of what has waited in a queue. */
	strbuf_print(text, "    ");
	explain_reason(text, reason, NULL);
	strbuf_print(text, "\n");
}

void
report_drops_end(const struct snapshot *snapshot, struct strbuf *text)
{
	char peer[MH_ADDRESS_TEXT];
	size_t reason = 0;

	while (reason < VERDICT_COUNT && !has_drops(snapshot, reason))
		reason++;
	if (reason < VERDICT_COUNT)
		return;
	if (snapshot->query->peer.family == MH_FAMILY_NONE)
		strbuf_print(text, "nothing was dropped\n");
	else
		strbuf_print(text,
		    "%s is not among the last peers of any reason\n",
		    mh_address_format(
			&snapshot->query->peer, peer, sizeof(peer)));
}

void
report_drops_begin_json(const struct snapshot *snapshot, struct strbuf *text)
{
	strbuf_print(
	    text, "{\"workers_late\":%u,\"drops\":[", snapshot->records->late);
}

static void
drops_item(const struct snapshot *snapshot, size_t reason,
    const struct drops_entry *entry, struct strbuf *text)
{
	char address[MH_ADDRESS_TEXT], why[WHY_SIZE];
	struct strbuf explanation = strbuf_over(why, sizeof(why));

	strbuf_print(text, "\n{\"peer\":");
	json_string(
	    text, mh_endpoint_format(&entry->peer, address, sizeof(address)));
	json_member(text, "local",
	    mh_endpoint_format(&entry->local, address, sizeof(address)));
	json_member(text, "service", entry->service->name);
	explain_reason(&explanation, reason, entry);
	json_member(text, "explanation", why);
	strbuf_print(text,
	    ",\"count\":%" PRIu64 ",\"seconds_ago\":%" PRId64
	    ",\"request_bytes\":%u,\"reply_bytes\":%u}",
	    entry->count, (snapshot->records->now - entry->last) / SECOND,
	    entry->request, entry->reply);
}

void
report_drops_reason_json(
    const struct snapshot *snapshot, size_t reason, struct strbuf *text)
{
	const struct drops_entry *entry =
	    snapshot->records->drops.entries[reason];
	char why[WHY_SIZE];
	struct strbuf explanation = strbuf_over(why, sizeof(why));
	const char *separator = "";
	bool is_first = true;
	size_t i;

	if (!has_drops(snapshot, reason))
		return;
	for (i = 0; i < reason && is_first; i++)
		is_first = !has_drops(snapshot, i);
	strbuf_print(text, "%s\n{\"reason\":\"%s\",\"count\":%" PRIu64,
	    is_first ? "" : ",", verdict_name(reason),
	    count_drops(snapshot, reason));
	explain_reason(&explanation, reason, NULL);
	json_member(text, "explanation", why);
	strbuf_print(text, ",\"peers\":[");
	for (i = 0; i < DROPS_KEPT; i++, entry++)
		if (entry->count > 0 && !is_hidden(snapshot, &entry->peer)) {
			strbuf_print(text, "%s", separator);
			drops_item(snapshot, reason, entry, text);
			separator = ",";
		}
	strbuf_print(text, "]}");
}
