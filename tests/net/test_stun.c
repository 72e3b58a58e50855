/* SPDX-License-Identifier: ISC */
/*
 * stun over real sockets: what is said of an endpoint is true, whichever of the
 * host's addresses is asked, and stays true while addresses come and go.
 */
#include "build.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "harness.h"
#include "lan.h"
#include "netns.h"
#include "reload.h"
#include "server.h"

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

#define PORT 3478

/* A name for each attribute that is looked at. */
enum {
	MAPPED = 0x0001,
	SOURCE = 0x0004,
	CHANGED = 0x0005,
	ERROR_CODE = 0x0009,
	XOR_MAPPED = 0x0020,
	ORIGIN = 0x802b,
	OTHER = 0x802c
};

/* How all tests here begin. */
struct scene {
	struct lan lan;
	struct server server;
	struct client client;
};

static void
scene_open(struct scene *scene, const char *from, const char *line)
{
	memset(scene, 0, sizeof(*scene));
	lan_new(&scene->lan);
	scene->server.netns = scene->lan.server;
	server_start(&scene->server, line);
	client_open(&scene->client, from);
}

static const char *
any_of(const char *address)
{
	return strchr(address, ':') != NULL ? "::" : "0.0.0.0";
}

/*
 * A request of 28 bytes: with CHANGE-REQUEST, or, if change is less than 0,
 * another attribute of that size: of type -change, with this value.
 */
struct request {
	bool is_classic;
	int change;
	uint32_t value;
};

static void
put16(unsigned char *at, unsigned int number)
{
	at[0] = (unsigned char)(number >> 8);
	at[1] = (unsigned char)number;
}

static void
send_request(struct client *client, const char *address, unsigned int port,
    const struct request *request)
{
	unsigned char bytes[28] = { 0, 1, 0, 8, 0x21, 0x12, 0xa4, 0x42 };
	const unsigned int type =
	    request->change < 0 ? (unsigned int)-request->change : 3;
	const uint32_t value =
	    request->change < 0 ? request->value : (uint32_t)request->change;

	if (request->is_classic)
		memset(bytes + 4, 0x55, 4);
	/* Makes each transaction another one. */
	put16(bytes + 8, ++client->asked);
	put16(bytes + 20, type);
	put16(bytes + 22, 4);
	put16(bytes + 24, value >> 16);
	put16(bytes + 26, value & 0xffff);
	client_send(client, address, port, bytes, sizeof(bytes));
}

static unsigned int
get16(const unsigned char *at)
{
	return (unsigned int)at[0] << 8 | at[1];
}

/* The value of an attribute of the last reply; NULL if it is not there. */
static const unsigned char *
find(const struct client *client, unsigned int type)
{
	size_t at = 20, length;

	for (; at + 4 <= client->length;
	     at += 4 + ((length + 3) & ~(size_t)3)) {
		length = get16(client->data + at + 2);
		ck_assert_uint_le(at + 4 + length, client->length);
		if (get16(client->data + at) == type)
			return client->data + at + 4;
	}
	return NULL;
}

/* An endpoint in the last reply, as text; "" if it is not there. */
static const char *
endpoint(const struct client *client, unsigned int type, unsigned int *port)
{
	static char text[64];
	const unsigned char *value = find(client, type);
	unsigned char ip[16];
	int i;

	*port = 0;
	text[0] = '\0';
	if (value == NULL)
		return text;
	memcpy(ip, value + 4, value[1] == 2 ? 16 : 4);
	*port = get16(value + 2);
	if (type == XOR_MAPPED) {
		*port ^= 0x2112;
		for (i = 0; i < (value[1] == 2 ? 16 : 4); i++)
			ip[i] ^= client->data[4 + i];
	}
	ck_assert_ptr_nonnull(inet_ntop(
	    value[1] == 2 ? AF_INET6 : AF_INET, ip, text, sizeof(text)));
	return text;
}

