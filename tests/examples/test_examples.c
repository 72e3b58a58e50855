/* SPDX-License-Identifier: ISC */
/*
 * The programs of examples/: each answers from the address that was asked,
 * whichever that is, and each does what it is there to show.
 */
#include "build.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/client.h"
#include "net/harness.h"
#include "net/lan.h"
#include "net/netns.h"

#ifdef HAVE_LIBEVENT
static const bool have_libevent = true;
#else
static const bool have_libevent = false;
#endif
#ifdef HAVE_LIBUV
static const bool have_libuv = true;
#else
static const bool have_libuv = false;
#endif

/* An example that runs in the server's namespace. */
struct example {
	struct lan lan;
	pid_t pid;
	FILE *errors; /* its standard error */
	unsigned int port;
};

/* Wait until it says which port it listens on. */
static void
expect_port(struct example *example)
{
	ck_assert_int_eq(
	    fscanf(example->errors, "%*s port %u", &example->port), 1);
}

static void
start(struct example *example, const char *path, const char *endpoint)
{
	int output[2];

	lan_new(&example->lan);
	ck_assert_int_eq(pipe(output), 0);
	example->pid = fork();
	ck_assert_int_ge(example->pid, 0);
	if (example->pid == 0) {
		if (setns(example->lan.server, CLONE_NEWNET) != 0 ||
		    dup2(output[1], STDERR_FILENO) < 0)
			_exit(125);
		execl(path, path, endpoint, (char *)NULL);
		_exit(126);
	}
	close(output[1]);
	example->errors = fdopen(output[0], "r");
	ck_assert_ptr_nonnull(example->errors);
	expect_port(example);
}

/* It has said nothing else; a sanitizer would have. */
static void
stop(const struct example *example)
{
	char text[256];

	ck_assert_int_eq(kill(example->pid, SIGKILL), 0);
	ck_assert_int_eq(waitpid(example->pid, NULL, 0), example->pid);
	while (fgets(text, sizeof(text), example->errors) != NULL)
		ck_assert_msg(strcmp(text, "\n") == 0, "%s", text);
	fclose(example->errors);
}

static void
open_client(struct client *client, const struct lan_place *place)
{
	client_open(client, place->ipv6 ? "::" : "0.0.0.0");
}

/* The next datagram is an answer from that place. */
static void
expect_answer(struct client *client, const struct lan_place *place,
    const struct example *example)
{
	ck_assert_msg(client_receive(client, HARNESS_PATIENCE_MS),
	    "%s: no answer", place->name);
	ck_assert_msg(strcmp(client->source, place->address) == 0 &&
		client->port == example->port,
	    "%s: asked %s, answered by %s", place->name, place->address,
	    client->source);
}

START_TEST(test_echo)
{
	struct example example;
	struct client client;
	int i;

	if (!harness_needs(have_libevent, "libevent"))
		return;
	start(&example, EXAMPLES "echo", ":0");
	for (i = 0; i < LAN_PLACES; i++) {
		const struct lan_place *place = &lan_places[i];

		open_client(&client, place);
		client_ask(&client, place->address, example.port);
		client_ask_bytes(&client, place->address, example.port, "", 0);
		client_close(&client);
	}
	stop(&example);
}
END_TEST

/* Another server is not answered; then a client is. */
START_TEST(test_echo_silence)
{
	struct client server, client;
	struct example example;

	if (!harness_needs(have_libevent, "libevent"))
		return;
	start(&example, EXAMPLES "echo", ":0");
	client_open(&client, "0.0.0.0");
	client_open_at(&server, "0.0.0.0", 7);
	client_send(&server, "192.0.2.1", example.port, "again", 5);
	client_ask(&client, "192.0.2.1", example.port);
	ck_assert(!client_receive(&server, 0));
	client_close(&client);
	client_close(&server);
	stop(&example);
}
END_TEST

/* Header, host.example, class IN; the type is in the last byte but two. */
static const unsigned char query[] = { 0x12, 0x34, 0x01, 0, 0, 1, 0, 0, 0, 0, 0,
	0, 4, 'h', 'o', 's', 't', 7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 0, 0, 0,
	0, 1 };
