/* SPDX-License-Identifier: ISC */
/*
 * The service contract over real sockets: a service that answers from another
 * address, another port or both is seen to do so, and the state of each socket
 * lasts as long as the socket.
 */
#include <stdint.h>
#include <poll.h>
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

/* Long enough for a stranger to be answered. */
#define REQUEST 300

/* What the service said, and from where. */
struct said {
	unsigned long asked;
	char word[32];
	char ends[4][80];
	int precision, synchronised;
	unsigned long dispersion; /* microseconds */
	long long left;
};

static void
send_digit(
    struct client *client, const char *address, unsigned int port, char digit)
{
	char request[REQUEST];

	memset(request, ' ', sizeof(request));
	request[0] = digit;
	client_send(client, address, port, request, sizeof(request));
}

static struct said
receive(struct client *client)
{
	struct said said = { .asked = 0 };

	ck_assert_msg(client_receive(client, HARNESS_PATIENCE_MS), "no reply");
	client->data[client->length] = '\0';
	ck_assert_msg(
	    sscanf((const char *)client->data,
		"asked %lu word %31s ends %79s %79s %79s %79s clock "
		"%d %d %lu left %lld\n",
		&said.asked, said.word, said.ends[0], said.ends[1],
		said.ends[2], said.ends[3], &said.precision, &said.synchronised,
		&said.dispersion, &said.left) == 10,
	    "not a reply: %s", (const char *)client->data);
	return said;
}

/* The next datagram comes from this end, and is what the service sent there. */
static struct said
expect_from(struct client *client, const char *address, unsigned int port)
{
	struct said said = receive(client);

	ck_assert_str_eq(client->source, address);
	ck_assert_uint_eq(client->port, port);
	return said;
}

static void
start(struct server *server, const struct lan *lan, const char *line)
{
	ck_assert_int_eq(setenv("MH_PROGRAM", NET_QUARTET, 1), 0);
	server->netns = lan->server;
	server_start(server, line);
}

/* The service's two ports; the second socket is the one with the other. */
static void
ports(const struct server *server, unsigned int port[2])
{
	ck_assert_uint_ge(server->count, 2);
	port[0] = server->sockets[0].port;
	port[1] = server->sockets[1].port;
	ck_assert_uint_ne(port[0], port[1]);
}

/* From each of the four ends, whichever is asked. */
static const struct {
	const char *options;
	const char *asked;
} places[] = {
	{ "", "192.0.2.1" },
	{ "", "192.0.2.2" },
	{ "", "198.51.100.1" },
	{ "", "2001:db8:1::1" },
	{ "--workers=2 ", "192.0.2.1" },
	{ "--stack=two ", "192.0.2.1" },
	{ "--stack=two ", "2001:db8:1::2" },
};

/* Is it another of the host's addresses, in the family that was asked? */
static void
assert_other(const char *source, const char *asked)
{
	static const char *const addresses[] = { "192.0.2.1", "192.0.2.2",
		"198.51.100.1", "2001:db8:1::1", "2001:db8:1::2",
		"2001:db8:2::1" };
	int i;

	ck_assert_str_ne(source, asked);
	ck_assert_int_eq(
	    strchr(source, ':') != NULL, strchr(asked, ':') != NULL);
	for (i = 0; i < COUNT(addresses); i++)
		if (strcmp(addresses[i], source) == 0)
			return;
	ck_abort_msg("%s is not an address of the host", source);
}

START_TEST(test_four_ends)
{
	const char *asked = places[_i].asked;
	struct server server = { .netns = -1 };
	unsigned int port[2], first, i;
	struct client client;
	char line[128], text[2][96];
	struct said said;
	struct lan lan;

	lan_new(&lan);
	snprintf(line, sizeof(line), "%squartet=:0", places[_i].options);
	start(&server, &lan, line);
	ck_assert_uint_eq(server.count, strstr(line, "two") ? 4 : 2);
	port[0] = server.sockets[0].port;
	port[1] = server.sockets[server.count / 2].port;
	client_open(&client, strchr(asked, ':') ? "::" : "0.0.0.0");
	for (i = 0; i < 8; i++) {
		first = i / 4; /* the port that is asked */
		send_digit(&client, asked, port[first], (char)('0' + i % 4));
		said = receive(&client);
		/* It comes from exactly the end that the service chose... */
		snprintf(text[0], sizeof(text[0]),
		    strchr(client.source, ':') ? "[%s]:%u" : "%s:%u",
		    client.source, client.port);
		ck_assert_str_eq(text[0], said.ends[i % 4]);
		/* ...and that is what its name says. */
		ck_assert_uint_eq(
		    client.port, port[i % 2 == 0 ? first : 1 - first]);
		if (i % 4 < 2)
			ck_assert_str_eq(client.source, asked);
		else
			assert_other(client.source, asked);
	}
	ck_assert_uint_eq(server_counter(&server, "handed-over"), 4);
	ck_assert_uint_eq(server_counter(&server, "taken-over"), 4);
	ck_assert_uint_eq(server_counter(&server, "dropped"), 0);
	server_stop(&server);
}
END_TEST

