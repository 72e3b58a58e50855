/* SPDX-License-Identifier: ISC */
/*
 * The self-test: two sockets on loopback, a client and a server.  What a
 * system reports is not enough: some accept a source address and ignore it, so
 * what counts is the source that the *client* sees.
 */
#include "lib/multihome.h"

#include "lib/socket.h"

#include <string.h>

/* The longest wait for a datagram over loopback; there are six in all. */
#define PATIENCE_MS 150

/* The most datagrams of other senders to skip before it. */
#define STRANGERS_MAX 64

/* The payload. */
static const char words[] = "multihomed self-test";

struct pair {
	enum mh_stack stack;
	struct mh_socket *client;
	struct mh_socket *server;
	struct mh_batch *batch;
};

static uint16_t
port_of(const struct mh_socket *socket)
{
	return mh_socket_info(socket)->bound.port;
}

/*
 * Wait for what the other socket sent; NULL if it does not arrive.  Anyone may
 * send to an open port.
 */
static const struct mh_datagram *
next(struct pair *pair, struct mh_socket *socket, const struct mh_socket *other)
{
	struct mh_batch *batch = pair->batch;
	const struct mh_datagram *received = &batch->received[0];
	unsigned int i;

	for (i = 0; i < STRANGERS_MAX; i++) {
		if (mh__udp_wait(&socket->udp, PATIENCE_MS) <= 0 ||
		    mh_batch_receive(batch, socket) <= 0)
			return NULL;
		if (received->peer.port == port_of(other) &&
		    received->length == sizeof(words) &&
		    memcmp(received->data, words, sizeof(words)) == 0)
			return received;
	}
	return NULL;
}

static bool
send_words(
    struct pair *pair, struct mh_socket *socket, struct mh_datagram *datagram)
{
	static const struct mh_source_policy policy = { .relaxed = false };

	memcpy(datagram->data, words, sizeof(words));
	datagram->length = sizeof(words);
	return mh_batch_send(pair->batch, socket, &policy) == 1;
}

/*
 * Send from the client to the address, and look at what the server receives.
 * False if nothing, or if the datagram lacks that address.
 */
static bool
ask(struct pair *pair, const struct mh_address *address,
    struct mh_self_test_family *family, struct mh_datagram *request)
{
	const struct mh_datagram *received = NULL;
	struct mh_datagram *query;

	family->address = *address;
	query = mh_batch_reserve(pair->batch);
	query->peer = *address;
	query->peer.port = port_of(pair->server);
	if (send_words(pair, pair->client, query))
		received = next(pair, pair->server, pair->client);
	family->reached = received != NULL;
	if (received == NULL)
		return false;
	*request = *received;
	return mh_address_compare(&request->local, address) == 0;
}

/* Answer, and look at where the client sees the answer come from. */
static bool
answer(struct pair *pair, const struct mh_datagram *request,
    struct mh_self_test_family *family)
{
	static const struct mh_source_policy policy = { .relaxed = false };
	const struct mh_datagram *received;
	struct mh_datagram *reply;

	family->seen = (struct mh_address){ .family = MH_FAMILY_NONE };
	reply = mh_batch_reserve(pair->batch);
	if (mh_reply_address(reply, request, &policy) != 0) {
		mh_batch_release(pair->batch, reply);
		return false;
	}
	if (!send_words(pair, pair->server, reply))
		return false;
	received = next(pair, pair->client, pair->server);
	if (received == NULL)
		return false;
	family->seen = received->peer;
	return mh_address_compare(&family->seen, &request->local) == 0;
}

/* A socket like those of servers; NULL if none serves this family. */
static struct mh_socket *
open_like_servers(
    enum mh_stack stack, enum mh_capability family, struct mh_problem *problem)
{
	const struct mh_socket_options options = { .stack = stack };
	static const struct mh_address any = { .family = MH_FAMILY_NONE };
	struct mh_socket *opened[MH_SOCKETS_MAX], *kept = NULL;
	int i, count = mh_socket_open(opened, &any, &options, problem);

	for (i = 0; i < count; i++)
		if (kept == NULL && (opened[i]->info.can & family) != 0)
			kept = opened[i];
		else
			mh_socket_close(opened[i]);
	if (count > 0 && kept == NULL)
		problem->code = MH_EFAMILY;
	return kept;
}

