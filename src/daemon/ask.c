/* SPDX-License-Identifier: ISC */
/*
 * Questions to ourselves, and their answers; who asks when is the caller's.
 */
#include "daemon/ask.h"

#include "daemon/log.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS 32

struct ask {
	uint8_t secret[RESPOND_SECRET];
	struct mh_socket *sockets[MH_SOCKETS_MAX];
	int socket_count;
	struct mh_batch *batch;
	struct mh_address *open; /* who has not answered yet */
	size_t open_count;
	bool failed; /* not all could be asked */
};

struct ask *
ask_new(struct respond_secret *secret)
{
	const struct mh_address any = { .family = MH_FAMILY_NONE };
	const struct mh_socket_options options = { .stack = MH_STACK_DUAL };
	struct mh_problem problem;
	struct ask *ask = calloc(1, sizeof(*ask));

	if (ask == NULL) {
		log_error("self-probe: out of memory");
		return NULL;
	}
	ask->batch = mh_batch_new(SLOTS);
	ask->socket_count =
	    mh_socket_open(ask->sockets, &any, &options, &problem);
	if (ask->batch == NULL || ask->socket_count < 0 ||
	    !host_random(ask->secret, sizeof(ask->secret))) {
		log_error("self-probe: cannot open a socket: %s",
		    ask->socket_count < 0 ? problem.text : "out of memory");
		ask_free(ask);
		return NULL;
	}
	secret->port = mh_socket_info(ask->sockets[0])->bound.port;
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
ask_handles(const struct ask *ask, intptr_t handles[MH_SOCKETS_MAX])
{
	int i;

	for (i = 0; i < ask->socket_count; i++)
		handles[i] = mh_socket_handle(ask->sockets[i]);
	return (unsigned int)ask->socket_count;
}

/* Note whom to ask for a slot: a wildcard by loopback, in each family. */
static void
add_targets(struct ask *ask, const struct slot *slot)
{
	static const struct mh_address loopback[] = {
		{ .family = MH_FAMILY_IPV4, .ip = { 127, 0, 0, 1 } },
		{ .family = MH_FAMILY_IPV6, .ip = { [15] = 1 } },
	};
	struct mh_address target = slot->bound;
	size_t i;

	if (mh_address_class(&slot->bound) != MH_CLASS_UNSPECIFIED) {
		/* With freebind it may be anybody's. */
		if (mh_address_is_local(&target))
			ask->open[ask->open_count++] = target;
		return;
	}
	for (i = 0; i < 2; i++) {
		target = loopback[i];
		target.port = slot->bound.port;
		if ((slot->can &
			(target.family == MH_FAMILY_IPV4 ? MH_CAN_IPV4
							 : MH_CAN_IPV6)) != 0 &&
		    mh_address_is_local(&target))
			ask->open[ask->open_count++] = target;
	}
}

/* Send what is in the batch by the socket that can. */
static void
send_batch(struct ask *ask)
{
	static const struct mh_reply_rule rule = { .relaxed = false };
	unsigned int i;
	int n;

	for (n = 0; n < ask->socket_count; n++)
		mh_batch_send(ask->batch, ask->sockets[n], &rule);
	for (i = 0; ask->socket_count == 1 && i < ask->batch->reply_count; i++)
		if (ask->batch->replies[i].status < 0)
			ask->failed = true;
	ask->batch->reply_count = 0;
}

void
ask_send(struct ask *ask, const struct slots *slots)
{
	struct mh_datagram *probe;
	struct mh_address *targets;
	size_t i;

	targets = realloc(ask->open, (2 * slots->count + 1) * sizeof(*targets));
	ask->failed = targets == NULL;
	ask->open_count = 0;
	if (targets == NULL)
		return;
	ask->open = targets;
	for (i = 0; i < slots->count; i++)
		add_targets(ask, &slots->items[i]);
	ask->batch->reply_count = 0;
	for (i = 0; i < ask->open_count; i++) {
		probe = mh_batch_add(ask->batch);
		if (probe == NULL) {
			send_batch(ask);
			probe = mh_batch_add(ask->batch);
		}
		probe->peer = ask->open[i];
		probe->data = ask->secret;
		probe->length = RESPOND_SECRET;
	}
	send_batch(ask);
}

/* An answer counts only from the address that was asked. */
static void
take_answer(struct ask *ask, const struct mh_datagram *answer)
{
	size_t i;

	if (answer->length != RESPOND_SECRET ||
	    memcmp(answer->data, ask->secret, RESPOND_SECRET) != 0)
		return;
	for (i = 0; i < ask->open_count; i++)
		if (ask->open[i].port == answer->peer.port &&
		    mh_address_compare(&ask->open[i], &answer->peer) == 0) {
			ask->open[i] = ask->open[--ask->open_count];
			return;
		}
}

void
ask_receive(struct ask *ask)
{
	unsigned int j;
	int i;

	for (i = 0; i < ask->socket_count; i++)
		while (mh_batch_receive(ask->batch, ask->sockets[i]) > 0)
			for (j = 0; j < ask->batch->received_count; j++)
				take_answer(ask, &ask->batch->received[j]);
}

bool
ask_is_answered(const struct ask *ask)
{
	return !ask->failed && ask->open_count == 0;
}
