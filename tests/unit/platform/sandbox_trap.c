/* SPDX-License-Identifier: ISC */
/*
 * src/platform/linux/sandbox_trap.c: what the sandbox refuses is named, each
 * call once, whichever thread made it.
 */
#include "unit/platform/suites.h"

#include "unit/platform/child.h"
#include "platform/privileges.h"
#include "platform/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { REPEATED = 100 };

static bool
is_readable(void)
{
	struct pollfd handle = { .fd = (int)host_sandbox_handle(),
		.events = POLLIN };

	return poll(&handle, 1, 0) == 1;
}

/* Is that the only call that there is to name? */
static bool
is_named(const char *wanted)
{
	char name[HOST_SANDBOX_NAME], other[HOST_SANDBOX_NAME];

	return is_readable() && host_sandbox_refused(name) &&
	    strcmp(name, wanted) == 0 && !host_sandbox_refused(other) &&
	    !is_readable();
}

/* The kernel's way to fail, and nothing else is changed by it. */
static bool
is_refused(long number)
{
	errno = 0;
	return syscall(number, 1, 2, 3) == -1 && errno == EPERM;
}

static const char *
once(void)
{
	char name[HOST_SANDBOX_NAME];
	int i;

	if (host_sandbox_handle() >= 0)
		return "noticed without a sandbox";
	if (host_sandbox() != 0 || host_sandbox_handle() < 0)
		return "no sandbox that notices";
	if (is_readable() || host_sandbox_refused(name))
		return "nothing was refused";
	for (i = 0; i < REPEATED; i++)
		if (!is_refused(SYS_ptrace) || !is_refused(SYS_ptrace))
			return "not refused";
	if (!is_named("ptrace"))
		return "ptrace is not named";
	if (!is_refused(SYS_ptrace) || is_readable())
		return "named again";
	return is_refused(SYS_setuid) && is_named("setuid")
	    ? NULL
	    : "setuid is not named";
}

START_TEST(test_once)
{
	child_run(once);
}
END_TEST

/* Nor is one lost that comes with others. */
static const char *
several(void)
{
	static const long numbers[] = { SYS_setuid, SYS_chroot, SYS_kill };
	static const char *const names[] = { "setuid", "chroot", "kill" };
	char name[HOST_SANDBOX_NAME];
	unsigned int i, found = 0;

	if (host_sandbox() != 0)
		return "no sandbox";
	for (i = 0; i < 3; i++)
		if (!is_refused(numbers[i]))
			return "not refused";
	while (host_sandbox_refused(name))
		for (i = 0; i < 3; i++)
			if (strcmp(name, names[i]) == 0)
				found |= 1u << i;
	return found == 7 ? NULL : "one is lost";
}

START_TEST(test_several)
{
	child_run(several);
}
END_TEST

/* What no table knows has a number at least. */
static const char *
unknown(void)
{
	if (host_sandbox() != 0)
		return "no sandbox";
	if (!is_refused(1022) || !is_named("number 1022"))
		return "number 1022";
	if (!is_refused(5000) || !is_named("number 1023"))
		return "number 5000";
	return is_refused(6000) && !is_readable() ? NULL : "number 6000";
}

START_TEST(test_unknown)
{
	child_run(unknown);
}
END_TEST

static intptr_t channel[2];

static void
wait_and_try(void *argument)
{
	char byte;

	(void)host_channel_receive(channel[1], &byte, 1);
	*(bool *)argument = is_refused(SYS_chroot);
}

static const char *
in_thread(void)
{
	struct host_thread *thread;
	bool refused = false;

	if (!host_channel_open(channel))
		return "no channel";
	thread = host_thread_start(wait_and_try, &refused);
	if (thread == NULL)
		return "no thread";
	if (host_sandbox() != 0 || !host_channel_send(channel[0], "", 1))
		return "no sandbox";
	host_thread_join(thread);
	return refused && is_named("chroot") ? NULL : "not named";
}

START_TEST(test_in_thread)
{
	child_run(in_thread);
}
END_TEST

/* A signal from somebody is no refusal, and harms nobody. */
static const char *
from_outside(void)
{
	if (host_sandbox() != 0)
		return "no sandbox";
	if (syscall(SYS_tgkill, getpid(), getpid(), SIGSYS) < 0)
		return "no signal";
	return is_readable() ? "taken for a refusal" : NULL;
}

START_TEST(test_from_outside)
{
	child_run(from_outside);
}
END_TEST

Suite *
platform_sandbox_trap_suite(void)
{
	Suite *suite = suite_create("sandbox trap");
	TCase *tcase = tcase_create("trap");

	/* valgrind knows no seccomp(2). */
	tcase_set_tags(tcase, "seccomp");
	tcase_add_test(tcase, test_once);
	tcase_add_test(tcase, test_several);
	tcase_add_test(tcase, test_unknown);
	tcase_add_test(tcase, test_in_thread);
	tcase_add_test(tcase, test_from_outside);
	suite_add_tcase(suite, tcase);
	return suite;
}
