/* SPDX-License-Identifier: ISC */
/*
 * platform/host.h for Linux.
 */
#include "platform/host.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <ifaddrs.h>
#include <linux/capability.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

const struct host_signal host_signals[] = {
	{ SIGTERM, HOST_STOP },
	{ SIGINT, HOST_STOP },
	{ SIGUSR1, HOST_COUNTERS },
	{ SIGUSR2, HOST_DRAIN },
	{ SIGHUP, HOST_RELOAD },
	/* Who asked by http, or reads the log, is gone: no reason to end. */
	{ SIGPIPE, HOST_IGNORE },
	{ 0, HOST_STOP },
};

/*
 * Start.
 */

const char host_usage[] = "";

/* Started without the standard streams, they are the first files we open. */
static void
open_streams(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int
host_main(int argc, char *argv[], int (*body)(int argc, char *argv[]))
{
	open_streams();
	return body(argc, argv);
}

void
host_raise_limits(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return;
	files.rlim_cur = files.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &files);
}

/*
 * Addresses and interfaces.
 */

void
host_address_get(struct mh_address *address, const void *name)
{
	struct sockaddr_in6 name6;
	struct sockaddr_in name4;
	sa_family_t family = AF_UNSPEC;

	*address = (struct mh_address){ .family = MH_FAMILY_NONE };
	if (name != NULL)
		memcpy(&family, name, sizeof(family));
	if (family == AF_INET) {
		memcpy(&name4, name, sizeof(name4));
		address->family = MH_FAMILY_IPV4;
		address->port = ntohs(name4.sin_port);
		memcpy(address->ip, &name4.sin_addr, 4);
	} else if (family == AF_INET6) {
		memcpy(&name6, name, sizeof(name6));
		address->family = MH_FAMILY_IPV6;
		address->port = ntohs(name6.sin6_port);
		memcpy(address->ip, &name6.sin6_addr, 16);
		address->scope = name6.sin6_scope_id;
		if (IN6_IS_ADDR_V4MAPPED(&name6.sin6_addr)) {
			address->family = MH_FAMILY_IPV4;
			address->scope = 0;
			memmove(address->ip, address->ip + 12, 4);
			memset(address->ip + 4, 0, 12);
		}
	}
}

/* Where one host is meant at the other end, there is no subnet. */
static void
load_broadcast(struct host_address *at, const struct ifaddrs *entry)
{
	struct sockaddr_in mask = { .sin_family = AF_INET };

	at->broadcast = (struct mh_address){ .family = MH_FAMILY_NONE };
	if ((entry->ifa_flags & (IFF_BROADCAST | IFF_POINTOPOINT)) !=
	    IFF_BROADCAST)
		return;
	host_address_get(&at->broadcast, entry->ifa_broadaddr);
	/* What getifaddrs() says if it was given none: routing has one. */
	if (at->address.family == MH_FAMILY_IPV4 &&
	    entry->ifa_netmask != NULL &&
	    (at->broadcast.family == MH_FAMILY_NONE ||
		mh_address_compare(&at->broadcast, &at->address) == 0)) {
		memcpy(&mask, entry->ifa_netmask, sizeof(mask));
		host_broadcast_get(&at->broadcast, &at->address,
		    (unsigned int)__builtin_popcount(mask.sin_addr.s_addr));
	}
}

static void
load_addresses(struct host_network *network, const struct ifaddrs *list)
{
	struct host_address *at = network->addresses;

	for (; list != NULL; list = list->ifa_next) {
		host_address_get(&at->address, list->ifa_addr);
		if (at->address.family == MH_FAMILY_NONE)
			continue;
		load_broadcast(at, list);
		at->if_index = if_nametoindex(list->ifa_name);
		at++;
	}
	network->address_count = (size_t)(at - network->addresses);
}

static void
load_interfaces(
    struct host_network *network, const struct if_nameindex *list, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		network->interfaces[i].index = list[i].if_index;
		snprintf(network->interfaces[i].name,
		    sizeof(network->interfaces[i].name), "%s", list[i].if_name);
	}
	network->interface_count = count;
	host_network_sort(network);
}

static size_t
count_addresses(const struct ifaddrs *list)
{
	size_t count = 0;

	for (; list != NULL; list = list->ifa_next)
		count++;
	return count;
}

