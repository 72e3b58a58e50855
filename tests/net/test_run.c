/* SPDX-License-Identifier: ISC */
/*
 * mhrun: servers of somebody else, who answer from the wrong address, answer
 * from the one that was asked; and what else they do is as before.
 */
#include "build.h"

#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"
#include "harness.h"
#include "lan.h"
#include "netns.h"
#include "server.h"

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

#define PORT 7007

static struct lan lan;

/* Start a command in a process group of its own, as some of them fork. */
static __attribute__((format(printf, 1, 2))) pid_t
start(const char *format, ...)
{
	char command[512];
	va_list list;
	pid_t pid;

	va_start(list, format);
	vsnprintf(command, sizeof(command), format, list);
	va_end(list);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid != 0)
		return pid;
	if (setpgid(0, 0) != 0 || setns(lan.server, CLONE_NEWNET) != 0)
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

/* It is still there. */
static void
expect_running(pid_t pid)
{
	int status;

	ck_assert_msg(waitpid(pid, &status, WNOHANG) == 0,
	    "the server ended with code %d", WEXITSTATUS(status));
}

/* Ask until there is an answer; did it come from the address that was asked? */
static bool
ask(struct client *client, const char *address)
{
	long long deadline = harness_now() + HARNESS_PATIENCE_MS;

	do {
		ck_assert_msg(harness_now() < deadline, "%s: silence", address);
		client_send(client, address, PORT, "hello\n", 6);
	} while (!client_receive(client, 100));
	/* A slow one may put two into one. */
	ck_assert_uint_eq(client->length % 6, 0);
	return strcmp(client->source, address) == 0;
}

/* The same by a client of its own. */
static bool
is_right(const struct lan_place *place)
{
	struct client client;
	bool right;

	client_open(&client, place->ipv6 ? "::" : "0.0.0.0");
	right = ask(&client, place->address);
	client_close(&client);
	return right;
}

static bool
has_family(const char *family, const struct lan_place *place)
{
	return strcmp(family, "dual") == 0 ||
	    place->ipv6 == (strcmp(family, "6") == 0);
}

/* How many places of that family are answered right, of how many. */
static int
count_right(const char *family, int *all)
{
	int i, right = 0;

	*all = 0;
	for (i = 0; i < LAN_PLACES; i++) {
		if (!has_family(family, &lan_places[i]))
			continue;
		++*all;
		right += is_right(&lan_places[i]);
	}
	return right;
}

/* The answer leaves by the first cable, whose address the system would take. */
START_TEST(test_second_uplink)
{
	static const char *const from[] = { LAN_FAR_IPV4, LAN_FAR_IPV6 };
	static const char *const asked[] = { "198.18.0.1", "2001:db8:3::1" };
	struct client client;
	pid_t pid;

	lan_one_way_back(&lan);
	client_open(&client, from[_i]);
	pid = start("exec " NET_RIVAL " %s %s", "dual", "from");
	ck_assert(!ask(&client, asked[_i]));
	stop(pid);
	pid = start("exec " NET_RUN " " NET_RIVAL " %s %s", "dual", "from");
	ck_assert(ask(&client, asked[_i]));
	client_close(&client);
	stop(pid);
}
END_TEST

/* A client on the same host, at each of its addresses. */
START_TEST(test_local_client)
{
	const struct lan_place loopback[] = { { "IPv4", "127.0.0.1", false },
		{ "IPv4 loopback", "127.0.0.2", false },
		{ "IPv6 loopback", "::1", true } };
	int i, all;
	pid_t pid;

	lan_new(&lan);
	pid = start("exec " NET_RUN " " NET_RIVAL " %s %s", "dual", "from");
	netns_enter(lan.server);
	ck_assert_int_eq(count_right("dual", &all), LAN_PLACES);
	for (i = 0; i < COUNT(loopback); i++)
		ck_assert_msg(
		    is_right(&loopback[i]), "%s", loopback[i].address);
	stop(pid);
}
END_TEST

static const char *const families[] = { "4", "6", "dual" };

/* Servers whose every answer is right with us, and some are not without. */
static const char *const ways[] = { "from", "message", "many", "threads",
	"fork", "children", "sessions", "connected", "disconnected", "moved",
	"again", "inetd", "spawn", "leak" };

