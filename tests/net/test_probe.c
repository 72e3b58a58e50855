/* SPDX-License-Identifier: ISC */
/*
 * mhprobe against servers that misbehave in every possible way, and against
 * real ones: it reports what happened, and nothing else.
 */
#include "build.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <netinet/in.h>

#include "client.h"
#include "harness.h"
#include "lan.h"
#include "netns.h"
#include "probe.h"
#include "server.h"

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

static struct probe probe;
static struct lan lan;

/* A scripted server: a socket in the server's namespace. */
static void
serve(struct client *socket, const char *address)
{
	netns_enter(lan.server);
	client_open(socket, address);
	netns_enter(lan.client);
}

/* Wait for a request; its bytes stay in the socket's struct. */
static void
take(struct client *socket)
{
	ck_assert_msg(client_receive(socket, HARNESS_PATIENCE_MS),
	    "no request comes; so far:\n%s", probe.output);
}

/* Answer the last request of one socket, perhaps through another. */
static void
give(const struct client *asked, struct client *answering)
{
	client_send(
	    answering, asked->source, asked->port, asked->data, asked->length);
}

/*
 * Scripted servers.
 */

START_TEST(test_right)
{
	static struct client server;
	int i;

	lan_new(&lan);
	serve(&server, "192.0.2.2");
	probe_start(&probe, "-i 0.01 echo 192.0.2.2:%u", client_port(&server));
	for (i = 0; i < 3; i++) {
		take(&server);
		give(&server, &server);
	}
	probe_ends(&probe, 0,
	    "1 target: 1 ok, 0 WRONG, 0 no answer, 0 errors; "
	    "3 sent, 3 received");
	client_close(&server);
}
END_TEST

/* From elsewhere. */
static const struct {
	const char *asked, *answers, *shown;
} elsewhere[] = {
	{ "192.0.2.2", "192.0.2.1", "WRONG 192.0.2.1" },
	{ "198.51.100.1", "192.0.2.1", "WRONG 192.0.2.1" },
	{ "192.0.2.1", "192.0.2.1", "WRONG PORT " },
	{ "2001:db8:2::1", "2001:db8:1::1", "WRONG 2001:db8:1::1" },
	{ "2001:db8:1::1", "2001:db8:1::1", "WRONG PORT " },
};

START_TEST(test_elsewhere)
{
	static struct client server, other;
	const char *asked = elsewhere[_i].asked;

	lan_new(&lan);
	serve(&server, asked);
	serve(&other, elsewhere[_i].answers);
	probe_start(&probe,
	    strchr(asked, ':') == NULL ? "-c 1 echo %s:%u"
				       : "-c 1 echo '[%s]:%u'",
	    asked, client_port(&server));
	take(&server);
	give(&server, &other);
	probe_ends(&probe, 1, elsewhere[_i].shown);
	client_close(&server);
	client_close(&other);
}
END_TEST

/* Times are from device to device, as the system says of each datagram. */
static const struct {
	const char *address, *target;
} timed[] = {
	{ "192.0.2.1", "192.0.2.1" },
	{ "2001:db8:1::1", "[2001:db8:1::1]" },
};

START_TEST(test_times_of_system)
{
	static struct client server;
	int i;

	lan_new(&lan);
	serve(&server, timed[_i].address);
	probe_start(&probe, "--json -c 3 -i 0.01 echo %s:%u", timed[_i].target,
	    client_port(&server));
	for (i = 0; i < 3; i++) {
		take(&server);
		give(&server, &server);
	}
	probe_ends(&probe, 0, "\"rtt_by_system\":3,");
	client_close(&server);
}
END_TEST

START_TEST(test_twice)
{
	static struct client server;

	lan_new(&lan);
	serve(&server, "192.0.2.1");
	probe_start(&probe, "-c 1 echo 192.0.2.1:%u", client_port(&server));
	take(&server);
	give(&server, &server);
	give(&server, &server);
	probe_ends(&probe, 0, "1 duplicate");
	client_close(&server);
}
END_TEST

/* The first is answered when the second has come, well after its timeout. */
START_TEST(test_late)
{
	static struct client server, first;

	lan_new(&lan);
	serve(&server, "192.0.2.1");
	probe_start(&probe, "-c 2 -i 0.5 -W 0.1 --json echo 192.0.2.1:%u",
	    client_port(&server));
	take(&server);
	memcpy(&first, &server, sizeof(first));
	take(&server);
	give(&first, &server);
	give(&server, &server);
	probe_end(&probe);
	ck_assert_msg(
	    strstr(probe.output, "\"late\":1,") != NULL, "%s", probe.output);
	client_close(&server);
}
END_TEST

