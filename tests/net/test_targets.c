/* SPDX-License-Identifier: ISC */
/*
 * The targets of mhprobe: names with their hosts file and their name server,
 * prefixes, interfaces, hundreds at once, and the addresses of this host.
 */
#include "build.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <strings.h>
#include <sys/mount.h>
#include <unistd.h>

#include "client.h"
#include "harness.h"
#include "lan.h"
#include "netns.h"
#include "probe.h"
#include "server.h"

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

static struct probe probe;
static struct lan lan;
static struct server server;

/* The usual server at the other end of the cable. */
static void
start(const char *line)
{
	lan_new(&lan);
	server.netns = lan.server;
	server_start(&server, line);
}

/*
 * A name server: RFC 1035, as little as will do.
 */

#define TYPE_A 1
#define TYPE_AAAA 28
#define SERVFAIL 2
#define NXDOMAIN 3
#define TRUNCATED 0x200

#define HEADER 12

static const struct zone {
	const char *label; /* of the name; "silent" is not here */
	int type;
	unsigned char length, data[16];
} zone[] = {
	{ "all", TYPE_A, 4, { 192, 0, 2, 1 } },
	{ "all", TYPE_A, 4, { 192, 0, 2, 2 } },
	{ "all", TYPE_AAAA, 16, { 0x20, 0x01, 0x0d, 0xb8, 0, 1, [15] = 1 } },
	{ "all", TYPE_AAAA, 16, { 0x20, 0x01, 0x0d, 0xb8, 0, 2, [15] = 1 } },
	{ "four", TYPE_A, 4, { 192, 0, 2, 1 } },
	{ "twice", TYPE_A, 4, { 192, 0, 2, 1 } },
	{ "twice", TYPE_A, 4, { 192, 0, 2, 2 } },
	{ "twice", TYPE_A, 4, { 192, 0, 2, 1 } },
	{ "blocked", TYPE_A, 4, { 0 } },
	{ "blocked", TYPE_AAAA, 16, { 0 } },
	{ "half", TYPE_A, 4, { 192, 0, 2, 1 } },
	{ "other-half", TYPE_AAAA, 16,
	    { 0x20, 0x01, 0x0d, 0xb8, 0, 1, [15] = 1 } },
	{ "fails", TYPE_A, 4, { 192, 0, 2, 1 } },
	{ "long", TYPE_A, 4, { 192, 0, 2, 1 } },
	{ "nothing", 0, 0, { 0 } },
	{ "link", TYPE_AAAA, 16, { 0xfe, 0x80, [15] = 1 } },
	{ "odd", TYPE_A, 4, { 192, 0, 2, 1 } },
};

/* What the name server says of one type of such a name. */
static const struct trouble {
	const char *label;
	int type;
	int code; /* -1: nothing */
} troubles[] = {
	{ "silent", TYPE_A, -1 },
	{ "silent", TYPE_AAAA, -1 },
	{ "half", TYPE_AAAA, -1 },
	{ "other-half", TYPE_A, -1 },
	{ "fails", TYPE_AAAA, SERVFAIL },
	{ "long", TYPE_AAAA, TRUNCATED },
	/* RFC 4074, section 4.2. */
	{ "odd", TYPE_AAAA, NXDOMAIN },
};

static bool
is_named(const unsigned char *question, const char *label)
{
	return question[0] == strlen(label) &&
	    strncasecmp((const char *)question + 1, label, question[0]) == 0;
}

/* Add the record, with the name in the question. */
static size_t
add_record(unsigned char *at, const struct zone *record)
{
	const unsigned char start[] = { 0xc0, HEADER, 0,
		(unsigned char)record->type, 0, 1, 0, 0, 0, 60, 0,
		record->length };

	memcpy(at, start, sizeof(start));
	memcpy(at + sizeof(start), record->data, record->length);
	return sizeof(start) + record->length;
}

