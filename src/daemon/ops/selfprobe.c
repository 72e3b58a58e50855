/* SPDX-License-Identifier: ISC */
/*
 * Questions to ourselves, and their answers; who asks when is the caller's.
 */
#include "daemon/ops/selfprobe.h"

#include "common/bytes.h"
#include "daemon/base/log.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS 32

/* Room for the answers of many sockets at once, in bytes. */
#define RECEIVE_BUFFER (1 << 20)

/* A question, and where the answer is to come from. */
struct question {
	struct mh_address target;
	struct selfprobe_socket socket;
	unsigned int number; /* which socket of its port to ask */
	bool any;            /* whoever answers there: one cannot choose */
};

struct selfprobe {
	const struct selfprobe_secret *secret;
	struct mh_socket *sockets[SELFPROBE_SOCKETS_MAX];
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
open_sockets(struct selfprobe *probe)
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
		if (mh_socket_open(&probe->sockets[probe->socket_count],
			&loopback[i], &options, NULL) == 1)
			probe->socket_count++;
	opened = mh_socket_open(
	    &probe->sockets[probe->socket_count], &any, &options, &problem);
	if (opened > 0)
		probe->socket_count += opened;
	else
		log_error("self-probe: cannot open a socket: %s", problem.text);
	return opened > 0;
}

struct selfprobe *
selfprobe_new(struct selfprobe_secret *secret)
{
	struct selfprobe *probe = calloc(1, sizeof(*probe));
	int i;

	if (probe == NULL) {
		log_error("self-probe: out of memory");
		return NULL;
	}
	probe->failed = true; /* nobody was asked */
	probe->secret = secret;
	probe->batch = mh_batch_new(SLOTS);
	if (!open_sockets(probe) || probe->batch == NULL) {
		selfprobe_free(probe);
		return NULL;
	}
	for (i = 0; i < probe->socket_count; i++)
		secret->ports[i] =
		    mh_socket_info(probe->sockets[i])->bound.port;
	return probe;
}

void
selfprobe_free(struct selfprobe *probe)
{
	int i;

	if (probe == NULL)
		return;
	for (i = 0; i < probe->socket_count; i++)
		mh_socket_close(probe->sockets[i]);
	mh_batch_free(probe->batch);
	free(probe->open);
	free(probe);
}

unsigned int
selfprobe_handles(
    const struct selfprobe *probe, intptr_t handles[SELFPROBE_SOCKETS_MAX])
{
	int i;

	for (i = 0; i < probe->socket_count; i++)
		handles[i] = mh_socket_handle(probe->sockets[i]);
	return (unsigned int)probe->socket_count;
}

/* What a socket for this target must be able to do. */
static unsigned int
can_ask(const struct mh_address *target)
{
	return target->family == MH_FAMILY_IPV4 ? MH_CAN_IPV4 : MH_CAN_IPV6;
}

/* One for each socket of a binding; the first guess is that they are in order.
 */
static void
add_questions(struct selfprobe *probe, const struct mh_address *target,
    const struct binding *binding, size_t number)
{
	unsigned int i;

	for (i = 0; i < binding->choices; i++)
		probe->open[probe->open_count++] = (struct question){ *target,
			{ number, i }, i, binding->choices == 1 };
}