/* The first is answered after the second. */
START_TEST(test_reordered)
{
	static struct client server, first;

	lan_new(&lan);
	serve(&server, "192.0.2.1");
	probe_start(&probe, "-c 2 -i 0.01 -W 10 echo 192.0.2.1:%u",
	    client_port(&server));
	take(&server);
	memcpy(&first, &server, sizeof(first));
	take(&server);
	give(&server, &server);
	give(&first, &server);
	probe_ends(&probe, 0, "1 out of order");
	client_close(&server);
}
END_TEST

START_TEST(test_other_nonce)
{
	static struct client server;

	lan_new(&lan);
	serve(&server, "192.0.2.1");
	probe_start(
	    &probe, "-c 1 -W 0.3 echo 192.0.2.1:%u", client_port(&server));
	take(&server);
	server.data[server.length - 20] ^= 1;
	give(&server, &server);
	probe_ends(&probe, 2, "1 not an answer");
	ck_assert_ptr_nonnull(strstr(probe.output, "no answer"));
	client_close(&server);
}
END_TEST

START_TEST(test_silent)
{
	static struct client server;

	lan_new(&lan);
	serve(&server, "192.0.2.1");
	probe_check(&probe, 2, "1 no answer",
	    "-c 2 -i 0.01 -W 0.1 echo "
	    "192.0.2.1:%u",
	    client_port(&server));
	client_close(&server);
}
END_TEST

/* What the options do to requests. */
START_TEST(test_from)
{
	static struct client server;

	lan_new(&lan);
	netns_ip(lan.client, "addr add 192.0.2.101/24 dev v0\n");
	serve(&server, "192.0.2.1");
	probe_start(&probe, "--from 192.0.2.101 -c 1 -s 50 echo 192.0.2.1:%u",
	    client_port(&server));
	take(&server);
	ck_assert_str_eq(server.source, "192.0.2.101");
	ck_assert_uint_eq(server.length, 50);
	give(&server, &server);
	probe_ends(&probe, 0, "1 ok");
	client_close(&server);
	probe_check(&probe, 3,
	    "--from: 192.0.2.102 is not an address of this host",
	    "--from 192.0.2.102 echo 192.0.2.1");
}
END_TEST

/* The traffic class of a request, as the system reports it. */
static int
received_class(const struct client *server)
{
	uint8_t control[256], byte;
	struct iovec data = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr header = { .msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control) };
	struct pollfd readable = { .fd = server->fd, .events = POLLIN };
	struct cmsghdr *message;
	int class;

	ck_assert_int_eq(poll(&readable, 1, HARNESS_PATIENCE_MS), 1);
	ck_assert_int_ge(recvmsg(server->fd, &header, 0), 0);
	for (message = CMSG_FIRSTHDR(&header); message != NULL;
	     message = CMSG_NXTHDR(&header, message)) {
		if (message->cmsg_level == IPPROTO_IP &&
		    message->cmsg_type == IP_TOS)
			return *CMSG_DATA(message);
		if (message->cmsg_level == IPPROTO_IPV6 &&
		    message->cmsg_type == IPV6_TCLASS) {
			memcpy(&class, CMSG_DATA(message), sizeof(class));
			return class;
		}
	}
	ck_abort_msg("no class is told");
}

static const struct {
	const char *address;
	int level, option;
	int sends; /* the option to send with it */
} classes[] = {
	{ "192.0.2.1", IPPROTO_IP, IP_RECVTOS, IP_TOS },
	{ "2001:db8:1::1", IPPROTO_IPV6, IPV6_RECVTCLASS, IPV6_TCLASS },
};

START_TEST(test_dscp)
{
	static struct client server;
	int on = 1;

	lan_new(&lan);
	serve(&server, classes[_i].address);
	ck_assert_int_eq(setsockopt(server.fd, classes[_i].level,
			     classes[_i].option, &on, sizeof(on)),
	    0);
	probe_start(&probe, "--dscp 46 -c 1 -W 0.1 echo '[%s]:%u'",
	    classes[_i].address, client_port(&server));
	ck_assert_int_eq(received_class(&server), 46 << 2);
	probe_ends(&probe, 2, "no answer");
	client_close(&server);
}
END_TEST

/* All eight bits, there and back; and what a router marked is counted. */
START_TEST(test_ecn)
{
	static struct client server;
	const int on = 1, marked = 0x0b; /* DSCP 2, CE */

	lan_new(&lan);
	serve(&server, classes[_i].address);
	ck_assert_int_eq(setsockopt(server.fd, classes[_i].level,
			     classes[_i].option, &on, sizeof(on)),
	    0);
	probe_start(&probe,
	    "--dscp 46 --ecn ect0 -c 2 -i 0.01 -W 10 echo '[%s]:%u'",
	    classes[_i].address, client_port(&server));
	ck_assert_int_eq(received_class(&server), 0xba);
	take(&server);
	ck_assert_int_eq(setsockopt(server.fd, classes[_i].level,
			     classes[_i].sends, &marked, sizeof(marked)),
	    0);
	give(&server, &server);
	kill(probe.pid, SIGINT);
	probe_ends(
	    &probe, 0, "answer with DSCP 2 ECN ce, 1 congestion experienced");
	client_close(&server);
}
END_TEST

