/* SPDX-License-Identifier: ISC */
/*
 * With a service manager: how it is notified, the sockets that it passes, the
 * unit that it runs, and the logs that it reads.  The test is the manager.
 */
#include "build.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "client.h"
#include "harness.h"
#include "lan.h"
#include "netns.h"
#include "reload.h"
#include "server.h"

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

/* -- the socket for notifications -- */

static int
mailbox(const char *path)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	snprintf(name.sun_path, sizeof(name.sun_path), "%s", path);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&name, sizeof(name)), 0);
	return fd;
}

/* The next message, apart from those that are always ignored. */
static void
next_message(int fd, const char *ignored, char text[2048])
{
	struct pollfd readable = { .fd = fd, .events = POLLIN };
	ssize_t length;

	do {
		ck_assert_msg(
		    poll(&readable, 1, HARNESS_PATIENCE_MS) == 1, "no message");
		length = recv(fd, text, 2047, 0);
		ck_assert_int_ge(length, 0);
		text[length] = '\0';
	} while (ignored != NULL && strcmp(text, ignored) == 0);
}

/* The next one with that in it. */
static void
await_message(int fd, const char *wanted, char text[2048])
{
	do
		next_message(fd, NULL, text);
	while (strstr(text, wanted) == NULL);
}

static unsigned long long
microseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (unsigned long long)now.tv_sec * 1000000 +
	    (unsigned long long)now.tv_nsec / 1000;
}

#define WATCHDOG "WATCHDOG=1"

static void
expect_reloading(int fd, unsigned long long since)
{
	unsigned long long told;
	char text[2048], *at;

	next_message(fd, WATCHDOG, text);
	ck_assert_msg(
	    strncmp(text, "RELOADING=1\n", 12) == 0, "told: %s", text);
	at = strstr(text, "\nMONOTONIC_USEC=");
	ck_assert_ptr_nonnull(at);
	told = strtoull(at + strlen("\nMONOTONIC_USEC="), NULL, 10);
	ck_assert(told >= since && told <= microseconds());
	ck_assert_ptr_nonnull(strstr(text, "\nSTATUS=reloading"));
}

START_TEST(test_notify)
{
	char *path = reload_file("[echo]\nlisten = :7007\n"), line[400];
	struct server server = { .netns = netns_new() };
	char text[2048], *box = strdup(harness_file("notify"));
	unsigned long long since;
	int fd = mailbox(box), i;

	setenv("NOTIFY_SOCKET", box, 1);
	setenv("WATCHDOG_USEC", "300000", 1);
	snprintf(line, sizeof(line), "-w 2 -c %s", path);
	server_start(&server, line);
	next_message(fd, WATCHDOG, text);
	ck_assert_str_eq(
	    text, "READY=1\nSTATUS=answering on 1 socket, 2 workers");
	for (i = 0; i < 3; i++) {
		next_message(fd, NULL, text);
		ck_assert_str_eq(text, WATCHDOG);
	}
	for (i = 0; i < 2; i++) {
		since = microseconds();
		if (i == 1)
			reload_write(path, "broken");
		reload_now(&server, i == 0);
		expect_reloading(fd, since);
		next_message(fd, WATCHDOG, text);
		ck_assert_msg(
		    strncmp(text, "READY=1\nSTATUS=answering", 24) == 0,
		    "told: %s", text);
	}
	ck_assert_int_eq(kill(server.pid, SIGUSR2), 0);
	next_message(fd, WATCHDOG, text);
	ck_assert_msg(strstr(text, "STATUS=draining") != NULL, "%s", text);
	server_stop(&server);
	next_message(fd, WATCHDOG, text);
	ck_assert_str_eq(text, "STOPPING=1\nSTATUS=stopping");
	free(path);
	free(box);
}
END_TEST

#define NFT(hook, rule)                                                      \
	"nft 'add table inet t; add chain inet t c { type filter hook " hook \
	" priority 0; policy accept; }; add rule inet t c " rule "'"