START_TEST(test_ways)
{
	const char *family = families[_i % COUNT(families)];
	const char *way = ways[_i / COUNT(families)];
	int right, all;
	pid_t pid;

	/* Over IPv6 Linux has no such socket again, with us or without. */
	if (strcmp(way, "disconnected") == 0 && strcmp(family, "4") != 0)
		return;
	lan_new(&lan);
	pid = start("exec " NET_RIVAL " %s %s", family, way);
	right = count_right(family, &all);
	ck_assert_msg(right < all, "%s %s: needs no repair", family, way);
	stop(pid);
	pid = start("exec " NET_RUN " " NET_RIVAL " %s %s", family, way);
	right = count_right(family, &all);
	ck_assert_msg(
	    right == all, "%s %s: %d of %d right", family, way, right, all);
	expect_running(pid);
	stop(pid);
}
END_TEST

/* Those that take other hooks, and a child. */
static const char *const memory_ways[] = { "from", "message", "many", "threads",
	"children" };

/* What the hooks do with a server's memory, valgrind has nothing to say of. */
START_TEST(test_memory)
{
	const char *way = memory_ways[_i];
	char *log = strdup(harness_file("valgrind"));
	int right, all;
	struct stat status;
	pid_t pid;

	if (SERVER_SANITIZED || !harness_needs_tool("valgrind")) {
		free(log);
		return;
	}
	lan_new(&lan);
	pid =
	    start("exec " NET_RUN " valgrind -q --vgdb=no --trace-children=yes "
		  "--log-file=%s " NET_RIVAL " dual %s",
		log, way);
	right = count_right("dual", &all);
	ck_assert_msg(right == all, "%s: %d of %d right", way, right, all);
	expect_running(pid);
	stop(pid);
	/* It is there, so valgrind was. */
	ck_assert_int_eq(stat(log, &status), 0);
	ck_assert_int_eq(status.st_size, 0);
	free(log);
}
END_TEST

/*
 * A program that takes over a socket gets no control messages that it did not
 * ask for, or it would end; one with us is repaired, too.
 */
static const char *const handed[] = { "inetd-bare", "spawn-bare", "both",
	"both-bare", "become" };

START_TEST(test_handed_over)
{
	struct client client;
	pid_t pid;
	int i, right = 0;

	lan_new(&lan);
	pid = start("exec " NET_RUN " " NET_RIVAL " %s %s", "dual", handed[_i]);
	client_open(&client, "0.0.0.0");
	for (i = 0; i < 10; i++)
		right += ask(&client, "192.0.2.2");
	client_close(&client);
	expect_running(pid);
	stop(pid);
	/* Every one, every other one, or none. */
	if (strcmp(handed[_i], "both") == 0)
		ck_assert_int_eq(right, 10);
	else if (strcmp(handed[_i], "both-bare") == 0)
		ck_assert_int_eq(right, 5);
	else if (strcmp(handed[_i], "become") == 0)
		ck_assert_int_eq(right, 1);
	else
		ck_assert_int_eq(right, 0);
}
END_TEST

/* Servers that people use. */
static const char *const tools[][2] = {
	{ "socat", "socat UDP4-LISTEN:7007,fork PIPE" },
	{ "socat", "socat UDP4-RECVFROM:7007,fork PIPE" },
	{ "ncat", "ncat -4 -u -l -k -e /bin/cat 7007" },
	{ "socat", "socat UDP6-LISTEN:7007,ipv6only=0,fork PIPE" },
	{ "socat", "socat UDP6-RECVFROM:7007,ipv6only=0,fork PIPE" },
};

/* An answer with this text; late ones to others before may come, too. */
static bool
receive_text(struct client *client, const char *address, const char *text)
{
	while (client_receive(client, 200)) {
		ck_assert_str_eq(client->source, address);
		if (memmem(client->data, client->length, text, strlen(text)) !=
		    NULL)
			return true;
	}
	return false;
}

/* Ask until there is an answer: it may be slow, or lose a datagram. */
static bool
is_answered(struct client *client, const char *address, int number)
{
	char text[16];
	int tries;

	snprintf(text, sizeof(text), "<%d>", number);
	for (tries = 0; tries < 50; tries++) {
		client_send(client, address, PORT, text, strlen(text));
		if (receive_text(client, address, text))
			return true;
	}
	return false;
}

