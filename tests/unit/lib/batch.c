/* SPDX-License-Identifier: ISC */
/*
 * src/lib/batch.c over the fake system: slots, receive, and what becomes of
 * each reply when sending goes wrong.
 */
#include "unit/fixture.h"

#include <string.h>

/*
 * Slots.
 */

static const struct {
	unsigned int slots;
	bool good;
} sizes[] = { { 0, false }, { 1, true }, { 2, true }, { 32, true },
	{ 1024, true }, { 1025, false }, { UINT32_MAX, false } };

START_TEST(test_new)
{
	unsigned int slots = sizes[_i].slots;
	struct mh_batch *batch = mh_batch_new(slots);

	ck_assert_msg((batch != NULL) == sizes[_i].good, "%u slots", slots);
	if (batch != NULL) {
		ck_assert_uint_eq(batch->slots, slots);
		ck_assert_uint_eq(batch->received_count, 0);
		ck_assert_uint_eq(batch->outgoing_count, 0);
	}
	mh_batch_free(batch);
}
END_TEST

START_TEST(test_free_null)
{
	mh_batch_free(NULL);
}
END_TEST

static const struct {
	size_t receive, send;
	bool good;
} slot_sizes[] = { { MH_SLOT_SIZE, MH_SLOT_SIZE, true }, { 1, 0, true },
	{ 1, 1, true }, { 63, 65, true }, { 64, 64, true }, { 1500, 0, true },
	{ 1500, 9000, true }, { MH_SLOT_SIZE, 1, true }, { 0, 0, false },
	{ 0, 1500, false }, { MH_SLOT_SIZE + 1, 0, false },
	{ 1, MH_SLOT_SIZE + 1, false }, { SIZE_MAX, 0, false },
	{ 1, SIZE_MAX, false } };

/* Every byte of every slot is its own. */
START_TEST(test_slots)
{
	enum { SLOTS = 3 };
	struct mh_batch *batch = mh_batch_new_sized(
	    SLOTS, slot_sizes[_i].receive, slot_sizes[_i].send);
	uint8_t *data[2 * SLOTS];
	size_t sizes_of[2], j;
	int i;

	ck_assert((batch != NULL) == slot_sizes[_i].good);
	if (batch == NULL)
		return;
	sizes_of[0] = batch->receive_size;
	sizes_of[1] = batch->send_size;
	ck_assert_uint_eq(sizes_of[0], slot_sizes[_i].receive);
	ck_assert_uint_eq(sizes_of[1], slot_sizes[_i].send);
	for (i = 0; i < SLOTS; i++) {
		data[i] = batch->received[i].data;
		data[SLOTS + i] = mh_batch_reserve(batch)->data;
		ck_assert((data[SLOTS + i] != NULL) == (sizes_of[1] > 0));
	}
	for (i = 0; i < 2 * SLOTS; i++)
		for (j = 0; j < sizes_of[i / SLOTS]; j++)
			data[i][j] = (uint8_t)(i + 1);
	for (i = 0; i < 2 * SLOTS; i++)
		for (j = 0; j < sizes_of[i / SLOTS]; j++)
			ck_assert_msg(
			    data[i][j] == i + 1, "slot %d, byte %zu", i, j);
	mh_batch_free(batch);
}
END_TEST

static void
assert_unset(const struct mh_datagram *reply)
{
	ck_assert_uint_eq(reply->peer.family, MH_FAMILY_NONE);
	ck_assert_uint_eq(reply->local.family, MH_FAMILY_NONE);
	ck_assert_uint_eq(reply->if_index, 0);
	ck_assert_uint_eq(reply->flags, 0);
	ck_assert_int_eq(reply->ttl, -1);
	ck_assert_int_eq(reply->tos, -1);
	ck_assert_uint_eq(reply->segment, 0);
	ck_assert(!reply->report_sent);
	ck_assert_int_eq(reply->status, 0);
	ck_assert_uint_eq(reply->sent_id, 0);
	ck_assert_uint_eq(reply->reserved8 | reply->arrival, 0);
	ck_assert_uint_eq(reply->length, 0);
	ck_assert_ptr_nonnull(reply->data);
}

START_TEST(test_add)
{
	struct mh_batch *batch = mh_batch_new(3);
	unsigned int i;

	for (i = 0; i < 3; i++) {
		struct mh_datagram *reply = mh_batch_reserve(batch);

		ck_assert_ptr_eq(reply, &batch->outgoing[i]);
		ck_assert_uint_eq(batch->outgoing_count, i + 1);
		assert_unset(reply);
	}
	ck_assert_ptr_null(mh_batch_reserve(batch));
	ck_assert_uint_eq(batch->outgoing_count, 3);
	mh_batch_free(batch);
}
END_TEST

/* A slot that was given back is like new, wherever its data pointed. */
START_TEST(test_give_back)
{
	struct mh_batch *batch = mh_batch_new(2);
	struct mh_datagram *first = mh_batch_reserve(batch);
	struct mh_datagram *second = mh_batch_reserve(batch), *again;
	void *data = second->data;

	memset(second, 0xa5, sizeof(*second));
	second->data = batch->received[0].data;
	mh_batch_release(batch, second);
	ck_assert_uint_eq(batch->outgoing_count, 1);
	again = mh_batch_reserve(batch);
	ck_assert_ptr_eq(again, second);
	ck_assert_ptr_eq(again->data, data);
	ck_assert_ptr_ne(again->data, first->data);
	assert_unset(again);
	ck_assert_ptr_null(mh_batch_reserve(batch));
	mh_batch_free(batch);
}
END_TEST

/*
 * Receive.
 */

static struct fake_incoming
incoming_ipv4(uint16_t peer_port)
{
	struct fake_incoming incoming = { .peer =
					      unit_address("198.51.100.9:0"),
		.arrival = { .has_ipv4 = true,
		    .ipv4_source = { 192, 0, 2, 1 },
		    .ipv4_target = { 192, 0, 2, 1 },
		    .if_index = 2 },
		.ttl = 60,
		.tos = 0x2e,
		.arrived_ns = 123456789,
		.data = "hello",
		.length = 5 };

	incoming.peer.port = peer_port;
	return incoming;
}

START_TEST(test_receive)
{
	struct mh_socket *socket = fixture_open(":7", MH_STACK_DUAL);
	struct mh_batch *batch = mh_batch_new(4);
	struct fake_incoming incoming = incoming_ipv4(1009);
	struct mh_datagram *got = batch->received;
	void *data = got->data;

	fake_deliver(mh_socket_handle(socket), &incoming);
	ck_assert_int_eq(mh_batch_receive(batch, socket), 1);
	ck_assert_uint_eq(batch->received_count, 1);
	unit_assert_address(&got->peer, "198.51.100.9:1009", "peer");
	unit_assert_address(&got->local, "192.0.2.1:7", "local");
	ck_assert_uint_eq(got->if_index, 2);
	ck_assert_uint_eq(got->flags, 0);
	ck_assert_int_eq(got->ttl, 60);
	ck_assert_int_eq(got->tos, 0x2e);
	ck_assert_int_eq(got->arrived_ns, 123456789);
	ck_assert_ptr_eq(got->data, data);
	ck_assert_uint_eq(got->length, 5);
	ck_assert_mem_eq(got->data, "hello", 5);
	mh_batch_free(batch);
	mh_socket_close(socket);
}
END_TEST

struct receive_case {
	const char *name;
	size_t length;
	uint32_t flags;
	bool told; /* the local address */
};

static const struct receive_case receives[] = {
	{ "empty", 0, 0, true },
	{ "one byte", 1, 0, true },
	{ "the largest of IPv4", 65507, 0, true },
	{ "the largest of IPv6", 65527, 0, true },
	{ "truncated", MH_SLOT_SIZE, MH_TRUNCATED, true },
	{ "control truncated, address there", 9, MH_CONTROL_TRUNCATED, true },
	{ "control truncated, no address", 9, MH_CONTROL_TRUNCATED, false },
	{ "no address", 9, 0, false },
	{ "VRF", 9, MH_VIA_VRF, true },
};