/* The next datagram is the response of this type to the last request. */
static void
expect(struct client *client, unsigned int type)
{
	ck_assert_msg(client_receive(client, HARNESS_PATIENCE_MS), "no reply");
	ck_assert_uint_ge(client->length, 20);
	ck_assert_uint_eq(get16(client->data), type);
	ck_assert_uint_eq(get16(client->data + 2), client->length - 20);
	ck_assert_uint_eq(get16(client->data + 8), client->asked & 0xffff);
}

/* The address without its interface. */
static void
expect_address(const char *got, const char *expected)
{
	const size_t length = strcspn(expected, "%");

	ck_assert_msg(strncmp(got, expected, length) == 0 &&
		(got[length] == '\0' || got[length] == '%'),
	    "%s instead of %s", got, expected);
}

static unsigned int
error_of(const struct client *client)
{
	const unsigned char *value = find(client, ERROR_CODE);

	ck_assert_ptr_nonnull(value);
	return value[2] * 100u + value[3];
}

/* Each of the host's addresses, and what can be said of all others. */
static const struct {
	const char *asked;
	const char *mapped; /* the client, as this address sees it */
	const char *other;
} places[] = {
	{ "192.0.2.1", "192.0.2.100", "198.51.100.1" },
	{ "192.0.2.2", "192.0.2.100", "198.51.100.1" },
	{ "198.51.100.1", "192.0.2.100", "192.0.2.1" },
	{ "203.0.113.77", "192.0.2.100", "198.51.100.1" },
	{ "2001:db8:1::1", "2001:db8:1::100", "2001:db8:2::1" },
	{ "2001:db8:2::1", "2001:db8:1::100", "2001:db8:1::1" },
};

static const char *const options[] = { "", "--stack=two ", "--workers=2 " };

/* RFC 5780, table 1: each reply comes from where it says, and should. */
static void
ask_all(struct client *client, int place, bool is_classic, unsigned int port)
{
	const char *asked = places[place].asked, *other = places[place].other;
	const unsigned int other_port = port == PORT ? PORT + 1 : PORT;
	unsigned int got;
	int change;

	for (change = 0; change <= 6; change += 2) {
		const struct request request = { is_classic, change, 0 };

		send_request(client, asked, port, &request);
		expect(client, 0x0101);
		ck_assert_str_eq(
		    client->source, (change & 4) != 0 ? other : asked);
		ck_assert_uint_eq(
		    client->port, (change & 2) != 0 ? other_port : port);
		ck_assert_str_eq(
		    endpoint(client, is_classic ? MAPPED : XOR_MAPPED, &got),
		    places[place].mapped);
		ck_assert_uint_eq(got, client_port(client));
		ck_assert_str_eq(
		    endpoint(client, is_classic ? CHANGED : OTHER, &got),
		    other);
		ck_assert_uint_eq(got, other_port);
		/* Not in the smallest one over IPv4, but here. */
		ck_assert_str_eq(
		    endpoint(client, is_classic ? SOURCE : ORIGIN, &got),
		    client->source);
		ck_assert_uint_eq(got, client->port);
	}
}

START_TEST(test_four_ends)
{
	const int place = _i % COUNT(places);
	struct scene scene;
	char line[64];

	snprintf(line, sizeof(line), "%sstun=:%d", options[_i / COUNT(places)],
	    PORT);
	scene_open(&scene, any_of(places[place].asked), line);
	ask_all(&scene.client, place, false, PORT);
	ask_all(&scene.client, place, false, PORT + 1);
	ask_all(&scene.client, place, true, PORT);
	/* What is advertised answers for itself. */
	client_open(&scene.client, any_of(places[place].asked));
	send_request(&scene.client, places[place].other, PORT + 1,
	    &(struct request){ .change = 0 });
	expect(&scene.client, 0x0101);
	ck_assert_str_eq(scene.client.source, places[place].other);
	ck_assert_uint_eq(scene.client.port, PORT + 1);
	ck_assert_uint_eq(server_counter(&scene.server, "dropped"), 0);
	server_stop(&scene.server);
}
END_TEST