/*
 * Hosts where the daemon serves others but cannot reach itself, and how that is
 * put right again.
 */
static const struct {
	const char *name, *options, *breaks, *mends, *log;
} unreachable[] = {
	{ "a firewall drops queries", "whoami=:7008",
	    NFT("input", "udp dport 7008 drop"), "nft delete table inet t",
	    "cannot query [::]:7008: no query arrives: is lo down, or" },
	{ "a firewall drops replies", "-w 4 whoami=:7008",
	    NFT("input", "udp sport 7008 drop"), "nft delete table inet t",
	    "cannot query [::]:7008: queries arrive, but replies do not" },
	{ "a firewall without a rule for lo", "--stack two whoami=:7008",
	    NFT("input", "iifname lo drop"), "nft delete table inet t",
	    "cannot query 0.0.0.0:7007 and 3 more: no query arrives: is lo" },
	{ "one that refuses to send", "-w 4 --source relaxed whoami=:7008",
	    NFT("output", "udp dport { 7007, 7008 } drop"),
	    "nft delete table inet t",
	    "cannot query [::]:7007 and 1 more: a firewall refuses the query" },
	{ "lo is down", "--source relaxed", "ip link set lo down",
	    "ip link set lo up",
	    "cannot query [::]:7007: no query arrives: is lo down, or does a "
	    "firewall" },
	{ "lo is down, one address", "-w 4 whoami=192.0.2.1:7008",
	    "ip link set lo down", "ip link set lo up",
	    "cannot query [::]:7007 and 1 more: no query arrives: is lo down" },
	{ "a VIP goes", "-w 4 whoami=198.51.100.9:7008",
	    "ip addr del 198.51.100.9/32 dev lo",
	    "ip addr add 198.51.100.9/32 dev lo",
	    "cannot query 198.51.100.9:7008: its address is not on this host" },
	{ "a VIP goes, which nobody misses at bind()",
	    "--stack two whoami=198.51.100.9:7008",
	    "sysctl -qw net.ipv4.ip_nonlocal_bind=1; "
	    "ip addr del 198.51.100.9/32 dev lo",
	    "ip addr add 198.51.100.9/32 dev lo",
	    "cannot query 198.51.100.9:7008: its address is not on this host" },
	{ "an IPv6 one", "whoami=[2001:db8:99::1]:7008",
	    "sysctl -qw net.ipv6.ip_nonlocal_bind=1; "
	    "ip addr del 2001:db8:99::1/128 dev lo",
	    "ip addr add 2001:db8:99::1/128 dev lo nodad",
	    "cannot query [2001:db8:99::1]:7008: its address is not on this" },
	{ "it has never been here", "whoami=203.0.113.50:7008", "true",
	    "ip addr add 203.0.113.50/32 dev lo",
	    "cannot query 203.0.113.50:7008: its address is not on this host" },
};

/* All that it has said so far is forgotten. */
static void
forget_messages(int fd)
{
	char text[2048];

	while (recv(fd, text, sizeof(text), MSG_DONTWAIT) > 0)
		continue;
}

static void
expect_alive(int fd, int times)
{
	char text[2048];

	for (; times > 0; times--)
		do
			next_message(fd, NULL, text);
		while (strcmp(text, WATCHDOG) != 0);
}