START_TEST(test_receive_kinds)
{
	const struct receive_case *row = &receives[_i];
	struct mh_socket *socket = fixture_open(":7", MH_STACK_DUAL);
	struct mh_batch *batch = mh_batch_new(1);
	struct fake_incoming incoming = incoming_ipv4(1009);
	struct mh_datagram *got = batch->received;

	incoming.length = row->length;
	incoming.data = NULL;
	incoming.flags = row->flags;
	if (!row->told)
		memset(&incoming.arrival, 0, sizeof(incoming.arrival));
	fake_deliver(mh_socket_handle(socket), &incoming);
	ck_assert_msg(mh_batch_receive(batch, socket) == 1, "%s", row->name);
	ck_assert_msg(got->length == row->length, "%s: %zu bytes", row->name,
	    got->length);
	ck_assert_msg(got->flags == row->flags, "%s: flags %#x", row->name,
	    (unsigned int)got->flags);
	ck_assert_msg((got->local.family != MH_FAMILY_NONE) == row->told,
	    "%s: local is %s", row->name, unit_text(&got->local));
	mh_batch_free(batch);
	mh_socket_close(socket);
}
END_TEST

/* A slot of another size takes as much, and says that there was more. */
START_TEST(test_receive_sized)
{
	struct mh_socket *socket = fixture_open(":7", MH_STACK_DUAL);
	struct mh_batch *batch = mh_batch_new_sized(1, 1500, 0);
	struct fake_incoming incoming = incoming_ipv4(1009);

	incoming.data = NULL;
	incoming.length = 1500 + (size_t)_i;
	fake_deliver(mh_socket_handle(socket), &incoming);
	ck_assert_int_eq(mh_batch_receive(batch, socket), 1);
	ck_assert_uint_eq(batch->received[0].length, 1500);
	ck_assert_uint_eq(batch->received[0].flags, _i == 0 ? 0 : MH_TRUNCATED);
	mh_batch_free(batch);
	mh_socket_close(socket);
}
END_TEST

/* More than there are slots: the next turn continues; fewer: drained. */
START_TEST(test_receive_turns)
{
	struct mh_socket *socket = fixture_open(":7", MH_STACK_DUAL);
	struct mh_batch *batch = mh_batch_new(2);
	struct fake_incoming incoming;
	uint16_t port;

	for (port = 1; port <= 3; port++) {
		incoming = incoming_ipv4(port);
		fake_deliver(mh_socket_handle(socket), &incoming);
	}
	mh_batch_reserve(batch);
	ck_assert_int_eq(mh_batch_receive(batch, socket), 2);
	ck_assert_uint_eq(batch->outgoing_count, 0);
	ck_assert_uint_eq(batch->received[0].peer.port, 1);
	ck_assert_uint_eq(batch->received[1].peer.port, 2);
	mh_batch_reserve(batch);
	ck_assert_int_eq(mh_batch_receive(batch, socket), 1);
	ck_assert_uint_eq(batch->received_count, 1);
	ck_assert_uint_eq(batch->outgoing_count, 0);
	ck_assert_uint_eq(batch->received[0].peer.port, 3);
	mh_batch_reserve(batch);
	ck_assert_int_eq(mh_batch_receive(batch, socket), 0);
	ck_assert_uint_eq(batch->received_count, 0);
	ck_assert_uint_eq(batch->outgoing_count, 0);
	ck_assert_uint_eq(fake.receive_calls, 3);
	mh_batch_free(batch);
	mh_socket_close(socket);
}
END_TEST

/* A slot does not remember what an earlier datagram was. */
START_TEST(test_receive_forgets)
{
	struct mh_socket *socket = fixture_open(":7", MH_STACK_DUAL);
	struct mh_batch *batch = mh_batch_new(1);
	struct fake_incoming first = incoming_ipv4(1);
	struct fake_incoming second = { .peer = unit_address("[::1]:2") };

	first.flags = MH_TRUNCATED | MH_VIA_VRF;
	first.arrival.ipv4_target[3] = 255;
	fake_deliver(mh_socket_handle(socket), &first);
	fake_deliver(mh_socket_handle(socket), &second);
	ck_assert_int_eq(mh_batch_receive(batch, socket), 1);
	ck_assert_uint_eq(batch->received[0].flags,
	    MH_TRUNCATED | MH_VIA_VRF | MH_TO_BROADCAST);
	ck_assert_int_eq(mh_batch_receive(batch, socket), 1);
	ck_assert_uint_eq(batch->received[0].flags, 0);
	ck_assert_uint_eq(batch->received[0].if_index, 0);
	ck_assert_uint_eq(batch->received[0].local.family, MH_FAMILY_NONE);
	mh_batch_free(batch);
	mh_socket_close(socket);
}
END_TEST

static const int receive_errors[] = { MH_EREFUSED, MH_ENOMEMORY, MH_ENOBUFFERS,
	MH_ESYSTEM };

/* An error is reported, hides no datagram, and leaves no stale ones. */
START_TEST(test_receive_error)
{
	const struct fake_incoming error = { .code = receive_errors[_i] };
	struct mh_socket *socket = fixture_open(":7", MH_STACK_DUAL);
	struct mh_batch *batch = mh_batch_new(4);
	struct fake_incoming incoming = incoming_ipv4(1);

	fake_deliver(mh_socket_handle(socket), &incoming);
	fake_deliver(mh_socket_handle(socket), &error);
	fake_deliver(mh_socket_handle(socket), &incoming);
	ck_assert_int_eq(mh_batch_receive(batch, socket), 1);
	mh_batch_reserve(batch);
	ck_assert_int_eq(mh_batch_receive(batch, socket), error.code);
	ck_assert_uint_eq(batch->received_count, 0);
	ck_assert_uint_eq(batch->outgoing_count, 0);
	ck_assert_int_eq(mh_batch_receive(batch, socket), 1);
	mh_batch_free(batch);
	mh_socket_close(socket);
}
END_TEST

/* One batch, two sockets in turn: each knows its own address. */
START_TEST(test_receive_two)
{
	struct mh_socket *any = fixture_open(":7", MH_STACK_DUAL);
	struct mh_socket *one = fixture_open("192.0.2.1:8", MH_STACK_DUAL);
	struct mh_batch *batch = mh_batch_new(1);
	struct fake_incoming incoming = incoming_ipv4(1);

	fake_deliver(mh_socket_handle(any), &incoming);
	fake_deliver(mh_socket_handle(one), &incoming);
	ck_assert_int_eq(mh_batch_receive(batch, one), 1);
	ck_assert_uint_eq(batch->received[0].flags, MH_BOUND);
	unit_assert_address(&batch->received[0].local, "192.0.2.1:8", "bound");
	ck_assert_int_eq(mh_batch_receive(batch, any), 1);
	ck_assert_uint_eq(batch->received[0].flags, 0);
	unit_assert_address(&batch->received[0].local, "192.0.2.1:7", "any");
	mh_batch_free(batch);
	mh_socket_close(any);
	mh_socket_close(one);
}
END_TEST

START_TEST(test_receive_drops)
{
	struct mh_socket *socket = fixture_open(":7", MH_STACK_DUAL);
	struct mh_batch *batch = mh_batch_new(1);
	struct fake_incoming incoming = incoming_ipv4(1);

	ck_assert_uint_eq(mh_socket_drops(socket), 0);
	incoming.drops = 3;
	fake_deliver(mh_socket_handle(socket), &incoming);
	fake_deliver(mh_socket_handle(socket), &incoming);
	ck_assert_int_eq(mh_batch_receive(batch, socket), 1);
	ck_assert_uint_eq(mh_socket_drops(socket), 3);
	ck_assert_int_eq(mh_batch_receive(batch, socket), 1);
	ck_assert_uint_eq(mh_socket_drops(socket), 6);
	mh_batch_free(batch);
	mh_socket_close(socket);
}
END_TEST

/*
 * Send.
 */

