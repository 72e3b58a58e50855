/* SPDX-License-Identifier: ISC */
/*
 * dns over real sockets: each of the host's addresses answers for itself and
 * says so; a client that shows its cookie gets all, from any worker.
 */
#include "build.h"

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

#define PORT 53
#define CLIENT "clientsp" /* its part of cookies */

/* More than a stranger gets. */
#define LONG_NODE                                                      \
	"a-node-whose-name-is-longer-than-a-stranger-gets-to-hear-of." \
	"a-node-whose-name-is-longer-than-a-stranger-gets-to-hear-of." \
	"example"

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

enum { A = 1, TXT = 16, AAAA = 28 };

static unsigned int
get16(const unsigned char *at)
{
	return (unsigned int)at[0] << 8 | at[1];
}

/* A question about "whoami", with a cookie of that many octets, if any. */
static void
send_query(struct client *client, const char *address, unsigned int type,
    const void *cookie, size_t size)
{
	unsigned char bytes[128] = { 0, 0, 1, 0, 0, 1, [12] = 6, 'w', 'h', 'o',
		'a', 'm', 'i', [20] = 0, (unsigned char)type, 0, 1 };
	unsigned char *opt = bytes + 24;
	size_t length = 24;

	client->asked++;
	bytes[0] = (unsigned char)(client->asked >> 8);
	bytes[1] = (unsigned char)client->asked;
	if (size > 0) {
		bytes[11] = 1;
		memcpy(opt, "\0\0\x29\4\xd0\0\0\0\0\0", 10);
		opt[10] = (unsigned char)(size + 4);
		opt[12] = 10;
		opt[14] = (unsigned char)size;
		memcpy(opt + 15, cookie, size);
		length += 15 + size;
	}
	client_send(client, address, PORT, bytes, length);
}

/* The response to it, from the address that was asked; its code. */
static unsigned int
expect(struct client *client, const char *address)
{
	const size_t length = strcspn(address, "%");

	ck_assert_msg(client_receive(client, HARNESS_PATIENCE_MS), "no reply");
	ck_assert_msg(strncmp(client->source, address, length) == 0,
	    "from %s instead of %s", client->source, address);
	ck_assert_uint_eq(client->port, PORT);
	ck_assert_uint_ge(client->length, 24);
	ck_assert_uint_eq(get16(client->data), client->asked & 0xffff);
	ck_assert_uint_eq(client->data[2] & 0x80, 0x80);
	return client->data[3] & 15u;
}

/* Is that one of the strings of the TXT record in the last response? */
static bool
says(const struct client *client, const char *text)
{
	const unsigned char *at = client->data + 24 + 12;
	const unsigned char *end = at + get16(at - 2);

	ck_assert_uint_eq(get16(client->data + 6), 1);
	ck_assert(end <= client->data + client->length);
	for (; at < end; at += 1 + *at)
		if (*at == strlen(text) && memcmp(at + 1, text, *at) == 0)
			return true;
	return false;
}

/* Take the cookie out of the last response, where it is at the end. */
static void
take_cookie(const struct client *client, unsigned char cookie[24])
{
	const unsigned char *at = client->data + client->length - 24;

	ck_assert_uint_eq(get16(at - 4), 10);
	ck_assert_uint_eq(get16(at - 2), 24);
	ck_assert_mem_eq(at, CLIENT, 8);
	memcpy(cookie, at, 24);
}

static const char *const options[] = { "", "--stack=two ", "--workers=2 " };

/* What a stranger gets: its own address, and the one that it asked. */
START_TEST(test_every_address)
{
	const struct lan_place *place = &lan_places[_i % LAN_PLACES];
	const char *address = place->address, *peer;
	unsigned char cookie[24];
	struct scene scene;
	char line[64], text[128];

	snprintf(
	    line, sizeof(line), "%sdns=:%d", options[_i / LAN_PLACES], PORT);
	scene_open(&scene, any_of(address), line);
	send_query(&scene.client, address, place->ipv6 ? AAAA : A, NULL, 0);
	ck_assert_uint_eq(expect(&scene.client, address), 0);
	ck_assert_uint_eq(scene.client.length, place->ipv6 ? 24 + 28 : 24 + 16);
	send_query(&scene.client, address, place->ipv6 ? A : AAAA, NULL, 0);
	ck_assert_uint_eq(expect(&scene.client, address), 0);
	ck_assert_uint_eq(get16(scene.client.data + 6), 0);
	send_query(&scene.client, address, TXT, NULL, 0);
	ck_assert_uint_eq(expect(&scene.client, address), 0);
	if (strncmp(address, "fe80", 4) == 0) {
		server_stop(&scene.server);
		return;
	}
	peer = place->ipv6 ? "2001:db8:1::100" : "192.0.2.100";
	snprintf(text, sizeof(text), "client %s#%u", peer,
	    client_port(&scene.client));
	ck_assert(says(&scene.client, text));
	/* Whoever shows a cookie hears it all. */
	send_query(&scene.client, address, TXT, CLIENT, 8);
	(void)expect(&scene.client, address);
	take_cookie(&scene.client, cookie);
	send_query(&scene.client, address, TXT, cookie, sizeof(cookie));
	ck_assert_uint_eq(expect(&scene.client, address), 0);
	ck_assert(says(&scene.client, text));
	snprintf(text, sizeof(text), "server %s#%d", address, PORT);
	ck_assert(says(&scene.client, text));
	ck_assert_uint_eq(server_counter(&scene.server, "dropped"), 0);
	server_stop(&scene.server);
}
END_TEST