/* Ten datagrams of one client are answered right; false: there is silence. */
static bool
are_answered(const struct lan_place *place)
{
	struct client client;
	int n = 0;

	client_open(&client, place->ipv6 ? "::" : "0.0.0.0");
	while (n < 10 && is_answered(&client, place->address, n))
		n++;
	client_close(&client);
	return n == 10;
}

START_TEST(test_tools)
{
	const char *family = _i < 3 ? "4" : "dual", *tool = tools[_i][1];
	/*
	 * Its parent may miss that a child has read a datagram, and waits for
	 * that for ever, with us or without: then it is started again.
	 */
	int i, restarts = strstr(tool, "RECVFROM") != NULL ? 5 : 0;
	pid_t pid;

	if (!harness_needs_tool(tools[_i][0]))
		return;
	lan_new(&lan);
	pid = start("exec " NET_RUN " %s", tool);
	for (i = 0; i < LAN_PLACES; i++) {
		if (!has_family(family, &lan_places[i]))
			continue;
		while (!are_answered(&lan_places[i])) {
			ck_assert_msg(
			    restarts-- > 0, "%s: silence", lan_places[i].name);
			stop(pid);
			pid = start("exec " NET_RUN " %s", tool);
		}
	}
	stop(pid);
}
END_TEST

/* Only the ports that were named. */
START_TEST(test_port)
{
	pid_t pid;

	lan_new(&lan);
	pid = start(
	    "exec " NET_RUN " --port=%s " NET_RIVAL " 4 %s", "53,7007", "from");
	ck_assert(is_right(&lan_places[1]));
	stop(pid);
	pid = start(
	    "exec " NET_RUN " --port=%s " NET_RIVAL " 4 %s", "53,7006", "from");
	ck_assert(!is_right(&lan_places[1]));
	stop(pid);
}
END_TEST

static const struct {
	const char *asked, *other, *wildcard, *gone;
} addresses[] = {
	{ "192.0.2.2", "192.0.2.1", "0.0.0.0", "192.0.2.2/24" },
	{ "2001:db8:1::2", "2001:db8:1::1", "::", "2001:db8:1::2/64" },
};

/* The address that was asked is gone when the answer is sent: as without us. */
START_TEST(test_gone)
{
	struct client client, held;
	pid_t pid;

	lan_new(&lan);
	pid = start("exec " NET_RUN " " NET_RIVAL " %s %s", "dual", "later");
	client_open(&client, addresses[_i].wildcard);
	client_open(&held, addresses[_i].wildcard);
	ck_assert(ask(&client, addresses[_i].asked));
	client_send(&held, addresses[_i].asked, PORT, "hold", 4);
	client_ask(&client, addresses[_i].asked, PORT);
	/* Not gone yet. */
	ck_assert(client_receive(&held, HARNESS_PATIENCE_MS));
	ck_assert_str_eq(held.source, addresses[_i].asked);
	client_send(&held, addresses[_i].asked, PORT, "hold", 4);
	client_expect_refused(addresses[_i].asked, PORT + 1);
	netns_ip(lan.server, "addr del %s dev v0", addresses[_i].gone);
	client_ask(&client, addresses[_i].other, PORT);
	ck_assert(client_receive(&held, HARNESS_PATIENCE_MS));
	ck_assert_uint_eq(held.length, 4);
	ck_assert_str_ne(held.source, addresses[_i].asked);
	client_close(&client);
	client_close(&held);
	expect_running(pid);
	stop(pid);
}
END_TEST

/* What the program says itself is not changed. */
START_TEST(test_own_source)
{
	struct client client;
	pid_t pid;

	lan_new(&lan);
	pid = start("exec " NET_RUN " " NET_RIVAL " %s %s", "4", "own-source");
	client_open(&client, "0.0.0.0");
	ck_assert(!ask(&client, "192.0.2.2"));
	ck_assert_str_eq(client.source, "198.51.100.1");
	client_close(&client);
	stop(pid);
}
END_TEST

/* A client that asks one address after the other; its exit code is 0. */
static void
load(int number, int rounds)
{
	struct client client;
	int i;

	client_open(&client, "0.0.0.0");
	for (i = 0; i < rounds; i++)
		if (!ask(&client, lan_places[(number + i) % 3].address))
			exit(1);
	exit(0);
}

/* All clients of a load: their answers were right. */
static void
expect_load(const pid_t *clients, int count)
{
	int i, status;

	for (i = 0; i < count; i++) {
		ck_assert_int_eq(waitpid(clients[i], &status, 0), clients[i]);
		ck_assert_int_eq(status, 0);
	}
}