/* What a row sets for one reply, and what must become of it. */
struct send_reply {
	const char *peer;
	const char *local;
	uint32_t if_index;
	uint32_t flags;
	uint32_t arrival;
	int status;
	/* If it went: */
	const char *as_local; /* NULL: as it was given */
	bool dropped_interface;
};

struct send_case {
	const char *name;
	const char *endpoint; /* NULL: ":7" */
	enum mh_stack stack;
	struct mh_source_policy rule;
	unsigned int send_most;
	bool wants_interface;
	unsigned int calls; /* 0: does not matter; else at most this many */
	struct fake_fault faults[3];
	struct send_reply replies[5];
};

#define GOOD(n)                                          \
	{                                                \
		"198.51.100.9:" #n, .local = "127.0.0.1" \
	}
#define SENDS(error, to)                                     \
	{                                                    \
		.call = FAKE_SEND, .port = to, .code = error \
	}
#define REFUSES_SOURCE                                            \
	{                                                         \
		.call = FAKE_SEND, .condition = FAKE_WITH_SOURCE, \
		.code = MH_EADDRESS                               \
	}
#define REFUSES_INTERFACE                                            \
	{                                                            \
		.call = FAKE_SEND, .condition = FAKE_WITH_INTERFACE, \
		.code = MH_EADDRESS                                  \
	}
#define REFUSES_ROUTING                                          \
	{                                                        \
		.call = FAKE_SEND, .condition = FAKE_BY_ROUTING, \
		.code = MH_EINVALID                              \
	}
#define REFUSES_ALL                                    \
	{                                              \
		.call = FAKE_SEND, .code = MH_EADDRESS \
	}

