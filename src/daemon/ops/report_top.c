/* SPDX-License-Identifier: ISC */
/*
 * Lists that are sorted when they are shown.
 */
#include "daemon/ops/report_top.h"

#include "daemon/ops/records.h"
#include "daemon/ops/report_pieces.h"

#include <inttypes.h>
#include <string.h>

#define SECOND INT64_C(1000000000)

/* Peers and addresses that are listed. */
#define TOP_SHOWN 20

/* Sum up the local addresses of a socket. */
void
report_top_add(
    const struct snapshot *snapshot, size_t number, struct strbuf *text)
{
	const struct snapshot_binding *binding = &snapshot->bindings[number];
	struct top_list *locals = &snapshot->records->locals;
	size_t i;

	(void)text;
	for (i = 0; i < binding->local_count; i++)
		top_add(locals, &binding->locals[i], binding->local_counts[i]);
	locals->total += binding->other_locals;
}

/* "203.0.113.9", "2001:db8::/64"; a local address is one alone. */
static char *
format(const struct mh_address *address, bool is_source,
    char text[MH_ADDRESS_TEXT])
{
	mh_address_format(address, text, MH_ADDRESS_TEXT - 3);
	if (is_source && address->family == MH_FAMILY_IPV6)
		strcat(text, "/64");
	return text;
}

static double
share(const struct top_list *list, const struct top_entry *entry)
{
	return list->total == 0
	    ? 0
	    : 100.0 * (double)entry->count / (double)list->total;
}

static void
print_top(struct top_list *list, bool are_sources, struct strbuf *text)
{
	const struct top_entry *entry = list->entries;
	char address[MH_ADDRESS_TEXT];
	unsigned int i;

	top_sort(list);
	for (i = 0; i < list->used && i < TOP_SHOWN; i++, entry++)
		strbuf_print(text, "%12" PRIu64 " %5.1f %%  %s\n", entry->count,
		    share(list, entry),
		    format(&entry->address, are_sources, address));
	if (list->used == 0)
		strbuf_print(text, "%12s\n", "none");
}

void
report_top_peers(const struct snapshot *snapshot, struct strbuf *text)
{
	struct records *records = snapshot->records;

	report_put_late(snapshot, text);
	strbuf_print(text, "Peers, by samples of the last ");
	report_put_age(text, records->peers_ns);
	strbuf_print(text, ":\n");
	print_top(&records->peers, true, text);
}

void
report_top_locals(const struct snapshot *snapshot, struct strbuf *text)
{
	strbuf_print(text, "Local addresses, since the start:\n");
	print_top(&snapshot->records->locals, false, text);
}

static void
print_top_json(struct top_list *list, bool are_sources, struct strbuf *text)
{
	const struct top_entry *entry = list->entries;
	char address[MH_ADDRESS_TEXT];
	unsigned int i;

	top_sort(list);
	for (i = 0; i < list->used && i < TOP_SHOWN; i++, entry++)
		strbuf_print(text,
		    "%s\n{\"address\":\"%s\",\"datagrams\":%" PRIu64
		    ",\"percent\":%.1f}",
		    i > 0 ? "," : "",
		    format(&entry->address, are_sources, address), entry->count,
		    share(list, entry));
}

void
report_top_peers_json(const struct snapshot *snapshot, struct strbuf *text)
{
	strbuf_print(text,
	    "{\"workers_late\":%u,\"seconds\":%" PRId64 ",\"peers\":[",
	    snapshot->records->late, snapshot->records->peers_ns / SECOND);
	print_top_json(&snapshot->records->peers, true, text);
	strbuf_print(text, "],\"local_addresses\":[");
}

void
report_top_locals_json(const struct snapshot *snapshot, struct strbuf *text)
{
	print_top_json(&snapshot->records->locals, false, text);
	report_put_end(snapshot, text);
}
