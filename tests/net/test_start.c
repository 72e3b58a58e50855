/* SPDX-License-Identifier: ISC */
/*
 * Start and stop: how many sockets, what is said about them, what happens when
 * a port cannot be had, and that the daemon gives up its rights.
 */
#include "build.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"
#include "harness.h"
#include "lan.h"
#include "netns.h"
#include "server.h"

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

/* sysexits.h */
#define EX_USAGE 64
#define EX_UNAVAILABLE 69
#define EX_OSERR 71
#define EX_NOPERM 77

/* -- as many sockets as expected -- */

static const struct {
	const char *line;
	unsigned int sockets;
	const char *said;
} sockets[] = {
	{ "echo=:0", 1, "(IPv4 and IPv6 on one socket)" },
	{ "--stack dual echo=:0", 1, "(IPv4 and IPv6 on one socket)" },
	{ "--stack two echo=:0", 2, "(IPv4)" },
	{ "--stack two echo=:0", 2, "(IPv6)" },
	{ "--stack ipv4 echo=:0", 1, "(IPv4)" },
	{ "--stack ipv6 echo=:0", 1, "(IPv6)" },
	{ "echo=192.0.2.1:0", 1, "192.0.2.1:" },
};

/* As the system sees it, and one line in the log for each. */
START_TEST(test_sockets)
{
	struct server server = { .netns = -1 };
	unsigned int i;
	struct lan lan;

	if (!harness_needs_tool("ss"))
		return;
	lan_new(&lan);
	server.netns = lan.server;
	server_start(&server, sockets[_i].line);
	ck_assert_uint_eq(server.count, sockets[_i].sockets);
	for (i = 1; i < server.count; i++)
		ck_assert_uint_eq(
		    server.sockets[i].port, server.sockets[0].port);
	netns_shell(lan.server,
	    "n=$(ss -lunH 'sport = :%u' | wc -l) && test $n -eq %u",
	    server.sockets[0].port, sockets[_i].sockets);
	netns_shell(lan.server, "n=$(ss -lunH | wc -l) && test $n -eq %u",
	    sockets[_i].sockets);
	ck_assert_uint_eq(
	    server_log_count(&server, "listening on"), server.count);
	ck_assert_uint_ge(server_log_count(&server, sockets[_i].said), 1);
	server_stop(&server);
}
END_TEST

/* -- several services, several endpoints -- */

START_TEST(test_several)
{
	struct server server = { .netns = -1 };
	struct client client;
	struct lan lan;

	lan_new(&lan);
	server.netns = lan.server;
	server_start(&server,
	    "echo=192.0.2.1:0 echo=[2001:db8:1::2]:0 discard=:0 whoami=:0");
	ck_assert_uint_eq(server.count, 4);
	client_open(&client, "0.0.0.0");
	client_send(
	    &client, "192.0.2.2", server_port(&server, "discard"), "gone", 4);
	server_wait_counter(&server, "silent", 1);
	client_ask(&client, "192.0.2.1", server.sockets[0].port);
	client_close(&client);
	client_open(&client, "::");
	client_ask(&client, "2001:db8:1::2", server.sockets[1].port);
	ck_assert_uint_eq(server_counter(&server, "answered"), 2);
	server_stop(&server);
}
END_TEST

/* -- how it ends -- */

static const int signals[] = { SIGTERM, SIGINT };

START_TEST(test_ends)
{
	struct server server = { .netns = -1 };
	struct client client;
	struct lan lan;
	char total[64];

	lan_new(&lan);
	server.netns = lan.server;
	server_start(&server, "echo=:0");
	client_open(&client, "0.0.0.0");
	client_ask(&client, "192.0.2.1", server_port(&server, "echo"));
	server_stop_by(&server, signals[_i]);
	snprintf(total, sizeof(total),
	    "multihomed: echo [::]:%u: received=1 answered=1 ",
	    server_port(&server, "echo"));
	ck_assert_uint_eq(server_log_count(&server, total), 1);
	client_expect_refused("192.0.2.1", server_port(&server, "echo"));
}
END_TEST

/* -- what cannot start -- */

/* It ended with that code, said why, and left nothing. */
static void
expect_no_start(
    struct server *server, const char *line, int code, const char *said)
{
	int ended = server_run(server, line);
	char *log = server_log(server);

