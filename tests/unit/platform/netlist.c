/* SPDX-License-Identifier: ISC */
/*
 * src/platform/linux/netlist.c: how the kernel's messages change the list of
 * addresses and interfaces.
 */
#include "platform/linux/netlist.h"

#include "unit/unit.h"

#include "unit/platform/messages.h"
#include "unit/platform/suites.h"

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

static struct netlist list, changes;
static struct host_network network;

static void
setup(void)
{
	memset(&list, 0, sizeof(list));
	memset(&changes, 0, sizeof(changes));
	memset(&network, 0, sizeof(network));
}

static void
teardown(void)
{
	netlist_clear(&list);
	netlist_clear(&changes);
	host_network_free(&network);
}

/* Note what the first of these messages says. */
static void
note(struct messages *messages)
{
	struct netlist_record record;

	ck_assert(netlist_decode((void *)messages->bytes, &record));
	ck_assert(netlist_add(&changes, &record));
}

static void
note_link(unsigned short type, int index, unsigned int flags, const char *name)
{
	struct messages messages = { .length = 0 };
	const struct ifinfomsg link = { .ifi_index = index,
		.ifi_flags = flags };
	struct nlmsghdr *message =
	    messages_begin(&messages, type, &link, sizeof(link));

	messages_attribute(
	    &messages, message, IFLA_IFNAME, name, strlen(name) + 1);
	note(&messages);
}

static void
put_ip(struct messages *messages, struct nlmsghdr *message, unsigned short type,
    const char *text)
{
	uint8_t ip[16];
	int family = strchr(text, ':') != NULL ? AF_INET6 : AF_INET;

	ck_assert_int_eq(inet_pton(family, text, ip), 1);
	messages_attribute(
	    messages, message, type, ip, family == AF_INET ? 4 : 16);
}

/* The parts of an address message; NULL: left out. */
struct about {
	const char *local, *address, *broadcast;
	uint8_t bits;
	uint32_t if_index;
	uint8_t flags;
};

static void
note_address(unsigned short type, const struct about *about)
{
	const char *any = about->local != NULL ? about->local : about->address;
	struct messages messages = { .length = 0 };
	const struct ifaddrmsg header = {
		.ifa_family = strchr(any, ':') != NULL ? AF_INET6 : AF_INET,
		.ifa_prefixlen = about->bits,
		.ifa_index = about->if_index,
		.ifa_flags = about->flags,
	};
	struct nlmsghdr *message =
	    messages_begin(&messages, type, &header, sizeof(header));

	if (about->address != NULL)
		put_ip(&messages, message, IFA_ADDRESS, about->address);
	if (about->local != NULL)
		put_ip(&messages, message, IFA_LOCAL, about->local);
	if (about->broadcast != NULL)
		put_ip(&messages, message, IFA_BROADCAST, about->broadcast);
	note(&messages);
}

/* An IPv4 address as on any Ethernet. */
static void
note_ip(unsigned short type, const char *text, uint32_t if_index)
{
	const struct about about = { text, text, NULL, 24, if_index, 0 };

	note_address(type, &about);
}

/* Merge what was noted, and print all addresses in order. */
static const char *
merged(void)
{
	static char text[1024];
	char one[MH_ADDRESS_TEXT];
	size_t i, length = 0;

	ck_assert(netlist_merge(&list, &changes));
	netlist_clear(&changes);
	host_network_free(&network);
	ck_assert_int_eq(netlist_network(&list, &network), 0);
	text[0] = '\0';
	for (i = 0; i < network.address_count; i++)
		length += (size_t)snprintf(text + length, sizeof(text) - length,
		    "%s%s:%u", i > 0 ? " " : "",
		    mh_address_format(
			&network.addresses[i].address, one, sizeof(one)),
		    network.addresses[i].if_index);
	return text;
}