static size_t
count_interfaces(const struct if_nameindex *list)
{
	size_t count = 0;

	while (list[count].if_index != 0)
		count++;
	return count;
}

int
host_network_load(struct host_network *network)
{
	struct host_network fresh = { .addresses = NULL };
	struct if_nameindex *interfaces = if_nameindex();
	struct ifaddrs *addresses = NULL;
	int error = MH_ESYSTEM;

	if (interfaces == NULL || getifaddrs(&addresses) < 0)
		goto done;
	error = MH_ENOMEMORY;
	/* One more: calloc(0) may be NULL. */
	fresh.addresses =
	    calloc(count_addresses(addresses) + 1, sizeof(*fresh.addresses));
	fresh.interfaces =
	    calloc(count_interfaces(interfaces) + 1, sizeof(*fresh.interfaces));
	if (fresh.addresses == NULL || fresh.interfaces == NULL) {
		host_network_free(&fresh);
		goto done;
	}
	load_addresses(&fresh, addresses);
	load_interfaces(&fresh, interfaces, count_interfaces(interfaces));
	host_network_free(network);
	*network = fresh;
	error = 0;
done:
	if (addresses != NULL)
		freeifaddrs(addresses);
	if (interfaces != NULL)
		if_freenameindex(interfaces);
	return error;
}

void
host_watch_open(struct host_watch *watch)
{
	struct sockaddr_nl name = { .nl_family = AF_NETLINK,
		.nl_groups =
		    RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR };
	int fd = socket(
	    AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);

	*watch = (struct host_watch){ .handle = fd };
	if (fd >= 0 && bind(fd, (struct sockaddr *)&name, sizeof(name)) < 0)
		host_watch_close(watch);
}

void
host_watch_drain(const struct host_watch *watch)
{
	char buffer[8192];

	/* What changed does not matter; ENOBUFS says that much did. */
	while (recv((int)watch->handle, buffer, sizeof(buffer), 0) > 0 ||
	    errno == ENOBUFS || errno == EINTR)
		;
}

void
host_watch_close(struct host_watch *watch)
{
	if (watch->handle >= 0)
		close((int)watch->handle);
	watch->handle = -1;
}

/*
 * Clock, name, user.
 */

static int64_t
read_clock(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

int64_t
host_realtime_ns(void)
{
	return read_clock(CLOCK_REALTIME);
}

int64_t
host_monotonic_ns(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

void
host_name(char *name, size_t size)
{
	if (gethostname(name, size) < 0 || name[0] == '\0')
		snprintf(name, size, "localhost");
	name[size - 1] = '\0';
}

bool
host_terminal(enum host_stream stream, struct host_terminal *terminal)
{
	int fd = stream == HOST_OUTPUT ? STDOUT_FILENO : STDERR_FILENO;
	const char *type = getenv("TERM");
	struct winsize size;

	*terminal = (struct host_terminal){ .columns = 0 };
	if (!isatty(fd) || type == NULL || strcmp(type, "dumb") == 0)
		return false;
	if (ioctl(fd, TIOCGWINSZ, &size) == 0) {
		terminal->columns = size.ws_col;
		terminal->rows = size.ws_row;
	}
	return true;
}

/*
 * Ports, randomness, threads.
 */

uint16_t
host_local_port(intptr_t handle)
{
	struct sockaddr_in6 name = { .sin6_port = 0 };
	socklen_t length = sizeof(name);

	if (getsockname((int)handle, (struct sockaddr *)&name, &length) < 0)
		return 0;
	return ntohs(name.sin6_port); /* where sin_port is, too */
}

void
host_peer(intptr_t handle, struct mh_address *peer)
{
	struct sockaddr_in6 name = { .sin6_family = AF_UNSPEC };
	socklen_t length = sizeof(name);

	(void)getpeername((int)handle, (struct sockaddr *)&name, &length);
	host_address_get(peer, &name);
}

bool
host_random(void *bytes, size_t size)
{
	return getentropy(bytes, size) == 0;
}

unsigned int
host_processors(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return 1;
	return (unsigned int)CPU_COUNT(&set);
}

struct host_thread {
	pthread_t thread;
	void (*function)(void *);
	void *argument;
};

static void *
thread_main(void *argument)
{
	struct host_thread *thread = argument;

	thread->function(thread->argument);
	return NULL;
}

struct host_thread *
host_thread_start(void (*function)(void *), void *argument)
{
	struct host_thread *thread = calloc(1, sizeof(*thread));

	if (thread == NULL)
		return NULL;
	thread->function = function;
	thread->argument = argument;
	if (pthread_create(&thread->thread, NULL, thread_main, thread) != 0) {
		free(thread);
		return NULL;
	}
	return thread;
}

/* Which processor is the thread's?  -1: there is none. */
static int
processor_of(const cpu_set_t *set, unsigned int number, unsigned int count)
{
	unsigned int cpu, seen = 0;
	int other = -1;

	for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, set))
			continue;
		if (cpu % count == number)
			return (int)cpu;
		if (seen++ == number % (unsigned int)CPU_COUNT(set))
			other = (int)cpu;
	}
	return other;
}