static const struct send_case sends[] = {
	{ .name = "none" },
	{ "all at once", .calls = 1,
	    .replies = { GOOD(1), GOOD(2), GOOD(3),
		{ "[2001:db8:9::9]:4", .local = "::1" } } },
	{ "exactly as given", .calls = 1,
	    .replies = { { "198.51.100.9:1", "127.0.0.2", .if_index = 2 },
		{ "[fe80::9%3]:2", "fe80::1%3", .if_index = 3 },
		{ "[2001:db8:9::9]:3", "", .if_index = 0 },
		{ "198.51.100.9:4", "", .if_index = 3 },
		{ "[2001:db8:9::9]:5", "::", .if_index = 3,
		    .flags = MH_TO_MULTICAST } } },

	/* Partial results. */
	{ "one at a time", .send_most = 1, .calls = 4,
	    .replies = { GOOD(1), GOOD(2), GOOD(3), GOOD(4) } },
	{ "three at a time", .send_most = 3, .calls = 2,
	    .replies = { GOOD(1), GOOD(2), GOOD(3), GOOD(4) } },

	/*
	 * One bad entry, wherever it is, does not cost the others their turn.
	 */
	{ "first is bad", .calls = 2, .faults = { SENDS(MH_EINVALID, 1) },
	    .replies = { { "198.51.100.9:1", .status = MH_EINVALID }, GOOD(2),
		GOOD(3) } },
	{ "middle is bad", .calls = 3, .faults = { SENDS(MH_EINVALID, 2) },
	    .replies = { GOOD(1), { "198.51.100.9:2", .status = MH_EINVALID },
		GOOD(3) } },
	{ "last is bad", .calls = 2, .faults = { SENDS(MH_EINVALID, 3) },
	    .replies = { GOOD(1), GOOD(2),
		{ "198.51.100.9:3", .status = MH_EINVALID } } },
	{ "all are bad", .calls = 3,
	    .faults = { { .call = FAKE_SEND, .code = MH_ESYSTEM } },
	    .replies = { { "198.51.100.9:1", .status = MH_ESYSTEM },
		{ "198.51.100.9:2", .status = MH_ESYSTEM },
		{ "198.51.100.9:3", .status = MH_ESYSTEM } } },
	{ "firewall", .calls = 3, .faults = { SENDS(MH_EPERMISSION, 2) },
	    .replies = { GOOD(1),
		{ "198.51.100.9:2", "127.0.0.1", .if_index = 2,
		    .status = MH_EPERMISSION },
		GOOD(3) } },
	{ "firewall, relaxed", .calls = 3, .rule = { .relaxed = true },
	    .faults = { SENDS(MH_EPERMISSION, 2) },
	    .replies = { GOOD(1),
		{ "198.51.100.9:2", "127.0.0.1", .status = MH_EPERMISSION },
		GOOD(3) } },
	{ "no buffers", .calls = 3, .faults = { SENDS(MH_ENOBUFFERS, 2) },
	    .replies = { GOOD(1), { "198.51.100.9:2", .status = MH_ENOBUFFERS },
		GOOD(3) } },
	{ "too big", .calls = 3, .faults = { SENDS(MH_ETOOBIG, 2) },
	    .replies = { GOOD(1), { "198.51.100.9:2", .status = MH_ETOOBIG },
		GOOD(3) } },
	{ "unreachable", .calls = 3, .faults = { SENDS(MH_EUNREACHABLE, 2) },
	    .replies = { GOOD(1),
		{ "198.51.100.9:2", "127.0.0.1", .if_index = 2,
		    .status = MH_EUNREACHABLE },
		GOOD(3) } },

	/* Full: the number sent is returned; the rest may be retried later. */
	{ "full from the start", .calls = 1,
	    .faults = { { .call = FAKE_SEND, .code = MH_EAGAIN } },
	    .replies = { { "198.51.100.9:1", .status = MH_EAGAIN },
		{ "198.51.100.9:2", .status = MH_EAGAIN },
		{ "198.51.100.9:3", .status = MH_EAGAIN } } },
	{ "full after two", .calls = 2,
	    .faults = { { .call = FAKE_SEND, .skip = 2, .code = MH_EAGAIN } },
	    .replies = { GOOD(1), GOOD(2),
		{ "198.51.100.9:3", .status = MH_EAGAIN },
		{ "198.51.100.9:4", .status = MH_EAGAIN } } },
	{ "full, then a bad one", .calls = 1,
	    .faults = { { .call = FAKE_SEND, .code = MH_EAGAIN } },
	    .replies = { { "198.51.100.9:1", .status = MH_EAGAIN },
		{ "198.51.100.9:2", .status = MH_EAGAIN } } },

	/* A late ICMP error about somebody else: tried once more. */
	{ "refused once", .calls = 3,
	    .faults = { { .call = FAKE_SEND,
		.times = 1,
		.code = MH_EREFUSED } },
	    .replies = { GOOD(1), GOOD(2), GOOD(3) } },
	{ "refused once in the middle", .calls = 4,
	    .faults = { { .call = FAKE_SEND,
		.port = 2,
		.times = 1,
		.code = MH_EREFUSED } },
	    .replies = { GOOD(1), GOOD(2), GOOD(3) } },
	{ "refused for ever", .calls = 4,
	    .faults = { { .call = FAKE_SEND, .code = MH_EREFUSED } },
	    .replies = { { "198.51.100.9:1", .status = MH_EREFUSED },
		{ "198.51.100.9:2", .status = MH_EREFUSED } } },
	{ "refused, then the source is bad", .calls = 4,
	    .faults = { { .call = FAKE_SEND,
			    .port = 1,
			    .times = 1,
			    .code = MH_EREFUSED },
		SENDS(MH_EADDRESS, 1) },
	    .replies = { { "198.51.100.9:1", "127.0.0.1",
			     .status = MH_EUNREACHABLE },
		GOOD(2) } },
	{ "refused, then full", .calls = 2,
	    .faults = { { .call = FAKE_SEND, .times = 1, .code = MH_EREFUSED },
		{ .call = FAKE_SEND, .code = MH_EAGAIN } },
	    .replies = { { "198.51.100.9:1", .status = MH_EAGAIN },
		{ "198.51.100.9:2", .status = MH_EAGAIN } } },

	/* The source is refused: strict. */
	{ "strict, source is ours", .calls = 3,
	    .faults = { SENDS(MH_EADDRESS, 2) },
	    .replies = { GOOD(1),
		{ "198.51.100.9:2", "127.0.0.2", .status = MH_EUNREACHABLE },
		GOOD(3) } },
	{ "strict, source is gone", .calls = 3,
	    .faults = { SENDS(MH_EADDRESS, 2) },
	    .replies = { GOOD(1),
		{ "198.51.100.9:2", "192.0.2.1", .status = MH_EGONE },
		GOOD(3) } },
	{ "strict, IPv6 source is gone", .faults = { REFUSES_ALL },
	    .replies = { { "[2001:db8:9::9]:2", "2001:db8::1",
			     .status = MH_EGONE },
		{ "[2001:db8:9::9]:2", "::1", .status = MH_EUNREACHABLE } } },
	{ "strict, several are gone", .faults = { REFUSES_ALL },
	    .replies = { { "198.51.100.9:1", "192.0.2.1", .status = MH_EGONE },
		{ "198.51.100.9:2", "127.0.0.1", .status = MH_EUNREACHABLE },
		{ "198.51.100.9:3", "192.0.2.1", .status = MH_EGONE },
		{ "198.51.100.9:4", "192.0.2.3", .status = MH_EGONE } } },
	/* Windows calls the request invalid on some paths: counted apart. */
	{ "called invalid, source is ours", .faults = { SENDS(MH_EINVALID, 2) },
	    .replies = { GOOD(1),
		{ "198.51.100.9:2", "127.0.0.2", .status = MH_EINVALID },
		GOOD(3) } },
	{ "called invalid, source is gone", .faults = { SENDS(MH_EINVALID, 2) },
	    .replies = { GOOD(1),
		{ "198.51.100.9:2", "192.0.2.1", .status = MH_EGONE },
		GOOD(3) } },
	{ "called invalid, relaxed", .calls = 2, .rule = { .relaxed = true },
	    .faults = { { .call = FAKE_SEND,
		.condition = FAKE_WITH_SOURCE,
		.code = MH_EINVALID } },
	    .replies = { { "198.51.100.9:1", "127.0.0.1",
		.status = MH_SENT_UNPINNED, .as_local = "" } } },
	{ "no source, no way", .faults = { REFUSES_ALL },
	    .replies = { { "198.51.100.9:1", "",
		.status = MH_EUNREACHABLE } } },
	{ "bound to what is gone", "192.0.2.1:7", .faults = { REFUSES_ALL },
	    .replies = { { "198.51.100.9:1", "", .status = MH_EGONE } } },
	{ "bound to what is ours", "127.0.0.2:7", .faults = { REFUSES_ALL },
	    .replies = { { "198.51.100.9:1", "",
		.status = MH_EUNREACHABLE } } },

	/* An interface that the address does not need is not insisted on. */
	{ "interface refused", .calls = 2, .faults = { REFUSES_INTERFACE },
	    .replies = { { "198.51.100.9:1", "127.0.0.1", .if_index = 2,
		.dropped_interface = true } } },
	{ "interface refused, IPv6", .faults = { REFUSES_INTERFACE },
	    .replies = { { "[2001:db8:9::9]:1", "::1", .if_index = 2,
			     .dropped_interface = true },
		{ "[2001:db8:9::9]:2", .local = "::1" } } },
	{ "interface refused, no source", .faults = { REFUSES_INTERFACE },
	    .replies = { { "198.51.100.9:1", "", .if_index = 2,
		.dropped_interface = true } } },
	{ "interface refused, relaxed keeps the source",
	    .rule = { .relaxed = true }, .faults = { REFUSES_INTERFACE },
	    .replies = { { "198.51.100.9:1", "127.0.0.1", .if_index = 2,
		.dropped_interface = true } } },
	{ "interface and source refused", .calls = 2, .faults = { REFUSES_ALL },
	    .replies = { { "198.51.100.9:1", "192.0.2.1", .if_index = 2,
		.status = MH_EGONE } } },
	{ "interface refused, link-local peer", .calls = 1,
	    .faults = { REFUSES_INTERFACE },
	    .replies = { { "[fe80::9%2]:1", "::1", .if_index = 2,
		.status = MH_EUNREACHABLE } } },
	{ "interface refused, link-local source", .calls = 1,
	    .faults = { REFUSES_INTERFACE },
	    .replies = { { "[2001:db8:9::9]:1", "fe80::1%2", .if_index = 2,
		.status = MH_EGONE } } },
	{ "interface refused, IPv4 multicast", .calls = 1,
	    .faults = { REFUSES_INTERFACE },
	    .replies = { { "198.51.100.9:1", "127.0.0.1", .if_index = 2,
		.flags = MH_TO_MULTICAST, .status = MH_EUNREACHABLE } } },
	{ "interface refused, IPv6 multicast", .calls = 1,
	    .faults = { REFUSES_INTERFACE },
	    .replies = { { "[2001:db8:9::9]:1", "::", .if_index = 2,
		.flags = MH_TO_MULTICAST, .status = MH_EUNREACHABLE } } },
	{ "interface refused, VRF", .calls = 1, .faults = { REFUSES_INTERFACE },
	    .replies = { { "198.51.100.9:1", "127.0.0.1", .if_index = 2,
		.flags = MH_VIA_VRF, .status = MH_EUNREACHABLE } } },

	/* Relaxed: once without source. */
	{ "relaxed", .calls = 2, .rule = { .relaxed = true },
	    .faults = { REFUSES_SOURCE },
	    .replies = { { "198.51.100.9:1", "192.0.2.1",
		.status = MH_SENT_UNPINNED, .as_local = "" } } },
	{ "relaxed, among others", .rule = { .relaxed = true },
	    .faults = { SENDS(MH_EADDRESS, 2), REFUSES_SOURCE },
	    .replies = { { "[2001:db8:9::9]:1", "2001:db8::1",
			     .status = MH_SENT_UNPINNED, .as_local = "" },
		{ "198.51.100.9:2", "192.0.2.1", .status = MH_EGONE },
		{ "198.51.100.9:3", .local = "" } } },
	{ "relaxed, nothing helps", .calls = 2, .rule = { .relaxed = true },
	    .faults = { REFUSES_ALL },
	    .replies = { { "198.51.100.9:1", "192.0.2.1",
		.status = MH_EGONE } } },
	{ "relaxed, no source to leave out", .calls = 1,
	    .rule = { .relaxed = true }, .faults = { REFUSES_ALL },
	    .replies = { { "198.51.100.9:1", "",
		.status = MH_EUNREACHABLE } } },
	{ "relaxed, interface and source refused", .calls = 3,
	    .rule = { .relaxed = true }, .faults = { REFUSES_SOURCE },
	    .replies = { { "198.51.100.9:1", "192.0.2.1", .if_index = 2,
		.status = MH_SENT_UNPINNED, .as_local = "",
		.dropped_interface = true } } },
	{ "relaxed keeps a needed interface", .calls = 2,
	    .rule = { .relaxed = true }, .faults = { REFUSES_SOURCE },
	    .replies = { { "[fe80::9%2]:1", "fe80::1%2", .if_index = 2,
		.status = MH_SENT_UNPINNED, .as_local = "" } } },
	{ "relaxed stays in the VRF", .calls = 2, .rule = { .relaxed = true },
	    .faults = { REFUSES_SOURCE },
	    .replies = { { "198.51.100.9:1", "192.0.2.1", .if_index = 2,
		.flags = MH_VIA_VRF, .status = MH_SENT_UNPINNED,
		.as_local = "" } } },

	/* Where routing is refused, by the interface of its arrival. */
	{ "routing refused, here that is all", .calls = 1,
	    .faults = { REFUSES_ROUTING },
	    .replies = { { "198.51.100.9:1", "127.0.0.1", .arrival = 2,
		.status = MH_EINVALID } } },
	{ "routing refused", .wants_interface = true, .calls = 2,
	    .faults = { REFUSES_ROUTING },
	    .replies = { { "198.51.100.9:1", "127.0.0.1", .arrival = 2,
		.status = MH_SENT_BY_ARRIVAL } } },
	{ "routing refused, one of three", .wants_interface = true,
	    .faults = { { .call = FAKE_SEND,
		.port = 2,
		.condition = FAKE_BY_ROUTING,
		.code = MH_EADDRESS } },
	    .replies = { GOOD(1),
		{ "[2001:db8:9::9]:2", "::1", .arrival = 2,
		    .status = MH_SENT_BY_ARRIVAL },
		GOOD(3) } },
	{ "routing refused, no arrival", .wants_interface = true, .calls = 1,
	    .faults = { REFUSES_ROUTING },
	    .replies = { { "198.51.100.9:1", "127.0.0.1",
		.status = MH_EINVALID } } },
	{ "routing refused, no source", .wants_interface = true, .calls = 1,
	    .faults = { REFUSES_ROUTING },
	    .replies = { { "198.51.100.9:1", "", .arrival = 2,
		.status = MH_EINVALID } } },
	{ "arrival refused, too", .wants_interface = true, .calls = 2,
	    .faults = { REFUSES_ALL },
	    .replies = { { "198.51.100.9:1", "127.0.0.1", .arrival = 2,
		.status = MH_EUNREACHABLE } } },
	{ "arrival refused, too, relaxed", .wants_interface = true, .calls = 3,
	    .rule = { .relaxed = true }, .faults = { REFUSES_SOURCE },
	    .replies = { { "198.51.100.9:1", "127.0.0.1", .arrival = 2,
		.status = MH_SENT_UNPINNED, .as_local = "" } } },
	{ "interface refused, it was that of arrival", .wants_interface = true,
	    .calls = 2, .faults = { REFUSES_INTERFACE },
	    .replies = { { "198.51.100.9:1", "127.0.0.1", .if_index = 2,
		.arrival = 2, .dropped_interface = true } } },
	{ "firewall, not once more", .wants_interface = true, .calls = 1,
	    .faults = { SENDS(MH_EPERMISSION, 1) },
	    .replies = { { "198.51.100.9:1", "127.0.0.1", .arrival = 2,
		.status = MH_EPERMISSION } } },

	/* The second attempt's result counts. */
	{ "second try: full",
	    .faults = { REFUSES_INTERFACE,
		{ .call = FAKE_SEND, .code = MH_EAGAIN } },
	    .replies = { { "198.51.100.9:1", "127.0.0.1", .if_index = 2,
			     .status = MH_EAGAIN },
		{ "198.51.100.9:2", "127.0.0.1", .status = MH_EAGAIN } } },
	{ "second try: firewall",
	    .faults = { REFUSES_INTERFACE, SENDS(MH_EPERMISSION, 1) },
	    .replies = { { "198.51.100.9:1", "127.0.0.1", .if_index = 2,
			     .status = MH_EPERMISSION },
		GOOD(2) } },
	{ "relaxed, second try: full", .rule = { .relaxed = true },
	    .faults = { REFUSES_SOURCE,
		{ .call = FAKE_SEND, .code = MH_EAGAIN } },
	    .replies = { { "198.51.100.9:1", "192.0.2.1", .status = MH_EAGAIN },
		{ "198.51.100.9:2", "192.0.2.1", .status = MH_EAGAIN } } },
	{ "relaxed, second try: too big", .rule = { .relaxed = true },
	    .faults = { REFUSES_SOURCE, SENDS(MH_ETOOBIG, 1) },
	    .replies = { { "198.51.100.9:1", "192.0.2.1",
		.status = MH_ETOOBIG } } },

	/* Invalid entries do not reach the system. */
	{ "no port", .calls = 2,
	    .replies = { GOOD(1),
		{ "198.51.100.9:0", "127.0.0.1", .status = MH_EINVALID },
		GOOD(3) } },
	{ "no peer", .calls = 1,
	    .replies = { { ":9", "127.0.0.1", .status = MH_EINVALID },
		GOOD(3) } },
	{ "two families", .calls = 1,
	    .replies = { { "198.51.100.9:1", "::1", .status = MH_EFAMILY },
		{ "[2001:db8:9::9]:2", "127.0.0.1", .status = MH_EFAMILY },
		GOOD(3) } },
	{ "IPv6 socket", .stack = MH_STACK_IPV6, .calls = 1,
	    .replies = { { "198.51.100.9:1", "", .status = MH_EFAMILY },
		{ "[2001:db8:9::9]:2", .local = "::1" } } },
	{ "IPv4 socket", .stack = MH_STACK_IPV4, .calls = 1,
	    .replies = { { "[2001:db8:9::9]:2", "", .status = MH_EFAMILY },
		GOOD(3) } },
};