	ck_assert_msg(ended == code, "exit %d, not %d: %s", ended, code, log);
	ck_assert_msg(strstr(log, said) != NULL, "no '%s' in: %s", said, log);
	ck_assert_msg(access(server->port_file, F_OK) != 0, "a port file");
	free(log);
}

static const struct {
	const char *line;
	int code;
	const char *said;
} wrong[] = {
	{ "", EX_USAGE, "multihomed echo=:7007" },
	{ "nonsense=:0", EX_USAGE, "nonsense" },
	{ "echo=:65536", EX_USAGE, "65536" },
	{ "echo=300.0.0.1:0", EX_USAGE, "300.0.0.1" },
	{ "--no-such-option echo=:0", EX_USAGE, "no-such-option" },
	{ "--stack three echo=:0", EX_USAGE, "three" },
	{ "--stack ipv4 echo=[::1]:0", EX_USAGE, "[::1]:0 is of the family" },
	{ "echo=[fe80::1]:0", EX_USAGE,
	    "needs the interface of its link-local address, as in "
	    "[fe80::1%eth0]:0" },
	{ "echo=192.0.2.99:0", EX_UNAVAILABLE, "192.0.2.99:0" },
	{ "echo=:0 whoami=[2001:db8::99]:0", EX_UNAVAILABLE,
	    "[2001:db8::99]:0" },
};

START_TEST(test_wrong)
{
	struct server server = { .netns = netns_new() };

	expect_no_start(
	    &server, wrong[_i].line, wrong[_i].code, wrong[_i].said);
}
END_TEST

/* Somebody else has the port, whose number follows both texts. */
static const struct {
	const char *holder, *line, *said;
} taken[] = {
	{ "0.0.0.0", "echo=:", ":" },
	{ "::", "echo=:", ":" },
	{ "192.0.2.1", "echo=:", ":" },
	{ "2001:db8:1::1", "echo=:", ":" },
	{ "192.0.2.1", "echo=:0 whoami=192.0.2.1:", "192.0.2.1:" },
	{ "2001:db8:1::1",
	    "echo=:0 whoami=[2001:db8:1::1]:", "[2001:db8:1::1]:" },
	{ "192.0.2.1", "--stack two echo=:", ":" },
	{ "2001:db8:1::1", "--stack two echo=:", ":" },
};

START_TEST(test_taken)
{
	struct server server = { .netns = -1 };
	char line[128], said[64];
	struct client holder;
	struct lan lan;

	lan_new(&lan);
	server.netns = lan.server;
	netns_enter(lan.server);
	client_open(&holder, taken[_i].holder);
	snprintf(
	    line, sizeof(line), "%s%u", taken[_i].line, client_port(&holder));
	snprintf(
	    said, sizeof(said), "%s%u", taken[_i].said, client_port(&holder));
	expect_no_start(&server, line, EX_UNAVAILABLE, said);
}
END_TEST

/* A privileged port: the log says so, and what to do. */
static const struct {
	const char *line, *said;
} rights[] = {
	{ "echo", "echo=:7007" },
	{ "echo=:7", "echo=:7007" },
	{ "whoami=:0 echo=192.0.2.1:7", ":7007" },
	{ "--stack two echo=:7", "echo=:7007" },
};

START_TEST(test_no_rights)
{
	struct server server = { .without = CAP_NET_BIND_SERVICE };
	struct lan lan;

	lan_new(&lan);
	server.netns = lan.server;
	netns_sysctl(lan.server, "ipv4/ip_unprivileged_port_start", "1024");
	expect_no_start(&server, rights[_i].line, EX_NOPERM, rights[_i].said);
}
END_TEST

/* -- files -- */

/* A configuration with that many endpoints; its name. */
static const char *
many_endpoints(unsigned int count)
{
	static char path[256];
	unsigned int i;
	FILE *file;

	if (path[0] == '\0')
		snprintf(path, sizeof(path), "%s", harness_file("conf"));
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	fputs("[echo]\n", file);
	for (i = 1; i <= count; i++)
		fprintf(file, "listen = 127.0.1.%u:7\n", i);
	ck_assert_int_eq(fclose(file), 0);
	return path;
}

