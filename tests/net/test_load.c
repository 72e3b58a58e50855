/* SPDX-License-Identifier: ISC */
/*
 * Much and large: datagrams of every size, a full queue, ten thousand
 * requests.  Nothing is lost without being counted.
 */
#include "build.h"

#include <dirent.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "harness.h"
#include "lan.h"
#include "netns.h"
#include "server.h"

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

/* A port that nobody serves. */
#define CLOSED_PORT 9

static const char *const stacks[] = { "echo=:0", "--stack two echo=:0" };

/* -- sizes -- */

static const struct {
	const char *from, *address;
	size_t largest;
} paths[] = {
	{ "0.0.0.0", "192.0.2.2", 65507 },
	{ "::", "2001:db8:1::2", 65527 },
};

static const size_t sizes[] = { 0, 1, 17, 18, 19, 1452, 1453, 1472, 1473, 9000,
	65507, 65527 };

static void
ask_all_sizes(struct client *client, int path, unsigned int port)
{
	static unsigned char data[65536];
	size_t i;
	int s;

	for (i = 0; i < sizeof(data); i++)
		data[i] = (unsigned char)(i * 7 + i / 256);
	for (s = 0; s < COUNT(sizes); s++)
		if (sizes[s] <= paths[path].largest)
			client_ask_bytes(
			    client, paths[path].address, port, data, sizes[s]);
}

/* Over loopback, and over a cable in fragments. */
START_TEST(test_sizes)
{
	struct server server = { .netns = -1 };
	const int path = _i % COUNT(paths);
	struct client client;
	struct lan lan;

	lan_new(&lan);
	server.netns = lan.server;
	server_start(&server, stacks[_i / COUNT(paths)]);
	client_open(&client, paths[path].from);
	ask_all_sizes(&client, path, server_port(&server, "echo"));
	client_close(&client);
	netns_enter(lan.server);
	client_open(&client, paths[path].from);
	ask_all_sizes(&client, path, server_port(&server, "echo"));
	server_stop(&server);
}
END_TEST

/* -- a full queue -- */

#define QUEUED 1000

/*
 * Send while the daemon is stopped.  Between two lots, wait until the other
 * host has received them, so that nothing is lost on the way.
 */
static void
fill_queue(struct client *client, const char *address, unsigned int port)
{
	unsigned int i;

	for (i = 0; i < QUEUED; i++) {
		client_send(client, address, port, &i, sizeof(i));
		if (i % 100 == 99)
			client_expect_refused(address, CLOSED_PORT);
	}
}

/* Bytes in the receive queues of a port, of one family. */
static unsigned long
waiting(pid_t pid, const char *table, unsigned int port)
{
	unsigned int line_port, line_bytes;
	unsigned long bytes = 0;
	char path[64], line[256];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/net/%s", (int)pid, table);
	file = fopen(path, "r");
	ck_assert_ptr_nonnull(file);
	while (fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, " %*u: %*[0-9A-F]:%x %*s %*s %*x:%x",
			&line_port, &line_bytes) == 2 &&
		    line_port == port)
			bytes += line_bytes;
	fclose(file);
	return bytes;
}

static void
wait_drained(const struct server *server, unsigned int port)
{
	long long deadline = harness_now() + HARNESS_PATIENCE_MS;

	while (waiting(server->pid, "udp", port) +
		waiting(server->pid, "udp6", port) >
	    0) {
		ck_assert_msg(harness_now() < deadline, "it does not read");
		poll(NULL, 0, 1);
	}
}

/* All answers up to that to the last request; returns how many. */
static unsigned int
take_answers(struct client *client, const char *address)
{
	bool seen[QUEUED + 1] = { false };
	unsigned int number, count = 0;

	do {
		ck_assert_msg(client_receive(client, HARNESS_PATIENCE_MS),
		    "no answer to the last after %u", count);
		ck_assert_str_eq(client->source, address);
		ck_assert_uint_eq(client->length, sizeof(number));
		memcpy(&number, client->data, sizeof(number));
		ck_assert_uint_le(number, QUEUED);
		ck_assert(!seen[number]);
		seen[number] = true;
		count++;
	} while (number != QUEUED);
	return count;
}

static const struct {
	const char *line;
	bool fits;
} queues[] = {
	{ "--rcvbuf 16777216 echo=:0", true },
	{ "--rcvbuf 16777216 --stack two echo=:0", true },
	{ "--rcvbuf 4096 echo=:0", false },
	{ "--rcvbuf 4096 --stack two echo=:0", false },
};

/*
 * What waited while the daemon was stopped is answered, or counted at once; one
 * more request shows where the answers end.
 */
START_TEST(test_queue)
{
	const int path = _i % COUNT(paths);
	const int queue = _i / COUNT(paths);
	const char *address = paths[path].address;
	const unsigned int last = QUEUED;
	struct server server = { .netns = -1 };
	unsigned long answers, drops;
	struct client client;
	unsigned int port;
	struct lan lan;

	if (queues[queue].fits && !harness_needs_root())
		return;
	lan_new(&lan);
	server.netns = lan.server;
	server_start(&server, queues[queue].line);
	port = server_port(&server, "echo");
	client_open(&client, paths[path].from);
	server_freeze(&server);
	fill_queue(&client, address, port);
	server_thaw(&server);
	wait_drained(&server, port);
	drops = server_counter(&server, "kernel-drops");
	client_send(&client, address, port, &last, sizeof(last));
	answers = take_answers(&client, address);
	ck_assert_uint_eq(answers + drops, QUEUED + 1);
	ck_assert_uint_eq(server_counter(&server, "received"), answers);
	ck_assert_uint_eq(server_counter(&server, "answered"), answers);
	ck_assert(queues[queue].fits ? drops == 0 : drops > 0);
	server_stop(&server);
}
END_TEST