START_TEST(test_merges)
{
	note_link(RTM_NEWLINK, 2, IFF_BROADCAST, "eth0");
	note_link(RTM_NEWLINK, 1, IFF_LOOPBACK, "lo");
	note_ip(RTM_NEWADDR, "192.0.2.3", 2);
	note_ip(RTM_NEWADDR, "127.0.0.1", 1);
	note_ip(RTM_NEWADDR, "192.0.2.1", 2);
	ck_assert_str_eq(merged(), "127.0.0.1:1 192.0.2.1:2 192.0.2.3:2");
	ck_assert_str_eq(host_network_name(&network, 1), "lo");
	ck_assert_str_eq(host_network_name(&network, 2), "eth0");
	/* Before, between and after; one that is there already. */
	note_ip(RTM_NEWADDR, "192.0.2.4", 2);
	note_ip(RTM_NEWADDR, "192.0.2.2", 2);
	note_ip(RTM_NEWADDR, "192.0.2.3", 2);
	note_ip(RTM_NEWADDR, "10.0.0.1", 1);
	ck_assert_str_eq(merged(),
	    "10.0.0.1:1 127.0.0.1:1 192.0.2.1:2 192.0.2.2:2 192.0.2.3:2 "
	    "192.0.2.4:2");
	note_ip(RTM_DELADDR, "10.0.0.1", 1);
	note_ip(RTM_DELADDR, "192.0.2.2", 2);
	note_ip(RTM_DELADDR, "192.0.2.4", 2);
	note_ip(RTM_DELADDR, "192.0.2.9", 2); /* was never there */
	note_ip(RTM_DELADDR, "192.0.2.1", 1); /* is elsewhere */
	ck_assert_str_eq(merged(), "127.0.0.1:1 192.0.2.1:2 192.0.2.3:2");
	ck_assert_str_eq(merged(), "127.0.0.1:1 192.0.2.1:2 192.0.2.3:2");
}
END_TEST

/* Of several changes of one address, the last counts. */
START_TEST(test_last_change_counts)
{
	note_link(RTM_NEWLINK, 1, 0, "eth0");
	note_ip(RTM_NEWADDR, "192.0.2.1", 1);
	note_ip(RTM_DELADDR, "192.0.2.1", 1);
	note_ip(RTM_DELADDR, "192.0.2.2", 1);
	note_ip(RTM_NEWADDR, "192.0.2.2", 1);
	note_link(RTM_NEWLINK, 1, 0, "eth9");
	ck_assert_str_eq(merged(), "192.0.2.2:1");
	ck_assert_str_eq(host_network_name(&network, 1), "eth9");
	note_ip(RTM_DELADDR, "192.0.2.2", 1);
	note_ip(RTM_NEWADDR, "192.0.2.2", 1);
	note_ip(RTM_DELADDR, "192.0.2.2", 1);
	ck_assert_str_eq(merged(), "");
}
END_TEST

/* The same address with another prefix or another end is another one. */
START_TEST(test_tells_apart)
{
	const struct about many[] = {
		{ "10.0.0.1", "10.0.0.1", NULL, 24, 1, 0 },
		{ "10.0.0.1", "10.0.0.1", NULL, 16, 1, 0 },
		{ "10.0.0.1", "10.9.0.9", NULL, 24, 1, 0 },
		{ "10.0.0.1", "10.0.0.1", NULL, 24, 2, 0 },
	};
	size_t i;

	note_link(RTM_NEWLINK, 1, 0, "eth0");
	note_link(RTM_NEWLINK, 2, 0, "eth1");
	for (i = 0; i < LENGTH(many); i++)
		note_address(RTM_NEWADDR, &many[i]);
	ck_assert_str_eq(
	    merged(), "10.0.0.1:1 10.0.0.1:1 10.0.0.1:1 10.0.0.1:2");
	for (i = LENGTH(many); i-- > 0;) {
		note_address(RTM_DELADDR, &many[i]);
		merged();
		ck_assert_uint_eq(network.address_count, i);
	}
}
END_TEST

/* When an interface goes, its addresses do, too. */
START_TEST(test_interface_is_gone)
{
	note_link(RTM_NEWLINK, 1, 0, "eth0");
	note_link(RTM_NEWLINK, 2, 0, "eth1");
	note_ip(RTM_NEWADDR, "192.0.2.1", 1);
	note_ip(RTM_NEWADDR, "192.0.2.2", 2);
	note_ip(RTM_NEWADDR, "192.0.2.3", 3); /* never had one */
	ck_assert_str_eq(merged(), "192.0.2.1:1 192.0.2.2:2");
	note_link(RTM_DELLINK, 1, 0, "eth0");
	ck_assert_str_eq(merged(), "192.0.2.2:2");
	ck_assert_uint_eq(network.interface_count, 1);
	/* An index that is reused. */
	note_link(RTM_NEWLINK, 1, 0, "eth2");
	ck_assert_str_eq(merged(), "192.0.2.2:2");
}
END_TEST

