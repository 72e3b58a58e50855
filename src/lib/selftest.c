/* SPDX-License-Identifier: ISC */
/*
 * The self-test: two sockets on this host, a client and a server.  What a
 * system reports is not enough: some accept a source address and ignore it, so
 * what counts is the source that the *client* sees.
 *
 * The client is bound to one address and asks another.  A system that picks the
 * source itself answers from the client's own address, or from that of
 * loopback; both are wrong.
 */
#include "lib/multihome.h"

#include "lib/socket.h"

#include <string.h>

/* The longest wait for a datagram on this host; twelve in all, at most. */
#define PATIENCE_MS 150

/* The most datagrams of other senders to skip before it. */
#define STRANGERS_MAX 64

/* The payload. */
static const char words[] = "multihomed self-test";

/* The test of one family. */
struct test {
	enum mh_family family;
	enum mh_stack stack;
	struct mh_socket *client; /* bound to the address that asks */
	struct mh_socket *server;
	struct mh_batch *batch;
	struct mh_self_test_family *result;
	struct mh_problem *problem;
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
next(struct test *test, struct mh_socket *socket, const struct mh_socket *other)
{
	struct mh_batch *batch = test->batch;
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
    struct test *test, struct mh_socket *socket, struct mh_datagram *datagram)
{
	memcpy(datagram->data, words, sizeof(words));
	datagram->length = sizeof(words);
	if (mh_batch_send(test->batch, socket, NULL) == 1)
		return true;
	test->result->system_code = socket->udp.system_code;
	return false;
}

/*
 * Send from the client to the address, and look at what the server receives.
 * False if nothing, or if the datagram lacks that address.
 */
static bool
ask(struct test *test, const struct mh_address *address,
    struct mh_datagram *request)
{
	const struct mh_datagram *received = NULL;
	struct mh_datagram *query;