/* -- ten thousand -- */

#define REQUESTS 10000
#define WINDOW 64

/* No answer takes that long on a cable: it was lost. */
#define LOST_MS 2000
#define ATTEMPTS 5

struct load {
	struct client ipv4, ipv6;
	unsigned int port;
	unsigned int next, answered;
	bool done[REQUESTS];
};

static void
load_send(struct load *load, unsigned int number)
{
	const struct lan_place *place = &lan_places[number % LAN_PLACES];

	client_send(place->ipv6 ? &load->ipv6 : &load->ipv4, place->address,
	    load->port, &number, sizeof(number));
}

/* Take one answer and send the next request for it. */
static bool
load_receive(struct load *load, struct client *client)
{
	unsigned int number;

	if (!client_receive(client, 0))
		return false;
	ck_assert_uint_eq(client->length, sizeof(number));
	memcpy(&number, client->data, sizeof(number));
	ck_assert_uint_lt(number, load->next);
	ck_assert_str_eq(
	    client->source, lan_places[number % LAN_PLACES].address);
	ck_assert_uint_eq(client->port, load->port);
	if (load->done[number])
		return true;
	load->done[number] = true;
	load->answered++;
	if (load->next < REQUESTS)
		load_send(load, load->next++);
	return true;
}

static void
load_run(struct load *load)
{
	struct pollfd readable[2] = {
		{ .fd = load->ipv4.fd, .events = POLLIN },
		{ .fd = load->ipv6.fd, .events = POLLIN },
	};
	unsigned int i, attempts = 0;

	while (load->next < WINDOW)
		load_send(load, load->next++);
	while (load->answered < REQUESTS) {
		attempts++;
		if (poll(readable, 2, LOST_MS) > 0)
			attempts = 0;
		ck_assert_msg(attempts < ATTEMPTS,
		    "no answer any more after %u", load->answered);
		for (i = 0; attempts > 0 && i < load->next; i++)
			if (!load->done[i])
				load_send(load, i);
		while (load_receive(load, &load->ipv4) ||
		    load_receive(load, &load->ipv6))
			;
	}
}

static const char *const loads[] = { "echo=:0", "--stack two echo=:0",
	"--batch 1 --sndbuf 8k echo=:0", "--workers 2 echo=:0",
	"--workers 2 --cpu-affinity echo=:0" };

/* Spread over all addresses of both families: none from a wrong one. */
START_TEST(test_ten_thousand)
{
	static struct load load;
	struct server server = { .netns = -1 };
	struct lan lan;
	char line[100];

	lan_new(&lan);
	server.netns = lan.server;
	snprintf(line, sizeof(line), "--rate none %s", loads[_i]);
	server_start(&server, line);
	load.port = server_port(&server, "echo");
	client_open(&load.ipv4, "0.0.0.0");
	client_open(&load.ipv6, "::");
	load_run(&load);
	ck_assert_uint_ge(server_counter(&server, "answered"), REQUESTS);
	ck_assert_uint_eq(server_counter(&server, "dropped"), 0);
	ck_assert_uint_eq(server_counter(&server, "unpinned"), 0);
	server_stop(&server);
}
END_TEST

/* -- each worker on a processor of its own -- */

START_TEST(test_affinity)
{
	struct server server = { .netns = -1 };
	char path[80], line[80];
	cpu_set_t all, one, seen;
	struct dirent *entry;
	int wanted;
	struct lan lan;
	DIR *tasks;

	lan_new(&lan);
	server.netns = lan.server;
	ck_assert_int_eq(sched_getaffinity(0, sizeof(all), &all), 0);
	wanted = _i == 0 ? CPU_COUNT(&all) : 1;
	snprintf(line, sizeof(line), "--workers %s --cpu-affinity echo=:0",
	    _i == 0 ? "auto" : "1");
	server_start(&server, line);
	snprintf(path, sizeof(path), "/proc/%d/task", (int)server.pid);
	tasks = opendir(path);
	ck_assert_ptr_nonnull(tasks);
	CPU_ZERO(&seen);
	while ((entry = readdir(tasks)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		ck_assert_int_eq(sched_getaffinity((pid_t)atol(entry->d_name),
				     sizeof(one), &one),
		    0);
		/* A sanitizer has a thread of its own. */
		if (CPU_COUNT(&one) == 1)
			CPU_OR(&seen, &seen, &one);
	}
	closedir(tasks);
	ck_assert_int_eq(CPU_COUNT(&seen), wanted);
	server_stop(&server);
}
END_TEST

static Suite *
load_suite(void)
{
	Suite *suite = suite_create("net load");
	TCase *tcase = harness_case(suite, "load");
	TCase *threads = harness_case(suite, "threads");

	tcase_add_loop_test(tcase, test_sizes, 0, COUNT(stacks) * COUNT(paths));
	tcase_add_loop_test(tcase, test_queue, 0, COUNT(queues) * COUNT(paths));
	tcase_add_loop_test(threads, test_ten_thousand, 0, COUNT(loads));
	tcase_add_loop_test(threads, test_affinity, 0, 2);
	return suite;
}

int
main(void)
{
	return harness_main(load_suite());
}
