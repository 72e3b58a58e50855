/* SPDX-License-Identifier: ISC */
/*
 * Ask a service, without any network.
 */
#ifndef UNIT_SERVICES_ASK_H
#define UNIT_SERVICES_ASK_H

#include "services/table.h"

#include "unit/unit.h"

#define SECOND INT64_C(1000000000)
#define DAY (86400 * SECOND)

/* How long a reply may be: as long as a trusted peer may be sent. */
#define ASK_ANY 65507
extern size_t ask_room;

/*
 * A test case whose tests all begin with that much room; it is added to a
 * suite.
 */
TCase *ask_tcase(const char *name);

/*
 * How the service answers that request: the length of the reply, or minus its
 * outcome.  *reply: the reply, followed by a 0; valid until the next one.  A
 * reply longer than ask_room, or one written outside of that room, fails the
 * test.
 */
int ask(const struct service *service, const struct service_context *context,
    const struct mh_datagram *request, const char **reply);

/* The same with those bytes as request. */
int ask_bytes(const struct service *service,
    const struct service_context *context, const void *bytes, size_t length,
    const char **reply);

/* A member of a service's own settings, by the name of its key. */
void *ask_setting(
    const struct service *service, void *settings, const char *key);

/*
 * Pairs of hexadecimal digits as bytes, at most room; blanks between them do
 * not matter, and *N repeats the pair before it, N times in all.  Returns their
 * number.
 */
size_t ask_hex(const char *text, uint8_t *bytes, size_t room);

/* A message, in the form of ask_hex(), and what comes of it. */
struct ask_message {
	const char *what, *request;
	const char *reply; /* NULL: none, for this reason: */
	enum service_outcome outcome;
};

/* Expect that; and no reply where there is one byte less of room. */
void ask_message(const struct service *service,
    const struct service_context *context, const struct ask_message *message);

/*
 * Let the service prepare from its settings what it wants, as the context then
 * has it; valid until the next one.
 */
void ask_prepare(const struct service *service, const void *settings,
    struct service_context *context);

#endif
