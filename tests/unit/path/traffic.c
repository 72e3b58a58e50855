/* SPDX-License-Identifier: ISC */
/*
 * Datagrams for the daemon: what a system reports about them, not what becomes
 * of them.
 */
#include "unit/path/traffic.h"

#include "services/table.h"
#include "platform/network.h"

#include <stdlib.h>
#include <string.h>

struct traffic traffic;

/* Addresses of this host, each with its interface. */
static const struct {
	const char *address;
	const char *broadcast;
	uint32_t if_index;
} addresses[] = {
	{ "127.0.0.1", "", 1 },
	{ "::1", "", 1 },
	{ "192.0.2.1", "192.0.2.255", 2 },
	{ "2001:db8::1", "", 2 },
	{ "fe80::1%2", "", 2 },
};

static void
network_setup(struct host_network *network)
{
	static const struct host_interface interfaces[] = {
		{ .index = 1, .name = "lo" }, { .index = 2, .name = "eth0" }
	};
	struct host_address *at;
	size_t i;

	network->interfaces = malloc(sizeof(interfaces));
	network->addresses = calloc(LENGTH(addresses), sizeof(*at));
	ck_assert(network->interfaces != NULL && network->addresses != NULL);
	memcpy(network->interfaces, interfaces, sizeof(interfaces));
	network->interface_count = LENGTH(interfaces);
	for (i = 0; i < LENGTH(addresses); i++) {
		at = &network->addresses[i];
		at->address = unit_address(addresses[i].address);
		at->broadcast = unit_address(addresses[i].broadcast);
		at->if_index = addresses[i].if_index;
		if (at->if_index != 1)
			fake_local_add(&at->address);
	}
	network->address_count = LENGTH(addresses);
}

static void
guard_setup(void)
{
	static const char *const texts[] = { "127.0.0.0/8", "10.0.0.0/8",
		"192.168.0.0/16", "::1", "fe80::/10", "fc00::/7" };
	struct prefix trusted[LENGTH(texts)];
	unsigned int i;

	for (i = 0; i < LENGTH(texts); i++) {
		ck_assert_int_eq(prefix_parse(&trusted[i], texts[i]), 0);
		trusted[i].value = GUARD_ALLOW;
	}
	traffic.rules.trust = prefix_table_new(trusted, LENGTH(texts));
	traffic.rules.max_amplification = 100;
	ck_assert_ptr_nonnull(traffic.rules.trust);
	ck_assert(guard_network_make(&traffic.own.network, &traffic.network));
	ck_assert(guard_own_endpoints(&traffic.own,
	    &mh_socket_info(traffic.socket)->bound, 1,
	    &traffic.policy.refused));
}

static void
setup(void)
{
	static const struct selfprobe_secret disabled = { .enabled = false };

	fake_host_reset();
	traffic.batch = mh_batch_new(TRAFFIC_SLOTS);
	ck_assert_ptr_nonnull(traffic.batch);
	network_setup(&traffic.network);
	traffic.socket = fixture_open(":7", MH_STACK_DUAL);
	guard_setup();
	traffic.respond =
	    (struct respond){ .set = {
				  .service = &service_echo,
				  .name = "echo",
				  .guard = { &traffic.policy, &traffic.rules,
				      &traffic.own, NULL, NULL },
				  .source = &traffic.source,
				  .network = &traffic.network,
				  .node = "gate",
				  .secret = &disabled,
			      } };
	outbox_init(&traffic.respond.outbox, traffic.socket,
	    &traffic.respond.set, &traffic.respond.stats);
}

void
traffic_reopen(unsigned int want)
{
	const struct mh_socket_options options = { .want = want };
	const struct mh_address endpoint = unit_address(":7");
	struct mh_socket *sockets[MH_SOCKETS_MAX];

	mh_socket_close(traffic.socket);
	ck_assert_int_eq(mh_socket_open(sockets, &endpoint, &options, NULL), 1);
	traffic.socket = sockets[0];
	outbox_init(&traffic.respond.outbox, traffic.socket,
	    &traffic.respond.set, &traffic.respond.stats);
}

static void
teardown(void)
{
	outbox_clear(&traffic.respond.outbox);
	mh_socket_close(traffic.socket);
	mh_batch_free(traffic.batch);
	guard_rules_clear(&traffic.rules);
	guard_network_clear(&traffic.own.network);
	guard_own_clear(&traffic.own);
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
	incoming.arrival.if_index =
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
traffic_respond(void)
{
	ck_assert_int_gt(mh_batch_receive(traffic.batch, traffic.socket), 0);
	respond_batch(&traffic.respond, traffic.batch);
}

bool
traffic_flush(void)
{
	return outbox_flush(&traffic.respond.outbox, traffic.batch);
}

void
traffic_block(unsigned int sent)
{
	const struct fake_fault full = {
		.call = FAKE_SEND, .skip = sent, .code = MH_EAGAIN
	};

	fake_fault(&full);
}

uint64_t
traffic_count(enum stats_counter counter)
{
	return stats_get(&traffic.respond.stats, counter);
}

uint64_t
traffic_dropped(enum verdict verdict)
{
	return stats_get(&traffic.respond.stats, STATS_DROPPED + verdict);
}

uint64_t
traffic_dropped_all(void)
{
	uint64_t sums[STATS_COUNTERS] = { 0 };

	stats_sum(&traffic.respond.stats, sums);
	return stats_dropped(sums);
}

void
traffic_assert_sum(uint64_t queued)
{
	ck_assert_uint_eq(
	    traffic_count(STATS_RECEIVED) + traffic_count(STATS_TAKEN_OVER),
	    traffic_count(STATS_ANSWERED) + traffic_count(STATS_SILENT) +
		traffic_dropped_all() + traffic_count(STATS_HANDED_OVER) +
		queued);
}