static const struct {
	struct about about;
	unsigned int flags;
	const char *address, *broadcast;
	unsigned int on_link;
} kinds[] = {
	{ { "192.0.2.1", "192.0.2.1", "192.0.2.255", 24, 7, 0 }, IFF_BROADCAST,
	    "192.0.2.1", "192.0.2.255", 24 },
	{ { "192.0.2.1", "192.0.2.1", "192.0.2.99", 24, 7, 0 }, IFF_BROADCAST,
	    "192.0.2.1", "192.0.2.99", 24 },
	/* None given, or itself: as routing has it. */
	{ { "192.0.2.1", "192.0.2.1", NULL, 25, 7, 0 }, IFF_BROADCAST,
	    "192.0.2.1", "192.0.2.127", 25 },
	{ { "192.0.2.1", "192.0.2.1", "192.0.2.1", 25, 7, 0 }, IFF_BROADCAST,
	    "192.0.2.1", "192.0.2.127", 25 },
	{ { "192.0.2.1", "192.0.2.1", NULL, 32, 7, 0 }, IFF_BROADCAST,
	    "192.0.2.1", "", 32 },
	/* A tunnel: the other end is not ours. */
	{ { "192.0.2.1", "198.51.100.9", NULL, 32, 7, 0 }, IFF_POINTOPOINT,
	    "192.0.2.1", "", 0 },
	{ { "192.0.2.1", "198.51.100.9", "192.0.2.255", 24, 7, 0 },
	    IFF_POINTOPOINT | IFF_BROADCAST, "192.0.2.1", "", 0 },
	{ { "127.0.0.1", "127.0.0.1", NULL, 8, 7, 0 }, IFF_LOOPBACK,
	    "127.0.0.1", "", 0 },
	{ { "192.0.2.1", "192.0.2.1", "192.0.2.255", 24, 7, 0 },
	    IFF_NOARP | IFF_BROADCAST, "192.0.2.1", "192.0.2.255", 0 },
	/* IPv6 has one attribute, or two with another end. */
	{ { NULL, "2001:db8::1", NULL, 64, 7, 0 }, IFF_BROADCAST, "2001:db8::1",
	    "", 64 },
	{ { "2001:db8::1", "2001:db8::9", NULL, 128, 7, 0 }, IFF_BROADCAST,
	    "2001:db8::1", "", 128 },
	{ { NULL, "fe80::1", NULL, 64, 7, 0 }, IFF_BROADCAST, "fe80::1%7", "",
	    64 },
};

START_TEST(test_kinds)
{
	const struct host_address *at;

	note_link(RTM_NEWLINK, 7, kinds[_i].flags, "eth0");
	note_address(RTM_NEWADDR, &kinds[_i].about);
	merged();
	ck_assert_uint_eq(network.address_count, 1);
	at = network.addresses;
	unit_assert_address(&at->address, kinds[_i].address, "address");
	unit_assert_address(&at->broadcast, kinds[_i].broadcast, "broadcast");
	ck_assert_uint_eq(at->on_link, kinds[_i].on_link);
	ck_assert_uint_eq(at->if_index, 7);
	ck_assert(
	    host_network_resolves(&network, 7) == (kinds[_i].on_link != 0));
}
END_TEST

static const struct {
	uint8_t flags;
	enum host_address_state state;
} states[] = {
	{ 0, HOST_ADDRESS_USABLE },
	{ IFA_F_PERMANENT | IFA_F_DEPRECATED, HOST_ADDRESS_USABLE },
	{ IFA_F_TENTATIVE, HOST_ADDRESS_TENTATIVE },
	{ IFA_F_TENTATIVE | IFA_F_PERMANENT, HOST_ADDRESS_TENTATIVE },
	/* In use meanwhile, RFC 4429. */
	{ IFA_F_TENTATIVE | IFA_F_OPTIMISTIC, HOST_ADDRESS_USABLE },
	{ IFA_F_TENTATIVE | IFA_F_DADFAILED, HOST_ADDRESS_DUPLICATE },
	{ IFA_F_DADFAILED, HOST_ADDRESS_DUPLICATE },
};

