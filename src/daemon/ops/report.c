/* SPDX-License-Identifier: ISC */
/*
 * Each answer is a few parts: what comes once, and what comes for each of a
 * number of things, one piece at a time.
 */
#include "daemon/ops/report.h"

#include "common/json.h"
#include "common/request.h"
#include "daemon/ops/records.h"
#include "daemon/ops/report_drops.h"
#include "daemon/ops/report_pieces.h"
#include "daemon/ops/report_top.h"

#include <inttypes.h>

#define SECOND INT64_C(1000000000)

/* A part; either function may be NULL. */
struct part {
	void (*once)(const struct snapshot *snapshot, struct strbuf *text);
	void (*each)(const struct snapshot *snapshot, size_t number,
	    struct strbuf *text);
	size_t (*count)(const struct snapshot *snapshot); /* of each */
};

static size_t
count_bindings(const struct snapshot *snapshot)
{
	return snapshot->binding_count;
}

static size_t
count_reasons(const struct snapshot *snapshot)
{
	(void)snapshot;
	return VERDICT_COUNT;
}

/*
 * status
 */

static const char *
flag(bool value)
{
	return value ? "true" : "false";
}

static void
status_text(const struct snapshot *snapshot, struct strbuf *text)
{
	strbuf_print(text, "multihomed %s on %s: %s, %s\nup ", mh_version(),
	    snapshot->node, snapshot->ready ? "ready" : "draining",
	    snapshot->healthy ? "healthy" : "NOT HEALTHY");
	report_put_age(text, snapshot->now_ns - snapshot->started_ns);
	strbuf_print(text, ", %u worker%s, log level %s\nconfiguration of ",
	    snapshot->workers, snapshot->workers == 1 ? "" : "s",
	    request_levels[snapshot->log_level]);
	report_put_time(text, snapshot->reloaded_ns);
	strbuf_print(text, "; reloads: %" PRIu64 ", failed: %" PRIu64 "%s\n\n",
	    snapshot->reloads, snapshot->reloads_failed,
	    snapshot->reload_failed ? ", and so did the last one" : "");
	strbuf_print(text, "%-10s %-27s %12s %12s %10s %10s\n", "SERVICE",
	    "ENDPOINT", "RECEIVED", "ANSWERED", "DROPPED", "KERNEL");
}

static void
status_row(const struct snapshot *snapshot, size_t number, struct strbuf *text)
{
	const struct snapshot_binding *binding = &snapshot->bindings[number];
	char bound[MH_ADDRESS_TEXT];

	strbuf_print(text,
	    "%-10s %-27s %12" PRIu64 " %12" PRIu64 " %10" PRIu64 " %10" PRIu64
	    "\n",
	    binding->service,
	    mh_endpoint_format(&binding->bound, bound, sizeof(bound)),
	    binding->counters[STATS_RECEIVED],
	    binding->counters[STATS_ANSWERED], stats_dropped(binding->counters),
	    binding->kernel_drops);
}

static void
status_json(const struct snapshot *snapshot, struct strbuf *text)
{
	strbuf_print(text, "{\"version\":\"%s\"", mh_version());
	json_member(text, "node", snapshot->node);
	strbuf_print(text,
	    ",\"ready\":%s,\"healthy\":%s,\"workers\":%u,"
	    "\"log_level\":\"%s\",\"started\":\"",
	    flag(snapshot->ready), flag(snapshot->healthy), snapshot->workers,
	    request_levels[snapshot->log_level]);
	report_put_time(text, snapshot->started_ns);
	strbuf_print(text, "\",\"configured\":\"");
	report_put_time(text, snapshot->reloaded_ns);
	strbuf_print(text,
	    "\",\"reloads\":%" PRIu64 ",\"reloads_failed\":%" PRIu64
	    ",\"last_reload_successful\":%s,\"sockets\":[",
	    snapshot->reloads, snapshot->reloads_failed,
	    flag(!snapshot->reload_failed));
}

static void
status_item(const struct snapshot *snapshot, size_t number, struct strbuf *text)
{
	const struct snapshot_binding *binding = &snapshot->bindings[number];
	const uint64_t *counters = binding->counters;
	char bound[MH_ADDRESS_TEXT];

	strbuf_print(text, "%s\n{\"service\":", number > 0 ? "," : "");
	json_string(text, binding->service);
	json_member(text, "endpoint",
	    mh_endpoint_format(&binding->bound, bound, sizeof(bound)));
	strbuf_print(text,
	    ",\"received\":%" PRIu64 ",\"answered\":%" PRIu64
	    ",\"silent\":%" PRIu64 ",\"dropped\":%" PRIu64
	    ",\"kernel_drops\":%" PRIu64 "}",
	    counters[STATS_RECEIVED], counters[STATS_ANSWERED],
	    counters[STATS_SILENT], stats_dropped(counters),
	    binding->kernel_drops);
}