/* No other host than that on the link could use what would be said. */
START_TEST(test_link_local)
{
	struct scene scene;
	unsigned int port;
	int change;

	scene_open(&scene, "::", "stun=:3478");
	for (change = 0; change <= 6; change += 2) {
		send_request(&scene.client, "fe80::1%v0", PORT,
		    &(struct request){ .change = change });
		expect(&scene.client, (change & 4) != 0 ? 0x0111 : 0x0101);
		expect_address(scene.client.source, "fe80::1%v0");
		ck_assert_ptr_null(find(&scene.client, OTHER));
		if ((change & 4) != 0) {
			ck_assert_uint_eq(error_of(&scene.client), 420);
			ck_assert_uint_eq(scene.client.port, PORT);
			continue;
		}
		ck_assert_uint_eq(
		    scene.client.port, change == 2 ? PORT + 1 : PORT);
		ck_assert_str_eq(
		    endpoint(&scene.client, XOR_MAPPED, &port), "fe80::100");
	}
	server_stop(&scene.server);
}
END_TEST

/*
 * Requests come by v0, or the link named; responses go by the way that routing
 * knows from the end that they come from.
 */
static const struct {
	const char *from, *asked;
	const char *other; /* NULL: none */
	const char *leaves_by, *other_leaves_by;
} ways[] = {
	{ LAN_FAR_IPV4, "192.0.2.1", "198.51.100.1", "v0", "v1" },
	{ LAN_FAR_IPV4, "198.18.0.1", "198.51.100.1", "v1", "v1" },
	{ LAN_FAR_IPV4, "198.51.100.1", "192.0.2.1", "v1", "v0" },
	{ LAN_FAR_IPV6, "2001:db8:1::1", "2001:db8:2::1", "v0", "v1" },
	{ LAN_FAR_IPV6, "2001:db8:3::1", "2001:db8:2::1", "v1", "v1" },
	{ LAN_FAR_IPV6, "2001:db8:2::1", "2001:db8:1::1", "v1", "v0" },
	{ "::", "fe80::1%v0", NULL, "v0", NULL },
	{ "::", "fe80::1%v1", NULL, "v1", NULL },
};

START_TEST(test_asymmetric_routes)
{
	const char *from = ways[_i % COUNT(ways)].from;
	const char *asked = ways[_i % COUNT(ways)].asked;
	const char *other = ways[_i % COUNT(ways)].other, *way;
	struct server server = { .netns = -1 };
	char line[64], name[IF_NAMESIZE];
	struct client client;
	struct lan lan;
	int change;

	lan_two_uplinks(&lan);
	server.netns = lan.server;
	snprintf(
	    line, sizeof(line), "%sstun=:%d", options[_i / COUNT(ways)], PORT);
	server_start(&server, line);
	client_open(&client, from);
	for (change = 0; change <= (other != NULL ? 6 : 2); change += 2) {
		send_request(&client, asked, PORT,
		    &(struct request){ .change = change });
		expect(&client, 0x0101);
		expect_address(
		    client.source, (change & 4) != 0 ? other : asked);
		ck_assert_uint_eq(
		    client.port, (change & 2) != 0 ? PORT + 1 : PORT);
		way = (change & 4) != 0 ? ways[_i % COUNT(ways)].other_leaves_by
					: ways[_i % COUNT(ways)].leaves_by;
		ck_assert_ptr_nonnull(if_indextoname(client.if_index, name));
		ck_assert_str_eq(name, way);
	}
	ck_assert_uint_eq(server_counter(&server, "unpinned"), 0);
	server_stop(&server);
}
END_TEST

/* What a stranger gets for the smallest request; who is trusted gets all. */
static const struct {
	const char *address;
	const char *options;
	size_t length;
} smallest[] = {
	{ "192.0.2.1", "", 44 },
	{ "2001:db8:1::1", "", 92 },
	{ "192.0.2.1", "--trust=192.0.2.0/24 ", 68 },
	{ "2001:db8:1::1", "--trust=2001:db8::/32 ", 116 },
};

