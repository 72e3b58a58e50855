/* SPDX-License-Identifier: ISC */
/*
 * A snapshot as HTML: a table of all sockets, then for each the addresses asked
 * and the drop reasons.
 */
#include "daemon/ops/page.h"

#include <inttypes.h>

/*
 * A table whose first column, or first two, are words; on a narrow screen it is
 * what moves aside, not the page.
 */
#define TABLE "<div><table>\n"
#define TABLE_OF_TWO "<div><table class=\"two\">\n"
#define END_OF_TABLE "</table></div>\n"

/* As text between tags; attributes would need quotes escaped, too. */
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

/* Of people: self-probes are apart.  Other threads count meanwhile. */
static uint64_t
of_others(uint64_t all, uint64_t own)
{
	return all > own ? all - own : 0;
}

static void
print_binding(struct strbuf *text, const struct snapshot *snapshot,
    const struct snapshot_binding *binding)
{
	const uint64_t own = binding->counters[STATS_OWN];
	char address[MH_ADDRESS_TEXT];

	(void)snapshot;
	strbuf_print(text, "<tr><td>");
	print_escaped(text, binding->service);
	strbuf_print(text,
	    "</td><td>%s</td><td>%" PRIu64 "</td><td>%" PRIu64
	    "</td><td>%" PRIu64 "</td><td>%" PRIu64 "</td><td>%" PRIu64
	    "</td><td>%" PRIu64 "</td></tr>\n",
	    mh_endpoint_format(&binding->bound, address, sizeof(address)),
	    of_others(binding->counters[STATS_RECEIVED], own),
	    of_others(binding->counters[STATS_ANSWERED], own),
	    binding->counters[STATS_SILENT], stats_dropped(binding->counters),
	    binding->kernel_drops, own);
}

/* In plain words, with what has become of them. */
static void
print_faults(struct strbuf *text, const struct snapshot_binding *binding)
{
	const uint64_t *counters = binding->counters;
	size_t i;

	if (!fault_any(&binding->faults))
		return;
	strbuf_print(text,
	    "<p>This service makes faults on purpose in its replies to peers "
	    "in trust: ");
	fault_describe(&binding->faults, text);
	strbuf_print(text,
	    "</p>\n" TABLE "<tr><th>fault</th><th>made</th><th>not possible"
	    "</th></tr>\n");
	for (i = 0; i < FAULT_KINDS; i++)
		if (fault_is_set(&binding->faults.kinds[i]))
			strbuf_print(text,
			    "<tr><td>%s</td><td>%" PRIu64 "</td><td>%" PRIu64
			    "</td></tr>\n",
			    fault_name(i), counters[STATS_FAULT + i],
			    counters[STATS_FAULT_IMPOSSIBLE + i]);
	strbuf_print(text, END_OF_TABLE);
}

/* Which addresses were asked, each with the interface that it is on. */
static void
print_locals(struct strbuf *text, const struct snapshot *snapshot,
    const struct snapshot_binding *binding)
{
	char address[MH_ADDRESS_TEXT];
	size_t i;

	strbuf_print(text,
	    TABLE_OF_TWO "<tr><th>asked</th><th>interface</th>"
			 "<th>received</th><th>self-probes</th></tr>\n");
	for (i = 0; i < binding->local_count; i++) {
		strbuf_print(text, "<tr><td>%s</td><td>",
		    mh_address_format(
			&binding->locals[i], address, sizeof(address)));
		print_escaped(text,
		    snapshot->interface_of(
			snapshot->interface_argument, &binding->locals[i]));
		strbuf_print(text,
		    "</td><td>%" PRIu64 "</td><td>%" PRIu64 "</td></tr>\n",
		    of_others(binding->local_counts[i], binding->local_own[i]),
		    binding->local_own[i]);
	}
	strbuf_print(text, END_OF_TABLE);
}

/* Reasons that did not occur are not listed. */
static void
print_drops(struct strbuf *text, const struct snapshot_binding *binding)
{
	size_t i;

	if (stats_dropped(binding->counters) == 0)
		return;
	strbuf_print(
	    text, TABLE "<tr><th>dropped</th><th>datagrams</th></tr>\n");
	for (i = PASS + 1; i < VERDICT_COUNT; i++)
		if (binding->counters[STATS_DROPPED + i] != 0)
			strbuf_print(text,
			    "<tr><td>%s</td><td>%" PRIu64 "</td></tr>\n",
			    verdict_name(i),
			    binding->counters[STATS_DROPPED + i]);
	strbuf_print(text, END_OF_TABLE);
}

