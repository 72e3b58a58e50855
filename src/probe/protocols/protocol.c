/* SPDX-License-Identifier: ISC */
/*
 * The table of the services that mhprobe can ask, and what they share.
 */
#include "probe/protocols/protocol.h"

#include <string.h>

const struct ask *const ask_table[] = {
	&ask_echo,
	&ask_whoami,
	&ask_daytime,
	&ask_time,
	&ask_dns,
	&ask_ntp,
	&ask_stun,
	&ask_stamp,
	&ask_snmp,
	&ask_sip,
	&ask_coap,
	&ask_raw,
	NULL,
};

const struct ask *
ask_find(const char *name)
{
	const struct ask *const *at;

	for (at = ask_table; *at != NULL; at++)
		if (strcmp((*at)->name, name) == 0)
			return *at;
	return NULL;
}

void
ask_put16(uint8_t *at, unsigned int number)
{
	at[0] = (uint8_t)(number >> 8);
	at[1] = (uint8_t)number;
}

void
ask_put32(uint8_t *at, uint32_t number)
{
	ask_put16(at, number >> 16);
	ask_put16(at + 2, number & 0xffff);
}

unsigned int
ask_get16(const uint8_t *at)
{
	return (unsigned int)at[0] << 8 | at[1];
}

uint32_t
ask_get32(const uint8_t *at)
{
	return (uint32_t)ask_get16(at) << 16 | ask_get16(at + 2);
}

uint32_t
ask_mask(const struct ask_question *question, uint32_t sequence)
{
	return sequence ^ ask_get32(question->secret);
}

bool
ask_is_secret(const struct ask_question *question, const uint8_t *data,
    size_t first, size_t length)
{
	return memcmp(data, question->secret + first, length) == 0;
}

void
ask_detail(struct ask_answer *answer, const void *text, size_t length)
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