#define TYPE_AT (sizeof(query) - 3)
#define TYPE_A 1
#define TYPE_AAAA 28

/* Ask for a type; the answer has a record if it is that of the family. */
static void
query_type(struct client *client, const struct lan_place *place,
    const struct example *example, unsigned char type)
{
	const unsigned char own = place->ipv6 ? TYPE_AAAA : TYPE_A;
	const bool found = type == own;
	const unsigned char size = place->ipv6 ? 16 : 4;
	const unsigned char record[] = { 0xc0, 12, 0, type, 0, 1, 0, 0, 0, 0, 0,
		size };
	unsigned char asked[sizeof(query)];
	char text[INET6_ADDRSTRLEN];
	size_t length;

	memcpy(asked, query, sizeof(query));
	asked[TYPE_AT] = type;
	client_send(
	    client, place->address, example->port, asked, sizeof(asked));
	expect_answer(client, place, example);
	ck_assert_uint_eq(client->length,
	    sizeof(query) + (found ? sizeof(record) + size : 0));
	ck_assert_mem_eq(client->data, asked, 2);
	ck_assert_mem_eq(client->data + 2,
	    ((unsigned char[]){ 0x85, 0, 0, 1, 0, found }), 6);
	ck_assert_mem_eq(client->data + 12, asked + 12, sizeof(query) - 12);
	if (!found)
		return;
	ck_assert_mem_eq(client->data + sizeof(query), record, sizeof(record));
	inet_ntop(place->ipv6 ? AF_INET6 : AF_INET,
	    client->data + sizeof(query) + sizeof(record), text, sizeof(text));
	/* A link-local one without its interface. */
	length = strcspn(place->address, "%");
	ck_assert_uint_eq(strlen(text), length);
	ck_assert_mem_eq(text, place->address, length);
}

START_TEST(test_dns)
{
	struct example example;
	struct client client;
	int i;

	start(&example, EXAMPLES "dns", ":0");
	for (i = 0; i < LAN_PLACES; i++) {
		open_client(&client, &lan_places[i]);
		query_type(&client, &lan_places[i], &example, TYPE_A);
		query_type(&client, &lan_places[i], &example, TYPE_AAAA);
		client_close(&client);
	}
	stop(&example);
}
END_TEST

static const struct {
	const char *name;
	size_t at; /* this byte is another one, */
	unsigned char byte;
	size_t length; /* and this is all that is sent */
} ignored[] = {
	{ "empty", 0, 0x12, 0 },
	{ "half a header", 0, 0x12, 11 },
	{ "a response", 2, 0x81, sizeof(query) },
	{ "an update", 2, 0x28, sizeof(query) },
	{ "no question", 5, 0, sizeof(query) },
	{ "two questions", 5, 2, sizeof(query) },
	{ "a name without end", 12, 63, sizeof(query) },
	{ "a name that ends with the datagram", 0, 0x12, 26 },
	{ "a question without type", 0, 0x12, 27 },
	{ "a question cut off", 0, 0x12, sizeof(query) - 1 },
};

START_TEST(test_dns_silence)
{
	const struct lan_place *place = &lan_places[0];
	unsigned char bytes[sizeof(query)];
	struct example example;
	struct client client;
	size_t i;

	start(&example, EXAMPLES "dns", ":0");
	open_client(&client, place);
	for (i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++) {
		memcpy(bytes, query, sizeof(query));
		bytes[ignored[i].at] = ignored[i].byte;
		client_send(&client, place->address, example.port, bytes,
		    ignored[i].length);
		/* The next answer is to this. */
		query_type(&client, place, &example, TYPE_A);
	}
	client_close(&client);
	stop(&example);
}
END_TEST

/* A request that is as long as any answer. */
static void
send_request(struct client *client, const struct lan_place *place,
    const struct example *example, unsigned char id)
{
	unsigned char request[32] = { id };

	client_send(
	    client, place->address, example->port, request, sizeof(request));
}