/* A restart would not help: it lives, and the log says once what is amiss. */
START_TEST(test_watchdog_unreachable)
{
	struct server server = { .netns = netns_new() };
	char line[300], *box = strdup(harness_file("notify"));
	int fd = mailbox(box);
	unsigned int lines;

	if (!harness_needs_tool("nft"))
		return;
	setenv("NOTIFY_SOCKET", box, 1);
	setenv("WATCHDOG_USEC", "300000", 1);
	netns_ip(server.netns,
	    "addr add 198.51.100.9/32 dev lo\n"
	    "addr add 2001:db8:99::1/128 dev lo nodad\n"
	    "link add v0 type veth peer name v1\nlink set v1 up\nlink set v0 "
	    "up\n"
	    "addr add 192.0.2.1/24 dev v0\n");
	netns_sysctl(server.netns, "ipv4/ip_nonlocal_bind", "1");
	snprintf(line, sizeof(line), "echo=:7007 %s", unreachable[_i].options);
	server_start(&server, line);
	netns_shell(server.netns, "%s", unreachable[_i].breaks);
	server_wait_log(&server, unreachable[_i].log);
	forget_messages(fd);
	expect_alive(fd, 3);
	lines = server_log_count(&server, "cannot query");
	expect_alive(fd, 4);
	ck_assert_uint_eq(server_log_count(&server, "cannot query"), lines);
	ck_assert_uint_eq(server_log_count(&server, "not all sockets"), 0);
	netns_shell(server.netns, "%s", unreachable[_i].mends);
	server_wait_log(&server, "all sockets can be queried again");
	expect_alive(fd, 1);
	server_stop(&server);
	free(box);
}
END_TEST

/* But whoever hangs is dead, even where nobody could ask. */
START_TEST(test_watchdog_hangs_unreachable)
{
	struct server server = { .netns = netns_new() };
	char text[2048], *box = strdup(harness_file("notify"));
	int fd = mailbox(box);

	setenv("NOTIFY_SOCKET", box, 1);
	setenv("WATCHDOG_USEC", "900000", 1);
	server_start(&server, "-w 3 echo=:7007");
	netns_shell(server.netns, "ip link set lo down");
	server_wait_log(&server, "cannot query");
	expect_alive(fd, 3);
	server_freeze_thread(&server);
	server_wait_log(&server, "a worker is stuck");
	forget_messages(fd);
	/* Several rounds more. */
	poll(NULL, 0, 900);
	ck_assert_int_lt(recv(fd, text, sizeof(text), MSG_DONTWAIT), 0);
	server_thaw_thread(&server);
	expect_alive(fd, 1);
	server_stop(&server);
	free(box);
}
END_TEST

static const struct {
	const char *options;
	const char *reload; /* where to listen from then on */
} stuck[] = {
	{ "-w 3", NULL },
	{ "-w 3 --cpu-affinity", NULL },
	/* New sockets on the same port, with the order reversed in the end. */
	{ "-w 3", "[::]:7007" },
};

/* All is well for many rounds, until one worker hangs, which is named. */
START_TEST(test_watchdog_worker)
{
	char *path = reload_file("[echo]\nlisten = :7007\n"), line[400];
	struct server server = { .netns = netns_new() };
	char text[2048], *box = strdup(harness_file("notify"));
	int fd = mailbox(box), i;

	setenv("NOTIFY_SOCKET", box, 1);
	setenv("WATCHDOG_USEC", "2000000", 1);
	snprintf(line, sizeof(line), "%s -c %s", stuck[_i].options, path);
	server_start(&server, line);
	if (stuck[_i].reload != NULL) {
		snprintf(line, sizeof(line), "[echo]\nlisten = %s\n",
		    stuck[_i].reload);
		reload_write(path, line);
		reload_now(&server, true);
		ck_assert_uint_eq(server_log_count(&server, "listening"), 2);
	}
	for (i = 0; i < 5; i++)
		do
			next_message(fd, NULL, text);
		while (strcmp(text, WATCHDOG) != 0);
	ck_assert_uint_eq(server_log_count(&server, "self-probe: "), 0);
	server_freeze_thread(&server);
	server_wait_log(&server, "of worker 3 of 3");
	while (recv(fd, text, sizeof(text), MSG_DONTWAIT) > 0)
		;
	/* Several rounds more. */
	poll(NULL, 0, 2000);
	ck_assert_int_lt(recv(fd, text, sizeof(text), MSG_DONTWAIT), 0);
	server_thaw_thread(&server);
	next_message(fd, NULL, text);
	ck_assert_str_eq(text, WATCHDOG);
	server_stop(&server);
	free(path);
	free(box);
}
END_TEST