/* Each reply has its own TOS and TTL, whatever its neighbours have. */
static const char *const marked[] = { "192.0.2.1", "198.51.100.1",
	"2001:db8:1::1" };

START_TEST(test_marks)
{
	static const struct {
		char tos, ttl;
		int sees_tos, sees_ttl;
	} marks[] = { { ' ', ' ', 0, 191 }, { '5', ' ', 20, 191 },
		{ ' ', '7', 0, 107 }, { '9', '9', 36, 109 },
		{ '0', '0', 0, 100 }, { ' ', ' ', 0, 191 } };
	struct server server = { .netns = -1 };
	char request[REQUEST] = "0";
	struct client client;
	struct lan lan;
	int i;

	lan_new(&lan);
	start(&server, &lan, "quartet=:7000");
	client_open(&client, strchr(marked[_i], ':') ? "::" : "0.0.0.0");
	server_freeze(&server); /* all of them in one batch */
	for (i = 0; i < COUNT(marks); i++) {
		request[1] = marks[i].tos;
		request[2] = marks[i].ttl;
		client_send(&client, marked[_i], 7000, request, REQUEST);
	}
	server_thaw(&server);
	for (i = 0; i < COUNT(marks); i++) {
		expect_from(&client, marked[_i], 7000);
		ck_assert_int_eq(client.tos, marks[i].sees_tos);
		ck_assert_int_eq(client.ttl, marks[i].sees_ttl);
	}
	server_stop(&server);
}
END_TEST

/* Sockets for one address each are the other ends of one another. */
START_TEST(test_sockets_for_one_address)
{
	static const char *const addresses[] = { "192.0.2.1", "198.51.100.1" };
	struct server server = { .netns = -1 };
	struct client client;
	struct lan lan;
	unsigned int i;

	lan_new(&lan);
	start(&server, &lan,
	    "quartet=192.0.2.1:7000,198.51.100.1:7000,[2001:db8:1::1]:7000");
	ck_assert_uint_eq(server.count, 6);
	client_open(&client, "0.0.0.0");
	for (i = 0; i < 8; i++) {
		send_digit(
		    &client, addresses[i / 4], 7000, (char)('0' + i % 4));
		expect_from(&client, addresses[i % 4 < 2 ? i / 4 : 1 - i / 4],
		    i % 2 == 0 ? 7000 : 7001);
	}
	client_close(&client);
	/* The only one of its family has no other end. */
	client_open(&client, "::");
	send_digit(&client, "2001:db8:1::1", 7000, '1');
	expect_from(&client, "2001:db8:1::1", 7001);
	send_digit(&client, "2001:db8:1::1", 7000, '2');
	send_digit(&client, "2001:db8:1::1", 7000, '0');
	expect_from(&client, "2001:db8:1::1", 7000);
	ck_assert_uint_eq(server_counter(&server, "no-session"), 1);
	server_stop(&server);
}
END_TEST

/* Another address comes and goes while the daemon runs. */
START_TEST(test_addresses_come_and_go)
{
	struct server server = { .netns = -1 };
	struct client client;
	unsigned int port[2];
	struct said said;
	struct lan lan;

	lan_new(&lan);
	netns_ip(lan.server,
	    "addr del 192.0.2.2/24 dev v0\n"
	    "addr del 198.51.100.1/32 dev lo\n");
	start(&server, &lan, "quartet=:0");
	ports(&server, port);
	client_open(&client, "0.0.0.0");
	send_digit(&client, "192.0.2.1", port[0], '0');
	said = expect_from(&client, "192.0.2.1", port[0]);
	ck_assert_str_eq(said.ends[2], ":0");
	ck_assert_str_eq(said.ends[3], ":0");
	netns_ip(lan.server, "addr add 198.51.100.7/32 dev lo\n");
	/* Not often enough to look like a loop. */
	do {
		poll(NULL, 0, 20);
		send_digit(&client, "192.0.2.1", port[0], '0');
		said = expect_from(&client, "192.0.2.1", port[0]);
	} while (strncmp(said.ends[2], "198.51.100.7:", 13) != 0);
	send_digit(&client, "192.0.2.1", port[0], '3');
	expect_from(&client, "198.51.100.7", port[1]);
	netns_ip(lan.server, "addr del 198.51.100.7/32 dev lo\n");
	do {
		poll(NULL, 0, 20);
		send_digit(&client, "192.0.2.1", port[0], '0');
		said = expect_from(&client, "192.0.2.1", port[0]);
	} while (strcmp(said.ends[2], ":0") != 0);
	server_stop(&server);
}
END_TEST