START_TEST(test_sizes)
{
	static const unsigned char plain[20] = { 0, 1, 0, 0, 0x21, 0x12, 0xa4,
		0x42 };
	struct scene scene;
	char line[64];

	snprintf(line, sizeof(line), "%sstun=:%d", smallest[_i].options, PORT);
	scene_open(&scene, any_of(smallest[_i].address), line);
	client_send(
	    &scene.client, smallest[_i].address, PORT, plain, sizeof(plain));
	expect(&scene.client, 0x0101);
	ck_assert_uint_eq(scene.client.length, smallest[_i].length);
	ck_assert_uint_eq(server_counter(&scene.server, "beyond-amplification"),
	    *smallest[_i].options == '\0');
	server_stop(&scene.server);
}
END_TEST

/* To another port of the client, if that can be the client's. */
START_TEST(test_response_port)
{
	struct client second;
	struct scene scene;
	unsigned int port;

	scene_open(&scene, "0.0.0.0", "--refuse-ports=11211 stun=:3478");
	client_open(&second, "0.0.0.0");
	send_request(&scene.client, "192.0.2.1", PORT,
	    &(struct request){
		.change = -0x0027, .value = client_port(&second) << 16 });
	second.asked = scene.client.asked;
	expect(&second, 0x0101);
	ck_assert_str_eq(second.source, "192.0.2.1");
	ck_assert_str_eq(endpoint(&second, XOR_MAPPED, &port), "192.0.2.100");
	ck_assert_uint_eq(port, client_port(&scene.client));
	send_request(&scene.client, "192.0.2.1", PORT,
	    &(struct request){ .change = -0x0027, .value = 53u << 16 });
	expect(&scene.client, 0x0111);
	ck_assert_uint_eq(error_of(&scene.client), 420);
	send_request(&scene.client, "192.0.2.1", PORT,
	    &(struct request){ .change = -0x0027, .value = 11211u << 16 });
	expect(&scene.client, 0x0111);
	/* Nor to a port where we listen ourselves, on another host. */
	send_request(&scene.client, "192.0.2.1", PORT,
	    &(struct request){ .change = -0x0027, .value = 3479u << 16 });
	expect(&scene.client, 0x0111);
	server_stop(&scene.server);
}
END_TEST

/* The one that is advertised goes, comes back, and the log says so. */
static const struct {
	const char *asked;
	const char *others; /* that are there at first */
	const char *other, *dev;
	const char *lost, *found;
} changes[] = {
	{ "192.0.2.1", "addr del 198.51.100.1/32 dev lo\n", "192.0.2.2",
	    "192.0.2.2/24 dev v0",
	    "stun: no other IPv4 address: 192.0.2.1 is the only one that other "
	    "hosts can reach\n",
	    "stun: other IPv4 address: 192.0.2.1, and 192.0.2.2 for requests "
	    "to "
	    "the former\n" },
	{ "2001:db8:1::1", "addr del 2001:db8:2::1/128 dev lo\n",
	    "2001:db8:1::2", "2001:db8:1::2/64 dev v0 nodad",
	    "stun: no other IPv6 address: 2001:db8:1::1 is the only one that "
	    "other hosts can reach\n",
	    "stun: other IPv6 address: 2001:db8:1::1, and 2001:db8:1::2 for "
	    "requests to the former\n" },
};

/* Ask until there is another address, or none; how long that took, in ms. */
static long long
wait_for(struct client *client, const char *asked, const char *other)
{
	const long long start = harness_now();
	unsigned int port;

	for (;;) {
		send_request(client, asked, PORT, &(struct request){ false });
		expect(client, 0x0101);
		ck_assert_str_eq(client->source, asked);
		if (strcmp(endpoint(client, OTHER, &port), other) == 0)
			return harness_now() - start;
		poll(NULL, 0, 20);
	}
}

