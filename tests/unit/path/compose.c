/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/path/compose.c: a reply of a service becomes a datagram.
 */
#include "daemon/path/compose.h"

#include "unit/path/traffic.h"

#include <stdio.h>
#include <string.h>

static struct mh_datagram request, datagram;
static struct service_reply reply;
static uint8_t bytes[5];

/* What the peer has asked that address, and a reply that changes nothing. */
static void
ask(const char *peer, const char *asked)
{
	request = (struct mh_datagram){ .peer = unit_address(peer),
		.local = unit_address(asked),
		.length = 4,
		.if_index = 2,
		.tos = -1,
		.ttl = -1 };
	datagram = (struct mh_datagram){ .tos = -1, .ttl = -1 };
	reply = (struct service_reply){ .data = bytes,
		.length = sizeof(bytes),
		.from = SERVICE_ASKED,
		.note = 17,
		.tos = -1,
		.ttl = -1 };
}

static enum verdict
compose(const struct mh_address *ends)
{
	return compose_reply(
	    &traffic.respond.set, &request, ends, &reply, &datagram);
}

START_TEST(test_from_what_was_asked)
{
	ask("198.51.100.9:99", "192.0.2.1:7");
	ck_assert_int_eq(compose(NULL), PASS);
	unit_assert_address(&datagram.peer, "198.51.100.9:99", "peer");
	unit_assert_address(&datagram.local, "192.0.2.1:7", "source");
	ck_assert_ptr_eq(datagram.data, reply.data);
	ck_assert_uint_eq(datagram.length, 5);
	ck_assert_int_eq(datagram.arrived_ns, 17);
	ck_assert_int_eq(datagram.tos, -1);
	ck_assert_int_eq(datagram.ttl, -1);
	request.local = (struct mh_address){ .family = MH_FAMILY_NONE };
	ck_assert_int_eq(compose(NULL), DROP_SOURCE_UNKNOWN);
}
END_TEST

/* The end of that number, if there is one. */
static const struct {
	enum service_end from;
	bool has_ends;
	const char *source; /* NULL: none */
} choices_of_end[] = {
	{ SERVICE_OTHER_PORT, true, "192.0.2.1:8" },
	{ SERVICE_OTHER_ADDRESS, true, "203.0.113.1:7" },
	{ SERVICE_OTHER_BOTH, true, NULL },
	{ SERVICE_ENDS, true, NULL },
	{ SERVICE_OTHER_PORT, false, NULL },
};

START_TEST(test_from_an_end)
{
	struct mh_address ends[SERVICE_ENDS] = {
		[SERVICE_OTHER_PORT] = unit_address("192.0.2.1:8"),
		[SERVICE_OTHER_ADDRESS] = unit_address("203.0.113.1:7"),
	};
	const char *source = choices_of_end[_i].source;

	ask("198.51.100.9:99", "192.0.2.1:7");
	reply.from = choices_of_end[_i].from;
	ck_assert_int_eq(compose(choices_of_end[_i].has_ends ? ends : NULL),
	    source != NULL ? PASS : DROP_SOURCE_UNKNOWN);
	if (source != NULL)
		unit_assert_address(&datagram.local, source, "source");
}
END_TEST

/*
 * IPv4 link-local peers: by the arrival interface, 2, if it has such addresses.
 */
static const struct {
	const char *peer;
	const char *asked;
	uint32_t flags;
	bool elsewhere; /* the interface has none */
	bool arrival;
	uint32_t if_index;
} links[] = {
	{ "169.254.9.9:99", "192.0.2.1", .if_index = 2 },
	{ "169.254.9.9:99", "169.254.1.1", .if_index = 2 },
	{ "198.51.100.9:99", "169.254.1.1", .if_index = 0 },
	{ "169.254.9.9:99", "192.0.2.1", .elsewhere = true },
	{ "169.254.9.9:99", "169.254.1.1", .elsewhere = true },
	/* This host, perhaps at another interface. */
	{ "169.254.1.1:99", "192.0.2.1", .if_index = 0 },
	/* For other reasons. */
	{ "169.254.9.9:99", "192.0.2.1", .elsewhere = true, .arrival = true,
	    .if_index = 2 },
	{ "169.254.9.9:99", "192.0.2.1", MH_VIA_VRF, .elsewhere = true,
	    .if_index = 2 },
	{ "[fe80::9%2]:99", "fe80::1%2", .elsewhere = true, .if_index = 2 },
};