/* Send to every UDP port here except that one. */
static void
send_junk(struct client *client, const char *address, unsigned int spared)
{
	static const char *const tables[] = { "/proc/self/net/udp",
		"/proc/self/net/udp6" };
	unsigned int port, i, n;
	char line[512];
	FILE *table;

	for (i = 0; i < COUNT(tables); i++) {
		table = fopen(tables[i], "r");
		ck_assert_ptr_nonnull(table);
		while (fgets(line, sizeof(line), table) != NULL) {
			if (sscanf(line, " %*d: %*[0-9A-F]:%x", &port) != 1 ||
			    port == spared || port == client_port(client))
				continue;
			for (n = 0; n < 50; n++)
				client_send(client, address, port,
				    "0123456789abcdef", 16);
		}
		fclose(table);
	}
}

/* Only the daemon itself says that it is alive, whatever is sent wherever. */
START_TEST(test_watchdog_junk)
{
	struct server server = { .netns = netns_new() };
	char text[2048], *box = strdup(harness_file("notify"));
	struct client client;
	int fd = mailbox(box);

	setenv("NOTIFY_SOCKET", box, 1);
	setenv("WATCHDOG_USEC", "600000000", 1);
	server_start(&server, "echo=:7007");
	do
		next_message(fd, NULL, text);
	while (strcmp(text, WATCHDOG) != 0);
	netns_enter(server.netns);
	client_open(&client, "127.0.0.1");
	send_junk(&client, "127.0.0.1", 7007);
	/* The second answer is from a later turn of the loop than all that. */
	client_ask(&client, "127.0.0.1", 7007);
	client_ask(&client, "127.0.0.1", 7007);
	while (recv(fd, text, sizeof(text), MSG_DONTWAIT) > 0)
		ck_assert_str_ne(text, WATCHDOG);
	server_stop(&server);
	free(box);
}
END_TEST

/* -- sockets that it passes -- */

static int
passed_socket(int family, unsigned int port)
{
	struct sockaddr_in6 name6 = { .sin6_family = AF_INET6,
		.sin6_port = htons((uint16_t)port) };
	struct sockaddr_in name4 = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port) };
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0), off = 0;

	ck_assert_int_ge(fd, 0);
	if (family == AF_INET6)
		ck_assert_int_eq(setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off,
				     sizeof(off)),
		    0);
	ck_assert_int_eq(
	    bind(fd,
		family == AF_INET6 ? (struct sockaddr *)&name6
				   : (struct sockaddr *)&name4,
		family == AF_INET6 ? sizeof(name6) : sizeof(name4)),
	    0);
	return fd;
}

static void
ask_all_places(unsigned int port, bool ipv6)
{
	struct client client;
	int i;

	for (i = 0; i < LAN_PLACES; i++) {
		if (lan_places[i].ipv6 && !ipv6)
			continue;
		client_open(&client, lan_places[i].ipv6 ? "::" : "0.0.0.0");
		client_ask(&client, lan_places[i].address, port);
		client_close(&client);
	}
}

static const char *const workers[] = { "-w 1", "-w 2" };