static void
expect_text(const struct client *client, const char *text)
{
	ck_assert_msg(client->length == strlen(text) &&
		memcmp(client->data, text, client->length) == 0,
	    "\"%.*s\" instead of \"%s\"", (int)client->length,
	    (const char *)client->data, text);
}

/* All are asked before one answers; each twice.  One of a few bytes is not. */
START_TEST(test_later)
{
	struct client clients[LAN_PLACES];
	struct example example;
	unsigned int round;
	int i;

	start(&example, EXAMPLES "later", ":0");
	for (i = 0; i < LAN_PLACES; i++)
		open_client(&clients[i], &lan_places[i]);
	for (round = 0; round < 2; round++) {
		for (i = 0; i < LAN_PLACES; i++) {
			client_send(&clients[i], lan_places[i].address,
			    example.port, "short", 5);
			send_request(&clients[i], &lan_places[i], &example, 0);
		}
		for (i = 0; i < LAN_PLACES; i++) {
			expect_answer(&clients[i], &lan_places[i], &example);
			expect_text(&clients[i], "later\n");
		}
	}
	for (i = 0; i < LAN_PLACES; i++) {
		ck_assert(!client_receive(&clients[i], 0));
		client_close(&clients[i]);
	}
	stop(&example);
}
END_TEST

/* Send with this TOS on the connection; the answer is this, and has ECT(0). */
static void
ask_marked(struct client *client, const struct lan_place *place,
    const struct example *example, const char *id_and_text, int tos)
{
	bool ipv6 = place->ipv6;

	ck_assert_int_eq(
	    setsockopt(client->fd, ipv6 ? IPPROTO_IPV6 : IPPROTO_IP,
		ipv6 ? IPV6_TCLASS : IP_TOS, &tos, sizeof(tos)),
	    0);
	send_request(client, place, example, (unsigned char)id_and_text[0]);
	expect_answer(client, place, example);
	expect_text(client, id_and_text + 1);
	ck_assert_int_eq(client->tos, 2);
}

START_TEST(test_ecn)
{
	struct example example;
	struct client client;
	int i;

	if (!harness_needs(have_libuv, "libuv"))
		return;
	start(&example, EXAMPLES "ecn", ":0");
	for (i = 0; i < LAN_PLACES; i++) {
		const struct lan_place *place = &lan_places[i];

		open_client(&client, place);
		client_send(&client, place->address, example.port, "", 0);
		ask_marked(&client, place, &example, "aect0 1 ce 0\n", 2);
		ask_marked(&client, place, &example, "aect0 1 ce 1\n", 0xbb);
		ask_marked(&client, place, &example, "aect0 1 ce 1\n", 0xb8);
		ask_marked(&client, place, &example, "aect0 2 ce 1\n", 0xba);
		ask_marked(&client, place, &example, "bect0 1 ce 0\n", 2);
		client_close(&client);
	}
	stop(&example);
}
END_TEST

/* With another port, or another address on either side, all begins anew. */
START_TEST(test_ecn_migration)
{
	const struct lan_place *first = &lan_places[0],
			       *second = &lan_places[1];
	struct client one, two;
	struct example example;

	if (!harness_needs(have_libuv, "libuv"))
		return;
	start(&example, EXAMPLES "ecn", ":0");
	open_client(&one, first);
	open_client(&two, first);
	ask_marked(&one, first, &example, "aect0 1 ce 0\n", 2);
	ask_marked(&one, first, &example, "aect0 2 ce 0\n", 2);
	ask_marked(&two, first, &example, "aect0 1 ce 0\n", 2);
	ask_marked(&two, second, &example, "aect0 1 ce 0\n", 2);
	ask_marked(&two, second, &example, "aect0 2 ce 0\n", 2);
	/* Too short for an answer, but it counts. */
	client_send(&two, second->address, example.port, "a", 1);
	ask_marked(&two, second, &example, "aect0 4 ce 0\n", 2);
	client_close(&one);
	client_close(&two);
	stop(&example);
}
END_TEST

/* Each peer has one thread; of this many peers each thread has some. */
#define PEERS 64

