/* SPDX-License-Identifier: ISC */
/*
 * Datagrams for the daemon.  Knows what a system says of them, not what
 * becomes of them.
 */
#include "unit/traffic.h"

#include <stdlib.h>
#include <string.h>

struct traffic traffic;

static void
network_setup(struct host_network *network)
{
	static const struct host_interface interfaces[] = { { 1, "lo" },
		{ 2, "eth0" } };

	network->interfaces = malloc(sizeof(interfaces));
	ck_assert_ptr_nonnull(network->interfaces);
	memcpy(network->interfaces, interfaces, sizeof(interfaces));
	network->interface_count = LENGTH(interfaces);
}

static void
guard_setup(struct guard *guard)
{
	static const char *const texts[] = { "192.0.2.1", "2001:db8::1",
		"fe80::1%2", "127.0.0.1", "::1" };
	struct mh_address *own = calloc(LENGTH(texts), sizeof(*own));
	struct mh_address *broadcast = calloc(1, sizeof(*broadcast));
	unsigned int i;

	ck_assert(own != NULL && broadcast != NULL);
	for (i = 0; i < LENGTH(texts); i++) {
		own[i] = unit_address(texts[i]);
		if (mh_address_class(&own[i]) != MH_CLASS_LOOPBACK)
			fake_local_add(&own[i]);
	}
	*broadcast = unit_address("192.0.2.255");
	guard_set_own(guard, own, LENGTH(texts));
	guard_set_broadcasts(guard, broadcast, 1);
}

static void
setup(void)
{
	fake_host_reset();
	traffic.batch = mh_batch_new(TRAFFIC_SLOTS);
	ck_assert_ptr_nonnull(traffic.batch);
	guard_setup(&traffic.guard);
	network_setup(&traffic.network);
	traffic.socket = fixture_open(":7", MH_STACK_DUAL);
	ck_assert_int_eq(guard_add_endpoint(&traffic.guard,
			     &mh_socket_info(traffic.socket)->bound),
	    0);
	traffic.respond = (struct respond){
		.service = &service_echo,
		.guard = &traffic.guard,
		.rule = &traffic.rule,
		.network = &traffic.network,
		.node = "gate",
		.queue = queue_new(),
	};
	ck_assert_ptr_nonnull(traffic.respond.queue);
}

static void
teardown(void)
{
	queue_free(traffic.respond.queue);
	mh_socket_close(traffic.socket);
	mh_batch_free(traffic.batch);
	guard_clear(&traffic.guard);
	host_network_free(&traffic.network);
	memset(&traffic, 0, sizeof(traffic));
}

TCase *
traffic_tcase(const char *name)
{
	TCase *tcase = fixture_tcase(name);

	tcase_add_checked_fixture(tcase, setup, teardown);
	return tcase;
}

static void
tell_ipv4(struct mh__arrival *arrival, const struct mh_address *asked)
{
	static const uint8_t here[4] = { 192, 0, 2, 1 };
	bool unicast = mh_address_class(asked) != MH_CLASS_MULTICAST &&
	    asked->ip[3] != 255;

	arrival->has_ipv4 = true;
	memcpy(arrival->ipv4_target, asked->ip, 4);
	memcpy(arrival->ipv4_source, unicast ? asked->ip : here, 4);
	memcpy(arrival->ipv6_target + 12, asked->ip, 4);
	arrival->ipv6_target[10] = arrival->ipv6_target[11] = 0xff;
}

struct fake_incoming
traffic_from(const char *peer, const char *asked)
{
	struct mh_address address = unit_address(asked);
	struct fake_incoming incoming = {
		.peer = unit_address(peer),
		.ttl = 64,
		.tos = 0,
		.arrived_ns = 1,
		.data = "data",
		.length = 4,
	};

	if (address.family == MH_FAMILY_NONE)
		return incoming;
	incoming.arrival.has_ipv6 = true;
	incoming.arrival.interface =
	    mh_address_class(&address) == MH_CLASS_LOOPBACK ? 1 : 2;
	if (address.family == MH_FAMILY_IPV4)
		tell_ipv4(&incoming.arrival, &address);
	else
		memcpy(incoming.arrival.ipv6_target, address.ip, 16);
	return incoming;
}

void
traffic_deliver(unsigned int first, unsigned int count)
{
	struct fake_incoming incoming =
	    traffic_from("198.51.100.9:1", "192.0.2.1");
	unsigned int i;

	for (i = first; i < first + count; i++) {
		incoming.peer.port = (uint16_t)i;
		fake_deliver(mh_socket_handle(traffic.socket), &incoming);
	}
}

void
traffic_assert_sent(unsigned int from, unsigned int first, unsigned int count)
{
	unsigned int i;

	ck_assert_uint_eq(fake.sent_count, from + count);
	for (i = 0; i < count; i++) {
		ck_assert_uint_eq(fake.sent[from + i].peer.port, first + i);
		unit_assert_address(
		    &fake.sent[from + i].local, "192.0.2.1:7", "source");
	}
}

void
traffic_assert_sum(const struct stats *stats, uint64_t queued)
{
	ck_assert_uint_eq(stats->received,
	    stats->answered + stats->silent + stats_dropped(stats) + queued);
}