/* The reply was sent, as `number` of all: is it as it should be? */
static void
assert_sent(const struct send_case *row, const struct send_reply *reply,
    unsigned int number)
{
	const struct fake_sent *sent = &fake.sent[number];
	const char *local = reply->as_local ? reply->as_local : reply->local;
	uint32_t if_index = reply->dropped_interface ? 0 : reply->if_index;

	if (reply->status == MH_SENT_BY_ARRIVAL)
		if_index = reply->arrival;

	ck_assert_msg(number < fake.sent_count, "%s: %s did not go", row->name,
	    reply->peer);
	unit_assert_address(&sent->peer, reply->peer, row->name);
	unit_assert_address(&sent->local, local ? local : "", row->name);
	ck_assert_msg(sent->if_index == if_index, "%s: %s: interface %u",
	    row->name, reply->peer, (unsigned int)sent->if_index);
	ck_assert_msg(sent->length == 4 && memcmp(sent->data, "data", 4) == 0,
	    "%s: %s: other bytes", row->name, reply->peer);
}

static void
prepare(const struct send_case *row, struct mh_batch *batch)
{
	const struct send_reply *reply = row->replies;
	struct mh_datagram *added;
	unsigned int i;

	for (i = 0; i < LENGTH(row->faults); i++) {
		if (row->faults[i].code != 0)
			fake_fault(&row->faults[i]);
	}
	fake.send_most = row->send_most;
	fake.wants_interface = row->wants_interface;
	for (i = 0; i < LENGTH(row->replies) && reply->peer; i++, reply++) {
		added = fixture_reply(batch, reply->peer,
		    reply->local ? reply->local : "", reply->if_index);
		added->flags = reply->flags;
		added->arrival = reply->arrival;
		added->status = 99;
	}
}

START_TEST(test_send)
{
	const struct send_case *row = &sends[_i];
	struct mh_socket *socket =
	    fixture_open(row->endpoint ? row->endpoint : ":7", row->stack);
	struct mh_batch *batch = mh_batch_new(8);
	unsigned int i, went = 0;
	int n, status;

	prepare(row, batch);
	n = mh_batch_send(batch, socket, row->rule.relaxed ? &row->rule : NULL);
	for (i = 0; i < LENGTH(row->replies) && row->replies[i].peer; i++) {
		status = row->replies[i].status;
		ck_assert_msg(batch->outgoing[i].status == status,
		    "%s: %s: status %d, not %d", row->name,
		    row->replies[i].peer, (int)batch->outgoing[i].status,
		    status);
		if (status >= MH_SENT)
			assert_sent(row, &row->replies[i], went++);
	}
	ck_assert_uint_eq(batch->outgoing_count, 0);
	ck_assert_uint_eq(batch->finished_count, i);
	ck_assert_msg(n == (int)went && fake.sent_count == went,
	    "%s: told %d, went %u, should %u", row->name, n, fake.sent_count,
	    went);
	ck_assert_msg(row->calls == 0 || fake.send_calls <= row->calls,
	    "%s: %u calls", row->name, fake.send_calls);
	mh_batch_free(batch);
	mh_socket_close(socket);
}
END_TEST