START_TEST(test_passed)
{
	char *path = reload_file("[echo]\nlisten = :7007\n"
				 "[echo:old]\nlisten = :7008\n");
	struct server server = { .passed_count = 2,
		.passed_names = "echo:echo.old" };
	char line[400];
	int passed[2];
	struct lan lan;

	lan_new(&lan);
	server.netns = lan.server;
	netns_enter(lan.server);
	passed[0] = passed_socket(AF_INET6, 7007);
	passed[1] = passed_socket(AF_INET, 7009);
	netns_enter(lan.client);
	server.passed = passed;
	snprintf(line, sizeof(line), "%s -c %s", workers[_i], path);
	server_start(&server, line);
	ck_assert_uint_eq(server.count, 2);
	ask_all_places(7007, true);
	ask_all_places(7009, false);
	reload_now(&server, true);
	ask_all_places(7007, true);
	/* Without the service, and with it again. */
	ck_assert_uint_eq(server_log_count(&server, "is not used"), 0);
	reload_write(path, "[echo:old]\nlisten = :7008\n");
	reload_now(&server, true);
	ck_assert_uint_eq(server_log_count(&server,
			      "warning: the service manager's socket \"echo\" "
			      "(FileDescriptorName=) is not used"),
	    1);
	reload_write(path,
	    "[whoami]\nlisten = :7010\n[echo]\nlisten = :7007\n"
	    "[echo:old]\nlisten = :7008\n");
	reload_now(&server, true);
	ask_all_places(7007, true);
	ask_all_places(7009, false);
	ck_assert_uint_eq(server_log_count(&server, "is not used"), 1);
	server_read_ports(&server);
	server_stop(&server);
	free(path);
}
END_TEST

/*
 * A socket unit with BindToDevice=: nobody on this host can ask it, which is no
 * fault of it.
 */
START_TEST(test_passed_on_interface)
{
	struct server server = { .passed_count = 1, .passed_names = "echo" };
	char line[40], *box = strdup(harness_file("notify"));
	struct client client;
	int fd = mailbox(box), passed;
	struct lan lan;

	lan_new(&lan);
	server.netns = lan.server;
	netns_enter(lan.server);
	passed = passed_socket(AF_INET6, 7007);
	ck_assert_int_eq(
	    setsockopt(passed, SOL_SOCKET, SO_BINDTODEVICE, "v0", 3), 0);
	netns_enter(lan.client);
	server.passed = &passed;
	setenv("NOTIFY_SOCKET", box, 1);
	setenv("WATCHDOG_USEC", "300000", 1);
	snprintf(line, sizeof(line), "%s echo", workers[_i]);
	server_start(&server, line);
	server_wait_log(&server,
	    "cannot query [::]:7007: it is bound to an interface "
	    "(SO_BINDTODEVICE)");
	forget_messages(fd);
	expect_alive(fd, 6);
	client_open(&client, "::");
	client_ask(&client, "2001:db8:1::1", 7007);
	client_ask(&client, "fe80::1%v0", 7007);
	client_close(&client);
	client_open(&client, "0.0.0.0");
	client_ask(&client, "192.0.2.2", 7007);
	client_close(&client);
	/* The interface is made anew, with another index. */
	lan_cut(&lan);
	server_wait_log(&server, "echo: interface v0 is gone: [::]:7007 is ");
	lan_again(&lan);
	server_wait_log(&server, "echo: interface v0 was made anew: listening");
	client_open(&client, "::");
	client_ask(&client, "2001:db8:1::1", 7007);
	client_ask(&client, "fe80::1%v0", 7007);
	/* It is on no other one. */
	netns_enter(lan.server);
	client_expect_refused("127.0.0.1", 7007);
	netns_enter(lan.client);
	server_stop(&server);
	free(box);
}
END_TEST

/*
 * A transparent proxy's: it answers from addresses that are on no interface,
 * and with its mark, without which nothing goes to the client here.
 */