START_TEST(test_threads)
{
	enum { CLIENTS = 8, ROUNDS = 1000 };
	pid_t clients[CLIENTS], pid;
	int i;

	lan_new(&lan);
	pid = start("exec " NET_RUN " " NET_RIVAL " %s %s",
	    _i % 2 == 0 ? "4" : "dual", "threads");
	for (i = 0; i < CLIENTS; i++) {
		clients[i] = fork();
		ck_assert_int_ge(clients[i], 0);
		if (clients[i] == 0)
			load(i, ROUNDS);
	}
	expect_load(clients, CLIENTS);
	stop(pid);
}
END_TEST

/* Its children are killed, wherever they are; the others go on. */
START_TEST(test_killed)
{
	enum { CLIENTS = 4, ROUNDS = 500 };
	pid_t clients[CLIENTS], pid;
	int i, status;
	bool done = false;

	lan_new(&lan);
	pid = start("exec " NET_RUN " --entries=64 " NET_RIVAL " %s %s", "4",
	    "children");
	ck_assert(is_right(&lan_places[1]));
	for (i = 0; i < CLIENTS; i++) {
		clients[i] = fork();
		ck_assert_int_ge(clients[i], 0);
		if (clients[i] == 0)
			load(i, ROUNDS);
	}
	while (!done) {
		netns_shell(lan.server, "pkill -KILL -o -P %d rival || exit 0",
		    (int)pid);
		done = waitpid(clients[0], &status, WNOHANG) != 0;
	}
	ck_assert_int_eq(status, 0);
	expect_load(clients + 1, CLIENTS - 1);
	stop(pid);
}
END_TEST

/* What a line of the shell prints. */
static void
collect(const char *command, char *text, size_t size)
{
	FILE *file = popen(command, "r");
	size_t length;

	ck_assert_ptr_nonnull(file);
	length = fread(text, 1, size - 1, file);
	text[length] = '\0';
	ck_assert_int_eq(pclose(file), 0);
	ck_assert_uint_lt(length, size - 1);
}

/*
 * What mhrun starts, and what it refuses: @ is mhrun, $D a folder with copies
 * of env(1), one of which says that it is written in Go.
 */
static const struct {
	const char *line;
	int status;
	const char *output; /* contains this; "": is empty */
	bool needs_root;
} lines[] = {
	{ "@ sh -c 'exit 7'", 7, "", false },
	{ "@ -- printf %s done", 0, "done", false },
	{ "@ nosuchprogram", 127,
	    "mhrun: nosuchprogram: No such file or directory\n", false },
	{ "@ $D", 126, ": Permission denied\n", false },
	{ "@", 125, "mhrun: no command given\nusage: mhrun [OPTIONS]", false },
	{ "@ --help", 0, "usage: mhrun [OPTIONS] [--] COMMAND [ARG...]\n",
	    false },
	{ "@ -V", 0, "mhrun " PACKAGE_VERSION "\n", false },
	{ "@ --help >&-", 125, "", false },
	/* Into the environment, after what is there. */
	{ "LD_PRELOAD=$D/no.so @ sh -c 'echo $LD_PRELOAD' 2>&-", 0,
	    "/no.so:", false },
	{ "@ --port=53 --idle=9 -v sh -c 'echo $MHRUN_OPTIONS'", 0,
	    "entries=16384 idle=9 verbose port=53\n", false },
	{ "@ $D/go printf done", 125,
	    "go is written in Go, which does without the C library: use "
	    "--cgroup, or --force to start it as it is\n",
	    false },
	{ "@ $D/script", 125, "go is written in Go", false },
	{ "PATH=$D:$PATH @ go printf done", 125, "go is written in Go", false },
	{ "@ --force $D/go printf done", 0, "done", false },
	{ "@ $D/env printf done", 0, "done", false },
	{ "B=@; mkdir -p $D/a:b/.libs; cp $B $D/a:b; "
	  "cp ${B%/*}/.libs/libmhrun.so $D/a:b/.libs; $D/a:b/mhrun printf done",
	    125,
	    "libmhrun.so: cannot be preloaded with a blank or colon in its "
	    "path\n",
	    false },
	{ "@ $D/old", 125, "old is for another kind of processor", false },
	{ "chmod u+s $D/env; @ $D/env printf done", 0, "done", false },
	{ "chown 1:0 $D/env; chmod u+s $D/env; @ $D/env printf done", 125,
	    "env is setuid", true },
	{ "chown 0:1 $D/env; chmod g+s $D/env; @ $D/env printf done", 125,
	    "env is setgid", true },
};