/* Is it in use?  That changes, and the last message counts. */
START_TEST(test_states)
{
	struct about about = { NULL, "2001:db8::1", NULL, 64, 7, 0 };

	note_link(RTM_NEWLINK, 7, IFF_BROADCAST, "eth0");
	about.flags = states[_i].flags;
	note_address(RTM_NEWADDR, &about);
	merged();
	ck_assert_uint_eq(network.address_count, 1);
	ck_assert_uint_eq(network.addresses[0].state, states[_i].state);
	ck_assert(network.addresses[0].is_deprecated ==
	    ((states[_i].flags & IFA_F_DEPRECATED) != 0));
	about.flags = 0;
	note_address(RTM_NEWADDR, &about);
	merged();
	ck_assert_uint_eq(network.address_count, 1);
	ck_assert_uint_eq(network.addresses[0].state, HOST_ADDRESS_USABLE);
}
END_TEST

/* What an interface's flags imply for its addresses may change. */
START_TEST(test_flags_change)
{
	note_link(RTM_NEWLINK, 7, IFF_BROADCAST, "eth0");
	note_ip(RTM_NEWADDR, "192.0.2.1", 7);
	merged();
	ck_assert_uint_eq(network.addresses[0].on_link, 24);
	note_link(RTM_NEWLINK, 7, IFF_BROADCAST | IFF_NOARP, "eth0");
	merged();
	ck_assert_uint_eq(network.addresses[0].on_link, 0);
}
END_TEST

START_TEST(test_vrf)
{
	struct messages slave = { .length = 0 }, other = { .length = 0 };

	messages_link(&slave, 3, "vrf");
	messages_link(&other, 4, "vrfish");
	note(&slave);
	note(&other);
	merged();
	ck_assert_uint_eq(network.interface_count, 2);
	ck_assert(network.interfaces[0].in_vrf);
	ck_assert(!network.interfaces[1].in_vrf);
	ck_assert_str_eq(network.interfaces[0].name, "some0");
}
END_TEST

/* What an interface says of those that it is stacked with; "": nothing. */
static const struct {
	const char *kind, *master_kind;
	uint32_t master, link;
	bool elsewhere; /* the link */
	uint32_t bridge, below;
} stacks[] = {
	{ "dummy", "", 0, 0, false, 0, 0 },
	{ "", "bridge", 8, 0, false, 8, 0 },
	{ "vlan", "bond", 8, 9, false, 8, 9 },
	/* It may send by any of its interfaces. */
	{ "vlan", "vrf", 8, 9, false, 0, 9 },
	/* Its other end. */
	{ "veth", "bridge", 8, 9, false, 8, 0 },
	{ "vethlike", "", 0, 9, false, 0, 9 },
	{ "macvlan", "", 0, 9, true, 0, 0 },
};

START_TEST(test_stacks)
{
	_Alignas(struct rtattr) uint8_t info[128];
	struct messages messages = { .length = 0 }, inner = { .length = 0 };
	const struct ifinfomsg link = { .ifi_index = 7 };
	const char *kind = stacks[_i].kind, *other = stacks[_i].master_kind;
	const int32_t netns = 1;
	struct nlmsghdr *message, *in;
	size_t size;

	in = messages_begin(&inner, RTM_NEWLINK, NULL, 0);
	messages_attribute(&inner, in, IFLA_INFO_KIND, kind, strlen(kind) + 1);
	messages_attribute(
	    &inner, in, IFLA_INFO_SLAVE_KIND, other, strlen(other) + 1);
	size = inner.length - NLMSG_HDRLEN;
	memcpy(info, inner.bytes + NLMSG_HDRLEN, size);
	message = messages_begin(&messages, RTM_NEWLINK, &link, sizeof(link));
	messages_attribute(&messages, message, IFLA_LINKINFO, info, size);
	messages_attribute(
	    &messages, message, IFLA_MASTER, &stacks[_i].master, 4);
	messages_attribute(&messages, message, IFLA_LINK, &stacks[_i].link, 4);
	if (stacks[_i].elsewhere)
		messages_attribute(
		    &messages, message, IFLA_LINK_NETNSID, &netns, 4);
	note(&messages);
	merged();
	ck_assert_uint_eq(network.interface_count, 1);
	ck_assert_uint_eq(network.interfaces[0].bridge, stacks[_i].bridge);
	ck_assert_uint_eq(network.interfaces[0].below, stacks[_i].below);
}
END_TEST