START_TEST(test_passed_transparent)
{
	struct server server = { .passed_count = 1, .passed_names = "echo" };
	int passed, on = 1, mark = 7;
	struct client client;
	struct lan lan;

	if (!harness_needs_tool("nft"))
		return;
	lan_new(&lan);
	server.netns = lan.server;
	netns_ip(lan.server,
	    "rule add iif v0 lookup 100\n"
	    "route add local 198.18.5.0/24 dev lo table 100\n"
	    "route add local 2001:db8:5::/64 dev lo table 100\n");
	netns_shell(lan.server, "ip -6 rule add iif v0 lookup 100");
	netns_shell(
	    lan.server, NFT("output", "udp sport 7007 meta mark != 7 drop"));
	netns_ip(lan.client,
	    "route add 198.18.5.0/24 via 192.0.2.1\n"
	    "route add 2001:db8:5::/64 via 2001:db8:1::1\n");
	netns_enter(lan.server);
	passed = passed_socket(AF_INET6, 7007);
	ck_assert_int_eq(
	    setsockopt(passed, IPPROTO_IP, IP_TRANSPARENT, &on, sizeof(on)), 0);
	ck_assert_int_eq(
	    setsockopt(passed, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)), 0);
	netns_enter(lan.client);
	server.passed = &passed;
	server_start(&server, _i == 0 ? "echo" : "--source relaxed echo");
	client_open(&client, "::");
	client_ask(&client, "2001:db8:5::7", 7007);
	client_ask(&client, "2001:db8:1::2", 7007);
	client_close(&client);
	client_open(&client, "0.0.0.0");
	client_ask(&client, "198.18.5.7", 7007);
	client_ask(&client, "192.0.2.2", 7007);
	ck_assert_uint_eq(server_counter(&server, "source-gone"), 0);
	ck_assert_uint_eq(server_counter(&server, "unpinned"), 0);
	server_stop(&server);
}
END_TEST

static const struct {
	const char *names, *untaken[2];
} untaken[] = {
	{ "echo:multihomed.socket:whoami.x", { "multihomed.socket", NULL } },
	{ "echo:echo:ech", { "ech", NULL } },
	{ "whoami.x:Echo:echoo", { "Echo", "echoo" } },
	/* The manager does not say. */
	{ NULL, { "unknown", NULL } },
};

/* With a socket that nobody would read there is no start, and it is named. */
START_TEST(test_passed_for_nobody)
{
	struct server server = { .netns = netns_new(),
		.passed_count = 3,
		.passed_names = untaken[_i].names };
	char text[128];
	int passed[3], i;

	netns_enter(server.netns);
	passed[0] = passed_socket(AF_INET6, 7007);
	passed[1] = passed_socket(AF_INET6, 7009);
	passed[2] = passed_socket(AF_INET6, 7008);
	server.passed = passed;
	ck_assert_int_eq(server_run(&server, "echo whoami:x=:7008"), 78);
	for (i = 0; i < 2 && untaken[_i].untaken[i] != NULL; i++) {
		snprintf(text, sizeof(text),
		    "error: the service manager's socket \"%s\" "
		    "(FileDescriptorName=) is not used",
		    untaken[_i].untaken[i]);
		ck_assert_uint_ge(server_log_count(&server, text), 1);
	}
	ck_assert_uint_eq(server_log_count(&server, "listening"), 0);
	/* Nor is the configuration said to be valid. */
	ck_assert_int_eq(server_run(&server, "-t echo whoami:x=:7008"), 78);
}
END_TEST

/* -- its unit -- */

START_TEST(test_unit)
{
	char *unit;
	int here;

	if (!harness_needs_tool("systemd-analyze"))
		return;
	here = netns_new();
	unit = strdup(harness_file("unit"));
	/*
	 * At most 1.4, and 0.1 more for cpu-affinity: one call of a set is as
	 * bad there as all of them.
	 */
	netns_shell(here,
	    "sed /^SystemCallFilter=sched_setaffinity/d " NET_UNIT
	    " >%s.service; systemd-analyze security --offline=yes "
	    "--threshold=14 --no-pager %s.service >/dev/null",
	    unit, unit);
	netns_shell(here,
	    "systemd-analyze security --offline=yes --threshold=15 "
	    "--no-pager " NET_UNIT " >/dev/null");
	/*
	 * And not because of a setting that sounds strict and forbids nothing.
	 */
	netns_shell(here, "! grep -Eq '^IPAddressAllow=.*(any|/0)' " NET_UNIT);
	netns_shell(here,
	    "! systemd-analyze security --offline=yes --threshold=1 "
	    "--no-pager " NET_UNIT " >/dev/null 2>&1");
	free(unit);
}
END_TEST