/* Each outcome under its own name; without a reply no end is used. */
START_TEST(test_outcomes)
{
	struct server server = { .netns = -1 };
	struct client client;
	unsigned int port[2], i;
	struct lan lan;

	lan_new(&lan);
	start(&server, &lan, "--quartet-sessions=3 quartet=:0");
	ports(&server, port);
	client_open(&client, "0.0.0.0");
	send_digit(&client, "192.0.2.1", port[0], '?');
	send_digit(&client, "192.0.2.1", port[0], 'x');
	client_send(&client, "192.0.2.1", port[0], "0", 1);
	for (i = 0; i < 3; i++)
		send_digit(&client, "192.0.2.1", port[0], '0');
	expect_from(&client, "192.0.2.1", port[0]);
	expect_from(&client, "192.0.2.1", port[0]);
	/* The other socket has a state of its own. */
	send_digit(&client, "192.0.2.1", port[1], '0');
	ck_assert_uint_eq(expect_from(&client, "192.0.2.1", port[1]).asked, 1);
	ck_assert_uint_eq(server_counter(&server, "not-request"), 1);
	ck_assert_uint_eq(server_counter(&server, "malformed"), 1);
	ck_assert_uint_eq(server_counter(&server, "too-long"), 1);
	ck_assert_uint_eq(server_counter(&server, "no-space"), 1);
	ck_assert_uint_eq(server_counter(&server, "dropped"), 4);
	server_stop(&server);
}
END_TEST

/* Well-known ports may ask a service that tells requests from replies. */
START_TEST(test_refused_port_asks)
{
	struct server server = { .netns = -1 };
	struct client client;
	unsigned int port[2];
	struct lan lan;

	lan_new(&lan);
	start(&server, &lan, "quartet=:0");
	ports(&server, port);
	client_open_at(&client, "0.0.0.0", 53);
	send_digit(&client, "192.0.2.1", port[0], '0');
	expect_from(&client, "192.0.2.1", port[0]);
	server_stop(&server);
}
END_TEST

static void
reload(struct server *server, const char *path, const char *text)
{
	reload_write(path, text);
	reload_now(server, true);
}

/*
 * State lasts as long as its socket; with another size, or service, it begins
 * anew.
 */
START_TEST(test_state_and_keys_over_reload)
{
	struct server server = { .netns = -1 };
	char *path, line[300];
	struct client client;
	struct said said;
	struct lan lan;

	lan_new(&lan);
	path = reload_file("[quartet]\nlisten = :7000\nword = one\n");
	snprintf(line, sizeof(line), "-c %s", path);
	start(&server, &lan, line);
	client_open(&client, "0.0.0.0");
	send_digit(&client, "192.0.2.1", 7000, '3');
	said = receive(&client);
	ck_assert_uint_eq(said.asked, 1);
	ck_assert_str_eq(said.word, "ONE");
	ck_assert_int_lt(said.precision, 0);
	/* The sandbox lets the daemon ask. */
	ck_assert_uint_ne(said.dispersion, UINT32_MAX);
	ck_assert_int_gt(said.left, 0);

	reload(&server, path, "[quartet]\nlisten = :7000\nword = two\n");
	send_digit(&client, "192.0.2.1", 7000, '1');
	said = expect_from(&client, "192.0.2.1", 7001);
	ck_assert_uint_eq(said.asked, 2);
	ck_assert_str_eq(said.word, "TWO");

	reload(&server, path, "[quartet]\nlisten = :7000\nsessions = 7\n");
	send_digit(&client, "192.0.2.1", 7000, '0');
	said = expect_from(&client, "192.0.2.1", 7000);
	ck_assert_uint_eq(said.asked, 1);
	ck_assert_str_eq(said.word, "NONE");

	reload(&server, path, "[silence]\nlisten = :7000, :7001\n");
	send_digit(&client, "192.0.2.1", 7000, '0');
	server_wait_counter(&server, "silent", 1);
	reload(&server, path, "[quartet]\nlisten = :7000\nsessions = 7\n");
	send_digit(&client, "192.0.2.1", 7000, '3');
	said = receive(&client);
	ck_assert_uint_eq(said.asked, 1);
	ck_assert_uint_eq(client.port, 7001);
	server_stop(&server);
	free(path);
}
END_TEST

