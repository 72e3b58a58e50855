/* SPDX-License-Identifier: ISC */
/*
 * The sandbox: after start, only the system calls that answering, reloading
 * and logging need (seccomp(2), by libseccomp).  Others fail with EPERM: no
 * file can be opened, no program run.  The privileged helper, which opens them,
 * has one of its own.
 */
#include "platform/linux/sandbox.h"

#include "lib/multihome.h"
#include "platform/privileges.h"

#include <errno.h>
#include <seccomp.h>
#include <stddef.h>
#include <time.h>

/* In the order of what they are for. */
static const char *const allowed[] = {
	/* Datagrams, and the loop. */
	"recvmmsg",
	"sendmmsg",
	"recvmsg",
	"sendmsg",
	"recvfrom",
	"sendto",
	"recv",
	"send",
	"epoll_wait",
	"epoll_pwait",
	"epoll_pwait2",
	"epoll_ctl",
	"epoll_create1",
	"epoll_create",
	"poll",
	"ppoll",
	"select",
	"pselect6",
	"clock_gettime",
	"clock_gettime64",
	"gettimeofday",
	"time",
	/* How good the clock is; to set it takes a capability. */
	"adjtimex",
	"clock_adjtime",
	"clock_adjtime64",
	/* Sockets of a reload, the check whether an address is ours. */
	"socket",
	"socketpair",
	"bind",
	"getsockname",
	"getpeername",
	"setsockopt",
	"getsockopt",
	"close",
	"fcntl",
	"fcntl64",
	"ioctl",
	/* http, log, watchdog, port file by the privileged helper. */
	"accept4",
	"accept",
	"shutdown",
	"read",
	"readv",
	"write",
	"writev",
	"connect",
	"fstat",
	"newfstatat",
	"fstat64",
	"lseek",
	"sysinfo",
	/* Memory, threads, signals, the end. */
	"mmap",
	"mmap2",
	"munmap",
	"mremap",
	"mprotect",
	"madvise",
	"brk",
	"futex",
	"futex_time64",
	"sched_yield",
	"set_robust_list",
	"rseq",
	"rt_sigreturn",
	"sigreturn",
	"rt_sigaction",
	"rt_sigprocmask",
	"sigaltstack",
	"getpid",
	"gettid",
	"tgkill",
	"getuid",
	"geteuid",
	"getrandom",
	"uname",
	"restart_syscall",
	"nanosleep",
	"clock_nanosleep",
	"exit",
	"exit_group",
	NULL,
};

static const char *const allowed_privsep[] = {
	/* Questions and answers. */
	"recvfrom",
	"recv",
	"sendto",
	"send",
	/* Files. */
	"open",
	"openat",
	"read",
	"write",
	"close",
	"lstat",
	"lstat64",
	"fstat",
	"fstat64",
	"newfstatat",
	"fstatat64",
	"unlink",
	"unlinkat",
	"rename",
	"renameat",
	"renameat2",
	/* Memory, and the end. */
	"mmap",
	"mmap2",
	"munmap",
	"mremap",
	"brk",
	"futex",
	"futex_time64",
	"restart_syscall",
	"exit_group",
	NULL,
};

/* Allow those calls, up to NULL, and no others. */
static int
confine(const char *const *names)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int error = MH_ENOMEMORY, number;

	if (filter == NULL)
		return error;
	error = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	for (; error == 0 && *names != NULL; names++) {
		number = seccomp_syscall_resolve_name(*names);
		/* Not every machine has all of them. */
		if (number >= 0)
			error =
			    seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0);
	}
	if (error == 0)
		error = seccomp_load(filter);
	seccomp_release(filter);
	return error == 0 ? 0 : MH_ESYSTEM;
}

int
host_sandbox(void)
{
	/* syslog(3) wants local time, and that is in a file. */
	tzset();
	return confine(allowed);
}

int
sandbox_privsep(void)
{
	return confine(allowed_privsep);
}