/* A reply that was given back is not sent, and not even looked at. */
START_TEST(test_send_given_back)
{
	static const struct fake_fault faults[] = { { .call = FAKE_SEND,
							.code = MH_EAGAIN },
		{ .call = FAKE_SEND, .code = MH_EINVALID } };
	const struct mh_source_policy rule = { .relaxed = false };
	struct mh_socket *socket = fixture_open(":7", MH_STACK_DUAL);
	struct mh_batch *batch = mh_batch_new(3);
	int i;

	for (i = 0; i < 3; i++)
		fixture_reply(batch, "198.51.100.9:9", "", 0)->status = 99;
	mh_batch_release(batch, &batch->outgoing[2]);
	if (_i > 0)
		fake_fault(&faults[_i - 1]);
	ck_assert_int_eq(mh_batch_send(batch, socket, &rule), _i == 0 ? 2 : 0);
	ck_assert_uint_eq(fake.sent_count, _i == 0 ? 2 : 0);
	ck_assert_int_ne(batch->outgoing[1].status, 99);
	ck_assert_int_eq(batch->outgoing[2].status, 99);
	ck_assert_uint_eq(batch->finished_count, 2);
	mh_batch_free(batch);
	mh_socket_close(socket);
}
END_TEST

/* One between others, as the socket is ready, full or refuses the first. */
START_TEST(test_send_released)
{
	static const struct fake_fault faults[] = { { .call = FAKE_SEND,
							.code = MH_EAGAIN },
		{ .call = FAKE_SEND, .times = 1, .code = MH_ETOOBIG } };
	static const int statuses[][2] = { { MH_SENT, MH_SENT },
		{ MH_EAGAIN, MH_EAGAIN }, { MH_ETOOBIG, MH_SENT } };
	static const int sent[] = { 2, 0, 1 };
	const struct mh_source_policy rule = { .relaxed = false };
	struct mh_socket *socket = fixture_open(":7", MH_STACK_DUAL);
	struct mh_batch *batch = mh_batch_new(3);
	int i;

	for (i = 0; i < 3; i++)
		fixture_reply(batch, "198.51.100.9:9", "", 0);
	mh_batch_release(batch, &batch->outgoing[1]);
	ck_assert_uint_eq(batch->outgoing_count, 3);
	if (_i > 0)
		fake_fault(&faults[_i - 1]);
	ck_assert_int_eq(mh_batch_send(batch, socket, &rule), sent[_i]);
	ck_assert_uint_eq(batch->finished_count, 3);
	ck_assert_uint_eq(fake.sent_count, (unsigned int)sent[_i]);
	ck_assert(batch->wants_writable == (_i == 1));
	ck_assert_int_eq(batch->outgoing[0].status, statuses[_i][0]);
	ck_assert_int_eq(batch->outgoing[1].status, MH_RELEASED);
	ck_assert_int_eq(batch->outgoing[2].status, statuses[_i][1]);
	/* It is as good as any other from now on. */
	for (i = 0; i < 3; i++)
		fixture_reply(batch, "198.51.100.9:9", "", 0);
	ck_assert_int_eq(batch->outgoing[1].status, 0);
	mh_batch_free(batch);
	mh_socket_close(socket);
}
END_TEST

/* What the system does not cut up is sent in pieces; a whole one is whole. */

static const struct {
	const char *name;
	uint32_t segment;
	struct fake_fault faults[2];
	int status;
	unsigned int pieces;
	size_t last, left; /* left: to send again */
} bursts[] = {
	{ "none", 0, { { .code = 0 } }, MH_SENT, 1, 10, 0 },
	{ "cut up by the system", 4, { { .code = 0 } }, MH_SENT, 1, 10, 0 },
	{ "not longer than one", 10,
	    { { .call = FAKE_SEND, .times = 1, .code = MH_EUNSUPPORTED } },
	    MH_EUNSUPPORTED, 0, 0, 0 },
	{ "unsupported", 4,
	    { { .call = FAKE_SEND, .times = 1, .code = MH_EUNSUPPORTED } },
	    MH_SENT, 3, 2, 0 },
	{ "unsupported, no rest", 5,
	    { { .call = FAKE_SEND, .times = 1, .code = MH_EUNSUPPORTED } },
	    MH_SENT, 2, 5, 0 },
	{ "the second piece fails", 4,
	    { { .call = FAKE_SEND, .times = 1, .code = MH_EUNSUPPORTED },
		{ .call = FAKE_SEND, .skip = 1, .code = MH_ETOOBIG } },
	    MH_ETOOBIG, 1, 4, 0 },
	{ "the source is refused", 4, { REFUSES_ALL }, MH_EGONE, 0, 0, 0 },
	{ "full", 4, { { .call = FAKE_SEND, .times = 1, .code = MH_EAGAIN } },
	    MH_EAGAIN, 0, 0, 10 },
	{ "full after the first piece", 4,
	    { { .call = FAKE_SEND, .times = 1, .code = MH_EUNSUPPORTED },
		{ .call = FAKE_SEND, .skip = 1, .code = MH_EAGAIN } },
	    MH_EAGAIN, 1, 4, 6 },
	{ "full before the last piece", 4,
	    { { .call = FAKE_SEND, .times = 1, .code = MH_EUNSUPPORTED },
		{ .call = FAKE_SEND, .skip = 2, .code = MH_EAGAIN } },
	    MH_EAGAIN, 2, 4, 2 },
};

START_TEST(test_send_burst)
{
	const struct mh_source_policy rule = { .relaxed = false };
	struct mh_socket *socket = fixture_open(":7", MH_STACK_DUAL);
	struct mh_batch *batch = mh_batch_new(1);
	struct mh_datagram *burst;
	const char *name = bursts[_i].name;
	size_t i, at = 0;

	for (i = 0; i < 2; i++)
		if (bursts[_i].faults[i].code != 0)
			fake_fault(&bursts[_i].faults[i]);
	burst = fixture_reply(batch, "198.51.100.9:9", "192.0.2.99", 0);
	burst->data = (char[]){ "0123456789" };
	burst->length = 10;
	burst->segment = bursts[_i].segment;
	ck_assert_int_eq(
	    mh_batch_send(batch, socket, &rule), bursts[_i].status == MH_SENT);
	ck_assert_msg(burst->status == bursts[_i].status, "%s: %d", name,
	    (int)burst->status);
	ck_assert_msg(fake.sent_count == bursts[_i].pieces, "%s: %u pieces",
	    name, fake.sent_count);
	for (i = 0; i < fake.sent_count; i++) {
		ck_assert_mem_eq(
		    fake.sent[i].data, &"0123456789"[at], fake.sent[i].length);
		at += fake.sent[i].length;
	}
	if (i > 0)
		ck_assert_uint_eq(fake.sent[i - 1].length, bursts[_i].last);
	if (burst->status == MH_EAGAIN) {
		ck_assert_uint_eq(burst->length, bursts[_i].left);
		ck_assert_mem_eq(
		    burst->data, &"0123456789"[at], bursts[_i].left);
	}
	mh_batch_free(batch);
	mh_socket_close(socket);
}
END_TEST

/* What was sent is not sent again; nor what was cleared. */
START_TEST(test_send_empties)
{
	const struct mh_source_policy rule = { .relaxed = false };
	struct mh_socket *socket = fixture_open(":7", MH_STACK_DUAL);
	struct mh_batch *batch = mh_batch_new(2);

	fixture_reply(batch, "198.51.100.9:1", "", 0);
	fixture_reply(batch, "198.51.100.9:2", "", 0);
	batch->wants_writable = true;
	ck_assert_int_eq(mh_batch_send(batch, socket, &rule), 2);
	ck_assert(!batch->wants_writable);
	ck_assert_uint_eq(batch->outgoing_count, 0);
	ck_assert_int_eq(mh_batch_send(batch, socket, &rule), 0);
	ck_assert_uint_eq(batch->finished_count, 0);
	fixture_reply(batch, "198.51.100.9:3", "", 0);
	ck_assert_int_eq(mh_batch_send(batch, socket, &rule), 1);
	ck_assert_uint_eq(batch->finished_count, 1);
	fixture_reply(batch, "198.51.100.9:4", "", 0);
	mh_batch_clear(batch);
	ck_assert_int_eq(mh_batch_send(batch, socket, &rule), 0);
	ck_assert_uint_eq(fake.sent_count, 3);
	ck_assert_uint_eq(fake.sent[2].peer.port, 3);
	mh_batch_free(batch);
	mh_socket_close(socket);
}
END_TEST