static void
print_binding_details(struct strbuf *text, const struct snapshot *snapshot,
    const struct snapshot_binding *binding)
{
	char address[MH_ADDRESS_TEXT];

	strbuf_print(text, "<h2>");
	print_escaped(text, binding->service);
	strbuf_print(text, " %s</h2>\n",
	    mh_endpoint_format(&binding->bound, address, sizeof(address)));
	print_locals(text, snapshot, binding);
	print_faults(text, binding);
	print_drops(text, binding);
}

static void
print_top(struct strbuf *text, const struct snapshot *snapshot)
{
	strbuf_print(text,
	    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
	    "<meta charset=\"utf-8\">\n"
	    "<meta http-equiv=\"refresh\" content=\"10\">\n"
	    "<meta name=\"color-scheme\" content=\"light dark\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width\">\n"
	    "<title>multihomed</title>\n"
	    "<style>:root{color-scheme:light dark}"
	    "body{font:1em/1.4 sans-serif;margin:1em}"
	    "h1,h2{line-height:1.2}h2{margin:1.5em 0 .5em}"
	    "div{overflow-x:auto;margin:.75em 0}"
	    "table{border-collapse:collapse;font-variant-numeric:tabular-nums}"
	    "td,th{padding:.2em .7em;text-align:left;white-space:nowrap}"
	    "td:first-child,th:first-child{padding-left:0}"
	    "td+td,th+th{text-align:right}"
	    ".two td:nth-child(2),.two th:nth-child(2){text-align:left}"
	    "tr+tr td{border-top:1px solid #8886}"
	    "@media(max-width:40em){body{font-size:.85em;margin:.7em}"
	    "td,th{padding:.2em .45em}}</style>\n"
	    "</head>\n<body>\n<h1>multihomed on ");
	print_escaped(text, snapshot->node);
	strbuf_print(text,
	    "</h1>\n<p>%s, %s; up %" PRId64
	    " s; %u worker%s; version %s</p>\n" TABLE_OF_TWO
	    "<tr><th>service</th><th>endpoint</th><th>received</th>"
	    "<th>answered</th><th>silent</th><th>dropped</th>"
	    "<th>dropped by the system</th><th>self-probes</th></tr>\n",
	    snapshot->healthy ? "healthy" : "NOT HEALTHY",
	    snapshot->ready ? "ready" : "draining",
	    (snapshot->now_ns - snapshot->started_ns) / 1000000000,
	    snapshot->workers, snapshot->workers == 1 ? "" : "s", mh_version());
}

static void
print_middle(struct strbuf *text, const struct snapshot *snapshot)
{
	(void)snapshot;
	strbuf_print(text, END_OF_TABLE);
}

static void
print_bottom(struct strbuf *text, const struct snapshot *snapshot)
{
	(void)snapshot;
	strbuf_print(text,
	    "<p><a href=\"/metrics\">metrics</a></p>\n</body>\n"
	    "</html>\n");
}

/* What comes once, and what comes for each socket after it. */
static const struct {
	void (*once)(struct strbuf *text, const struct snapshot *snapshot);
	void (*each)(struct strbuf *text, const struct snapshot *snapshot,
	    const struct snapshot_binding *binding);
} parts[] = {
	{ print_top, print_binding },
	{ print_middle, print_binding_details },
	{ print_bottom, NULL },
};

bool
page_step(const struct snapshot *snapshot, struct snapshot_cursor *cursor,
    struct strbuf *text)
{
	const size_t part = cursor->part;

	if (cursor->binding == 0)
		parts[part].once(text, snapshot);
	if (parts[part].each == NULL)
		return false;
	if (cursor->binding < snapshot->binding_count)
		parts[part].each(
		    text, snapshot, &snapshot->bindings[cursor->binding++]);
	if (cursor->binding == snapshot->binding_count)
		*cursor = (struct snapshot_cursor){ .part = part + 1 };
	return true;
}
