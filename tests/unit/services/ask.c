/* SPDX-License-Identifier: ISC */
/*
 * Ask a service, and see that it keeps to its contract.
 */
#include "unit/services/ask.h"

#include <string.h>

#define BEYOND 64

int
ask(const struct service *service, const struct service_context *context,
    const struct mh_datagram *request, const char **reply)
{
	static uint8_t slot[MH_SLOT_SIZE + BEYOND];
	static char text[MH_SLOT_SIZE + 1];
	struct mh_datagram answer = { .data = slot };
	uint8_t untouched[BEYOND];
	int length;

	memset(untouched, 0xee, BEYOND);
	memset(slot + MH_SLOT_SIZE, 0xee, BEYOND);
	length = service->answer(request, context, &answer);
	ck_assert_msg(memcmp(slot + MH_SLOT_SIZE, untouched, BEYOND) == 0,
	    "%s writes behind its slot", service->name);
	*reply = text;
	text[0] = '\0';
	if (length == SERVICE_SILENT)
		return length;
	ck_assert_int_ge(length, 0);
	ck_assert_int_le(length, MH_SLOT_SIZE);
	memcpy(text, answer.data, (size_t)length);
	text[length] = '\0';
	return length;
}

int
ask_bytes(const struct service *service, const struct service_context *context,
    const void *bytes, size_t length, const char **reply)
{
	static uint8_t data[MH_SLOT_SIZE];
	struct mh_datagram request = {
		.peer = unit_address("198.51.100.9:40000"),
		.local = unit_address("192.0.2.1:7"),
		.data = data,
		.length = length,
	};

	ck_assert_uint_le(length, sizeof(data));
	if (length > 0)
		memcpy(data, bytes, length);
	return ask(service, context, &request, reply);
}

void
ask_index(const struct service *service, struct service_settings *settings)
{
	static uint32_t parts[64];

	settings->parts = parts;
	settings->part_count = service->index(settings, parts, 64);
	ck_assert_uint_le(settings->part_count, 64);
}