/* Few at first, but more for those who ask: at the start, and for reloads. */
START_TEST(test_few_files)
{
	struct server server = { .wrapper =
				     "/usr/bin/env prlimit --nofile=40:300" };
	char line[300];
	struct lan lan;

	if (!harness_needs_tool("prlimit"))
		return;
	lan_new(&lan);
	server.netns = lan.server;
	snprintf(line, sizeof(line), "-w 2 -c %s", many_endpoints(50));
	server_start(&server, line);
	ck_assert_uint_eq(server.count, 50);
	many_endpoints(110);
	ck_assert_int_eq(kill(server.pid, SIGHUP), 0);
	server_wait_log(&server, "reloaded ");
	server_read_ports(&server);
	ck_assert_uint_eq(server.count, 110);
	/* That many are too many. */
	many_endpoints(250);
	ck_assert_int_eq(kill(server.pid, SIGHUP), 0);
	server_wait_log(&server,
	    "250 sockets for each of 2 workers need with those in use up to "
	    "752 open files; the hard limit (RLIMIT_NOFILE) is 300");
	server_wait_log(&server, "keeping the previous configuration");
	server_stop(&server);
}
END_TEST

/* Where the sockets do not fit; and where nothing else does. */
static const struct {
	unsigned int limit;
	const char *options;
	unsigned int endpoints;
	const char *said;
} lacks[] = {
	{ 64, "-w 1", 60,
	    "60 sockets for each of 1 worker need about 84 open files; the "
	    "hard limit (RLIMIT_NOFILE) is 64: raise it (LimitNOFILE= in a "
	    "unit, ulimit -Hn)" },
	{ 20, "-w 4", 1, "1 socket for each of 4 workers need about 52 open" },
};

START_TEST(test_no_files)
{
	char line[300], wrapper[64];
	struct server server = { .wrapper = wrapper };
	struct lan lan;

	if (!harness_needs_tool("prlimit"))
		return;
	lan_new(&lan);
	server.netns = lan.server;
	snprintf(wrapper, sizeof(wrapper), "/usr/bin/env prlimit --nofile=%u",
	    lacks[_i].limit);
	snprintf(line, sizeof(line), "%s -c %s", lacks[_i].options,
	    many_endpoints(lacks[_i].endpoints));
	expect_no_start(&server, line, EX_OSERR, lacks[_i].said);
}
END_TEST

/* -- an address that is not there yet -- */

START_TEST(test_freebind_later)
{
	struct server server = { .netns = -1 };
	struct client client;
	struct lan lan;

	lan_new(&lan);
	server.netns = lan.server;
	server_start(
	    &server, "--freebind echo=192.0.2.9:0 echo=[2001:db8:1::9]:0");
	netns_ip(lan.server,
	    "addr add 192.0.2.9/24 dev v0\n"
	    "addr add 2001:db8:1::9/64 dev v0 nodad\n");
	client_open(&client, "0.0.0.0");
	client_ask(&client, "192.0.2.9", server.sockets[0].port);
	client_close(&client);
	client_open(&client, "::");
	client_ask(&client, "2001:db8:1::9", server.sockets[1].port);
	server_stop(&server);
}
END_TEST

/* -- no IPv6 here -- */

static const char *const without_ipv6[] = { "echo=:0", "--stack two echo=:0" };

START_TEST(test_ipv6_disabled)
{
	struct server server = { .netns = -1 };
	struct client client;
	struct lan lan;

	lan_new(&lan);
	server.netns = lan.server;
	netns_sysctl(lan.server, "ipv6/conf/all/disable_ipv6", "1");
	netns_sysctl(lan.server, "ipv6/conf/default/disable_ipv6", "1");
	server_start(&server, without_ipv6[_i]);
	client_open(&client, "0.0.0.0");
	client_ask(&client, "192.0.2.1", server_port(&server, "echo"));
	client_ask(&client, "192.0.2.2", server_port(&server, "echo"));
	client_ask(&client, "198.51.100.1", server_port(&server, "echo"));
	ck_assert_uint_eq(server_log_count(&server, "warning: "), 1);
	ck_assert_uint_ge(server_log_count(&server, "IPv6"), 1);
	server_stop(&server);
}
END_TEST