/* -- logs -- */

START_TEST(test_journal)
{
	char *path = reload_file("[echo]\nlisten = :7007\n"), line[400];
	struct server server = { .netns = netns_new(), .journal = true };

	snprintf(line, sizeof(line), "-v -c %s", path);
	server_start(&server, line);
	ck_assert_uint_eq(
	    server_log_count(&server, "<6>echo: listening on "), 1);
	reload_write(path, "broken\n");
	ck_assert_int_eq(kill(server.pid, SIGHUP), 0);
	for (line[0] = 0;
	     server_log_count(&server, "keeping the previous") == 0;)
		poll(NULL, 0, 2);
	ck_assert_uint_eq(
	    server_log_count(&server, "<3>keeping the previous"), 1);
	ck_assert_uint_eq(server_log_count(&server, "multihomed: "), 0);
	server_stop(&server);
	free(path);
}
END_TEST

/* A host of our own, as far as /dev/log is concerned. */
static int
own_log(void)
{
	int fd;

	ck_assert_int_eq(unshare(CLONE_NEWNS), 0);
	ck_assert_int_eq(
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	ck_assert_int_eq(mount("tmpfs", "/dev", "tmpfs", 0, NULL), 0);
	fd = mailbox("/dev/log");
	ck_assert_int_eq(chmod("/dev/log", 0666), 0);
	return fd;
}

/* RFC 8536: a time zone that is always nine hours ahead. */
static const unsigned char zone[] = { 'T', 'Z', 'i',
	'f', [39] = 1, [43] = 4, [46] = 9 * 3600 / 256,
	9 * 3600 % 256, [50] = 'J', 'S', 'T', 0 };

static bool
has_time(const char *text, time_t when)
{
	struct tm parts;
	char stamp[32];

	when += 9 * 3600;
	gmtime_r(&when, &parts);
	strftime(stamp, sizeof(stamp), "<27>%b %e %T ", &parts);
	return strncmp(text, stamp, strlen(stamp)) == 0;
}

/* The first line of all is written from within the sandbox. */
START_TEST(test_syslog_time)
{
	char *path = reload_file("[echo]\nlisten = :7007\n"), line[400];
	struct server server = { .netns = netns_new() };
	time_t when = time(NULL), now;
	char text[2048];
	FILE *file;
	int fd;

	if (!harness_needs_root())
		return;
	fd = own_log();
	file = fopen("/dev/zone", "w");
	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(zone, sizeof(zone), 1, file), 1);
	fclose(file);
	setenv("TZ", ":/dev/zone", 1);
	snprintf(line, sizeof(line), "--log syslog -q -c %s", path);
	server_start(&server, line);
	reload_write(path, "[echo]\nlisten = 7\n");
	ck_assert_int_eq(kill(server.pid, SIGHUP), 0);
	next_message(fd, NULL, text);
	for (now = time(NULL); when <= now && !has_time(text, when);)
		when++;
	ck_assert_msg(when <= now, "not local time: %s", text);
	ck_assert_int_eq(kill(server.pid, SIGTERM), 0);
	unlink(server.log_file);
	free(path);
}
END_TEST

START_TEST(test_syslog)
{
	char *path = reload_file("[echo]\nlisten = :7007\n"), line[400];
	struct server server = { .netns = netns_new() };
	char text[2048];
	int fd;

	if (!harness_needs_root())
		return;
	fd = own_log();
	snprintf(line, sizeof(line), "--log syslog -u nobody -c %s", path);
	server_start(&server, line);
	await_message(fd, "echo: listening on [::]:7007", text);
	/* LOG_DAEMON and LOG_INFO. */
	ck_assert_msg(strncmp(text, "<30>", 4) == 0, "%s", text);
	snprintf(line, sizeof(line), "multihomed[%d]: ", (int)server.pid);
	ck_assert_msg(strstr(text, line) != NULL, "%s", text);
	reload_write(path, "[echo]\nlisten = 7\n");
	ck_assert_int_eq(kill(server.pid, SIGHUP), 0);
	next_message(fd, NULL, text);
	ck_assert_msg(strncmp(text, "<27>", 4) == 0, "%s", text);
	ck_assert_ptr_nonnull(strstr(text, "[echo] listen: must be"));
	ck_assert_int_eq(kill(server.pid, SIGTERM), 0);
	await_message(fd, " received=", text);
	unlink(server.log_file);
	free(path);
}
END_TEST