/* The command line also applies to what is read later. */
START_TEST(test_option_over_reload)
{
	struct server server = { .netns = -1 };
	char *path, line[300];
	struct client client;
	struct lan lan;

	lan_new(&lan);
	path = reload_file("[quartet]\nlisten = :7000\nword = one\n");
	snprintf(line, sizeof(line), "--quartet-word=two -c %s", path);
	start(&server, &lan, line);
	client_open(&client, "0.0.0.0");
	send_digit(&client, "192.0.2.1", 7000, '0');
	ck_assert_str_eq(receive(&client).word, "TWO");
	reload(&server, path,
	    "[quartet]\nlisten = :7000\nword = three\nrate = 7/s\n");
	send_digit(&client, "192.0.2.1", 7000, '0');
	ck_assert_str_eq(receive(&client).word, "TWO");
	server_stop(&server);
	free(path);
}
END_TEST

/* Own keys wherever they may be set, and errors in them. */
static const struct {
	const char *line;
	const char *file;
	const char *expected; /* a piece of the log, or of the dump */
	int code;
} keys[] = {
	{ "--dump-config --quartet-word=x quartet=:1", NULL, "word = x\n", 0 },
	{ "--dump-config --word=x quartet=:1", NULL, "word = x\n", 0 },
	{ "--dump-config --word=y -c %s", "[quartet]\nlisten = :1\nword = x\n",
	    "word = x\n", 0 },
	/* With the service's name it overrides its sections, too. */
	{ "--dump-config --word=z --quartet-word=y -c %s",
	    "[quartet]\nlisten = :1\nword = x\n", "word = y\n", 0 },
	{ "--dump-config --quartet-word=y -c %s",
	    "[quartet:a]\nlisten = :1\nword = x\n", "word = y\n", 0 },
	{ "--dump-config --quartet-sessions=7 -c %s",
	    "[quartet]\nlisten = :1\nsessions = 5\n", "sessions = 7\n", 0 },
	{ "--dump-config -c %s", "word = z\n[quartet]\nlisten = :1\n",
	    "word = z\n", 0 },
	{ "--dump-config quartet=:1", NULL, "sessions = 100\n", 0 },
	{ "-t --quartet-sessions=0 quartet=:1", NULL,
	    "--quartet-sessions: must be a number from 1 to 1000, not \"0\"",
	    64 },
	{ "-t -c %s", "[quartet]\nlisten = :1\nword = bad\n",
	    ":3: [quartet] word: is bad", 78 },
	{ "-t -c %s", "[silence]\nlisten = :1\nword = x\n",
	    ":3: [silence] word: is not a key of this service", 78 },
	{ "-t quartet=:7000 silence=:7001", NULL,
	    "silence: listen: quartet already listens on :7001", 64 },
	{ "--help", NULL, "--quartet-word=WORD ", 0 },
};

START_TEST(test_own_keys)
{
	struct server server = { .netns = netns_new() };
	char *path =
	    reload_file("%s", keys[_i].file != NULL ? keys[_i].file : "");
	char line[400], *log;

	ck_assert_int_eq(setenv("MH_PROGRAM", NET_QUARTET, 1), 0);
	/* A format of the table above. */
	snprintf(line, sizeof(line), "%s", keys[_i].line);
	if (strstr(line, "%s") != NULL)
		snprintf(strstr(line, "%s"), 300, "%s", path);
	ck_assert_int_eq(server_run(&server, line), keys[_i].code);
	log = server_log(&server);
	ck_assert_msg(strstr(log, keys[_i].expected) != NULL,
	    "%s: no \"%s\" in: %s", line, keys[_i].expected, log);
	free(log);
	free(path);
}
END_TEST

static Suite *
contract_suite(void)
{
	Suite *suite = suite_create("net contract");
	TCase *tcase = harness_case(suite, "contract");

	tcase_add_loop_test(tcase, test_four_ends, 0, COUNT(places));
	tcase_add_loop_test(tcase, test_marks, 0, COUNT(marked));
	tcase_add_test(tcase, test_sockets_for_one_address);
	tcase_add_test(tcase, test_addresses_come_and_go);
	tcase_add_test(tcase, test_outcomes);
	tcase_add_test(tcase, test_refused_port_asks);
	tcase_add_test(tcase, test_state_and_keys_over_reload);
	tcase_add_test(tcase, test_option_over_reload);
	tcase_add_loop_test(tcase, test_own_keys, 0, COUNT(keys));
	return suite;
}

int
main(void)
{
	return harness_main(contract_suite());
}
