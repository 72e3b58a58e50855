/* SPDX-License-Identifier: ISC */
/*
 * Questions to ourselves, and their answers; who asks when is the caller's.
 */
#include "daemon/ask.h"

#include "daemon/log.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS 32

/* A question, and where the answer is to come from. */
struct question {
	struct mh_address target;
	size_t slot;
};

struct ask {
	uint8_t secret[RESPOND_SECRET];
	struct mh_socket *sockets[ASK_SOCKETS_MAX];
	int socket_count;
	struct mh_batch *batch;
	struct question *open; /* who has not answered yet */
	size_t open_count;
	bool failed; /* not all could be asked */
	bool gone;   /* an address is not on this host */
};

/* In each family, and where strangers do not come. */
static const struct mh_address loopback[] = {
	{ .family = MH_FAMILY_IPV4, .ip = { 127, 0, 0, 1 } },
	{ .family = MH_FAMILY_IPV6, .ip = { [15] = 1 } },
};

/* A host may lack either family. */
static bool
open_sockets(struct ask *ask)
{
	static const struct mh_address any = { .family = MH_FAMILY_NONE };
	const struct mh_socket_options options = { .stack = MH_STACK_DUAL };
	struct mh_problem problem;
	size_t i;
	int opened;

	for (i = 0; i < sizeof(loopback) / sizeof(loopback[0]); i++)
		if (mh_socket_open(&ask->sockets[ask->socket_count],
			&loopback[i], &options, NULL) == 1)
			ask->socket_count++;
	opened = mh_socket_open(
	    &ask->sockets[ask->socket_count], &any, &options, &problem);
	if (opened > 0)
		ask->socket_count += opened;
	else
		log_error("self-probe: cannot open a socket: %s", problem.text);
	return opened > 0;
}

struct ask *
ask_new(struct respond_secret *secret)
{
	struct ask *ask = calloc(1, sizeof(*ask));

	if (ask == NULL) {
		log_error("self-probe: out of memory");
		return NULL;
	}
	ask->failed = true; /* nobody was asked */
	ask->batch = mh_batch_new(SLOTS);
	if (!open_sockets(ask) || ask->batch == NULL ||
	    !host_random(ask->secret, sizeof(ask->secret))) {
		ask_free(ask);
		return NULL;
	}
	secret->asked = true;
	memcpy(secret->bytes, ask->secret, sizeof(ask->secret));
	return ask;
}

void
ask_free(struct ask *ask)
{
	int i;

	if (ask == NULL)
		return;
	for (i = 0; i < ask->socket_count; i++)
		mh_socket_close(ask->sockets[i]);
	mh_batch_free(ask->batch);
	free(ask->open);
	free(ask);
}

unsigned int
ask_handles(const struct ask *ask, intptr_t handles[ASK_SOCKETS_MAX])
{
	int i;

	for (i = 0; i < ask->socket_count; i++)
		handles[i] = mh_socket_handle(ask->sockets[i]);
	return (unsigned int)ask->socket_count;
}

/* What a socket for this target must be able to do. */
static unsigned int
can_ask(const struct mh_address *target)
{
	return target->family == MH_FAMILY_IPV4 ? MH_CAN_IPV4 : MH_CAN_IPV6;
}

static void
add_question(struct ask *ask, const struct mh_address *target, size_t slot)
{
	ask->open[ask->open_count++] = (struct question){ *target, slot };
}

/* Note whom to ask for a slot: a wildcard by loopback, in each family. */
static void
add_slot(struct ask *ask, const struct slot *slot, size_t number, bool freebind)
{
	struct mh_address target = slot->bound;
	size_t i;

	if (mh_address_class(&slot->bound) != MH_CLASS_UNSPECIFIED) {
		if (mh_address_is_local(&target))
			add_question(ask, &target, number);
		else if (!freebind)
			ask->gone = true;
		return;
	}
	for (i = 0; i < sizeof(loopback) / sizeof(loopback[0]); i++) {
		target = loopback[i];
		target.port = slot->bound.port;
		if ((slot->can & can_ask(&target)) != 0 &&
		    mh_address_is_local(&target))
			add_question(ask, &target, number);
	}
}

/* Loopback is asked from loopback, the others from the socket of all. */
static bool
asks(const struct mh_socket *socket, const struct mh_address *target)
{
	const struct mh_socket_info *info = mh_socket_info(socket);

	if (mh_address_class(&info->bound) == MH_CLASS_LOOPBACK)
		return mh_address_class(target) == MH_CLASS_LOOPBACK &&
		    target->family == info->bound.family;
	return mh_address_class(target) != MH_CLASS_LOOPBACK &&
	    (info->can & can_ask(target)) != 0;
}

/* Send the questions of one socket. */
static void
send_by(struct ask *ask, struct mh_socket *socket)
{
	static const struct mh_reply_rule rule = { .relaxed = false };
	struct mh_datagram *probe;
	size_t i;

	ask->batch->reply_count = 0;
	for (i = 0; i < ask->open_count; i++) {
		if (!asks(socket, &ask->open[i].target))
			continue;
		probe = mh_batch_add(ask->batch);
		probe->peer = ask->open[i].target;
		probe->data = ask->secret;
		probe->length = RESPOND_SECRET;
		if (ask->batch->reply_count < SLOTS)
			continue;
		mh_batch_send(ask->batch, socket, &rule);
		ask->batch->reply_count = 0;
	}
	if (ask->batch->reply_count > 0)
		mh_batch_send(ask->batch, socket, &rule);
	ask->batch->reply_count = 0;
}

void
ask_again(struct ask *ask)
{
	int i;

	for (i = 0; i < ask->socket_count; i++)
		send_by(ask, ask->sockets[i]);
}

void
ask_begin(struct ask *ask, const struct slots *slots, bool freebind)
{
	struct question *open;
	size_t i;

	open = realloc(ask->open, (2 * slots->count + 1) * sizeof(*open));
	ask->failed = open == NULL;
	ask->gone = false;
	ask->open_count = 0;
	if (open == NULL)
		return;
	ask->open = open;
	for (i = 0; i < slots->count; i++)
		add_slot(ask, &slots->items[i], i, freebind);
	ask_again(ask);
}

/* An answer counts only from the address that was asked. */
static void
take_answer(struct ask *ask, const struct mh_datagram *answer)
{
	const struct mh_address *target;
	size_t i;

	if (answer->length != RESPOND_SECRET ||
	    memcmp(answer->data, ask->secret, RESPOND_SECRET) != 0)
		return;
	for (i = 0; i < ask->open_count; i++) {
		target = &ask->open[i].target;
		if (target->port != answer->peer.port ||
		    mh_address_compare(target, &answer->peer) != 0)
			continue;
		ask->open[i] = ask->open[--ask->open_count];
		return;
	}
}

bool
ask_receive(struct ask *ask)
{
	bool was_open = ask->open_count > 0;
	unsigned int j;
	int i;

	for (i = 0; i < ask->socket_count; i++) {
		if (mh_batch_receive(ask->batch, ask->sockets[i]) <= 0)
			continue;
		for (j = 0; j < ask->batch->received_count; j++)
			take_answer(ask, &ask->batch->received[j]);
	}
	return was_open && ask->open_count == 0;
}

enum ask_state
ask_state(const struct ask *ask)
{
	if (ask->failed || ask->open_count > 0)
		return ASK_OPEN;
	return ask->gone ? ASK_PARTLY : ASK_ANSWERED;
}

bool
ask_missing(const struct ask *ask, size_t number, size_t *slot)
{
	if (number >= ask->open_count)
		return false;
	*slot = ask->open[number].slot;
	return true;
}