/* Then no client can reach it, and the log says that, too. */
START_TEST(test_ipv6_alone_disabled)
{
	struct server server = { .netns = netns_new() };

	netns_sysctl(server.netns, "ipv6/conf/all/disable_ipv6", "1");
	netns_sysctl(server.netns, "ipv6/conf/default/disable_ipv6", "1");
	server_start(&server, "--stack ipv6 echo=:0");
	ck_assert_uint_eq(
	    server_log_count(&server, "not even ::1: no client can reach it"),
	    1);
	server_stop(&server);
}
END_TEST

/* -- no standard streams -- */

/* On SIGTERM; its log is unknown. */
static void
expect_end(const struct server *server)
{
	int status;

	ck_assert_int_eq(kill(server->pid, SIGTERM), 0);
	ck_assert_int_eq(waitpid(server->pid, &status, 0), server->pid);
	ck_assert_int_eq(status, 0);
	unlink(server->log_file);
}

/* What it opens first does not receive the log. */
START_TEST(test_without_files)
{
	struct server server = { .without_files = true };
	struct client client;
	char path[64], is[64];
	struct lan lan;
	int i;
	ssize_t n;

	lan_new(&lan);
	server.netns = lan.server;
	server_start(&server, "-v echo=:0");
	for (i = 0; i <= STDERR_FILENO; i++) {
		snprintf(
		    path, sizeof(path), "/proc/%d/fd/%d", (int)server.pid, i);
		n = readlink(path, is, sizeof(is) - 1);
		ck_assert_int_gt(n, 0);
		is[n] = '\0';
		ck_assert_str_eq(is, "/dev/null");
	}
	ck_assert_int_eq(kill(server.pid, SIGUSR1), 0);
	client_open(&client, "0.0.0.0");
	client_ask(&client, "192.0.2.1", server_port(&server, "echo"));
	expect_end(&server);
}
END_TEST

/* Nobody reads its log: it answers all the same. */
START_TEST(test_full_error)
{
	struct server server = { .netns = -1 };
	struct client client;
	struct pollfd room;
	char text[65536];
	struct lan lan;
	int ends[2], i;
	ssize_t n;

	lan_new(&lan);
	server.netns = lan.server;
	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	server.error = ends[1];
	room = (struct pollfd){ .fd = ends[1], .events = POLLOUT };
	server_start(&server, "echo=:0");
	client_open(&client, "0.0.0.0");
	for (i = 0; i < 100; i += poll(&room, 1, 0) == 0) {
		ck_assert_int_eq(kill(server.pid, SIGUSR1), 0);
		client_ask(&client, "192.0.2.1", server_port(&server, "echo"));
	}
	ck_assert_int_gt(read(ends[0], text, sizeof(text)), 0);
	ck_assert_int_eq(kill(server.pid, SIGUSR1), 0);
	n = read(ends[0], text, sizeof(text) - 1);
	ck_assert_int_gt(n, 0);
	text[n] = '\0';
	ck_assert_ptr_nonnull(
	    strstr(text, " log lines dropped: stderr blocked"));
	expect_end(&server);
}
END_TEST

static void
read_status(pid_t pid, char text[8192])
{
	char path[64];
	size_t length;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	file = fopen(path, "r");
	ck_assert_ptr_nonnull(file);
	length = fread(text, 1, 8191, file);
	text[length] = '\0';
	fclose(file);
}

/* No signal is pending for the process any more. */
static void
wait_delivered(pid_t pid)
{
	long long deadline = harness_now() + HARNESS_PATIENCE_MS;
	char text[8192];

	do {
		ck_assert_msg(harness_now() < deadline, "a signal is pending");
		read_status(pid, text);
	} while (strstr(text, "\nShdPnd:\t0000000000000000\n") == NULL);
}

/*
 * Its log has reached the limit of a file's size (setrlimit(2)): it answers
 * anyway.
 */