int
host_thread_pin(unsigned int number, unsigned int count)
{
	cpu_set_t set;
	int cpu;

	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return MH_ESYSTEM;
	cpu = processor_of(&set, number, count);
	if (cpu < 0)
		return MH_ESYSTEM;
	CPU_ZERO(&set);
	CPU_SET((unsigned int)cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set) < 0 ? MH_ESYSTEM : 0;
}

void
host_thread_join(struct host_thread *thread)
{
	pthread_join(thread->thread, NULL);
	free(thread);
}

bool
host_channel_open(intptr_t ends[2])
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return false;
	ends[0] = fds[0];
	ends[1] = fds[1];
	return true;
}

bool
host_channel_send(intptr_t end, const void *message, size_t size)
{
	ssize_t n;

	/* A worker that cannot be told would go on with what is freed. */
	do
		n = send((int)end, message, size, MSG_NOSIGNAL);
	while (
	    n < 0 && (errno == EINTR || errno == ENOBUFS || errno == ENOMEM));
	return n == (ssize_t)size;
}

bool
host_channel_receive(intptr_t end, void *message, size_t size)
{
	ssize_t n;

	do
		n = recv((int)end, message, size, 0);
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)size;
}

bool
host_channel_wait(intptr_t end, int milliseconds)
{
	struct pollfd poller = { .fd = (int)end, .events = POLLIN };
	int n;

	do
		n = poll(&poller, 1, milliseconds);
	while (n < 0 && errno == EINTR);
	return n > 0;
}

void
host_channel_close(intptr_t ends[2])
{
	close((int)ends[0]);
	close((int)ends[1]);
}

static int
find_user(const char *user, const struct passwd **entry)
{
	errno = 0;
	*entry = getpwnam(user);
	if (*entry != NULL)
		return 0;
	return errno == 0 || errno == ENOENT ? MH_EADDRESS : MH_ESYSTEM;
}

int
host_user_check(const char *user)
{
	const struct passwd *entry;

	return find_user(user, &entry);
}

int
host_switch_user(const char *user)
{
	const struct passwd *entry;
	int error = find_user(user, &entry);

	if (error != 0)
		return error;
	if (initgroups(entry->pw_name, entry->pw_gid) < 0 ||
	    setresgid(entry->pw_gid, entry->pw_gid, entry->pw_gid) < 0 ||
	    setresuid(entry->pw_uid, entry->pw_uid, entry->pw_uid) < 0)
		return errno == EPERM ? MH_EPERMISSION : MH_ESYSTEM;
	/* A way back would mean that the above did not do what it says. */
	if (entry->pw_uid != 0 && setuid(0) == 0)
		return MH_ESYSTEM;
	return 0;
}

/* At most the right to bind to low ports? */
static bool
has_no_other_right(struct __user_cap_header_struct *header)
{
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	return syscall(SYS_capget, header, data) == 0 &&
	    (data[0].permitted & ~(1u << CAP_NET_BIND_SERVICE)) == 0 &&
	    data[1].permitted == 0;
}

int
host_drop_capabilities(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	if (geteuid() == 0) {
		data[0].effective = 1u << CAP_NET_BIND_SERVICE;
		data[0].permitted = 1u << CAP_NET_BIND_SERVICE;
	}
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	/* A service manager's filter may forbid capset(). */
	if (syscall(SYS_capset, &header, data) < 0 &&
	    !has_no_other_right(&header))
		return MH_ESYSTEM;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? 0 : MH_ESYSTEM;
}
