/* SPDX-License-Identifier: ISC */
/*
 * src/platform/linux/sandbox.c: what a process can no longer do, and what it
 * still can.  The programs in it: tests/net/test_rights.c.
 */
#include "unit/platform/suites.h"

#include "unit/platform/child.h"
#include "platform/linux/sandbox.h"
#include "platform/privileges.h"
#include "platform/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
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
	return is_forbidden(syscall(SYS_setuid, getuid())) ? NULL
							   : "can switch user";
}

START_TEST(test_daemon_cannot)
{
	child_run(daemon_cannot);
}
END_TEST

/* A reload opens sockets, and grows. */
static const char *
daemon_can(void)
{
	struct sockaddr sender;
	socklen_t size = sizeof(sender);
	void *memory;
	int fd;

	if (host_sandbox() != 0)
		return "no sandbox";
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || getsockname(fd, &sender, &size) < 0)
		return "no socket";
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
	tcase_add_test(tcase, test_daemon_can);
	tcase_add_test(tcase, test_threads);
	tcase_add_test(tcase, test_helper);
	suite_add_tcase(suite, tcase);
	return suite;
}