/* Note whom to ask for a binding: a wildcard by loopback, in each family. */
static void
add_binding(struct selfprobe *probe, const struct binding *binding,
    size_t number, bool freebind)
{
	struct mh_address target = binding->bound;
	size_t i, before = probe->open_count;

	if (mh_address_class(&binding->bound) != MH_CLASS_UNSPECIFIED) {
		if (mh_address_is_local(&target))
			add_questions(probe, &target, binding, number);
		else if (!freebind)
			probe->gone = true;
		return;
	}
	for (i = 0; i < sizeof(loopback) / sizeof(loopback[0]); i++) {
		target = loopback[i];
		target.port = binding->bound.port;
		if ((binding->can & can_ask(&target)) != 0 &&
		    mh_address_is_local(&target))
			add_questions(probe, &target, binding, number);
	}
	if (probe->open_count == before)
		probe->gone = true;
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
write_question(struct selfprobe *probe, const struct question *question)
{
	struct mh_datagram *datagram = mh_batch_reserve(probe->batch);
	struct selfprobe_message message = { .number = { 0 } };

	memcpy(message.secret, probe->secret->bytes, sizeof(message.secret));
	bytes_put16(message.number, question->number);
	datagram->peer = datagram->local = question->target;
	memcpy(datagram->data, &message, sizeof(message));
	datagram->length = sizeof(message);
}

/* Send the questions of one socket. */
static void
send_by(struct selfprobe *probe, struct mh_socket *socket)
{
	static const struct mh_source_policy rule = { .relaxed = false };
	size_t i;

	probe->batch->reply_count = 0;
	for (i = 0; i < probe->open_count; i++) {
		if (!asks(socket, &probe->open[i].target))
			continue;
		write_question(probe, &probe->open[i]);
		if (probe->batch->reply_count < SLOTS)
			continue;
		mh_batch_send(probe->batch, socket, &rule);
		probe->batch->reply_count = 0;
	}
	if (probe->batch->reply_count > 0)
		mh_batch_send(probe->batch, socket, &rule);
	probe->batch->reply_count = 0;
}

void
selfprobe_again(struct selfprobe *probe)
{
	int i;

	for (i = 0; i < probe->socket_count; i++)
		send_by(probe, probe->sockets[i]);
}

void
selfprobe_begin(
    struct selfprobe *probe, const struct bindings *bindings, bool freebind)
{
	struct question *open;
	size_t i, count = 0;

	for (i = 0; i < bindings->count; i++)
		count += bindings->items[i].choices;
	open = realloc(probe->open, (2 * count + 1) * sizeof(*open));
	probe->failed = open == NULL;
	probe->gone = false;
	probe->open_count = 0;
	if (open == NULL)
		return;
	probe->open = open;
	for (i = 0; i < bindings->count; i++)
		add_binding(probe, &bindings->items[i], i, freebind);
	selfprobe_again(probe);
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
take_answer(struct selfprobe *probe, const struct mh_datagram *answer)
{
	struct question *question, *answered = NULL, *guessed = NULL;
	struct selfprobe_message message;
	size_t i;

	if (answer->length != sizeof(message))
		return;
	memcpy(&message, answer->data, sizeof(message));
	if (memcmp(message.secret, probe->secret->bytes,
		sizeof(message.secret)) != 0)
		return;
	for (i = 0; i < probe->open_count; i++) {
		question = &probe->open[i];
		if (!is_from(question, answer))
			continue;
		if (question->any ||
		    question->socket.worker == bytes_get16(message.worker))
			answered = question;
		if (question->number == bytes_get16(message.number))
			guessed = question;
	}
	if (answered == NULL)
		return;
	if (guessed != NULL)
		guessed->number = answered->number;
	*answered = probe->open[--probe->open_count];
}

bool
selfprobe_receive(struct selfprobe *probe)
{
	bool was_open = probe->open_count > 0;
	unsigned int j;
	int i;

	for (i = 0; i < probe->socket_count; i++) {
		if (mh_batch_receive(probe->batch, probe->sockets[i]) <= 0)
			continue;
		for (j = 0; j < probe->batch->received_count; j++)
			take_answer(probe, &probe->batch->received[j]);
	}
	return was_open && probe->open_count == 0;
}

enum selfprobe_state
selfprobe_state(const struct selfprobe *probe)
{
	if (probe->failed || probe->open_count > 0)
		return SELFPROBE_OPEN;
	return probe->gone ? SELFPROBE_PARTLY : SELFPROBE_ANSWERED;
}

bool
selfprobe_missing(const struct selfprobe *probe, size_t number,
    struct selfprobe_socket *socket)
{
	if (number >= probe->open_count)
		return false;
	*socket = probe->open[number].socket;
	return true;
}