/* What goes wrong with this question; 0: nothing. */
static int
trouble_of(const unsigned char *question, int type)
{
	size_t i;

	for (i = 0; i < COUNT(troubles); i++)
		if (is_named(question, troubles[i].label) &&
		    troubles[i].type == type)
			return troubles[i].code;
	return 0;
}

/* Make an answer to the question; false: be silent. */
static bool
answer(unsigned char *message, size_t *length)
{
	unsigned char *question = message + HEADER;
	bool known = false;
	size_t i, end;
	int trouble;

	for (end = 0; question[end] != 0; end += question[end] + 1u)
		;
	*length = HEADER + end + 5;
	trouble = trouble_of(question, question[end + 2]);
	if (trouble < 0)
		return false;
	message[2] = 0x81; /* an answer */
	message[3] = 0x80;
	memset(message + 6, 0, 6); /* no records, but for */
	for (i = 0; i < COUNT(zone); i++) {
		if (!is_named(question, zone[i].label))
			continue;
		known = true;
		if (question[end + 2] != zone[i].type)
			continue;
		*length += add_record(message + *length, &zone[i]);
		message[7]++;
	}
	if (!known)
		trouble = NXDOMAIN;
	message[2] |= (unsigned char)(trouble >> 8);
	message[3] |= (unsigned char)trouble;
	return true;
}

static void
serve_names(void)
{
	static struct client socket;

	netns_enter(lan.server);
	client_open_at(&socket, "192.0.2.1", 53);
	netns_enter(lan.client);
	if (fork() != 0) {
		client_close(&socket);
		return;
	}
	for (;;)
		if (client_receive(&socket, HARNESS_PATIENCE_MS) &&
		    answer(socket.data, &socket.length))
			client_send(&socket, socket.source, socket.port,
			    socket.data, socket.length);
}

static void
replace(const char *path, const char *text)
{
	const char *ours = harness_file("etc");
	FILE *file = fopen(ours, "w");

	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	fclose(file);
	ck_assert_int_eq(mount(ours, path, NULL, MS_BIND, NULL), 0);
}