/* A port leaves its bridge: the interface is still there. */
START_TEST(test_bridge)
{
	struct messages messages = { .length = 0 };
	const struct ifinfomsg link = { .ifi_family = AF_BRIDGE,
		.ifi_index = 1 };
	struct netlist_record record;

	messages_begin(&messages, RTM_DELLINK, &link, sizeof(link));
	ck_assert(!netlist_decode((void *)messages.bytes, &record));
}
END_TEST

/* Whatever is truncated or out of range is ignored. */
START_TEST(test_malformed)
{
	struct messages messages = { .length = 0 };
	struct ifaddrmsg header = {
		.ifa_family = AF_INET, .ifa_prefixlen = 24, .ifa_index = 1
	};
	struct netlist_record record;
	struct nlmsghdr *message =
	    messages_begin(&messages, RTM_NEWADDR, &header, sizeof(header));

	ck_assert(!netlist_decode(message, &record)); /* no address */
	put_ip(&messages, message, IFA_LOCAL, "192.0.2.1");
	ck_assert(netlist_decode(message, &record));
	message->nlmsg_len--;
	ck_assert(!netlist_decode(message, &record));
	message->nlmsg_len = NLMSG_LENGTH(0);
	ck_assert(!netlist_decode(message, &record));
	message->nlmsg_type = RTM_NEWLINK;
	ck_assert(!netlist_decode(message, &record));
	message->nlmsg_type = RTM_NEWROUTE;
	ck_assert(!netlist_decode(message, &record));
	message->nlmsg_type = RTM_NEWADDR;
	message->nlmsg_len = (uint32_t)messages.length;
	((struct ifaddrmsg *)NLMSG_DATA(message))->ifa_prefixlen = 33;
	ck_assert(!netlist_decode(message, &record));
	((struct ifaddrmsg *)NLMSG_DATA(message))->ifa_prefixlen = 32;
	((struct ifaddrmsg *)NLMSG_DATA(message))->ifa_family = AF_INET6;
	ck_assert(!netlist_decode(message, &record));
}
END_TEST

/* Any number, in any order. */
START_TEST(test_many)
{
	char text[32];
	unsigned int i;

	note_link(RTM_NEWLINK, 1, 0, "lo");
	for (i = 0; i < 10007; i++) {
		snprintf(text, sizeof(text), "10.0.%u.%u",
		    i * 5003 % 10007 / 256, i * 5003 % 10007 % 256);
		note_ip(RTM_NEWADDR, text, 1);
	}
	ck_assert(netlist_merge(&list, &changes));
	ck_assert_uint_eq(list.count, 10008);
	for (i = 2; i < list.count; i++)
		ck_assert_int_lt(memcmp(list.records[i - 1].key.local,
				     list.records[i].key.local, 4),
		    0);
	netlist_clear(&changes);
	for (i = 0; i < 10007; i++) {
		snprintf(text, sizeof(text), "10.0.%u.%u", i / 256, i % 256);
		note_ip(RTM_DELADDR, text, 1);
	}
	ck_assert_str_eq(merged(), "");
}
END_TEST

Suite *
platform_netlist_suite(void)
{
	Suite *suite = suite_create("netlist");
	TCase *tcase = tcase_create("netlist");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_merges);
	tcase_add_test(tcase, test_last_change_counts);
	tcase_add_test(tcase, test_tells_apart);
	tcase_add_test(tcase, test_interface_is_gone);
	tcase_add_loop_test(tcase, test_kinds, 0, LENGTH(kinds));
	tcase_add_loop_test(tcase, test_states, 0, LENGTH(states));
	tcase_add_test(tcase, test_flags_change);
	tcase_add_test(tcase, test_vrf);
	tcase_add_loop_test(tcase, test_stacks, 0, LENGTH(stacks));
	tcase_add_test(tcase, test_bridge);
	tcase_add_test(tcase, test_malformed);
	tcase_add_test(tcase, test_many);
	suite_add_tcase(suite, tcase);
	return suite;
}
