/* SPDX-License-Identifier: ISC */
/*
 * See netns.h.  The process steps into a namespace and back out again for one
 * system call, or forks a child that stays there.
 */
#include "build.h"

#include "netns.h"

#include "harness.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <check.h>

static int
netns_current(void)
{
	int netns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	ck_assert_msg(netns >= 0, "own namespace: %s", strerror(errno));
	return netns;
}

void
netns_enter(int netns)
{
	ck_assert_msg(setns(netns, CLONE_NEWNET) == 0, "enter namespace: %s",
	    strerror(errno));
}

struct setting {
	const char *key, *value;
};

/* ICMP errors are not rate-limited, and routes may be asymmetric. */
static const struct setting settings[] = {
	{ "ipv4/icmp_ratelimit", "0" },
	{ "ipv4/icmp_msgs_per_sec", "100000" },
	{ "ipv6/icmp/ratelimit", "0" },
	{ "ipv4/conf/all/rp_filter", "0" },
	{ "ipv4/conf/default/rp_filter", "0" },
};

/*
 * A neighbour is solicited more than once a second, and never given up: a link
 * that is coming up may lose the first solicitation.
 */
static const struct setting neighbour_settings[] = {
	{ "retrans_time_ms", "20" },
	{ "mcast_solicit", "500" },
	{ "ucast_solicit", "500" },
};

/* Those that were made. */
#define KNOWN_MAX 64

static int known[KNOWN_MAX];
static unsigned int known_count;

int
netns_new(void)
{
	int home = netns_current();
	size_t i;
	int netns;

	ck_assert_msg(
	    unshare(CLONE_NEWNET) == 0, "new namespace: %s", strerror(errno));
	netns = netns_current();
	netns_enter(home);
	close(home);
	netns_ip(netns, "link set lo up\n");
	for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		netns_sysctl(netns, settings[i].key, settings[i].value);
	if (known_count < KNOWN_MAX)
		known[known_count++] = netns;
	return netns;
}

/* The sum of the IPv6 counters that say so. */
static unsigned long
lost_ipv6(void)
{
	static const char *const names[] = { "Ip6InNoRoutes", "Ip6OutNoRoutes",
		"Ip6InDiscards", "Ip6OutDiscards" };
	FILE *file = fopen("/proc/self/net/snmp6", "r");
	unsigned long value, sum = 0;
	char line[128], name[64];
	size_t i;

	ck_assert_ptr_nonnull(file);
	while (fgets(line, sizeof(line), file) != NULL)
		for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			if (sscanf(line, "%63s %lu", name, &value) == 2 &&
			    strcmp(name, names[i]) == 0)
				sum += value;
	fclose(file);
	return sum;
}

/* The same in a line of names, for which the next line has the values. */
static unsigned long
sum_of(char *names, char *values, const char *wanted)
{
	char *name, *value, *next_name = NULL, *next_value = NULL;
	unsigned long sum = 0;
	char word[64];

	name = strtok_r(names, " \n", &next_name);
	value = strtok_r(values, " \n", &next_value);
	while (name != NULL && value != NULL) {
		snprintf(word, sizeof(word), " %s ", name);
		if (strstr(wanted, word) != NULL)
			sum += strtoul(value, NULL, 10);
		name = strtok_r(NULL, " \n", &next_name);
		value = strtok_r(NULL, " \n", &next_value);
	}
	return sum;
}

/* The same for IPv4. */
static unsigned long
lost_ipv4(const char *path, const char *group, const char *wanted)
{
	FILE *file = fopen(path, "r");
	char names[4096], values[4096];
	unsigned long sum = 0;

	ck_assert_ptr_nonnull(file);
	while (fgets(names, sizeof(names), file) != NULL &&
	    fgets(values, sizeof(values), file) != NULL)
		if (strncmp(names, group, strlen(group)) == 0)
			sum += sum_of(names, values, wanted);
	fclose(file);
	return sum;
}

static unsigned long
lost_here(void)
{
	return lost_ipv6() +
	    lost_ipv4("/proc/self/net/snmp",
		"Ip: ", " InDiscards OutDiscards OutNoRoutes ") +
	    lost_ipv4("/proc/self/net/netstat", "IpExt: ", " InNoRoutes ");
}

unsigned long
netns_lost(void)
{
	int home = netns_current();
	unsigned long sum = 0;
	unsigned int i;

	for (i = 0; i < known_count; i++)
		/* The test may have closed it. */
		if (setns(known[i], CLONE_NEWNET) == 0)
			sum += lost_here();
	netns_enter(home);
	close(home);
	return sum;
}

