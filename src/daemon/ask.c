/* SPDX-License-Identifier: ISC */
/*
 * Questions to ourselves, and their answers; who asks when is the caller's.
 */
#include "daemon/ask.h"

#include "daemon/log.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS 32

/* Room for the answers of many sockets at once, in bytes. */
#define RECEIVE_BUFFER (1 << 20)

/* A question, and where the answer is to come from. */
struct question {
	struct mh_address target;
	struct ask_socket socket;
	unsigned int number; /* which socket of its port to ask */
	bool any;            /* whoever answers there: one cannot choose */
};

struct ask {
	const struct respond_secret *secret;
	struct mh_socket *sockets[RESPOND_ASKERS_MAX];
	int socket_count;
	struct mh_batch *batch;
	struct question *open; /* who has not answered yet */
	size_t open_count;
	bool failed; /* not all could be asked */
	bool gone;   /* an endpoint is on no address of this host */
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
	/* What leaves as one arrives at one socket, whatever the numbers. */
	const struct mh_socket_options options = { .stack = MH_STACK_DUAL,
		.receive_buffer = RECEIVE_BUFFER,
		.unsegmented = true };
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
	int i;

	if (ask == NULL) {
		log_error("self-probe: out of memory");
		return NULL;
	}
	ask->failed = true; /* nobody was asked */
	ask->secret = secret;
	ask->batch = mh_batch_new(SLOTS);
	if (!open_sockets(ask) || ask->batch == NULL) {
		ask_free(ask);
		return NULL;
	}
	for (i = 0; i < ask->socket_count; i++)
		secret->ports[i] = mh_socket_info(ask->sockets[i])->bound.port;
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
ask_handles(const struct ask *ask, intptr_t handles[RESPOND_ASKERS_MAX])
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

/* One for each socket of a slot; the first guess is that they are in order. */
static void
add_questions(struct ask *ask, const struct mh_address *target,
    const struct slot *slot, size_t number)
{
	unsigned int i;

	for (i = 0; i < slot->choices; i++)
		ask->open[ask->open_count++] = (struct question){ *target,
			{ number, i }, i, slot->choices == 1 };
}

/* Note whom to ask for a slot: a wildcard by loopback, in each family. */
static void
add_slot(struct ask *ask, const struct slot *slot, size_t number, bool freebind)
{
	struct mh_address target = slot->bound;
	size_t i, before = ask->open_count;

	if (mh_address_class(&slot->bound) != MH_CLASS_UNSPECIFIED) {
		if (mh_address_is_local(&target))
			add_questions(ask, &target, slot, number);
		else if (!freebind)
			ask->gone = true;
		return;
	}
	for (i = 0; i < sizeof(loopback) / sizeof(loopback[0]); i++) {
		target = loopback[i];
		target.port = slot->bound.port;
		if ((slot->can & can_ask(&target)) != 0 &&
		    mh_address_is_local(&target))
			add_questions(ask, &target, slot, number);
	}
	if (ask->open_count == before)
		ask->gone = true;
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

/*
 * Write a question into the batch.  It leaves from the address that it asks,
 * whichever the system would take; and not at all, nor to another host, when
 * that address has gone.
 */
static void
write_question(struct ask *ask, const struct question *question)
{
	struct mh_datagram *datagram = mh_batch_add(ask->batch);
	struct respond_probe probe = { .number = { 0 } };

	memcpy(probe.secret, ask->secret->bytes, sizeof(probe.secret));
	respond_number_set(probe.number, question->number);
	datagram->peer = datagram->local = question->target;
	memcpy(datagram->data, &probe, sizeof(probe));
	datagram->length = sizeof(probe);
}

/* Send the questions of one socket. */
static void
send_by(struct ask *ask, struct mh_socket *socket)
{
	static const struct mh_reply_rule rule = { .relaxed = false };
	size_t i;

	ask->batch->reply_count = 0;
	for (i = 0; i < ask->open_count; i++) {
		if (!asks(socket, &ask->open[i].target))
			continue;
		write_question(ask, &ask->open[i]);
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
	size_t i, count = 0;

	for (i = 0; i < slots->count; i++)
		count += slots->items[i].choices;
	open = realloc(ask->open, (2 * count + 1) * sizeof(*open));
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
static bool
is_from(const struct question *question, const struct mh_datagram *answer)
{
	return question->target.port == answer->peer.port &&
	    mh_address_compare(&question->target, &answer->peer) == 0;
}

/*
 * Sockets do not keep their numbers when others of their port are closed: the
 * answer says which worker has this one.  Whoever was thought to have it takes
 * the number that this one was thought to have, so that only numbers without
 * an answer are asked again.
 */
static void
take_answer(struct ask *ask, const struct mh_datagram *answer)
{
	struct question *question, *answered = NULL, *guessed = NULL;
	struct respond_probe probe;
	size_t i;

	if (answer->length != sizeof(probe))
		return;
	memcpy(&probe, answer->data, sizeof(probe));
	if (memcmp(probe.secret, ask->secret->bytes, sizeof(probe.secret)) != 0)
		return;
	for (i = 0; i < ask->open_count; i++) {
		question = &ask->open[i];
		if (!is_from(question, answer))
			continue;
		if (question->any ||
		    question->socket.worker == respond_number_get(probe.worker))
			answered = question;
		if (question->number == respond_number_get(probe.number))
			guessed = question;
	}
	if (answered == NULL)
		return;
	if (guessed != NULL)
		guessed->number = answered->number;
	*answered = ask->open[--ask->open_count];
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
ask_missing(const struct ask *ask, size_t number, struct ask_socket *socket)
{
	if (number >= ask->open_count)
		return false;
	*socket = ask->open[number].socket;
	return true;
}
