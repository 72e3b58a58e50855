/* SPDX-License-Identifier: ISC */
/*
 * What other programs do on a host with several addresses: the rows of the
 * table in README.md, reproduced.  An unconnected socket receives their answers
 * from anywhere.
 */
#include "build.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"
#include "harness.h"
#include "lan.h"
#include "server.h"

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

#define PORT 7007
#define ROW_MAX 256

/* Its sandbox refuses what sanitizers need: see server.h. */
#if SERVER_SANITIZED
#define OURS NET_PROGRAM " -qq --sandbox=no"
#else
#define OURS NET_PROGRAM " -qq"
#endif

/* An echo server on every address of a family, a row of the table. */
static const struct {
	const char *label;
	const char *program;
	const char *ipv4, *ipv6;
} others[] = {
	{ "multihomed", NET_PROGRAM, OURS " --stack ipv4 echo=:7007",
	    OURS " --stack ipv6 echo=:7007" },
	{ "socat `UDP-LISTEN:7007,fork PIPE`", "socat",
	    "socat UDP4-LISTEN:7007,fork PIPE",
	    "socat UDP6-LISTEN:7007,ipv6only,fork PIPE" },
	{ "socat `UDP-RECVFROM:7007,fork PIPE`", "socat",
	    "socat UDP4-RECVFROM:7007,fork PIPE",
	    "socat UDP6-RECVFROM:7007,ipv6only,fork PIPE" },
	{ "ncat `-u -l -k -e /bin/cat 7007`", "ncat",
	    "ncat -4 -u -l -k -e /bin/cat 7007",
	    "ncat -6 -u -l -k -e /bin/cat 7007" },
};

/* The lan_places that are columns, in their order. */
static const int columns[] = { 0, 1, 2, 4, 5, 6, 7 };

/* In a process group of its own, as some of them fork. */
static pid_t
start(int netns, const char *command)
{
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid != 0)
		return pid;
	if (setpgid(0, 0) != 0 || setns(netns, CLONE_NEWNET) != 0)
		_exit(125);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(126);
}

static void
stop(pid_t pid)
{
	ck_assert_int_eq(kill(-pid, SIGKILL), 0);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

/* Ask until there is an answer; did it come from the address that was asked? */
static bool
is_right(const struct lan_place *place)
{
	long long deadline = harness_now() + HARNESS_PATIENCE_MS;
	struct client client;
	bool right;

	client_open(&client, place->ipv6 ? "::" : "0.0.0.0");
	do {
		ck_assert_msg(
		    harness_now() < deadline, "%s: silence", place->name);
		client_send(&client, place->address, PORT, "hello\n", 6);
	} while (!client_receive(&client, 100));
	right = strcmp(client.source, place->address) == 0;
	client_close(&client);
	return right;
}

static bool
is_in_readme(const char *row)
{
	FILE *readme = fopen(NET_README, "r");
	bool found = false;
	char line[1024];

	ck_assert_ptr_nonnull(readme);
	while (!found && fgets(line, sizeof(line), readme) != NULL)
		found = strcmp(line, row) == 0;
	fclose(readme);
	return found;
}

START_TEST(test_others)
{
	const struct lan_place *place;
	char row[ROW_MAX];
	struct lan lan;
	pid_t ipv4, ipv6;
	size_t length;
	int i;

	if (strchr(others[_i].program, '/') == NULL &&
	    !harness_needs_tool(others[_i].program))
		return;
	lan_new(&lan);
	ipv4 = start(lan.server, others[_i].ipv4);
	ipv6 = start(lan.server, others[_i].ipv6);
	length = (size_t)snprintf(row, sizeof(row), "| %s |", others[_i].label);
	for (i = 0; i < COUNT(columns); i++) {
		place = &lan_places[columns[i]];
		length += (size_t)snprintf(row + length, sizeof(row) - length,
		    " %s |", is_right(place) ? "yes" : "**no**");
	}
	stop(ipv4);
	stop(ipv6);
	snprintf(row + length, sizeof(row) - length, "\n");
	ck_assert_msg(
	    is_in_readme(row), "this row is not in README.md: %s", row);
}
END_TEST

static Suite *
others_suite(void)
{
	Suite *suite = suite_create("net others");
	TCase *tcase = harness_case(suite, "others");

	tcase_add_loop_test(tcase, test_others, 0, COUNT(others));
	return suite;
}

int
main(void)
{
	return harness_main(others_suite());
}