START_TEST(test_addresses_come_and_go)
{
	const char *asked = changes[_i].asked;
	struct client *client;
	struct scene scene;

	scene_open(&scene, any_of(asked), "stun=:3478");
	client = &scene.client;
	netns_ip(scene.lan.server, "%s", changes[_i].others);
	wait_for(client, asked, changes[_i].other);
	server_wait_log(&scene.server, changes[_i].found);
	netns_ip(scene.lan.server, "addr del %s\n", changes[_i].dev);
	ck_assert_int_lt(wait_for(client, asked, ""), 4000);
	server_wait_log(&scene.server, changes[_i].lost);
	/* With one address there is nothing to change to. */
	send_request(client, asked, PORT, &(struct request){ .change = 4 });
	expect(client, 0x0111);
	ck_assert_str_eq(client->source, asked);
	ck_assert_uint_eq(error_of(client), 420);
	send_request(client, asked, PORT, &(struct request){ .change = 2 });
	expect(client, 0x0101);
	ck_assert_uint_eq(client->port, PORT + 1);
	netns_ip(scene.lan.server, "addr add %s\n", changes[_i].dev);
	wait_for(client, asked, changes[_i].other);
	send_request(client, asked, PORT, &(struct request){ .change = 6 });
	expect(client, 0x0101);
	ck_assert_str_eq(client->source, changes[_i].other);
	server_stop(&scene.server);
}
END_TEST

/*
 * Gone while the request waits to be read: whatever "source" says, there is no
 * answer then, or one from what has taken its place.
 */
START_TEST(test_gone_meanwhile)
{
	struct client client;
	struct scene scene;
	int i;

	scene_open(&scene, "0.0.0.0", "--source=relaxed stun=:3478");
	client_open(&client, "0.0.0.0");
	for (i = 0; i < 4; i++) {
		server_freeze(&scene.server);
		send_request(&client, "192.0.2.1", PORT,
		    &(struct request){ .change = 4 });
		/* What was sent before has arrived. */
		client_expect_refused("192.0.2.1", 9999);
		netns_ip(scene.lan.server, "addr del 198.51.100.1/32 dev lo\n");
		server_thaw(&scene.server);
		wait_for(&scene.client, "192.0.2.1", "192.0.2.2");
		if (client_receive(&client, 0))
			ck_assert_str_eq(client.source, "192.0.2.2");
		netns_ip(scene.lan.server, "addr add 198.51.100.1/32 dev lo\n");
		wait_for(&scene.client, "192.0.2.1", "198.51.100.1");
	}
	ck_assert_uint_eq(server_counter(&scene.server, "unpinned"), 0);
	server_stop(&scene.server);
}
END_TEST

/* A socket for each of two addresses. */
START_TEST(test_sockets_for_one_address)
{
	struct scene scene;
	unsigned int port;

	scene_open(&scene, "0.0.0.0", "stun=192.0.2.1:3478,192.0.2.2:3478");
	ck_assert_uint_eq(scene.server.count, 4);
	send_request(
	    &scene.client, "192.0.2.1", PORT, &(struct request){ .change = 6 });
	expect(&scene.client, 0x0101);
	ck_assert_str_eq(scene.client.source, "192.0.2.2");
	ck_assert_uint_eq(scene.client.port, PORT + 1);
	ck_assert_uint_eq(server_log_count(&scene.server,
			      "stun: other IPv4 address: 192.0.2.1, and "
			      "192.0.2.2 for requests to the former"),
	    1);
	netns_ip(scene.lan.server, "addr del 192.0.2.2/24 dev v0\n");
	ck_assert_int_lt(wait_for(&scene.client, "192.0.2.1", ""), 4000);
	send_request(
	    &scene.client, "192.0.2.1", PORT, &(struct request){ .change = 4 });
	expect(&scene.client, 0x0111);
	ck_assert_str_eq(endpoint(&scene.client, OTHER, &port), "");
	server_stop(&scene.server);
}
END_TEST