/* A server of ours, that answers in the class it was asked in. */
START_TEST(test_class_back)
{
	struct server server = { .netns = -1 };

	lan_new(&lan);
	server.netns = lan.server;
	server_start(&server, "--reply-dscp copy echo=:7");
	probe_check(&probe, 0, "answer with DSCP 46 ECN not-ect",
	    "--tos 0xb8 -c 1 echo '%s'", classes[_i].address);
	probe_check(&probe, 0, "\"dscp\":0,\"ecn\":\"not-ect\"",
	    "--json -c 1 echo '%s'", classes[_i].address);
	server_stop(&server);
}
END_TEST

/*
 * As a monitoring plugin: nothing is lost, and it takes longer than 0 ms.
 */
static const struct {
	const char *line;
	int code;
	const char *shown[2];
} plugins[] = {
	{ "--warning 10000,10% --critical 20000,50% 192.0.2.1", 0,
	    { "MHPROBE OK: ", " loss=0.00%;10;50;0;100 rta=" } },
	{ "--warning 0,10% --critical 20000 192.0.2.1", 1,
	    { "MHPROBE WARNING: ", "ms;0;20000;0 rtmax=" } },
	{ "--critical 0 192.0.2.1", 2, { "MHPROBE CRITICAL: ", " above 0 |" } },
	{ "--warning 10000 192.0.2.1 192.0.2.1:9", 2,
	    { "MHPROBE CRITICAL: ", " loss=100.00%;;;0;100" } },
	{ "--critical 1 --warning 2 192.0.2.1", 3,
	    { "its time is above that of --critical", "usage: " } },
};

START_TEST(test_plugin)
{
	struct server server = { .netns = -1 };
	char line[128];

	lan_new(&lan);
	server.netns = lan.server;
	server_start(&server, "echo=:7");
	snprintf(line, sizeof(line), "echo %s", plugins[_i].line);
	probe_check(&probe, plugins[_i].code, plugins[_i].shown[0],
	    "--nagios -c 2 -i 0.01 -W 10 %s", line);
	probe_shows(&probe, plugins[_i].shown[1]);
	server_stop(&server);
}
END_TEST

START_TEST(test_source_ports)
{
	static struct client server;
	unsigned int ports[8], i, j;

	lan_new(&lan);
	serve(&server, "192.0.2.1");
	probe_start(&probe, "--sweep-ports 8 -i 0.001 -W 0.5 echo 192.0.2.1:%u",
	    client_port(&server));
	for (i = 0; i < 8; i++) {
		take(&server);
		ports[i] = server.port;
		for (j = 0; j < i; j++)
			ck_assert_uint_ne(ports[i], ports[j]);
		if (i != 5)
			give(&server, &server);
	}
	probe_ends(&probe, 2, "7 of 8 source ports answered");
	client_close(&server);
}
END_TEST

/* Real servers from Debian, and what is known of them. */
static const struct {
	const char *program, *arguments;
	const char *address;
	int code;
	const char *shown;
} reals[] = {
	{ "socat", "UDP4-RECVFROM:7,fork EXEC:cat", "192.0.2.1", 0, "1 ok" },
	{ "socat", "UDP4-RECVFROM:7,fork EXEC:cat", "192.0.2.2", 1,
	    "WRONG 192.0.2.1" },
	{ "socat", "UDP4-RECVFROM:7,fork EXEC:cat", "198.51.100.1", 1,
	    "WRONG 192.0.2.1" },
	{ "socat", "UDP6-RECVFROM:7,fork EXEC:cat", "2001:db8:2::1", 1,
	    "WRONG 2001:db8:1::" },
	{ "ncat", "-4 -u -k -l -e /bin/cat 7", "192.0.2.1", 0, "1 ok" },
	{ "ncat", "-4 -u -k -l -e /bin/cat 7", "192.0.2.2", 1,
	    "WRONG 192.0.2.1" },
	{ "ncat", "-6 -u -k -l -e /bin/cat 7", "2001:db8:2::1", 1,
	    "WRONG 2001:db8:1::" },
};