/* This process has its own hosts file and its own name server. */
static void
start_names(void)
{
	start("echo=:7007");
	ck_assert_int_eq(unshare(CLONE_NEWNS), 0);
	ck_assert_int_eq(
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	replace("/etc/resolv.conf", "nameserver 192.0.2.1\n");
	replace("/etc/hosts",
	    "192.0.2.1 host\n"
	    "192.0.2.2 host\n"
	    "2001:db8:2::1 host other\n"
	    "fe80::1%v0 neighbour\n");
	serve_names();
}

/*
 * Names.
 */

static const struct {
	const char *line;
	int code;
	const char *shown[5];
} names[] = {
	{ "echo all.example:7007", 0,
	    { "all.example 192.0.2.1:7007 ", "all.example 192.0.2.2:7007 ",
		"all.example [2001:db8:1::1]:7007 ",
		"all.example [2001:db8:2::1]:7007 ", "4 targets: 4 ok" } },
	{ "-4 echo all.example:7007", 0,
	    { "192.0.2.1:7007 ", "192.0.2.2:7007 ", "2 targets: 2 ok" } },
	{ "-6 echo all.example:7007", 0,
	    { "[2001:db8:1::1]:7007 ", "[2001:db8:2::1]:7007 ",
		"2 targets: 2 ok" } },
	{ "--from 192.0.2.100 echo all.example:7007", 0,
	    { "192.0.2.1:7007 ", "192.0.2.2:7007 ", "2 targets: 2 ok" } },
	{ "echo four.example:7007", 0,
	    { "four.example 192.0.2.1:7007 ", "1 target: 1 ok" } },
	{ "echo host:7007", 0,
	    { "host 192.0.2.1:7007 ", "host 192.0.2.2:7007 ",
		"host [2001:db8:2::1]:7007 ", "3 targets: 3 ok" } },
	{ "--json echo other:7007", 0,
	    { "\"target\":\"other [2001:db8:2::1]:7007\",\"name\":\"other\","
	      "\"address\":\"2001:db8:2::1\",\"port\":7007," } },
	{ "echo twice.example:7007 twice.example:7008", 2,
	    { "twice.example 192.0.2.1:7007 ", "twice.example 192.0.2.2:7007 ",
		"twice.example 192.0.2.1:7008 ",
		"4 targets: 2 ok, 0 WRONG, 2 no answer," } },
	/* What cannot be found is a row, not the end of the others. */
	{ "echo none.example:7007 four.example:7007 192.0.2.2:7007", 3,
	    { "none.example ", " error ",
		"cannot look up: ", "four.example 192.0.2.1:7007 ",
		"3 targets: 2 ok, 0 WRONG, 0 no answer, 1 error;" } },
	{ "-6 echo four.example:7007 all.example:7007", 3,
	    { "four.example ",
		"cannot look up: no address of the requested family",
		"3 targets: 2 ok, 0 WRONG, 0 no answer, 1 error;" } },
	{ "-6 echo all.example:7007 host:7007 192.0.2.1:7007", 3,
	    { "host [2001:db8:2::1]:7007 ", "only IPv6 was asked for",
		"4 targets: 3 ok, 0 WRONG, 0 no answer, 1 error;" } },
	/* What resolvers say that block names. */
	{ "echo blocked.example:7007", 3,
	    { "blocked.example 0.0.0.0:7007 ", "blocked.example [::]:7007 ",
		"no answer can come from 0.0.0.0", "no answer can come from ::",
		"2 targets: 0 ok, 0 WRONG, 0 no answer, 2 errors;" } },
	{ "echo link.example:7007 neighbour:7007 192.0.2.1:7007", 3,
	    { "link.example [fe80::1]:7007 ", "neighbour [fe80::1%v0]:7007 ",
		"a link-local address needs its interface: ask fe80::1%eth0",
		"3 targets: 2 ok, 0 WRONG, 0 no answer, 1 error;" } },
	{ "echo silent.example:7007 192.0.2.2:7007", 3,
	    { "silent.example ",
		"cannot look up: no name server answers, or they report",
		"2 targets: 1 ok, 0 WRONG, 0 no answer, 1 error;" } },
	/* What was found is asked; what could not be is said. */
	{ "echo half.example:7007", 3,
	    { "half.example 192.0.2.1:7007 ", " ok ",
		"cannot look up IPv6 addresses: no name server answers, or",
		"2 targets: 1 ok, 0 WRONG, 0 no answer, 1 error;" } },
	{ "echo other-half.example:7007", 3,
	    { "other-half.example [2001:db8:1::1]:7007 ",
		"cannot look up IPv4 addresses: no name server answers, or",
		"2 targets: 1 ok, 0 WRONG, 0 no answer, 1 error;" } },
	{ "echo fails.example:7007", 3,
	    { "fails.example 192.0.2.1:7007 ",
		"cannot look up IPv6 addresses: no name server answers, or",
		"2 targets: 1 ok, 0 WRONG, 0 no answer, 1 error;" } },
	{ "echo long.example:7007", 3,
	    { "long.example 192.0.2.1:7007 ",
		"cannot look up IPv6 addresses: the answer does not fit",
		"2 targets: 1 ok, 0 WRONG, 0 no answer, 1 error;" } },
	/* Nobody asked for the half that is missing. */
	{ "-4 echo half.example:7007", 0,
	    { "half.example 192.0.2.1:7007 ", "1 target: 1 ok" } },
	/* It is no fault to have none. */
	{ "echo odd.example:7007", 0,
	    { "odd.example 192.0.2.1:7007 ", "1 target: 1 ok" } },
	{ "echo nothing.example:7007", 3,
	    { "nothing.example ",
		"cannot look up: no address of the requested family",
		"1 target: 0 ok, 0 WRONG, 0 no answer, 1 error;" } },
	{ "--json echo none.example:7007", 3,
	    { "\"name\":\"none.example\",\"port\":7007," } },
	{ "--nagios echo none.example:7007", 3,
	    { "MHPROBE UNKNOWN: 0 of 1 ",
		"none.example cannot look up: no such name" } },
};

START_TEST(test_names)
{
	int i, code;

	start_names();
	code = probe_run(&probe, "-c 1 %s", names[_i].line);
	ck_assert_msg(
	    code == names[_i].code, "exit code %d:\n%s", code, probe.output);
	for (i = 0; i < COUNT(names[_i].shown); i++)
		if (names[_i].shown[i] != NULL)
			probe_shows(&probe, names[_i].shown[i]);
	/* The library prints nothing. */
	ck_assert_msg(strstr(probe.output, "[msg]") == NULL &&
		strstr(probe.output, "[warn]") == NULL,
	    "%s", probe.output);
	server_stop(&server);
}
END_TEST

/* The hosts file is read where there is no name server. */
START_TEST(test_no_name_server)
{
	start_names();
	replace("/etc/resolv.conf", "");
	probe_check(&probe, 0, "3 targets: 3 ok", "-c 1 echo host:7007");
	probe_check(&probe, 3, "and no name server is configured",
	    "-c 1 echo host:7007 all.example:7007");
	probe_shows(&probe, "4 targets: 3 ok, 0 WRONG, 0 no answer, 1 error;");
	server_stop(&server);
}
END_TEST

/* Interrupted during look-ups: the names are rows all the same. */
START_TEST(test_interrupted)
{
	start_names();
	probe_start(
	    &probe, "--watch -i 0.02 echo silent.example:7007 192.0.2.2:7007");
	probe_expect(&probe, " ok rtt ");
	kill(probe.pid, SIGINT);
	ck_assert_int_eq(probe_end(&probe), 3);
	probe_shows(&probe, "silent.example ");
	probe_shows(&probe, "cannot look up: interrupted");
	probe_shows(&probe, "2 targets: 1 ok, 0 WRONG, 0 no answer, 1 error;");
	server_stop(&server);
}
END_TEST

/*
 * From a file.
 */

static const char good_file[] = "# A fleet.\n192.0.2.1\n\n"
				"192.0.2.2 # the second\n[2001:db8:1::1]:7\n";
static const char wrong_file[] = "192.0.2.1\n192.0.2.0/33\n192.0.2.2\n";

static const struct {
	const char *text, *line; /* %s: the file */
	int code;
	const char *shown[2];
} file_cases[] = {
	{ good_file, "-f %s -c 1 echo", 0,
	    { "\n[2001:db8:1::1]:7 ", "\n3 targets: 3 ok" } },
	{ good_file, "-f %s -c 1 echo 198.51.100.1", 0,
	    { "TTL\n198.51.100.1:7 ", "\n4 targets: 4 ok" } },
	{ good_file, "-f - -c 1 --json echo <%s", 0,
	    { "\"target\":\"192.0.2.1:7\"", "\"target\":\"192.0.2.2:7\"" } },
	/* From a pipe. */
	{ good_file, "-f - -c 1 echo <<-END\n$(cat %s)\nEND", 0,
	    { "\n192.0.2.2:7 ", "\n3 targets: 3 ok" } },
	{ good_file, "-f - --watch -c 3 -i 0.02 echo <%s", 0,
	    { "Z 192.0.2.2:7 sent ", "; 9 sent, 9 received" } },
	{ wrong_file, "-f %s echo", 3,
	    { ":2: 192.0.2.0/33: the length of a prefix is 0 to 32\n",
		"/fleet." } },
	{ wrong_file, "-f - echo <%s", 3,
	    { "mhprobe: standard input:2: 192.0.2.0/33: the length", "" } },
	{ "", "-f %s.not echo", 3,
	    { "mhprobe: --file: cannot read ", ": No such file" } },
	{ "", "-f - echo <%s", 3,
	    { "mhprobe: standard input: there is no target in it\n", "" } },
};

START_TEST(test_file)
{
	const char *path = harness_file("fleet");
	char line[512];
	const char *at = strstr(file_cases[_i].line, "%s");
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	fputs(file_cases[_i].text, file);
	ck_assert_int_eq(fclose(file), 0);
	snprintf(line, sizeof(line), "%.*s%s%s",
	    (int)(at - file_cases[_i].line), file_cases[_i].line, path, at + 2);
	start("echo=:7");
	probe_check(
	    &probe, file_cases[_i].code, file_cases[_i].shown[0], "%s", line);
	probe_shows(&probe, file_cases[_i].shown[1]);
	/* How to call it is not the question. */
	ck_assert_ptr_null(strstr(probe.output, "usage:"));
	server_stop(&server);
}
END_TEST

/*
 * Interfaces.
 */

static const struct {
	const char *target;
	int code;
	const char *shown;
} interfaces[] = {
	{ "192.0.2.1:7008", 0, ", you 192.0.2.100:" },
	{ "192.0.2.1%v0:7008", 0, "192.0.2.1%v0:7008 " },
	{ "192.0.2.1%v0:7008", 0, ", you 192.0.2.100:" },
	/* By an interface that routing would not have taken. */
	{ "192.0.2.1%v1:7008", 0, ", you 198.18.0.100:" },
	{ "'[2001:db8:2::1%v0]:7008'", 0, ", you [2001:db8:1::100]:" },
	{ "'[fe80::1%v0]:7008'", 0, ", you [fe80::100%" },
	/* Which has no link-local address. */
	{ "'[fe80::1%v1]:7008'", 3, "cannot send" },
	{ "192.0.2.1%v2:7008", 3, "there is no such interface" },
};

START_TEST(test_interface)
{
	lan_new(&lan);
	lan_second_cable(&lan);
	server.netns = lan.server;
	server_start(&server, "whoami=:7008");
	probe_check(&probe, interfaces[_i].code, interfaces[_i].shown,
	    "-c 1 -W 10 whoami %s", interfaces[_i].target);
	server_stop(&server);
}
END_TEST

/*
 * Many.
 */

/* Prefixes; without the network's own address and its broadcast address. */
START_TEST(test_many)
{
	start("--freebind=yes echo=:7");
	probe_check(&probe, 0, "510 targets: 510 ok",
	    "-c 1 -W 20 echo 203.0.113.0/24 2001:db8:ffff::/120");
	server_stop(&server);
}
END_TEST

/*
 * All at once: no answer is given, no request times out, and still all of them
 * arrive.  Each has a socket, and programs often start with few.
 */
START_TEST(test_many_silent)
{
	static struct client socket;
	struct rlimit files;
	int i;

	lan_new(&lan);
	netns_enter(lan.server);
	client_open(&socket, "0.0.0.0");
	netns_enter(lan.client);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &files), 0);
	files.rlim_cur = 256;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &files), 0);
	probe_start(&probe,
	    "-c 1 -W 600 echo 203.0.113.0/24:%u 203.0.113.0/24:%u",
	    client_port(&socket), client_port(&socket));
	for (i = 0; i < 508; i++)
		ck_assert_msg(client_receive(&socket, HARNESS_PATIENCE_MS),
		    "only %d requests come", i);
	kill(probe.pid, SIGINT);
	ck_assert_int_eq(probe_end(&probe), 2);
	probe_shows(&probe, "508 no answer");
	client_close(&socket);
}
END_TEST