/* A policy of a later version is not half obeyed: nothing is sent. */
START_TEST(test_send_reserved)
{
	struct mh_source_policy rule = { .relaxed = _i > 2 };
	struct mh_socket *socket = fixture_open(":7", MH_STACK_DUAL);
	struct mh_batch *batch = mh_batch_new(3);
	int i;

	rule.reserved[_i % 3] = 1;
	for (i = 0; i < 3; i++)
		fixture_reply(batch, "198.51.100.9:1", "", 0);
	mh_batch_release(batch, &batch->outgoing[1]);
	ck_assert_int_eq(mh_batch_send(batch, socket, &rule), 0);
	ck_assert_uint_eq(fake.send_calls, 0);
	ck_assert_uint_eq(batch->outgoing_count, 0);
	ck_assert_uint_eq(batch->finished_count, 3);
	ck_assert(!batch->wants_writable);
	ck_assert_int_eq(batch->outgoing[0].status, MH_EINVALID);
	ck_assert_int_eq(batch->outgoing[1].status, MH_RELEASED);
	ck_assert_int_eq(batch->outgoing[2].status, MH_EINVALID);
	mh_batch_free(batch);
	mh_socket_close(socket);
}
END_TEST

/* Echo: data points to where the datagram was received. */
START_TEST(test_send_received)
{
	const struct mh_source_policy rule = { .relaxed = false };
	struct mh_socket *socket = fixture_open(":7", MH_STACK_DUAL);
	struct mh_batch *batch = mh_batch_new(1);
	struct fake_incoming incoming = incoming_ipv4(1009);
	struct mh_datagram *reply;

	fake_deliver(mh_socket_handle(socket), &incoming);
	ck_assert_int_eq(mh_batch_receive(batch, socket), 1);
	reply = mh_batch_reserve(batch);
	ck_assert_int_eq(
	    mh_reply_address(reply, &batch->received[0], &rule), 0);
	reply->data = batch->received[0].data;
	reply->length = batch->received[0].length;
	ck_assert_int_eq(mh_batch_send(batch, socket, &rule), 1);
	ck_assert_int_eq(reply->status, MH_SENT);
	unit_assert_address(&fake.sent[0].peer, "198.51.100.9:1009", "peer");
	unit_assert_address(&fake.sent[0].local, "192.0.2.1:7", "local");
	ck_assert_uint_eq(fake.sent[0].length, 5);
	ck_assert_mem_eq(fake.sent[0].data, "hello", 5);
	mh_batch_free(batch);
	mh_socket_close(socket);
}
END_TEST

/*
 * Looking up sources takes time, so it is limited in each batch.  A source that
 * was not looked up is not reported as gone.
 */
static const struct {
	const char *name;
	unsigned int sources; /* this many, by turns */
	bool is_local;
	unsigned int lookups;
} lookups[] = {
	{ "one that is gone", 1, false, 1 },
	{ "one that is ours", 1, true, 1 },
	{ "some that are gone", 5, false, 5 },
	{ "some that are ours", 5, true, 5 },
	{ "many that are gone", FAKE_LOCALS, false, 32 },
	{ "many that are ours", FAKE_LOCALS, true, 32 },
};

START_TEST(test_send_lookups)
{
	enum { REPLIES = FAKE_LOCALS - 3 };
	const char *name = lookups[_i].name;
	const struct mh_source_policy rule = { .relaxed = false };
	const struct fake_fault fault = REFUSES_ALL;
	struct mh_socket *socket = fixture_open(":7", MH_STACK_DUAL);
	struct mh_batch *batch = mh_batch_new(REPLIES);
	struct mh_datagram *reply;
	unsigned int i, calls, gone = 0;

	fake_fault(&fault);
	for (i = 0; i < REPLIES; i++) {
		reply = fixture_reply(batch, "198.51.100.9:9", "192.0.2.1", 0);
		reply->local.ip[3] = (uint8_t)(i % lookups[_i].sources);
		if (lookups[_i].is_local && i < lookups[_i].sources)
			fake_local_add(&reply->local);
	}
	calls = fake.is_local_calls;
	ck_assert_int_eq(mh_batch_send(batch, socket, &rule), 0);
	calls = fake.is_local_calls - calls;
	ck_assert_msg(
	    calls == lookups[_i].lookups, "%s: %u lookups", name, calls);
	for (i = 0; i < REPLIES; i++) {
		int status = batch->outgoing[i].status;

		ck_assert_msg(status == MH_EGONE || status == MH_EUNREACHABLE,
		    "%s: reply %u: %d", name, i, status);
		gone += status == MH_EGONE;
	}
	if (lookups[_i].is_local)
		ck_assert_msg(gone == 0, "%s: %u gone", name, gone);
	else
		ck_assert_msg(
		    gone == (lookups[_i].sources > calls ? calls : REPLIES),
		    "%s: %u gone", name, gone);
	mh_batch_free(batch);
	mh_socket_close(socket);
}
END_TEST

/* The next batch starts over: an address may have come back. */
START_TEST(test_send_looks_again)
{
	const struct mh_source_policy rule = { .relaxed = false };
	const struct mh_address address = unit_address("192.0.2.1");
	const struct fake_fault fault = REFUSES_ALL;
	struct mh_socket *socket = fixture_open(":7", MH_STACK_DUAL);
	struct mh_batch *batch = mh_batch_new(1);

	fake_fault(&fault);
	fixture_reply(batch, "198.51.100.9:9", "192.0.2.1", 0);
	ck_assert_int_eq(mh_batch_send(batch, socket, &rule), 0);
	ck_assert_int_eq(batch->outgoing[0].status, MH_EGONE);
	fake_local_add(&address);
	fixture_reply(batch, "198.51.100.9:9", "192.0.2.1", 0);
	ck_assert_int_eq(mh_batch_send(batch, socket, &rule), 0);
	ck_assert_int_eq(batch->outgoing[0].status, MH_EUNREACHABLE);
	fake_local_remove(&address);
	fixture_reply(batch, "198.51.100.9:9", "192.0.2.1", 0);
	ck_assert_int_eq(mh_batch_send(batch, socket, &rule), 0);
	ck_assert_int_eq(batch->outgoing[0].status, MH_EGONE);
	mh_batch_free(batch);
	mh_socket_close(socket);
}
END_TEST

/*
 * A prefix is local by its route alone, and the system wants MH__FREEBIND for
 * an IPv6 source of it.  It gets that only for what is ours.
 */
static const struct {
	const char *name, *local;
	bool is_local, freebind, relaxed;
	int status;
	unsigned int calls; /* at most */
} prefixes[] = {
	{ "ours", "2001:db8:9::1", true, .status = MH_SENT, .calls = 2 },
	{ "ours, unique local", "fd00::1", true, .status = MH_SENT,
	    .calls = 2 },
	{ "not relaxed in vain", "2001:db8:9::1", true, .relaxed = true,
	    .status = MH_SENT, .calls = 2 },
	{ "not ours", "2001:db8:9::1", .status = MH_EGONE, .calls = 1 },
	{ "not ours, relaxed", "2001:db8:9::1", .relaxed = true,
	    .status = MH_SENT_UNPINNED, .calls = 2 },
	{ "link-local is never", "fe80::1%2", true, .status = MH_EUNREACHABLE,
	    .calls = 1 },
	{ "loopback is never", "::1", true, .status = MH_EUNREACHABLE,
	    .calls = 1 },
	{ "the owner's freebind stays", "2001:db8:9::1", true, .freebind = true,
	    .status = MH_SENT, .calls = 1 },
};