START_TEST(test_threads)
{
	bool one = false, two = false, is_one;
	struct example example;
	struct client client;
	int i;

	start(&example, EXAMPLES "threads", ":7007");
	expect_port(&example);
	for (i = 0; i < PEERS || !one || !two; i++) {
		const struct lan_place *place = &lan_places[i % LAN_PLACES];

		ck_assert_int_lt(i, 10 * PEERS);
		open_client(&client, place);
		send_request(&client, place, &example, 0);
		expect_answer(&client, place, &example);
		is_one = client.data[7] == 'o';
		expect_text(&client, is_one ? "thread one\n" : "thread two\n");
		one |= is_one;
		two |= !is_one;
		send_request(&client, place, &example, 0);
		expect_answer(&client, place, &example);
		expect_text(&client, is_one ? "thread one\n" : "thread two\n");
		client_close(&client);
	}
	stop(&example);
}
END_TEST

static const char *const answering[] = { "dns", "later", "threads", "echo" };

/* What is sent to all of a network is not answered, but what is sent to one. */
START_TEST(test_broadcast)
{
	const struct lan_place *place = &lan_places[0];
	struct example example;
	struct client client;
	char path[512];
	const int yes = 1;
	int i;

	if (!harness_needs(have_libevent || _i != 3, "libevent"))
		return;
	snprintf(path, sizeof(path), "%s%s", EXAMPLES, answering[_i]);
	start(&example, path, ":7007");
	if (strcmp(answering[_i], "threads") == 0)
		expect_port(&example);
	open_client(&client, place);
	ck_assert_int_eq(
	    setsockopt(client.fd, SOL_SOCKET, SO_BROADCAST, &yes, sizeof(yes)),
	    0);
	/* A request to any of them; its answer would be the first. */
	for (i = 0; i < 2; i++)
		client_send(
		    &client, "192.0.2.255", example.port, query, sizeof(query));
	for (i = 0; i < 2; i++) {
		client_send(&client, place->address, example.port, query,
		    sizeof(query));
		expect_answer(&client, place, &example);
	}
	ck_assert(!client_receive(&client, 0));
	client_close(&client);
	stop(&example);
}
END_TEST

static const char *const programs[] = { "echo", "dns", "later", "ecn",
	"threads" };

/* What cannot be served is an error that says so. */
START_TEST(test_refusal)
{
	const char *name = programs[_i];
	char command[512];
	struct lan lan;
	bool made = strcmp(name, "echo") == 0 ? have_libevent
	    : strcmp(name, "ecn") == 0        ? have_libuv
					      : true;

	if (!harness_needs(made, name))
		return;
	lan_new(&lan);
	snprintf(command, sizeof(command),
	    "%s%s 192.0.2.77:7 2>&1 | grep -q 'not an address of this host'",
	    EXAMPLES, name);
	netns_shell(lan.server, "%s", command);
	snprintf(command, sizeof(command), "%s%s bogus 2>&1 | grep -q usage",
	    EXAMPLES, name);
	netns_shell(lan.server, "%s", command);
}
END_TEST

static Suite *
examples_suite(void)
{
	Suite *suite = suite_create("examples");
	TCase *tcase = harness_case(suite, "examples");
	TCase *threads = harness_case(suite, "threads"); /* tests/ci/threads */

	tcase_add_test(tcase, test_echo);
	tcase_add_test(tcase, test_echo_silence);
	tcase_add_test(tcase, test_dns);
	tcase_add_test(tcase, test_dns_silence);
	tcase_add_test(tcase, test_later);
	tcase_add_test(tcase, test_ecn);
	tcase_add_test(tcase, test_ecn_migration);
	tcase_add_test(threads, test_threads);
	tcase_add_loop_test(tcase, test_broadcast, 0,
	    (int)(sizeof(answering) / sizeof(answering[0])));
	tcase_add_loop_test(tcase, test_refusal, 0,
	    (int)(sizeof(programs) / sizeof(programs[0])));
	return suite;
}

int
main(void)
{
	return harness_main(examples_suite());
}
