/* SPDX-License-Identifier: ISC */
/*
 * The library numbers the reports of a socket one by one, so a table by number
 * holds the last ones, and each pushes the oldest out.
 */
#include "daemon/path/reports.h"

#include "lib/multihome_report.h"

#include <stdlib.h>

/* More than the system can have for one socket: so this ends. */
#define TAKEN_MAX (2 * REPORTS_KEPT)

/* After that many looks in vain, another is not worth a system call. */
#define VAIN_MAX 64

struct reports *
reports_new(void)
{
	return calloc(1, sizeof(struct reports));
}

void
reports_free(struct reports *reports)
{
	free(reports);
}

void
reports_request(
    struct reports *reports, struct mh_datagram *reply, uint64_t token)
{
	if (reports->wanted_count == REPORTS_KEPT)
		return;
	reply->report_sent = true;
	reports->wanted[reports->wanted_count++] =
	    (struct reports_wanted){ reply, token };
}

static void
remember(struct reports *reports, uint64_t id, uint64_t token)
{
	struct reports_sent *sent = &reports->sent[id % REPORTS_KEPT];

	reports->awaited += !sent->is_awaited;
	*sent = (struct reports_sent){ id, token, true };
}

void
reports_finish(struct reports *reports)
{
	struct reports_wanted *wanted = reports->wanted;
	struct reports_wanted *end = wanted + reports->wanted_count;

	for (; wanted < end; wanted++) {
		if (wanted->reply->status >= 0 && wanted->reply->sent_id != 0)
			remember(
			    reports, wanted->reply->sent_id, wanted->token);
		wanted->reply->report_sent = false;
	}
	reports->wanted_count = 0;
}

/* The reply that a report is about; NULL: a forgotten one. */
static const struct reports_sent *
find(struct reports *reports, uint64_t id)
{
	struct reports_sent *sent = &reports->sent[id % REPORTS_KEPT];

	if (id == 0 || sent->id != id)
		return NULL;
	/* It stays: there may be a second report, and a better one. */
	reports->awaited -= sent->is_awaited;
	sent->is_awaited = false;
	return sent;
}

/* There is nothing. */
static void
look_in_vain(struct reports *reports)
{
	unsigned int i;

	if (++reports->vain < VAIN_MAX)
		return;
	reports->vain = reports->awaited = 0;
	for (i = 0; i < REPORTS_KEPT; i++)
		reports->sent[i].is_awaited = false;
}

void
reports_take(struct reports *reports, struct mh_socket *socket,
    void (*tell)(void *state, uint64_t report, int64_t utc_ns), void *state)
{
	const struct reports_sent *sent;
	struct mh_report report;
	unsigned int taken = 0;

	while (taken < TAKEN_MAX && mh_socket_report(socket, &report) > 0) {
		taken++;
		sent = report.kind == MH_REPORT_SENT
		    ? find(reports, report.sent_id)
		    : NULL;
		if (sent != NULL && tell != NULL)
			tell(state, sent->token, report.sent_ns);
	}
	if (taken > 0)
		reports->vain = 0;
	else
		look_in_vain(reports);
}

void
reports_forget(struct reports *reports)
{
	*reports = (struct reports){ .wanted_count = 0 };
}