START_TEST(test_links)
{
	struct host_network *network = &traffic.network;

	network->addresses[0].address = unit_address("169.254.1.1");
	network->addresses[0].if_index = links[_i].elsewhere ? 1 : 2;
	host_network_sort(network);
	guard_network_clear(&traffic.own.network);
	ck_assert(guard_network_make(&traffic.own.network, network));
	traffic.source.arrival = links[_i].arrival;
	ask(links[_i].peer, links[_i].asked);
	request.flags = links[_i].flags;
	ck_assert_int_eq(compose(NULL), PASS);
	ck_assert_uint_eq(datagram.if_index, links[_i].if_index);
}
END_TEST

/* To another port of the peer: not to a server's, nor to one of ours. */
static const struct {
	uint16_t port;
	bool is_sent;
} redirections[] = {
	{ 1, false },
	{ 1023, false },
	{ 1024, true },
	{ 5000, true },
	{ 11211, false }, /* refused below */
	{ 65535, true },
};

START_TEST(test_another_port)
{
	const uint16_t port = redirections[_i].port;
	char peer[32];

	guard_ports_add(&traffic.own.watched, 11211);
	ask("198.51.100.9:99", "192.0.2.1:7");
	reply.to_port = port;
	if (!redirections[_i].is_sent) {
		ck_assert_int_eq(compose(NULL), DROP_REFUSED_PORT);
		return;
	}
	ck_assert_int_eq(compose(NULL), PASS);
	snprintf(peer, sizeof(peer), "198.51.100.9:%u", port);
	unit_assert_address(&datagram.peer, peer, "peer");
	unit_assert_address(&datagram.local, "192.0.2.1:7", "source");
}
END_TEST

/* A valid TOS and TTL; any other is the socket's. */
static const struct {
	int16_t chosen, tos, ttl;
} choices[] = {
	{ -1, -1, -1 },
	{ 0, 0, -1 },
	{ 1, 1, 1 },
	{ 255, 255, 255 },
	{ 256, -1, -1 },
	{ -2, -1, -1 },
	{ INT16_MAX, -1, -1 },
};

START_TEST(test_tos_and_ttl)
{
	ask("198.51.100.9:99", "192.0.2.1:7");
	reply.tos = reply.ttl = choices[_i].chosen;
	ck_assert_int_eq(compose(NULL), PASS);
	ck_assert_int_eq(datagram.tos, choices[_i].tos);
	ck_assert_int_eq(datagram.ttl, choices[_i].ttl);
}
END_TEST

static const struct {
	int16_t chosen, of_request, tos;
} copies[] = {
	/* What a service chooses, it chooses. */
	{ 40, 0xb8, 40 },
	{ 0, 0xb8, 0 },
	{ -1, 0xb8, -1 },
	{ 256, 0xb8, -1 },
	{ COMPOSE_TOS_OF_REQUEST, 0xb9, 0xb8 },
	{ COMPOSE_TOS_OF_REQUEST, -1, -1 },
};

START_TEST(test_copy_and_choice)
{
	ask("198.51.100.9:99", "192.0.2.1:7");
	traffic.respond.set.copy_dscp = true;
	reply.tos = copies[_i].chosen;
	request.tos = copies[_i].of_request;
	ck_assert_int_eq(compose(NULL), PASS);
	ck_assert_int_eq(datagram.tos, copies[_i].tos);
	ck_assert_int_eq(datagram.ttl, -1);
}
END_TEST

Suite *
compose_suite(void)
{
	Suite *suite = suite_create("compose");
	TCase *tcase = traffic_tcase("compose");

	tcase_add_test(tcase, test_from_what_was_asked);
	tcase_add_loop_test(tcase, test_from_an_end, 0, LENGTH(choices_of_end));
	tcase_add_loop_test(tcase, test_links, 0, LENGTH(links));
	tcase_add_loop_test(tcase, test_another_port, 0, LENGTH(redirections));
	tcase_add_loop_test(tcase, test_tos_and_ttl, 0, LENGTH(choices));
	tcase_add_loop_test(tcase, test_copy_and_choice, 0, LENGTH(copies));
	suite_add_tcase(suite, tcase);
	return suite;
}