/* By hand: which address, which port, and what it is called outside. */
START_TEST(test_by_hand)
{
	struct scene scene;
	unsigned int port;
	char line[256];
	char *path;

	path = reload_file("[stun]\n"
			   "listen = :3478\n"
			   "other-address = 192.0.2.2\n"
			   "other-port = 4000\n"
			   "map = 192.0.2.1 203.0.114.1, "
			   "192.0.2.2 203.0.114.2\n");
	snprintf(line, sizeof(line), "-c %s", path);
	scene_open(&scene, "0.0.0.0", line);
	send_request(
	    &scene.client, "192.0.2.1", PORT, &(struct request){ .change = 6 });
	expect(&scene.client, 0x0101);
	ck_assert_str_eq(scene.client.source, "192.0.2.2");
	ck_assert_uint_eq(scene.client.port, 4000);
	ck_assert_str_eq(endpoint(&scene.client, OTHER, &port), "203.0.114.2");
	ck_assert_uint_eq(port, 4000);
	ck_assert_str_eq(endpoint(&scene.client, ORIGIN, &port), "203.0.114.2");
	ck_assert_str_eq(
	    endpoint(&scene.client, XOR_MAPPED, &port), "192.0.2.100");
	netns_ip(scene.lan.server, "addr del 192.0.2.2/24 dev v0\n");
	/* Nothing else takes its place. */
	ck_assert_int_lt(wait_for(&scene.client, "192.0.2.1", ""), 4000);
	server_wait_log(&scene.server,
	    "stun: no other IPv4 address: this host has none of "
	    "other-address\n");
	reload_write(path, "[stun]\nlisten = :3478\nother-port = 4000\n");
	reload_now(&scene.server, true);
	wait_for(&scene.client, "192.0.2.1", "198.51.100.1");
	server_wait_log(
	    &scene.server, "stun: other IPv4 address: 198.51.100.1");
	server_stop(&scene.server);
	free(path);
}
END_TEST

/*
 * A request from one server's endpoint reaches another: its reply is the end of
 * it.
 */
START_TEST(test_two_servers)
{
	struct server other = { .netns = -1 };
	struct client client;
	struct scene scene;

	memset(&scene, 0, sizeof(scene));
	lan_new(&scene.lan);
	scene.server.netns = scene.lan.server;
	server_start(&scene.server, "--mark-replies=no stun=:3478");
	client_open_at(&client, "192.0.2.100", PORT);
	server_freeze(&scene.server);
	send_request(&client, "192.0.2.1", PORT, &(struct request){ false });
	client_close(&client);
	other.netns = scene.lan.client;
	server_start(&other, "--mark-replies=no stun=:3478");
	server_thaw(&scene.server);
	server_wait_counter(&other, "not-request", 1);
	ck_assert_uint_eq(server_counter(&scene.server, "answered"), 1);
	ck_assert_uint_eq(server_counter(&scene.server, "received"), 1);
	ck_assert_uint_eq(server_counter(&other, "received"), 1);
	server_stop(&other);
	server_stop(&scene.server);
}
END_TEST

/* Garbage is dropped, and each drop has its reason. */
START_TEST(test_drops)
{
	static const unsigned char success[20] = { 1, 1, 0, 0, 0x21, 0x12, 0xa4,
		0x42 };
	static const unsigned char overrun[24] = { 0, 1, 0, 4, 0x21, 0x12, 0xa4,
		0x42, [20] = 0x80, 0x22, 0, 1 };
	struct scene scene;

	scene_open(&scene, "0.0.0.0", "stun=:3478");
	client_send(&scene.client, "192.0.2.1", PORT, "hello", 5);
	client_send(&scene.client, "192.0.2.1", PORT, success, sizeof(success));
	client_send(&scene.client, "192.0.2.1", PORT, overrun, sizeof(overrun));
	/* The next answer is the first. */
	send_request(
	    &scene.client, "192.0.2.1", PORT, &(struct request){ false });
	expect(&scene.client, 0x0101);
	ck_assert_uint_eq(server_counter(&scene.server, "not-request"), 2);
	ck_assert_uint_eq(server_counter(&scene.server, "malformed"), 1);
	ck_assert_uint_eq(server_counter(&scene.server, "dropped"), 3);
	server_stop(&scene.server);
}
END_TEST

/* Both ports are opened, or neither; the keys are checked at the start. */
static const struct {
	const char *line, *says;
	int status;
} refused[] = {
	{ "--stun-other-address=gate stun=:3478",
	    "has \"gate\", which is no IPv4 or IPv6 address", 78 },
	{ "--stun-map=10.0.0.1 stun=:3478",
	    "lacks the public address after 10.0.0.1", 78 },
	{ "--stun-other-port=0 stun=:3478", "other-port", 64 },
	{ "stun=:3478 echo=:3479", "already listens on", 64 },
};

