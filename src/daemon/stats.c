/* SPDX-License-Identifier: ISC */
/*
 * Counters, for people.
 */
#include "daemon/stats.h"

#include "daemon/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

uint64_t
stats_dropped(const struct stats *stats)
{
	uint64_t sum = 0;
	size_t i;

	for (i = PASS + 1; i < VERDICT_COUNT; i++)
		sum += stats->dropped[i];
	return sum;
}

void
stats_log(const struct stats *stats, const char *name,
    const struct mh_address *endpoint, uint64_t kernel_drops)
{
	char address[MH_ADDRESS_TEXT], reasons[768] = "";
	size_t i, length = 0;

	for (i = PASS + 1; i < VERDICT_COUNT; i++) {
		if (stats->dropped[i] == 0)
			continue;
		length = strlen(reasons);
		snprintf(reasons + length, sizeof(reasons) - length,
		    " %s=%" PRIu64, verdict_name(i), stats->dropped[i]);
	}
	log_info("%s %s: received=%" PRIu64 " answered=%" PRIu64
		 " silent=%" PRIu64 " dropped=%" PRIu64 " unpinned=%" PRIu64
		 " bytes-in=%" PRIu64 " bytes-out=%" PRIu64
		 " kernel-drops=%" PRIu64 "%s",
	    name, mh_endpoint_format(endpoint, address, sizeof(address)),
	    stats->received, stats->answered, stats->silent,
	    stats_dropped(stats), stats->unpinned, stats->bytes_in,
	    stats->bytes_out, kernel_drops, reasons);
}
