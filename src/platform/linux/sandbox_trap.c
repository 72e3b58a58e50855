/* SPDX-License-Identifier: ISC */
/*
 * What the sandbox refuses: a handler of SIGSYS, in whichever thread, makes the
 * call fail, marks it and wakes the loop of the main thread, which logs its
 * name.
 */
#include "platform/linux/sandbox_trap.h"

#include "platform/privileges.h"

#include <errno.h>
#include <seccomp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <ucontext.h>
#include <unistd.h>

/* si_code of a filter's SIGSYS; not every libc has a name for it. */
#define FROM_FILTER 1

/* Numbers of calls; those above share the last one. */
#define CALLS 1024

/*
 * Where a call returns its result; undefined for machines that nobody has
 * tried.
 */
#if defined(__x86_64__)
#define RESULT(context) (context)->uc_mcontext.gregs[REG_RAX]
#elif defined(__i386__)
#define RESULT(context) (context)->uc_mcontext.gregs[REG_EAX]
#elif defined(__aarch64__)
#define RESULT(context) (context)->uc_mcontext.regs[0]
#elif defined(__arm__)
#define RESULT(context) (context)->uc_mcontext.arm_r0
#endif

enum { NEVER, REFUSED, NAMED };

static struct {
	int event; /* eventfd(2); -1: there is none */
	_Atomic unsigned char calls[CALLS];
} trap = { .event = -1 };

#ifdef RESULT
static void
mark(unsigned int number)
{
	unsigned char never = NEVER;
	const uint64_t one = 1;

	if (number >= CALLS)
		number = CALLS - 1;
	if (atomic_compare_exchange_strong(
		&trap.calls[number], &never, REFUSED) &&
	    write(trap.event, &one, sizeof(one)) < 0)
		return; /* the loop is awake already */
}

static void
on_refusal(int signal, siginfo_t *info, void *argument)
{
	ucontext_t *context = argument;
	int error = errno;

	(void)signal;
	/* Or somebody has used kill(2). */
	if (info->si_code != FROM_FILTER)
		return;
	RESULT(context) = -EPERM;
	mark((unsigned int)info->si_syscall);
	errno = error;
}

bool
sandbox_trap_set(void)
{
	struct sigaction action = { .sa_flags = SA_SIGINFO };

	action.sa_sigaction = on_refusal;
	sigemptyset(&action.sa_mask);
	if (trap.event < 0)
		trap.event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return trap.event >= 0 && sigaction(SIGSYS, &action, NULL) == 0;
}
#else
bool
sandbox_trap_set(void)
{
	return false;
}
#endif

intptr_t
host_sandbox_handle(void)
{
	return trap.event;
}

/* The next one that has not been named; -1: none. */
static int
next_call(void)
{
	unsigned char refused;
	int i;

	for (i = 0; i < CALLS; i++) {
		refused = REFUSED;
		if (atomic_compare_exchange_strong(
			&trap.calls[i], &refused, NAMED))
			return i;
	}
	return -1;
}

bool
host_sandbox_refused(char name[HOST_SANDBOX_NAME])
{
	uint64_t count;
	char *known;
	int number;

	/* First: what comes from now on wakes the loop again. */
	if (read(trap.event, &count, sizeof(count)) < 0 && errno == EBADF)
		return false;
	number = next_call();
	if (number < 0)
		return false;
	known = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);
	if (known != NULL)
		snprintf(name, HOST_SANDBOX_NAME, "%s", known);
	else
		snprintf(name, HOST_SANDBOX_NAME, "number %d", number);
	free(known);
	return true;
}