START_TEST(test_real)
{
	char command[128];
	pid_t pid;
	int code;

	if (!harness_needs_tool(reals[_i].program))
		return;
	lan_new(&lan);
	snprintf(command, sizeof(command), "exec %s %s", reals[_i].program,
	    reals[_i].arguments);
	netns_enter(lan.server);
	pid = fork();
	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	netns_enter(lan.client);
	/* Wait until it listens. */
	do
		code =
		    probe_run(&probe, "-c 1 -W 0.5 echo %s", reals[_i].address);
	while (code > 1);
	ck_assert_msg(
	    code == reals[_i].code, "exit code %d:\n%s", code, probe.output);
	ck_assert_msg(
	    strstr(probe.output, reals[_i].shown) != NULL, "%s", probe.output);
	kill(pid, SIGTERM);
}
END_TEST

/* Lines that begin with the text. */
static unsigned int
count_lines(const char *begin)
{
	const char *line = probe.output, *end;
	unsigned int count = 0;

	while ((end = strchr(line, '\n')) != NULL) {
		count += strncmp(line, begin, strlen(begin)) == 0;
		line = end + 1;
	}
	return count;
}

/* In the forms for programs. */
START_TEST(test_forms)
{
	lan_new(&lan);
	probe_check(&probe, 2,
	    "{\"service\":\"echo\",\"target\":\"192.0.2.1:9\"",
	    "--json -c 1 echo 192.0.2.1:9");
	ck_assert_ptr_nonnull(
	    strstr(probe.output, "\"icmp\":{\"port unreachable\":1}"));
	/* A line for each target, whatever happens to it. */
	probe_check(&probe, 3, "\"error\":",
	    "--json -c 1 echo 192.0.2.1:9 192.0.2.2:9 '[fe80::1%%lo]:9'");
	ck_assert_uint_eq(count_lines("{\"service\":\"echo\",\"target\":"), 3);
	ck_assert_uint_eq(count_lines(""), 3);
	probe_check(&probe, 2, "MHPROBE CRITICAL: 0 of 1",
	    "--nagios -c 1 echo 192.0.2.1:9");
	ck_assert_ptr_nonnull(strstr(probe.output, " | ok=0;;;0;1 "));
	probe_check(&probe, 3, "unknown service", "ehco 192.0.2.1");
	probe_check(&probe, 0, "Services:", "--help");
	probe_check(&probe, 0, "mhprobe ", "--version");
}
END_TEST

/* The manual's examples do what they are meant to: ask.  All side by side. */
START_TEST(test_examples)
{
	static const char prompt[] = ".Dl $ mhprobe ";
	static struct probe probes[16];
	struct server server = { .netns = -1 };
	FILE *manual = fopen(NET_MANUAL, "r");
	unsigned int i, count = 0;
	char line[256];
	int code;

	ck_assert_ptr_nonnull(manual);
	lan_new(&lan);
	server.netns = lan.server;
	server_start(&server, "echo=:7007");
	while (fgets(line, sizeof(line), manual) != NULL) {
		if (strncmp(line, prompt, strlen(prompt)) != 0)
			continue;
		ck_assert_uint_lt(count, COUNT(probes));
		probe_start(&probes[count++], "%s", line + strlen(prompt));
	}
	ck_assert_uint_ge(count, 7);
	fclose(manual);
	for (i = 0; i < count; i++) {
		code = probe_end(&probes[i]);
		ck_assert_msg(code < 3, "%s", probe_tail(&probes[i]));
	}
	server_stop(&server);
}
END_TEST

static Suite *
probe_suite(void)
{
	Suite *suite = suite_create("net probe");
	TCase *scripted = harness_case(suite, "scripted");
	TCase *real = harness_case(suite, "real");

	tcase_add_test(scripted, test_right);
	tcase_add_loop_test(scripted, test_elsewhere, 0, COUNT(elsewhere));
	tcase_add_loop_test(scripted, test_times_of_system, 0, COUNT(timed));
	tcase_add_test(scripted, test_twice);
	tcase_add_test(scripted, test_late);
	tcase_add_test(scripted, test_reordered);
	tcase_add_test(scripted, test_other_nonce);
	tcase_add_test(scripted, test_silent);
	tcase_add_test(scripted, test_from);
	tcase_add_loop_test(scripted, test_dscp, 0, COUNT(classes));
	tcase_add_loop_test(scripted, test_ecn, 0, COUNT(classes));
	tcase_add_test(scripted, test_source_ports);
	tcase_add_loop_test(real, test_real, 0, COUNT(reals));
	tcase_add_loop_test(real, test_class_back, 0, COUNT(classes));
	tcase_add_loop_test(real, test_plugin, 0, COUNT(plugins));
	tcase_add_test(real, test_forms);
	tcase_add_test(real, test_examples);
	return suite;
}

int
main(void)
{
	return harness_main(probe_suite());
}
