/* SPDX-License-Identifier: ISC */
/*
 * What people really type: netcat, ncat and socat get their answer, whichever
 * address they ask.
 */
#include "build.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "lan.h"
#include "server.h"

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

/* In these, @ stands for the address and # for the port. */
static const struct {
	const char *program, *ipv4, *ipv6;
} tools[] = {
	{ "nc", "nc -u @ #", "nc -u @ #" },
	{ "ncat", "ncat -u @ #", "ncat -6 -u @ #" },
	{ "socat", "socat - UDP4:@:#", "socat - UDP6:[@]:#" },
};

static const struct lan_place *const asked_places[] = { &lan_places[1],
	&lan_places[2], &lan_places[3], &lan_places[5], &lan_places[6],
	&lan_places[7] };

static void
fill_in(const char *pattern, const char *address, unsigned int port,
    char *command, size_t size)
{
	size_t length = 0;

	for (; *pattern != '\0'; pattern++)
		if (*pattern == '@')
			length += (size_t)snprintf(
			    command + length, size - length, "%s", address);
		else if (*pattern == '#')
			length += (size_t)snprintf(
			    command + length, size - length, "%u", port);
		else
			length += (size_t)snprintf(
			    command + length, size - length, "%c", *pattern);
	ck_assert_uint_lt(length, size);
}

/* Start it with a pipe at both ends. */
static pid_t
start_tool(const char *command, int *in, int *out)
{
	int input[2], output[2];
	pid_t pid;

	ck_assert_int_eq(pipe(input), 0);
	ck_assert_int_eq(pipe(output), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		char shell[160];

		dup2(input[0], STDIN_FILENO);
		dup2(output[1], STDOUT_FILENO);
		close(input[1]);
		close(output[0]);
		snprintf(shell, sizeof(shell), "exec %s", command);
		execl("/bin/sh", "sh", "-c", shell, (char *)NULL);
		_exit(127);
	}
	close(input[0]);
	close(output[1]);
	*in = input[1];
	*out = output[0];
	return pid;
}

/*
 * These connect their socket, so the system hides an answer from a wrong
 * address from them, as from every user.
 */
static void
use_tool(const char *command)
{
	static const char hello[] = "hello\n";
	char answer[sizeof(hello)] = "";
	size_t length = 0;
	ssize_t got;
	int in, out;
	pid_t pid = start_tool(command, &in, &out);
	struct pollfd readable = { .fd = out, .events = POLLIN };

	ck_assert_int_eq(write(in, hello, strlen(hello)), strlen(hello));
	while (length < strlen(hello)) {
		ck_assert_msg(poll(&readable, 1, HARNESS_PATIENCE_MS) == 1,
		    "%s: no answer", command);
		got = read(out, answer + length, strlen(hello) - length);
		ck_assert_msg(got > 0, "%s: ended without answer", command);
		length += (size_t)got;
	}
	ck_assert_str_eq(answer, hello);
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	close(in);
	close(out);
}

START_TEST(test_tools)
{
	struct server server = { .netns = -1 };
	unsigned int port, i;
	char command[128];
	struct lan lan;

	if (!harness_needs_tool(tools[_i].program))
		return;
	lan_new(&lan);
	server.netns = lan.server;
	server_start(&server, "echo=:0");
	port = server_port(&server, "echo");
	for (i = 0; i < COUNT(asked_places); i++) {
		fill_in(asked_places[i]->ipv6 ? tools[_i].ipv6 : tools[_i].ipv4,
		    asked_places[i]->address, port, command, sizeof(command));
		use_tool(command);
	}
	server_stop(&server);
}
END_TEST

/*
 * What monitoring asks: an exit code of 0, and the time taken.  Both connect
 * their socket, too.
 */
#define PLUGINS "/usr/lib/nagios/plugins/"
#define PING_PONG "fixed=:0 --request 50494e47 --reply 504f4e47"

static const struct {
	const char *program, *arguments, *service, *line;
	int status;
} plugins[] = {
	{ PLUGINS "check_udp", "-H @ -p # -s PING -e PONG", "fixed", PING_PONG,
	    0 },
	{ PLUGINS "check_udp", "-H @ -p # -s PING -e PANG", "fixed", PING_PONG,
	    1 },
	{ PLUGINS "check_time", "-u -H @ -p #", "time",
	    /* It sends 0 bytes, fewer than the 4 of the answer over IPv6. */
	    "time=:0 --trust ::/0", 0 },
};

START_TEST(test_plugins)
{
	struct server server = { .netns = -1 };
	unsigned int port, i;
	char arguments[80], command[160];
	struct lan lan;
	int status;

	if (!harness_needs(
		access(plugins[_i].program, X_OK) == 0, plugins[_i].program))
		return;
	lan_new(&lan);
	server.netns = lan.server;
	server_start(&server, plugins[_i].line);
	port = server_port(&server, plugins[_i].service);
	for (i = 0; i < COUNT(asked_places); i++) {
		fill_in(plugins[_i].arguments, asked_places[i]->address, port,
		    arguments, sizeof(arguments));
		snprintf(command, sizeof(command), "exec %s %s >/dev/null",
		    plugins[_i].program, arguments);
		status = system(command);
		ck_assert(WIFEXITED(status));
		ck_assert_msg(WEXITSTATUS(status) == plugins[_i].status,
		    "%s: %d", command, WEXITSTATUS(status));
	}
	server_stop(&server);
}
END_TEST

static Suite *
tools_suite(void)
{
	Suite *suite = suite_create("net tools");
	TCase *tcase = harness_case(suite, "tools");

	tcase_add_loop_test(tcase, test_tools, 0, COUNT(tools));
	tcase_add_loop_test(tcase, test_plugins, 0, COUNT(plugins));
	return suite;
}

int
main(void)
{
	return harness_main(tools_suite());
}