START_TEST(test_refused)
{
	struct server server = { .netns = -1 };
	struct lan lan;
	char *log;

	lan_new(&lan);
	server.netns = lan.server;
	ck_assert_int_eq(
	    server_run(&server, refused[_i].line), refused[_i].status);
	log = server_log(&server);
	ck_assert_msg(strstr(log, refused[_i].says) != NULL, "%s", log);
	free(log);
}
END_TEST

/*
 * What people use.  Each compares the source of an answer to what it expects.
 */
static const struct {
	const char *program, *command;
	bool is_small; /* small enough to be there for each test */
	const char *says[3];
} tools[] = {
	{ "stun", "stun 192.0.2.1 2>&1", true, { "Primary: Open" } },
	{ "turnutils_natdiscovery",
	    "turnutils_natdiscovery -m -f -L 192.0.2.100 192.0.2.1 2>&1", false,
	    { "No NAT! (Endpoint Independent Mapping)",
		"RFC 5780 response 4" } },
	{ "turnutils_natdiscovery",
	    "turnutils_natdiscovery -m -f -L 2001:db8:1::100 2001:db8:1::1 "
	    "2>&1",
	    false,
	    { "No NAT! (Endpoint Independent Mapping)",
		"RFC 5780 response 4" } },
	{ "turnutils_stunclient", "turnutils_stunclient 192.0.2.1 2>&1", false,
	    { "UDP reflexive addr: 192.0.2.100:", "RFC 5780 response 3" } },
};

/* The others are part of ./dev interop. */
static bool
is_here(int i)
{
	char command[80];

	if (tools[i].is_small)
		return harness_needs_tool(tools[i].program);
	snprintf(command, sizeof(command), "command -v %s >/dev/null",
	    tools[i].program);
	return system(command) == 0;
}

START_TEST(test_tools)
{
	struct scene scene;
	char output[8192];
	size_t length, i;
	FILE *pipe;

	if (!is_here(_i))
		return;
	scene_open(&scene, "0.0.0.0", "stun=:3478");
	pipe = popen(tools[_i].command, "r");
	ck_assert_ptr_nonnull(pipe);
	length = fread(output, 1, sizeof(output) - 1, pipe);
	output[length] = '\0';
	pclose(pipe);
	for (i = 0; i < 3 && tools[_i].says[i] != NULL; i++)
		ck_assert_msg(strstr(output, tools[_i].says[i]) != NULL,
		    "%s: %s", tools[_i].command, output);
	ck_assert_uint_eq(server_counter(&scene.server, "dropped"), 0);
	server_stop(&scene.server);
}
END_TEST

static Suite *
stun_suite(void)
{
	Suite *suite = suite_create("net stun");
	TCase *tcase = harness_case(suite, "stun");

	tcase_add_loop_test(
	    tcase, test_four_ends, 0, COUNT(places) * COUNT(options));
	tcase_add_loop_test(
	    tcase, test_asymmetric_routes, 0, COUNT(ways) * COUNT(options));
	tcase_add_test(tcase, test_link_local);
	tcase_add_loop_test(tcase, test_sizes, 0, COUNT(smallest));
	tcase_add_test(tcase, test_response_port);
	tcase_add_loop_test(
	    tcase, test_addresses_come_and_go, 0, COUNT(changes));
	tcase_add_test(tcase, test_gone_meanwhile);
	tcase_add_test(tcase, test_sockets_for_one_address);
	tcase_add_test(tcase, test_by_hand);
	tcase_add_test(tcase, test_two_servers);
	tcase_add_test(tcase, test_drops);
	tcase_add_loop_test(tcase, test_refused, 0, COUNT(refused));
	tcase = harness_case(suite, "tools");
	tcase_add_loop_test(tcase, test_tools, 0, COUNT(tools));
	return suite;
}

int
main(void)
{
	return harness_main(stun_suite());
}