START_TEST(test_full_log)
{
	struct server server = { .netns = -1 };
	struct rlimit before, size;
	struct client client;
	struct stat log;
	struct lan lan;

	lan_new(&lan);
	server.netns = lan.server;
	server_start(&server, "echo=:0");
	ck_assert_int_eq(fstat(server.log, &log), 0);
	ck_assert_int_eq(prlimit(server.pid, RLIMIT_FSIZE, NULL, &before), 0);
	size = before;
	size.rlim_cur = (rlim_t)log.st_size;
	ck_assert_int_eq(prlimit(server.pid, RLIMIT_FSIZE, &size, NULL), 0);
	ck_assert_int_eq(kill(server.pid, SIGUSR1), 0);
	wait_delivered(server.pid);
	client_open(&client, "0.0.0.0");
	/* The second answer comes after the daemon has handled the signal. */
	client_ask(&client, "192.0.2.1", server_port(&server, "echo"));
	client_ask(&client, "192.0.2.1", server_port(&server, "echo"));
	ck_assert_int_eq(prlimit(server.pid, RLIMIT_FSIZE, &before, NULL), 0);
	ck_assert_uint_eq(server_log_count(&server, "received="), 0);
	ck_assert_uint_eq(server_counter(&server, "answered"), 2);
	server_stop(&server);
}
END_TEST

/* -- rights that it gives up -- */

static void
expect_status(pid_t pid, const char *line)
{
	char text[8192];

	read_status(pid, text);
	ck_assert_msg(
	    strstr(text, line) != NULL, "no '%s' in:\n%s", line, text);
}

START_TEST(test_user)
{
	struct server server = { .netns = -1 };
	struct client client;
	struct lan lan;

	if (!harness_needs_root())
		return;
	lan_new(&lan);
	server.netns = lan.server;
	server_start(&server, "-u nobody echo=:7");
	expect_status(server.pid, "\nUid:\t65534\t65534\t65534\t65534\n");
	expect_status(server.pid, "\nGid:\t65534\t65534\t65534\t65534\n");
	expect_status(server.pid, "\nGroups:\t65534 \n");
	expect_status(server.pid, "\nCapPrm:\t0000000000000000\n");
	expect_status(server.pid, "\nCapEff:\t0000000000000000\n");
	ck_assert_uint_eq(server_port(&server, "echo"), 7);
	client_open(&client, "0.0.0.0");
	client_ask(&client, "192.0.2.2", 7);
	server_stop(&server);
}
END_TEST

START_TEST(test_user_unknown)
{
	struct server server = { .netns = netns_new() };
	int code = server_run(&server, "-u no-such-user echo=:0");

	ck_assert_int_ne(code, 0);
	ck_assert_uint_ge(server_log_count(&server, "no-such-user"), 1);
	ck_assert_int_ne(access(server.port_file, F_OK), 0);
}
END_TEST

/* -- what it says of itself -- */

START_TEST(test_self_test)
{
	struct server server = { .netns = -1 };
	struct lan lan;

	lan_new(&lan);
	server.netns = lan.server;
	ck_assert_int_eq(server_run(&server, "--self-test"), 0);
	ck_assert_uint_ge(server_log_count(&server, "IPv4"), 1);
	ck_assert_uint_ge(server_log_count(&server, "IPv6"), 1);
}
END_TEST

static Suite *
start_suite(void)
{
	Suite *suite = suite_create("net start");
	TCase *tcase = harness_case(suite, "start");

	tcase_add_loop_test(tcase, test_sockets, 0, COUNT(sockets));
	tcase_add_test(tcase, test_several);
	tcase_add_loop_test(tcase, test_ends, 0, COUNT(signals));
	tcase_add_loop_test(tcase, test_wrong, 0, COUNT(wrong));
	tcase_add_loop_test(tcase, test_taken, 0, COUNT(taken));
	tcase_add_loop_test(tcase, test_no_rights, 0, COUNT(rights));
	tcase_add_test(tcase, test_few_files);
	tcase_add_loop_test(tcase, test_no_files, 0, COUNT(lacks));
	tcase_add_test(tcase, test_freebind_later);
	tcase_add_test(tcase, test_ipv6_alone_disabled);
	tcase_add_loop_test(tcase, test_ipv6_disabled, 0, COUNT(without_ipv6));
	tcase_add_test(tcase, test_without_files);
	tcase_add_test(tcase, test_full_error);
	tcase_add_test(tcase, test_full_log);
	tcase_add_test(tcase, test_user);
	tcase_add_test(tcase, test_user_unknown);
	tcase_add_test(tcase, test_self_test);
	return suite;
}

int
main(void)
{
	return harness_main(start_suite());
}