/*
 * sessions
 */

static size_t
count_sessions(const struct snapshot *snapshot)
{
	return snapshot->records->session_count;
}

static void
sessions_text(const struct snapshot *snapshot, struct strbuf *text)
{
	const struct records *records = snapshot->records;
	const struct records_table *table = records->tables;
	char bound[MH_ADDRESS_TEXT];
	size_t i;

	report_put_late(snapshot, text);
	for (i = 0; i < records->table_count; i++, table++)
		strbuf_print(text, "%s %s: %" PRIu64 " of %" PRIu64 "\n",
		    table->service,
		    mh_endpoint_format(&table->bound, bound, sizeof(bound)),
		    table->count, table->limit);
	if (records->table_count == 0)
		strbuf_print(text, "no service has sessions\n");
}

static void
sessions_row(
    const struct snapshot *snapshot, size_t number, struct strbuf *text)
{
	const struct records_session *session =
	    &snapshot->records->sessions[number];
	char peer[MH_ADDRESS_TEXT], local[MH_ADDRESS_TEXT];

	strbuf_print(text, "    %s to %s, %s: idle for ",
	    mh_endpoint_format(&session->view.peer, peer, sizeof(peer)),
	    mh_endpoint_format(&session->view.local, local, sizeof(local)),
	    session->service);
	report_put_age(text, snapshot->records->now - session->view.used_at);
	strbuf_print(text, "\n");
}

static void
sessions_json(const struct snapshot *snapshot, struct strbuf *text)
{
	const struct records *records = snapshot->records;
	const struct records_table *table = records->tables;
	char bound[MH_ADDRESS_TEXT];
	size_t i;

	strbuf_print(text, "{\"workers_late\":%u,\"sockets\":[", records->late);
	for (i = 0; i < records->table_count; i++, table++) {
		strbuf_print(text, "%s\n{\"service\":", i > 0 ? "," : "");
		json_string(text, table->service);
		json_member(text, "endpoint",
		    mh_endpoint_format(&table->bound, bound, sizeof(bound)));
		strbuf_print(text,
		    ",\"sessions\":%" PRIu64 ",\"limit\":%" PRIu64 "}",
		    table->count, table->limit);
	}
	strbuf_print(text, "],\"sessions\":[");
}

static void
sessions_item(
    const struct snapshot *snapshot, size_t number, struct strbuf *text)
{
	const struct records_session *session =
	    &snapshot->records->sessions[number];
	char address[MH_ADDRESS_TEXT];

	strbuf_print(text, "%s\n{\"service\":", number > 0 ? "," : "");
	json_string(text, session->service);
	json_member(text, "peer",
	    mh_endpoint_format(&session->view.peer, address, sizeof(address)));
	json_member(text, "local",
	    mh_endpoint_format(&session->view.local, address, sizeof(address)));
	strbuf_print(text, ",\"idle_seconds\":%" PRId64 "}",
	    (snapshot->records->now - session->view.used_at) / SECOND);
}

/* What each is made of: for people, and as JSON; up to one without both. */
static const struct part parts[][2][4] = {
	[REQUEST_STATUS] = { { { status_text, status_row, count_bindings } },
	    { { status_json, status_item, count_bindings },
		{ report_put_end, NULL, NULL } } },
	[REQUEST_DROPS] = { { { report_put_late, report_drops_reason,
				  count_reasons },
				{ report_drops_end, NULL, NULL } },
	    { { report_drops_begin_json, report_drops_reason_json,
		  count_reasons },
		{ report_put_end, NULL, NULL } } },
	[REQUEST_TOP] = { { { report_top_peers, report_top_add,
				count_bindings },
			      { report_top_locals, NULL, NULL } },
	    { { report_top_peers_json, report_top_add, count_bindings },
		{ report_top_locals_json, NULL, NULL } } },
	[REQUEST_SESSIONS] = { { { sessions_text, sessions_row,
				   count_sessions } },
	    { { sessions_json, sessions_item, count_sessions },
		{ report_put_end, NULL, NULL } } },
};

bool
report_step(const struct snapshot *snapshot, struct snapshot_cursor *cursor,
    struct strbuf *text)
{
	const struct request *query = snapshot->query;
	const struct part *part =
	    &parts[query->verb][query->is_json][cursor->part];
	size_t count = part->each != NULL ? part->count(snapshot) : 0;

	if (part->once == NULL)
		return false;
	if (cursor->binding == 0)
		part->once(snapshot, text);
	if (cursor->binding < count)
		part->each(snapshot, cursor->binding, text);
	if (++cursor->binding >= count)
		*cursor = (struct snapshot_cursor){ .part = cursor->part + 1 };
	return true;
}