	query = mh_batch_reserve(test->batch);
	query->peer = *address;
	query->peer.port = port_of(test->server);
	if (send_words(test, test->client, query))
		received = next(test, test->server, test->client);
	test->result->reached = received != NULL;
	if (received == NULL)
		return false;
	*request = *received;
	test->result->asked = mh_address_compare(&request->local, address) == 0;
	return test->result->asked;
}

/* Answer, and look at where the client sees the answer come from. */
static bool
answer(struct test *test, const struct mh_datagram *request)
{
	struct mh_self_test_family *result = test->result;
	const struct mh_datagram *received;
	struct mh_datagram *reply;

	reply = mh_batch_reserve(test->batch);
	if (mh_reply_address(reply, request, NULL) != 0) {
		mh_batch_release(test->batch, reply);
		return false;
	}
	if (!send_words(test, test->server, reply))
		return false;
	received = next(test, test->client, test->server);
	if (received == NULL)
		return false;
	result->seen = received->peer;
	return mh_address_compare(&result->seen, &request->local) == 0;
}

/* A client at that address asks this one.  An error if it cannot be opened. */
static int
try(struct test *test, const struct mh_address *from,
    const struct mh_address *address)
{
	const struct mh_socket_options options = { .stack = test->stack };
	struct mh_self_test_family *result = test->result;
	struct mh_socket *opened[MH_SOCKETS_MAX];
	struct mh_datagram request;
	int count = mh_socket_open(opened, from, &options, test->problem);

	if (count <= 0)
		return count;
	test->client = opened[0];
	*result = (struct mh_self_test_family){
		.available = true,
		.source = MH_BROKEN,
		.address = *address,
	};
	if (ask(test, address, &request) && answer(test, &request))
		result->source = MH_VERIFIED;
	mh_socket_close(test->client);
	return 0;
}

/* All is as it was before a try, but for its error, if it had one. */
static void
forget(struct test *test, const struct mh_self_test_family *before)
{
	int system_code = test->result->system_code;

	*test->result = *before;
	if (system_code != 0)
		test->result->system_code = system_code;
}

/*
 * Try a source that not every system takes: some refuse it, or drop what is to
 * leave from there.  False if it says nothing, and all is as before, but for
 * the error.
 */
static bool
try_loopback(struct test *test, const struct mh_address *from,
    const struct mh_address *address)
{
	const struct mh_self_test_family before = *test->result;
	const struct mh_self_test_family *result = test->result;

	if (try(test, from, address) == 0 &&
	    (result->seen.family != MH_FAMILY_NONE ||
		(result->reached && !result->asked)))
		return true;
	forget(test, &before);
	return false;
}

/*
 * Try two that other hosts ask.  A request that does not get there says nothing
 * of replies: a system may send nothing from one interface's address to that of
 * another.
 */
static int
try_assigned(struct test *test, const struct mh_address *from,
    const struct mh_address *address)
{
	const struct mh_self_test_family before = *test->result;
	int error = try(test, from, address);

	if (error == 0 && !test->result->reached)
		forget(test, &before);
	return error;
}

/* A socket like those of servers; NULL if none serves this family. */
static struct mh_socket *
open_like_servers(const struct test *test)
{
	const struct mh_socket_options options = { .stack = test->stack };
	static const struct mh_address any = { .family = MH_FAMILY_NONE };
	const unsigned int family =
	    test->family == MH_FAMILY_IPV4 ? MH_CAN_IPV4 : MH_CAN_IPV6;
	struct mh_socket *opened[MH_SOCKETS_MAX], *kept = NULL;
	int i, count = mh_socket_open(opened, &any, &options, test->problem);

	for (i = 0; i < count; i++)
		if (kept == NULL && (opened[i]->info.can & family) != 0)
			kept = opened[i];
		else
			mh_socket_close(opened[i]);
	if (count > 0 && kept == NULL)
		test->problem->code = MH_EFAMILY;
	return kept;
}

/* One of this host's that other hosts may ask. */
static bool
is_assigned(const struct mh_address *address, enum mh_family family)
{
	if (address->family != family)
		return false;
	switch (mh_address_class(address)) {
	case MH_CLASS_GLOBAL:
	case MH_CLASS_PRIVATE:
	case MH_CLASS_UNIQUE_LOCAL:
		return mh_address_is_local(address);
	default:
		return false;
	}
}

/* The addresses to test with: that of loopback, and up to two others. */
struct choice {
	struct mh_address loopback, assigned[2];
	unsigned int count;
};

static struct choice
choose(enum mh_family family, const struct mh_address *addresses, size_t count)
{
	struct choice choice = { .loopback = { .family = (uint16_t)family } };
	size_t i;

	if (family == MH_FAMILY_IPV4)
		memcpy(choice.loopback.ip, (uint8_t[]){ 127, 0, 0, 1 }, 4);
	else
		choice.loopback.ip[15] = 1;
	for (i = 0; i < count && choice.count < 2; i++) {
		if (choice.count > 0 &&
		    memcmp(addresses[i].ip, choice.assigned[0].ip, 16) == 0)
			continue;
		if (!is_assigned(&addresses[i], family))
			continue;
		choice.assigned[choice.count] = addresses[i];
		choice.assigned[choice.count++].port = 0;
	}
	return choice;
}

/*
 * First an address that asks itself: that needs no pinned source, but says
 * whether the address is reported.  Then two of them: on loopback, where the
 * system takes that, else those that other hosts ask.
 */
static int
run(struct test *test, const struct choice *choice)
{
	struct mh_self_test_family *result = test->result;
	struct mh_address second = choice->assigned[0];
	const struct mh_address *first = &choice->loopback;
	bool has_second = choice->count > 0;
	int error;

	if (choice->count > 0 && !mh_address_is_local(first))
		first = &choice->assigned[0];
	error = try(test, first, first);
	if (error != 0 || result->source == MH_BROKEN)
		return error;
	result->source = MH_NOT_VERIFIED;
	if (test->family == MH_FAMILY_IPV4) {
		second = choice->loopback;
		second.ip[3] = 2;
		has_second = true;
	}
	if (first == &choice->loopback && has_second &&
	    try_loopback(test, first, &second))
		return 0;
	if (choice->count < 2)
		return 0;
	return try_assigned(test, &choice->assigned[0], &choice->assigned[1]);
}

static int
test_family(struct test *test, const struct choice *choice)
{
	int error;

	test->result->address = choice->loopback;
	if (test->family == MH_FAMILY_IPV6 && choice->count == 0 &&
	    !mh_address_is_local(&choice->loopback))
		return MH_EFAMILY;
	test->batch = mh_batch_new(1);
	if (test->batch == NULL) {
		test->problem->code = MH_ENOMEMORY;
		return MH_ENOMEMORY;
	}
	test->server = open_like_servers(test);
	if (test->server == NULL)
		error = test->problem->code;
	else
		error = run(test, choice);
	mh_socket_close(test->server);
	mh_batch_free(test->batch);
	return error;
}

int
mh_self_test(struct mh_self_test *result, enum mh_stack stack,
    const struct mh_address *addresses, size_t count)
{
	struct test test4 = { .family = MH_FAMILY_IPV4,
		.stack = stack,
		.result = &result->ipv4,
		.problem = &result->problem };
	struct test test6 = { .family = MH_FAMILY_IPV6,
		.stack = stack,
		.result = &result->ipv6,
		.problem = &result->problem };
	struct choice choice;
	struct mh_problem problem;
	int ipv4, ipv6;

	memset(result, 0, sizeof(*result));
	result->problem.what = "";
	choice = choose(MH_FAMILY_IPV4, addresses, count);
	ipv4 = test_family(&test4, &choice);
	problem = result->problem;
	choice = choose(MH_FAMILY_IPV6, addresses, count);
	ipv6 = test_family(&test6, &choice);
	if (ipv4 != 0 && ipv4 != MH_EFAMILY)
		result->problem = problem;
	if ((ipv4 != 0 && ipv4 != MH_EFAMILY) ||
	    (ipv6 != 0 && ipv6 != MH_EFAMILY) || ipv4 + ipv6 == 2 * MH_EFAMILY)
		return MH_ESYSTEM;
	result->problem = (struct mh_problem){ .what = "" };
	if (result->ipv4.source == MH_BROKEN ||
	    result->ipv6.source == MH_BROKEN)
		return MH_ESYSTEM;
	return 0;
}
