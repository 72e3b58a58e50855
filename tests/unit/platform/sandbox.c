/* SPDX-License-Identifier: ISC */
/*
 * src/platform/linux/sandbox.c: what a process can no longer do, and what it
 * still can.  The programs in it: tests/net/test_rights.c.
 */
#include "unit/platform/suites.h"

#include "unit/platform/child.h"
#include "unit/unit.h"
#include "platform/linux/sandbox.h"
#include "platform/privileges.h"
#include "platform/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool
is_forbidden(long result)
{
	return result < 0 && errno == EPERM;
}

/* No files, no programs, no other process. */
static const char *
daemon_cannot(void)
{
	char *const none[] = { NULL };

	if (host_sandbox() != 0)
		return "no sandbox";
	if (!is_forbidden(open(".", O_RDONLY)))
		return "can open";
	if (!is_forbidden(unlink("platform-sandbox-none")))
		return "can unlink";
	if (!is_forbidden(execve("platform-sandbox-none", none, none)))
		return "can run a program";
	if (!is_forbidden(syscall(SYS_kill, getpid(), 0)))
		return "can send signals";
	if (!is_forbidden(fcntl(STDERR_FILENO, F_SETOWN, getpid())))
		return "can have signals sent";
	return is_forbidden(syscall(SYS_setuid, getuid())) ? NULL
							   : "can switch user";
}

START_TEST(test_daemon_cannot)
{
	child_run(daemon_cannot);
}
END_TEST

/* What is in memory is no code, wherever it came from. */
static const char *
daemon_cannot_run(void)
{
	static char page[2 * 4096];
	char *start = page + (4096 - (uintptr_t)page % 4096) % 4096;

	if (host_sandbox() != 0)
		return "no sandbox";
	if (mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
		-1, 0) != MAP_FAILED ||
	    errno != EPERM)
		return "can map code";
	if (!is_forbidden(mprotect(start, 4096, PROT_READ | PROT_EXEC)))
		return "can make code";
	if (!is_forbidden(mprotect(start, 4096, PROT_EXEC)))
		return "can hide code";
	return mprotect(start, 4096, PROT_READ | PROT_WRITE) == 0
	    ? NULL
	    : "cannot protect";
}

START_TEST(test_daemon_cannot_run)
{
	child_run(daemon_cannot_run);
}
END_TEST

#define FLAGS (SOCK_CLOEXEC | SOCK_NONBLOCK)

static const struct {
	const char *name;
	int family, type, protocol;
	bool allowed;
} kinds[] = {
	{ "IPv4", AF_INET, SOCK_DGRAM, 0, true },
	{ "IPv4 UDP", AF_INET, SOCK_DGRAM | FLAGS, IPPROTO_UDP, true },
	{ "IPv6", AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0, true },
	{ "IPv6 UDP", AF_INET6, SOCK_DGRAM | FLAGS, IPPROTO_UDP, true },
	{ "UNIX", AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, true },
	{ "UNIX stream", AF_UNIX, SOCK_STREAM, 0, true },
	{ "routes", AF_NETLINK, SOCK_RAW | FLAGS, NETLINK_ROUTE, true },
	{ "IPv4 stream", AF_INET, SOCK_STREAM, 0, false },
	{ "IPv6 stream", AF_INET6, SOCK_STREAM | FLAGS, IPPROTO_TCP, false },
	{ "IPv4 raw", AF_INET, SOCK_RAW, IPPROTO_UDP, false },
	{ "IPv6 raw", AF_INET6, SOCK_RAW | FLAGS, IPPROTO_UDP, false },
	{ "IPv4 ping", AF_INET, SOCK_DGRAM, IPPROTO_ICMP, false },
	{ "firewall", AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER, false },
	{ "packets", AF_PACKET, SOCK_DGRAM, 0, false },
	{ "kernel crypto", AF_ALG, SOCK_SEQPACKET, 0, false },
};