/* With fewer files than targets: they wait until others are done. */
START_TEST(test_many_few_files)
{
	const struct rlimit files = { .rlim_cur = 40, .rlim_max = 40 };

	start("--freebind=yes echo=:7");
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &files), 0);
	probe_check(
	    &probe, 0, "254 targets: 254 ok", "-c 1 -W 20 echo 203.0.113.0/24");
	server_stop(&server);
}
END_TEST

/*
 * The host itself.
 */

static const struct {
	const char *service, *line, *address;
} locals[] = {
	{ "echo=:7", "--local echo", "198.51.100.1:7 " },
	{ "echo=:7", "--local echo", "[fe80::1%v0]:7 " },
	{ "echo=:7", "--local echo", "127.0.0.1:7 " },
	{ "echo=:7007", "--local echo 7007", "192.0.2.2:7007 " },
	{ "echo=:7007", "--local -6 echo 7007", "[::1]:7007 " },
};

START_TEST(test_local)
{
	lan_new(&lan);
	netns_enter(lan.server);
	server.netns = lan.server;
	server_start(&server, locals[_i].service);
	probe_check(&probe, 0, locals[_i].address, "-c 1 %s", locals[_i].line);
	probe_shows(&probe, " ok, 0 WRONG, 0 no answer, 0 errors;");
	/* As the health check of a container: no news is good news. */
	probe_check(&probe, 0, "", "-q -c 1 %s", locals[_i].line);
	ck_assert_str_eq(probe.output, "");
	server_stop(&server);
}
END_TEST

