/* SPDX-License-Identifier: ISC */
/*
 * Ask a service, and check that it keeps to its contract.
 */
#include "unit/services/ask.h"

#include "common/hex.h"

#include <stdlib.h>
#include <string.h>

#define BEYOND 64

size_t ask_room = ASK_ANY;

/* Without fork(), tests share what they set. */
static void
reset(void)
{
	ask_room = ASK_ANY;
}

TCase *
ask_tcase(const char *name)
{
	TCase *tcase = tcase_create(name);

	tcase_add_checked_fixture(tcase, reset, NULL);
	return tcase;
}

int
ask(const struct service *service, const struct service_context *context,
    const struct mh_datagram *request, const char **reply)
{
	static uint8_t slot[MH_SLOT_SIZE + BEYOND];
	static char text[MH_SLOT_SIZE + 1];
	struct service_reply answer = { .data = slot,
		.room = ask_room,
		.room_proven = ask_room,
		.tos = -1,
		.ttl = -1 };
	struct service_context copy = *context;
	uint8_t untouched[BEYOND];
	enum service_outcome outcome;

	memset(untouched, 0xee, BEYOND);
	memset(slot + ask_room, 0xee, BEYOND);
	outcome = service->answer(request, &copy, &answer);
	ck_assert_msg(memcmp(slot + ask_room, untouched, BEYOND) == 0,
	    "%s writes past its room", service->name);
	*reply = text;
	text[0] = '\0';
	if (outcome != SERVICE_REPLY)
		return -(int)outcome;
	ck_assert_uint_le(answer.length, ask_room);
	memcpy(text, answer.data, answer.length);
	text[answer.length] = '\0';
	return (int)answer.length;
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

size_t
ask_hex(const char *text, uint8_t *bytes, size_t room)
{
	size_t count = 0;
	char *end;
	long more;
	int byte;

	while (*(text += strspn(text, " ")) != '\0') {
		if (*text == '*') {
			more = strtol(text + 1, &end, 10) - 1;
			ck_assert_uint_le(count + (size_t)more, room);
			memset(bytes + count, bytes[count - 1], (size_t)more);
			count += (size_t)more;
			text = end;
			continue;
		}
		byte = hex_byte(text);
		ck_assert_msg(byte >= 0 && count < room, "at %s", text);
		bytes[count++] = (uint8_t)byte;
		text += 2;
	}
	return count;
}

void
ask_message(const struct service *service,
    const struct service_context *context, const struct ask_message *message)
{
	uint8_t request[512], expected[512];
	size_t asked = ask_hex(message->request, request, sizeof(request));
	size_t length;
	const char *reply;
	int n = ask_bytes(service, context, request, asked, &reply);

	if (message->reply == NULL) {
		ck_assert_msg(
		    n == -(int)message->outcome, "%s: %d", message->what, n);
		return;
	}
	length = ask_hex(message->reply, expected, sizeof(expected));
	ck_assert_msg(n == (int)length, "%s: %d", message->what, n);
	ck_assert_msg(
	    memcmp(reply, expected, length) == 0, "%s", message->what);
	ask_room = length - 1;
	ck_assert_int_eq(ask_bytes(service, context, request, asked, &reply),
	    -SERVICE_NO_ROOM);
	ask_room = ASK_ANY;
}

void *
ask_setting(const struct service *service, void *settings, const char *key)
{
	const struct service_key *own = service_key_find(service, key);

	ck_assert_msg(own != NULL, "%s has no key %s", service->name, key);
	return (char *)settings + own->offset;
}

void
ask_prepare(const struct service *service, const void *settings,
    struct service_context *context)
{
	static _Alignas(max_align_t) uint8_t prepared[16384];
	size_t size = 0;

	context->settings = settings;
	if (service->prepare != NULL)
		size = service->prepare(settings, NULL, 0);
	ck_assert_uint_le(size, sizeof(prepared));
	if (size > 0)
		service->prepare(settings, prepared, size);
	context->prepared = prepared;
}