/* A system log that nobody reads costs lines, and nobody an answer. */
START_TEST(test_syslog_blocked)
{
	struct server server = { .netns = -1 };
	struct client client;
	struct lan lan;
	char text[2048];
	int fd, i;

	if (!harness_needs_root())
		return;
	lan_new(&lan);
	server.netns = lan.server;
	/* As most hosts have it: of 30 lines, most are lost. */
	netns_sysctl(lan.client, "unix/max_dgram_qlen", "10");
	fd = own_log();
	server_start(
	    &server, "--log syslog --log-packets=text --rate=none echo=:7007");
	client_open(&client, "0.0.0.0");
	for (i = 0; i < 30; i++)
		client_ask_bytes(&client, "192.0.2.1", 7007, &i, sizeof(i));
	await_message(fd, ": packet: echo from ", text);
	client_ask(&client, "192.0.2.1", 7007);
	await_message(fd, " dropped: the system log blocked", text);
	ck_assert_int_eq(kill(server.pid, SIGTERM), 0);
	await_message(fd, " received=", text);
	unlink(server.log_file);
}
END_TEST

/* Restarted, it is found again. */
START_TEST(test_syslog_restarted)
{
	char *path = reload_file("[echo]\nlisten = :7007\n"), line[400];
	struct server server = { .netns = netns_new() };
	char text[2048];
	int fd;

	if (!harness_needs_root())
		return;
	fd = own_log();
	snprintf(line, sizeof(line), "--log syslog -u nobody -c %s", path);
	server_start(&server, line);
	close(fd);
	ck_assert_int_eq(unlink("/dev/log"), 0);
	fd = mailbox("/dev/log");
	ck_assert_int_eq(chmod("/dev/log", 0666), 0);
	ck_assert_int_eq(kill(server.pid, SIGTERM), 0);
	await_message(fd, " received=", text);
	unlink(server.log_file);
	free(path);
}
END_TEST

static Suite *
manager_suite(void)
{
	Suite *suite = suite_create("net manager");
	TCase *tcase = harness_case(suite, "manager");
	TCase *threads = harness_case(suite, "threads");

	tcase_add_test(threads, test_notify);
	tcase_add_loop_test(
	    threads, test_watchdog_unreachable, 0, COUNT(unreachable));
	tcase_add_test(threads, test_watchdog_hangs_unreachable);
	tcase_add_loop_test(threads, test_watchdog_worker, 0, COUNT(stuck));
	tcase_add_test(tcase, test_watchdog_junk);
	tcase_add_loop_test(threads, test_passed, 0, COUNT(workers));
	tcase_add_loop_test(
	    threads, test_passed_on_interface, 0, COUNT(workers));
	tcase_add_loop_test(tcase, test_passed_transparent, 0, 2);
	tcase_add_loop_test(tcase, test_passed_for_nobody, 0, COUNT(untaken));
	tcase_add_test(tcase, test_unit);
	tcase_add_test(tcase, test_journal);
	tcase_add_test(tcase, test_syslog);
	tcase_add_test(tcase, test_syslog_time);
	tcase_add_test(tcase, test_syslog_blocked);
	tcase_add_test(tcase, test_syslog_restarted);
	return suite;
}

int
main(void)
{
	return harness_main(manager_suite());
}