/* The same cookie from many ports, and so to all workers. */
static void
show_cookie(const unsigned char cookie[24], bool is_good)
{
	struct client client;
	int i;

	for (i = 0; i < 8; i++) {
		client_open(&client, "::");
		send_query(&client, "2001:db8:1::2", TXT, cookie, 24);
		ck_assert_uint_eq(
		    expect(&client, "2001:db8:1::2"), is_good ? 0 : 7);
		if (is_good)
			ck_assert(says(&client, "node " LONG_NODE));
		client_close(&client);
	}
}

/*
 * BADCOOKIE, then all.  Workers share their secret, a reload keeps it; with a
 * file of two, the second one's cookies are good as well.
 */
START_TEST(test_cookies)
{
	static const char listen[] = "node = " LONG_NODE "\nworkers = 2\n"
				     "[dns]\nlisten = :53\n";
	static const char known[] = "e5e973e5a6b2a43f48e7dc849e37bfcf";
	char *file = reload_file("%s", listen), line[256], text[512];
	char *secret = reload_file("%s\n", known);
	unsigned char own[24], shared[24];
	struct scene scene;

	snprintf(line, sizeof(line), "-c %s", file);
	scene_open(&scene, "::", line);
	send_query(&scene.client, "2001:db8:1::2", TXT, CLIENT, 8);
	ck_assert_uint_eq(expect(&scene.client, "2001:db8:1::2"), 7);
	take_cookie(&scene.client, own);
	show_cookie(own, true);
	reload_now(&scene.server, true);
	show_cookie(own, true);
	snprintf(text, sizeof(text), "%scookie-secret = %s\n", listen, secret);
	reload_write(file, text);
	reload_now(&scene.server, true);
	show_cookie(own, false);
	send_query(&scene.client, "2001:db8:1::2", TXT, CLIENT, 8);
	ck_assert_uint_eq(expect(&scene.client, "2001:db8:1::2"), 7);
	take_cookie(&scene.client, shared);
	/* A new one is first now, and the old one still good. */
	snprintf(text, sizeof(text), "445536bcd2513298075a5d379663c962\n%s\n",
	    known);
	reload_write(secret, text);
	reload_now(&scene.server, true);
	show_cookie(shared, true);
	/* What proves the client at one address does so at each of them. */
	send_query(&scene.client, "2001:db8:2::1", TXT, shared, 24);
	ck_assert_uint_eq(expect(&scene.client, "2001:db8:2::1"), 0);
	reload_write(secret, "445536bcd2513298075a5d379663c962\n");
	reload_now(&scene.server, true);
	show_cookie(shared, false);
	/* A secret that is none: the configuration stays as it was. */
	reload_write(secret, "secret\n");
	reload_now(&scene.server, false);
	ck_assert_uint_eq(server_log_count(&scene.server,
			      "cookie-secret: has a line that is not 32 "
			      "hexadecimal digits"),
	    1);
	ck_assert_uint_eq(server_counter(&scene.server, "dropped"), 0);
	server_stop(&scene.server);
	free(secret);
	free(file);
}
END_TEST

/* A peer with port 53 is a resolver, not a loop; but no port is 0. */
START_TEST(test_ports_and_drops)
{
	struct client resolver;
	struct scene scene;

	scene_open(&scene, "0.0.0.0", "dns=:53");
	client_open_at(&resolver, "0.0.0.0", PORT);
	send_query(&resolver, "192.0.2.2", A, NULL, 0);
	ck_assert_uint_eq(expect(&resolver, "192.0.2.2"), 0);
	/* A response, and less than a header. */
	client_send(
	    &resolver, "192.0.2.2", PORT, resolver.data, resolver.length);
	client_send(&resolver, "192.0.2.2", PORT, "0123456789", 11);
	send_query(&resolver, "192.0.2.2", A, NULL, 0);
	ck_assert_uint_eq(expect(&resolver, "192.0.2.2"), 0);
	ck_assert_uint_eq(server_counter(&scene.server, "not-request"), 1);
	ck_assert_uint_eq(server_counter(&scene.server, "malformed"), 1);
	ck_assert_uint_eq(server_counter(&scene.server, "dropped"), 2);
	ck_assert_uint_eq(
	    server_counter(&scene.server, "beyond-amplification"), 2);
	server_stop(&scene.server);
}
END_TEST

static const struct {
	const char *line, *message;
} refused[] = {
	{ "--dns-zone=a..b dns=:53",
	    "zone: has \"a..b\", which is not a domain name" },
	{ "--dns-zone=, dns=:53", "dns: zone: is empty" },
	{ "--dns-cookie-secret=nowhere dns=:53",
	    "cookie-secret: cannot read nowhere: No such file" },
	{ "--dns-wildcard=often dns=:53", "wildcard" },
};

START_TEST(test_refused)
{
	struct scene scene;

	memset(&scene, 0, sizeof(scene));
	lan_new(&scene.lan);
	scene.server.netns = scene.lan.server;
	ck_assert_int_ne(server_run(&scene.server, refused[_i].line), 0);
	ck_assert_uint_ge(
	    server_log_count(&scene.server, refused[_i].message), 1);
}
END_TEST

static Suite *
dns_suite(void)
{
	Suite *suite = suite_create("net dns");
	TCase *tcase = harness_case(suite, "dns");

	tcase_add_loop_test(
	    tcase, test_every_address, 0, LAN_PLACES * COUNT(options));
	tcase_add_test(tcase, test_cookies);
	tcase_add_test(tcase, test_ports_and_drops);
	tcase_add_loop_test(tcase, test_refused, 0, COUNT(refused));
	return suite;
}

int
main(void)
{
	return harness_main(dns_suite());
}