void
netns_hurry(int netns, const char *interface)
{
	const char *const families[] = { "ipv4", "ipv6" };
	char key[128];
	size_t i, f;

	for (f = 0; f < 2; f++)
		for (i = 0; i <
		     sizeof(neighbour_settings) / sizeof(neighbour_settings[0]);
		     i++) {
			snprintf(key, sizeof(key), "%s/neigh/%s/%s",
			    families[f], interface, neighbour_settings[i].key);
			netns_sysctl(netns, key, neighbour_settings[i].value);
		}
}

/* Run a program in the namespace; input becomes its standard input. */
static int
run(int netns, const char *const *arguments, int input)
{
	pid_t child = fork();
	int status;

	ck_assert_int_ge(child, 0);
	if (child == 0) {
		if (setns(netns, CLONE_NEWNET) == 0 &&
		    (input < 0 || dup2(input, STDIN_FILENO) >= 0))
			execvp(
			    arguments[0], (char *const *)(uintptr_t)arguments);
		perror(arguments[0]);
		_exit(127);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	return status;
}

/* Of every other interface in these tests it is less. */
#define LO_MTU 65536

/* The address of a line "addr add ADDRESS/LENGTH dev INTERFACE nodad". */
static bool
find_address(const char *line, struct sockaddr_in6 *address)
{
	char verb[8], text[64], interface[IF_NAMESIZE];
	int end = 0;

	sscanf(line, " addr %7s %63[^/ ]/%*u dev %15s nodad%n", verb, text,
	    interface, &end);
	if (end == 0 || strcmp(verb, "del") == 0)
		return false;
	*address = (struct sockaddr_in6){ .sin6_family = AF_INET6,
		.sin6_port = htons(9),
		.sin6_scope_id = if_nametoindex(interface) };
	return inet_pton(AF_INET6, text, &address->sin6_addr) == 1;
}

/*
 * The way to an address of this host is by lo.  That it is reached from itself
 * does not tell: for a moment it is an address of the link, like any other.
 */
static bool
is_local(const struct sockaddr_in6 *address)
{
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0), mtu = 0;
	socklen_t length = sizeof(mtu);
	bool result;

	ck_assert_int_ge(fd, 0);
	result = connect(fd, (const struct sockaddr *)address,
		     sizeof(*address)) == 0 &&
	    getsockopt(fd, IPPROTO_IPV6, IPV6_MTU, &mtu, &length) == 0 &&
	    mtu == LO_MTU;
	close(fd);
	return result;
}

/*
 * The kernel takes an IPv6 address into use in a work queue of its own, after
 * ip(8) has ended: wait until it has.
 */
static void
await_addresses(int netns, const char *lines)
{
	long long deadline = harness_now() + HARNESS_PATIENCE_MS;
	int home = netns_current();
	struct sockaddr_in6 address;
	const char *line;

	netns_enter(netns);
	for (line = lines; line != NULL && *line != '\0';
	     line = strchr(line, '\n'), line += line != NULL)
		while (find_address(line, &address) && !is_local(&address)) {
			ck_assert_msg(harness_now() < deadline,
			    "not taken into use: %s", line);
			sched_yield();
		}
	netns_enter(home);
	close(home);
}

void
netns_ip(int netns, const char *format, ...)
{
	const char *const arguments[] = { "ip", "-batch", "-", NULL };
	int input = memfd_create("ip", MFD_CLOEXEC);
	char *lines;
	va_list list;

	va_start(list, format);
	ck_assert_int_ge(vasprintf(&lines, format, list), 0);
	va_end(list);
	ck_assert_int_eq(write(input, lines, strlen(lines)), strlen(lines));
	ck_assert_int_eq(lseek(input, 0, SEEK_SET), 0);
	ck_assert_msg(
	    run(netns, arguments, input) == 0, "ip refused:\n%s", lines);
	close(input);
	await_addresses(netns, lines);
	free(lines);
}

void
netns_shell(int netns, const char *format, ...)
{
	char *command;
	va_list list;

	va_start(list, format);
	ck_assert_int_ge(vasprintf(&command, format, list), 0);
	va_end(list);
	const char *const arguments[] = { "sh", "-c", command, NULL };
	ck_assert_msg(run(netns, arguments, -1) == 0, "failed: %s", command);
	free(command);
}

void
netns_sysctl(int netns, const char *key, const char *value)
{
	ssize_t length = (ssize_t)strlen(value);
	int home = netns_current();
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/net/%s", key);
	netns_enter(netns);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	ck_assert_msg(fd >= 0 && write(fd, value, (size_t)length) == length,
	    "%s = %s: %s", path, value, strerror(errno));
	close(fd);
	netns_enter(home);
	close(home);
}

const char *
netns_path(int netns)
{
	static char path[64];

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)getpid(), netns);
	return path;
}
