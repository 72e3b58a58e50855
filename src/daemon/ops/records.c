/* SPDX-License-Identifier: ISC */
/*
 * Sums over the workers, in memory of fixed size: of what does not fit, the
 * latest or the largest stay.
 */
#include "daemon/ops/records.h"

#include <string.h>

void
records_add(struct records *records, const struct path_memory *memory)
{
	int64_t covered;

	if (memory->drops != NULL)
		drops_merge(&records->drops, memory->drops);
	if (memory->top == NULL)
		return;
	covered = top_collect(memory->top, &records->peers, records->now);
	if (covered > records->peers_ns)
		records->peers_ns = covered;
}

/* In the order of their last use. */
static void
insert(struct records *records, const char *service,
    const struct session_view *view)
{
	size_t at = records->session_count;
	struct records_session *list = records->sessions;

	while (at > 0 && list[at - 1].view.used_at < view->used_at)
		at--;
	if (at == RECORDS_SESSIONS)
		return;
	if (records->session_count < RECORDS_SESSIONS)
		records->session_count++;
	memmove(&list[at + 1], &list[at],
	    (records->session_count - 1 - at) * sizeof(*list));
	list[at] = (struct records_session){ service, *view };
}

/* The same socket of another worker has its entry; NULL: there are too many. */
static struct records_table *
find_table(struct records *records, const char *service,
    const struct mh_address *bound)
{
	struct records_table *table = records->tables;
	struct records_table *end = table + records->table_count;

	for (; table < end; table++)
		if (strcmp(table->service, service) == 0 &&
		    table->bound.port == bound->port &&
		    mh_address_compare(&table->bound, bound) == 0)
			return table;
	if (records->table_count == RECORDS_TABLES)
		return NULL;
	records->table_count++;
	*table = (struct records_table){ .service = service, .bound = *bound };
	return table;
}

void
records_add_sessions(struct records *records, const char *service,
    const struct mh_address *bound, const struct session_table *table)
{
	struct records_table *sum = find_table(records, service, bound);
	struct session_view list[RECORDS_SESSIONS];
	size_t i, count = session_list(table, list, RECORDS_SESSIONS);

	for (i = 0; i < count; i++)
		insert(records, service, &list[i]);
	if (sum == NULL)
		return;
	sum->count += session_count(table);
	sum->limit += session_limit(table);
}
