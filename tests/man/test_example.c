/* SPDX-License-Identifier: ISC */
/*
 * The programs of multihome(3), taken from the page and compiled: they answer
 * from the address that was asked, whichever that is, at once or later.
 */
#include "build.h"

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/client.h"
#include "net/harness.h"
#include "net/lan.h"

/* A program in the namespace; out: what it prints. */
static pid_t
start(const char *path, int netns, FILE **out)
{
	int output[2];
	pid_t pid;

	ck_assert_int_eq(pipe(output), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		if (setns(netns, CLONE_NEWNET) != 0 ||
		    dup2(output[1], STDOUT_FILENO) < 0)
			_exit(125);
		execl(path, path, ":0", (char *)NULL);
		_exit(126);
	}
	close(output[1]);
	*out = fdopen(output[0], "r");
	ck_assert_ptr_nonnull(*out);
	return pid;
}

static void
expect_answer(
    struct client *client, const struct lan_place *place, unsigned int port)
{
	ck_assert_msg(client_receive(client, HARNESS_PATIENCE_MS),
	    "%s: no answer", place->name);
	ck_assert_msg(
	    strcmp(client->source, place->address) == 0 && client->port == port,
	    "%s: asked %s, answered by %s", place->name, place->address,
	    client->source);
}

static void
ask(const char *own, const struct lan_place *place, unsigned int port)
{
	struct client client;

	client_open(&client, own);
	/* Silence for what is no ping; then the answer is to the next. */
	client_send(&client, place->address, port, "p", 1);
	client_send(&client, place->address, port, "gnip\n", 5);
	client_send(&client, place->address, port, "ping\n", 5);
	expect_answer(&client, place, port);
	ck_assert_uint_eq(client.length, 5);
	ck_assert_mem_eq(client.data, "pong\n", 5);
	client_close(&client);
}

static void
stop(pid_t pid, FILE *out)
{
	fclose(out);
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

START_TEST(test_pong)
{
	unsigned int port;
	struct lan lan;
	FILE *out;
	pid_t pid;
	int i;

	lan_new(&lan);
	pid = start(MAN_EXAMPLES "pong", lan.server, &out);
	ck_assert_int_eq(fscanf(out, "listening on [::]:%u", &port), 1);
	for (i = 0; i < LAN_PLACES; i++)
		ask(lan_places[i].ipv6 ? "::" : "0.0.0.0", &lan_places[i],
		    port);
	stop(pid, out);
}
END_TEST

/* All are asked before one answers, by two sockets; each twice. */
START_TEST(test_later)
{
	struct client clients[LAN_PLACES];
	unsigned int port, round;
	struct lan lan;
	FILE *out;
	pid_t pid;
	int i;

	lan_new(&lan);
	pid = start(MAN_EXAMPLES "later", lan.server, &out);
	ck_assert_int_eq(fscanf(out, "listening on 0.0.0.0:%u", &port), 1);
	for (i = 0; i < LAN_PLACES; i++)
		client_open(&clients[i], lan_places[i].ipv6 ? "::" : "0.0.0.0");
	for (round = 0; round < 2; round++) {
		for (i = 0; i < LAN_PLACES; i++)
			client_send(&clients[i], lan_places[i].address, port,
			    lan_places[i].name, 4);
		for (i = 0; i < LAN_PLACES; i++) {
			expect_answer(&clients[i], &lan_places[i], port);
			ck_assert_uint_eq(clients[i].length, 4);
			ck_assert_mem_eq(
			    clients[i].data, lan_places[i].name, 4);
		}
	}
	for (i = 0; i < LAN_PLACES; i++)
		client_close(&clients[i]);
	stop(pid, out);
}
END_TEST

static Suite *
example_suite(void)
{
	Suite *suite = suite_create("man example");
	TCase *tcase = harness_case(suite, "example");

	tcase_add_test(tcase, test_pong);
	tcase_add_test(tcase, test_later);
	return suite;
}

int
main(void)
{
	return harness_main(example_suite());
}