static const char *
sockets(void)
{
	static char wrong[128];
	size_t i;
	int fd;

	if (host_sandbox() != 0)
		return "no sandbox";
	for (i = 0; i < LENGTH(kinds); i++) {
		fd = socket(kinds[i].family, kinds[i].type, kinds[i].protocol);
		snprintf(wrong, sizeof(wrong), "%s: %d, errno %d",
		    kinds[i].name, fd, errno);
		if (fd < 0 && (kinds[i].allowed || errno != EPERM))
			return wrong;
		if (fd >= 0 && (!kinds[i].allowed || close(fd) < 0))
			return wrong;
	}
	return NULL;
}

START_TEST(test_sockets)
{
	child_run(sockets);
}
END_TEST

/* A reload opens sockets, with names of interfaces, and grows. */
static const char *
daemon_can(void)
{
	struct sockaddr sender;
	socklen_t size = sizeof(sender);
	void *memory;
	int fd, waiting;

	if (host_sandbox() != 0)
		return "no sandbox";
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || getsockname(fd, &sender, &size) < 0)
		return "no socket";
	if (ioctl(fd, FIONREAD, &waiting) < 0)
		return "cannot ask what is waiting";
	if (!is_forbidden(ioctl(fd, FIOASYNC, &waiting)))
		return "can do what is not needed";
	if (if_nametoindex("lo") == 0)
		return "no interfaces";
	memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED || munmap(memory, 4096) < 0)
		return "no memory";
	return close(fd) == 0 ? NULL : "cannot close";
}

START_TEST(test_daemon_can)
{
	child_run(daemon_can);
}
END_TEST

static intptr_t channel[2];
static bool thread_was_confined;

static void
wait_and_open(void *argument)
{
	char byte;

	(void)argument;
	(void)host_channel_receive(channel[1], &byte, 1);
	thread_was_confined = is_forbidden(open(".", O_RDONLY));
}

/* Workers that are already running are in it, too. */
static const char *
with_thread(void)
{
	struct host_thread *thread;

	if (!host_channel_open(channel))
		return "no channel";
	thread = host_thread_start(wait_and_open, NULL);
	if (thread == NULL)
		return "no thread";
	if (host_sandbox() != 0 || !host_channel_send(channel[0], "", 1))
		return "no sandbox";
	host_thread_join(thread);
	return thread_was_confined ? NULL : "the thread can open";
}

START_TEST(test_threads)
{
	child_run(with_thread);
}
END_TEST

/* It exists for files, and for nothing else. */
static const char *
helper(void)
{
	int fd;

	if (sandbox_privsep() != 0)
		return "no sandbox";
	fd = open(".", O_RDONLY);
	if (fd < 0 || close(fd) < 0)
		return "cannot open";
	if (unlink("platform-sandbox-none") == 0 || errno != ENOENT)
		return "cannot unlink";
	if (!is_forbidden(socket(AF_INET, SOCK_DGRAM, 0)))
		return "can open sockets";
	if (mmap(NULL, 4096, PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
		MAP_FAILED ||
	    errno != EPERM)
		return "can map code";
	if (!is_forbidden(syscall(SYS_getuid)))
		return "can ask who it is";
	return is_forbidden(syscall(SYS_setuid, 0)) ? NULL : "can switch user";
}

START_TEST(test_helper)
{
	child_run(helper);
}
END_TEST

Suite *
platform_sandbox_suite(void)
{
	Suite *suite = suite_create("sandbox");
	TCase *tcase = tcase_create("sandbox");

	/* valgrind knows no seccomp(2). */
	tcase_set_tags(tcase, "seccomp");
	tcase_add_test(tcase, test_daemon_cannot);
	tcase_add_test(tcase, test_daemon_cannot_run);
	tcase_add_test(tcase, test_sockets);
	tcase_add_test(tcase, test_daemon_can);
	tcase_add_test(tcase, test_threads);
	tcase_add_test(tcase, test_helper);
	suite_add_tcase(suite, tcase);
	return suite;
}