static bool
pair_open(
    struct pair *pair, enum mh_capability family, struct mh_problem *problem)
{
	pair->batch = mh_batch_new(1);
	if (pair->batch == NULL) {
		problem->code = MH_ENOMEMORY;
		return false;
	}
	pair->server = open_like_servers(pair->stack, family, problem);
	if (pair->server == NULL)
		return false;
	pair->client = open_like_servers(pair->stack, family, problem);
	return pair->client != NULL;
}

static void
pair_close(struct pair *pair)
{
	mh_socket_close(pair->client);
	mh_socket_close(pair->server);
	mh_batch_free(pair->batch);
}

static int
test_ipv4(struct mh_self_test_family *result, enum mh_stack stack,
    struct mh_problem *problem)
{
	static const struct mh_address natural = { .family = MH_FAMILY_IPV4,
		.ip = { 127, 0, 0, 1 } };
	static const struct mh_address other = { .family = MH_FAMILY_IPV4,
		.ip = { 127, 0, 0, 2 } };
	struct pair pair = { .stack = stack };
	struct mh_datagram request;
	int error = 0;

	result->address = other;
	if (!pair_open(&pair, MH_CAN_IPV4, problem)) {
		error = problem->code;
		goto done;
	}
	result->available = true;
	result->source = MH_BROKEN;
	result->asked = ask(&pair, &natural, result, &request) &&
	    ask(&pair, &other, result, &request);
	if (result->asked && answer(&pair, &request, result))
		result->source = MH_VERIFIED;
done:
	pair_close(&pair);
	return error;
}

/*
 * ::1, or the second address where there is no ::1, shows that the address is
 * reported.  The system answers from there by itself, so only a reply from
 * another one shows that the requested source is used.
 */
static int
test_ipv6(struct mh_self_test_family *result, enum mh_stack stack,
    const struct mh_address *second, struct mh_problem *problem)
{
	static const struct mh_address loopback = { .family = MH_FAMILY_IPV6,
		.ip = { [15] = 1 } };
	const struct mh_address *first = &loopback;
	struct pair pair = { .stack = stack };
	struct mh_datagram request;
	int error = 0;

	if (second != NULL && !mh_address_is_local(first))
		first = second;
	result->address = *first;
	if (!mh_address_is_local(first))
		return MH_EFAMILY;
	if (!pair_open(&pair, MH_CAN_IPV6, problem)) {
		error = problem->code;
		goto done;
	}
	result->available = true;
	result->asked = ask(&pair, first, result, &request);
	if (!result->asked || !answer(&pair, &request, result))
		result->source = MH_BROKEN;
	else if (second != NULL && mh_address_compare(second, first) != 0) {
		result->address = *second;
		result->source = MH_BROKEN;
		/* As if that had been asked. */
		request.local = *second;
		if (answer(&pair, &request, result))
			result->source = MH_VERIFIED;
	}
done:
	pair_close(&pair);
	return error;
}

int
mh_self_test(struct mh_self_test *result, enum mh_stack stack,
    const struct mh_address *second)
{
	struct mh_problem problem;
	int ipv4, ipv6;

	memset(result, 0, sizeof(*result));
	result->problem.what = "";
	ipv4 = test_ipv4(&result->ipv4, stack, &result->problem);
	problem = result->problem;
	ipv6 = test_ipv6(&result->ipv6, stack, second, &result->problem);
	if (ipv4 != 0 && ipv4 != MH_EFAMILY)
		result->problem = problem;
	if ((ipv4 != 0 && ipv4 != MH_EFAMILY) ||
	    (ipv6 != 0 && ipv6 != MH_EFAMILY) || ipv4 + ipv6 == 2 * MH_EFAMILY)
		return MH_ESYSTEM;
	result->problem = (struct mh_problem){ .what = "" };
	if (result->ipv4.available && result->ipv4.source != MH_VERIFIED)
		return MH_ESYSTEM;
	if (result->ipv6.available &&
	    (!result->ipv6.asked || result->ipv6.source == MH_BROKEN))
		return MH_ESYSTEM;
	return 0;
}
