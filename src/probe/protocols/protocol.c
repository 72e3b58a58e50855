/* SPDX-License-Identifier: ISC */
/*
 * The table of the protocols that mhprobe speaks, and what they share.
 */
#include "probe/protocols/protocol.h"

#include "common/bytes.h"

#include <string.h>

const struct protocol *const protocol_table[] = {
	&protocol_echo,
	&protocol_whoami,
	&protocol_daytime,
	&protocol_time,
	&protocol_dns,
	&protocol_ntp,
	&protocol_stun,
	&protocol_stamp,
	&protocol_snmp,
	&protocol_sip,
	&protocol_coap,
	&protocol_sockperf,
	&protocol_beacon,
	&protocol_unity,
	&protocol_raw,
	NULL,
};

const struct protocol *
protocol_find(const char *name)
{
	const struct protocol *const *at;

	for (at = protocol_table; *at != NULL; at++)
		if (strcmp((*at)->name, name) == 0)
			return *at;
	return NULL;
}

uint32_t
protocol_mask(const struct protocol_query *query, uint32_t sequence)
{
	return sequence ^ bytes_get32(query->secret);
}

bool
protocol_is_secret(const struct protocol_query *query, const uint8_t *data,
    size_t first, size_t length)
{
	return memcmp(data, query->secret + first, length) == 0;
}

void
protocol_detail(struct protocol_answer *answer, const void *text, size_t length)
{
	const uint8_t *at = text;
	size_t i, size = sizeof(answer->detail) - 1;

	if (length < size)
		size = length;
	for (i = 0; i < size && at[i] != '\r' && at[i] != '\n'; i++)
		answer->detail[i] =
		    (char)(at[i] < 0x20 || at[i] > 0x7e ? '?' : at[i]);
	answer->detail[i] = '\0';
}