/* On the host itself, too, a wrong source is recognized. */
START_TEST(test_local_wrong)
{
	pid_t socat;

	if (!harness_needs_tool("socat"))
		return;
	lan_new(&lan);
	netns_enter(lan.server);
	socat = fork();
	if (socat == 0) {
		execlp("socat", "socat", "UDP4-RECVFROM:7,fork", "EXEC:cat",
		    (char *)NULL);
		_exit(127);
	}
	while (probe_run(&probe, "-c 1 -W 0.1 echo 127.0.0.1") > 1)
		;
	probe_check(&probe, 1, "WRONG 192.0.2.", "-4 -q -c 1 --local echo");
	/* It is right if asked from the very same address. */
	probe_shows(&probe, "198.51.100.1:7 ");
	kill(socat, SIGTERM);
}
END_TEST

/* Nobody there: the exit code of an unhealthy container. */
START_TEST(test_local_none)
{
	lan_new(&lan);
	probe_check(&probe, 2, "port unreachable", "-q -c 1 --local echo 7007");
	probe_check(&probe, 3, "has no port of its own", "--local whoami");
}
END_TEST

/* Nobody to ask: a line that says so, and no table. */
START_TEST(test_local_no_address)
{
	int netns = netns_new();

	netns_ip(netns, "address flush dev lo\n");
	netns_enter(netns);
	probe_check(
	    &probe, 3, "this host has no address to ask", "--local echo");
	ck_assert_ptr_null(strstr(probe.output, "TARGET"));
}
END_TEST

static Suite *
targets_suite(void)
{
	Suite *suite = suite_create("net targets");
	TCase *name = harness_case(suite, "name");
	TCase *interface = harness_case(suite, "interface");
	TCase *file = harness_case(suite, "file");
	TCase *many = harness_case(suite, "many");
	TCase *local = harness_case(suite, "local");

	tcase_add_loop_test(name, test_names, 0, COUNT(names));
	tcase_add_test(name, test_no_name_server);
	tcase_add_test(name, test_interrupted);
	tcase_add_loop_test(interface, test_interface, 0, COUNT(interfaces));
	tcase_add_loop_test(file, test_file, 0, COUNT(file_cases));
	tcase_add_test(many, test_many);
	tcase_add_test(many, test_many_silent);
	tcase_add_test(many, test_many_few_files);
	tcase_add_loop_test(local, test_local, 0, COUNT(locals));
	tcase_add_test(local, test_local_wrong);
	tcase_add_test(local, test_local_none);
	tcase_add_test(local, test_local_no_address);
	return suite;
}

int
main(void)
{
	return harness_main(targets_suite());
}