START_TEST(test_send_from_prefix)
{
	const struct fake_fault fault = { .call = FAKE_SEND,
		.condition = FAKE_STRICTLY,
		.times = 1,
		.code = MH_EADDRESS };
	const struct mh_socket_options options = { .freebind =
						       prefixes[_i].freebind };
	const struct mh_source_policy rule = { .relaxed =
						   prefixes[_i].relaxed };
	const struct mh_address any = unit_address(":7");
	struct mh_address local = unit_address(prefixes[_i].local);
	struct mh_socket *socket[MH_SOCKETS_MAX];
	struct mh_batch *batch = mh_batch_new(1);
	struct mh_datagram *reply;

	if (prefixes[_i].is_local)
		fake_local_add(&local);
	ck_assert_int_eq(mh_socket_open(socket, &any, &options, NULL), 1);
	fake_fault(&fault);
	reply = fixture_reply(batch, "[2001:db8::9]:9", prefixes[_i].local, 0);
	mh_batch_send(batch, socket[0], &rule);
	ck_assert_msg(reply->status == prefixes[_i].status, "%s: status %d",
	    prefixes[_i].name, (int)reply->status);
	if (reply->status == MH_SENT)
		unit_assert_address(
		    &fake.sent[0].local, prefixes[_i].local, prefixes[_i].name);
	ck_assert_uint_le(fake.send_calls, prefixes[_i].calls);
	ck_assert(fake_socket(mh_socket_handle(socket[0]))->freebind ==
	    prefixes[_i].freebind);
	mh_batch_free(batch);
	mh_socket_close(socket[0]);
}
END_TEST

/* If all goes well nothing is looked up. */
START_TEST(test_send_no_lookup)
{
	const struct mh_source_policy rule = { .relaxed = false };
	struct mh_socket *socket = fixture_open(":7", MH_STACK_DUAL);
	struct mh_batch *batch = mh_batch_new(1);
	unsigned int before = fake.is_local_calls;

	fixture_reply(batch, "198.51.100.9:9", "192.0.2.1", 0);
	ck_assert_int_eq(mh_batch_send(batch, socket, &rule), 1);
	ck_assert_uint_eq(fake.is_local_calls, before);
	mh_batch_free(batch);
	mh_socket_close(socket);
}
END_TEST

/*
 * On a socket that reports errors, any failure may be about an earlier
 * datagram: a second attempt tells.
 */
START_TEST(test_send_told_errors)
{
	static const int codes[] = { MH_EREFUSED, MH_EADDRESS, MH_ETOOBIG,
		MH_EPERMISSION, MH_ESYSTEM, MH_EUNREACHABLE };
	const struct fake_fault once = {
		.call = FAKE_SEND, .times = 1, .code = codes[_i]
	};
	const struct mh_socket_options options = { .want = MH_CAN_ERRORS };
	const struct mh_source_policy rule = { .relaxed = false };
	const struct mh_address endpoint = unit_address(":7");
	struct mh_socket *sockets[MH_SOCKETS_MAX];
	struct mh_batch *batch = mh_batch_new(1);

	ck_assert_int_eq(mh_socket_open(sockets, &endpoint, &options, NULL), 1);
	fake_fault(&once);
	fixture_reply(batch, "198.51.100.9:9", "127.0.0.1", 0);
	ck_assert_int_eq(mh_batch_send(batch, sockets[0], &rule), 1);
	ck_assert_int_eq(batch->outgoing[0].status, MH_SENT);
	mh_batch_free(batch);
	mh_socket_close(sockets[0]);
}
END_TEST

/* However it is sent in the end, its report has its number. */
static const struct {
	const char *name;
	struct fake_fault fault;
	uint16_t segment; /* of 100 bytes; 0: none */
	bool relaxed, reported;
	int status;
} reported[] = {
	{ "at once", .status = MH_SENT, .reported = true },
	{ "without interface",
	    { .call = FAKE_SEND,
		.condition = FAKE_WITH_INTERFACE,
		.code = MH_EADDRESS },
	    .status = MH_SENT, .reported = true },
	{ "without source",
	    { .call = FAKE_SEND,
		.condition = FAKE_WITH_SOURCE,
		.code = MH_EADDRESS },
	    .relaxed = true, .status = MH_SENT_UNPINNED, .reported = true },
	{ "not at all", { .call = FAKE_SEND, .code = MH_EPERMISSION },
	    .status = MH_EPERMISSION },
	{ "full", { .call = FAKE_SEND, .code = MH_EAGAIN },
	    .status = MH_EAGAIN },
	{ "in pieces",
	    { .call = FAKE_SEND, .times = 1, .code = MH_EUNSUPPORTED },
	    .segment = 40, .status = MH_SENT },
};

START_TEST(test_send_reported)
{
	const struct mh_socket_options options = { .want = MH_CAN_SEND_TIME };
	const struct mh_source_policy rule = { .relaxed =
						   reported[_i].relaxed };
	const struct mh_address endpoint = unit_address(":7");
	struct mh_socket *sockets[MH_SOCKETS_MAX];
	struct mh_batch *batch = mh_batch_new(2);
	struct mh_datagram *reply, *other;

	ck_assert_int_eq(mh_socket_open(sockets, &endpoint, &options, NULL), 1);
	if (reported[_i].fault.code != 0)
		fake_fault(&reported[_i].fault);
	reply = fixture_reply(batch, "198.51.100.9:9", "127.0.0.1", 2);
	reply->report_sent = true;
	reply->length = 100;
	reply->segment = reported[_i].segment;
	other = fixture_reply(batch, "198.51.100.9:9", "127.0.0.1", 0);
	mh_batch_send(batch, sockets[0], &rule);
	ck_assert_msg(reply->status == reported[_i].status, "%s: status %d",
	    reported[_i].name, (int)reply->status);
	ck_assert_msg((reply->sent_id != 0) == reported[_i].reported,
	    "%s: number %llu", reported[_i].name,
	    (unsigned long long)reply->sent_id);
	ck_assert_uint_eq(other->sent_id, 0);
	mh_batch_free(batch);
	mh_socket_close(sockets[0]);
}
END_TEST

Suite *
batch_suite(void)
{
	Suite *suite = suite_create("batch");
	TCase *slots = fixture_tcase("slots");
	TCase *receive = fixture_tcase("receive");
	TCase *send = fixture_tcase("send");

	tcase_add_loop_test(slots, test_new, 0, LENGTH(sizes));
	tcase_add_test(slots, test_free_null);
	tcase_add_loop_test(slots, test_slots, 0, LENGTH(slot_sizes));
	tcase_add_test(slots, test_add);
	tcase_add_test(slots, test_give_back);
	suite_add_tcase(suite, slots);
	tcase_add_test(receive, test_receive);
	tcase_add_loop_test(receive, test_receive_kinds, 0, LENGTH(receives));
	tcase_add_loop_test(receive, test_receive_sized, 0, 2);
	tcase_add_test(receive, test_receive_turns);
	tcase_add_test(receive, test_receive_forgets);
	tcase_add_loop_test(
	    receive, test_receive_error, 0, LENGTH(receive_errors));
	tcase_add_test(receive, test_receive_two);
	tcase_add_test(receive, test_receive_drops);
	suite_add_tcase(suite, receive);
	tcase_add_loop_test(send, test_send, 0, LENGTH(sends));
	tcase_add_loop_test(send, test_send_given_back, 0, 3);
	tcase_add_loop_test(send, test_send_released, 0, 3);
	tcase_add_loop_test(send, test_send_burst, 0, LENGTH(bursts));
	tcase_add_test(send, test_send_empties);
	tcase_add_loop_test(send, test_send_reserved, 0, 6);
	tcase_add_test(send, test_send_received);
	tcase_add_loop_test(send, test_send_lookups, 0, LENGTH(lookups));
	tcase_add_test(send, test_send_looks_again);
	tcase_add_test(send, test_send_no_lookup);
	tcase_add_loop_test(send, test_send_from_prefix, 0, LENGTH(prefixes));
	tcase_add_loop_test(send, test_send_told_errors, 0, 6);
	tcase_add_loop_test(send, test_send_reported, 0, LENGTH(reported));
	suite_add_tcase(suite, send);
	return suite;
}