/* Run a line of the shell; what it printed, and its exit code. */
static int
run_line(const char *line, char *output, size_t size)
{
	static const char prepare[] =
	    "set -e; cp \"$(command -v env)\" $D/env; echo >$D/x; "
	    "objcopy --add-section .go.buildinfo=$D/x $D/env $D/go; "
	    "printf '#!%s/go\\n' $D >$D/script; "
	    "printf '\\177ELF\\1' >$D/old; "
	    "chmod 755 $D/go $D/script $D/old $D/env; set +e; exec 2>&1";
	char command[2048], folder[256];
	const char *at = strchr(line, '@');
	FILE *file;
	size_t length;

	snprintf(folder, sizeof(folder), "%s", harness_file("x"));
	*strrchr(folder, '/') = '\0';
	/* Directories there that others may not read would make it EACCES. */
	snprintf(command, sizeof(command),
	    "PATH=$(getconf PATH); D=%s; %s; %.*s" NET_RUN "%s", folder,
	    prepare, (int)(at - line), line, at + 1);
	file = popen(command, "r");
	ck_assert_ptr_nonnull(file);
	length = fread(output, 1, size - 1, file);
	output[length] = '\0';
	return WEXITSTATUS(pclose(file));
}

START_TEST(test_lines)
{
	static char output[8192];
	int status;

	if (!harness_needs_tool("objcopy") ||
	    (lines[_i].needs_root && !harness_needs_root()))
		return;
	status = run_line(lines[_i].line, output, sizeof(output));
	ck_assert_msg(status == lines[_i].status &&
		strstr(output, lines[_i].output) != NULL &&
		(*lines[_i].output != '\0' || *output == '\0'),
	    "%s: code %d:\n%s", lines[_i].line, status, output);
}
END_TEST

static const char *const parities[] = { "CONTROL", "NAMES" };

/* A program sees no difference, whatever it asks for. */
START_TEST(test_parity)
{
	static char bare[65536], ours[65536];
	char command[256], *a = bare, *b = ours, *line, *other;
	int count = 0;

	netns_enter(netns_new());
	snprintf(
	    command, sizeof(command), "exec " NET_PARITY " %s", parities[_i]);
	collect(command, bare, sizeof(bare));
	snprintf(command, sizeof(command), "exec " NET_RUN " " NET_PARITY " %s",
	    parities[_i]);
	collect(command, ours, sizeof(ours));
	for (; (line = strtok_r(a, "\n", &a)) != NULL; count++) {
		other = strtok_r(b, "\n", &b);
		ck_assert_ptr_nonnull(other);
		ck_assert_str_eq(other, line);
	}
	ck_assert_ptr_null(strtok_r(b, "\n", &b));
	ck_assert_int_ge(count, 190);
}
END_TEST

static Suite *
run_suite(void)
{
	Suite *suite = suite_create("net run");
	TCase *servers = harness_case(suite, "servers");
	TCase *tcase = harness_case(suite, "run");

	tcase_add_loop_test(
	    servers, test_ways, 0, COUNT(ways) * COUNT(families));
	tcase_add_loop_test(servers, test_memory, 0, COUNT(memory_ways));
	tcase_add_loop_test(servers, test_handed_over, 0, COUNT(handed));
	tcase_add_loop_test(servers, test_tools, 0, COUNT(tools));
	tcase_add_loop_test(tcase, test_lines, 0, COUNT(lines));
	tcase_add_loop_test(tcase, test_parity, 0, COUNT(parities));
	tcase_add_loop_test(tcase, test_second_uplink, 0, 2);
	tcase_add_test(tcase, test_local_client);
	tcase_add_test(tcase, test_port);
	tcase_add_loop_test(tcase, test_gone, 0, COUNT(addresses));
	tcase_add_test(tcase, test_own_source);
	tcase_add_loop_test(tcase, test_threads, 0, 10);
	tcase_add_test(tcase, test_killed);
	return suite;
}

int
main(void)
{
	return harness_main(run_suite());
}
