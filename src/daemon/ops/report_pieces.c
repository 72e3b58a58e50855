/* SPDX-License-Identifier: ISC */
/*
 * Times, and JSON.
 */
#include "daemon/ops/report_pieces.h"

#include "common/json.h"
#include "daemon/ops/records.h"
#include "services/civil.h"

#include <inttypes.h>

#define SECOND INT64_C(1000000000)

void
report_put_time(struct strbuf *text, int64_t utc_ns)
{
	const struct civil_time time = civil_time(utc_ns);

	strbuf_print(text, "%04d-%02d-%02dT%02d:%02d:%02dZ", time.year,
	    time.month, time.day, time.hour, time.minute, time.second);
}

void
report_put_age(struct strbuf *text, int64_t ns)
{
	const int64_t seconds = ns > 0 ? ns / SECOND : 0;

	if (seconds < 120)
		strbuf_print(text, "%" PRId64 " s", seconds);
	else if (seconds < 7200)
		strbuf_print(text, "%" PRId64 " min", seconds / 60);
	else if (seconds < 172800)
		strbuf_print(text, "%" PRId64 " h", seconds / 3600);
	else
		strbuf_print(text, "%" PRId64 " d", seconds / 86400);
}

void
report_put_late(const struct snapshot *snapshot, struct strbuf *text)
{
	const unsigned int late = snapshot->records->late;

	if (late > 0)
		strbuf_print(text, "%u of %u workers did not answer\n", late,
		    snapshot->workers);
}

void
report_put_end(const struct snapshot *snapshot, struct strbuf *text)
{
	(void)snapshot;
	strbuf_print(text, "]}\n");
}
