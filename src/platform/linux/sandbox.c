/* SPDX-License-Identifier: ISC */
/*
 * The sandbox: after start, only the system calls that answering, reloading
 * and logging need (seccomp(2), by libseccomp), some with certain arguments
 * alone.  Others fail with EPERM: no file can be opened, no program run.  The
 * privileged helper, which opens them, has one of its own.
 */
#include "platform/linux/sandbox.h"

#include "lib/multihome.h"
#include "platform/linux/sandbox_trap.h"
#include "platform/privileges.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>

/*
 * A call that is allowed if its first arguments have certain values in certain
 * bits: bits and value of each; bits 0: it does not matter.
 */
struct condition {
	const char *name;
	uint32_t arguments[2 * 3];
};

#define ANY 0, 0
#define IS(value) UINT32_MAX, (value)

/* Any of these flags may be set. */
#define DATAGRAM ~(uint32_t)(SOCK_CLOEXEC | SOCK_NONBLOCK), SOCK_DGRAM

/* Memory that cannot be executed. */
#define NO_CODE PROT_EXEC, 0

/* Where there are two, the other one takes a pointer to its arguments. */
#ifdef SYS_mmap2
#define MMAP "mmap2"
#else
#define MMAP "mmap"
#endif

/*
 * There the one with the pointer is the only one, and a filter cannot see them.
 */
#ifdef __s390__
#define MMAP_NO_CODE ANY
#else
#define MMAP_NO_CODE NO_CODE
#endif

static const struct condition conditions[] = {
	/* Sockets of a reload, the check whether an address is ours. */
	{ "socket", { IS(AF_INET), DATAGRAM, IS(0) } },
	{ "socket", { IS(AF_INET), DATAGRAM, IS(IPPROTO_UDP) } },
	{ "socket", { IS(AF_INET6), DATAGRAM, IS(0) } },
	{ "socket", { IS(AF_INET6), DATAGRAM, IS(IPPROTO_UDP) } },
	/* The system log, the service manager; addresses and routes. */
	{ "socket", { IS(AF_UNIX), ANY, ANY } },
	{ "socket", { IS(AF_NETLINK), ANY, IS(NETLINK_ROUTE) } },
	/* Of libevent, and of if_nametoindex(). */
	{ "ioctl", { ANY, IS(FIONREAD), ANY } },
	{ "ioctl", { ANY, IS(SIOCGIFINDEX), ANY } },
	/* Not F_SETOWN, which lets the kernel send signals to others. */
	{ "fcntl", { ANY, IS(F_GETFD), ANY } },
	{ "fcntl", { ANY, IS(F_SETFD), ANY } },
	{ "fcntl", { ANY, IS(F_GETFL), ANY } },
	{ "fcntl", { ANY, IS(F_SETFL), ANY } },
	{ "fcntl", { ANY, IS(F_DUPFD_CLOEXEC), ANY } },
	{ "fcntl64", { ANY, IS(F_GETFD), ANY } },
	{ "fcntl64", { ANY, IS(F_SETFD), ANY } },
	{ "fcntl64", { ANY, IS(F_GETFL), ANY } },
	{ "fcntl64", { ANY, IS(F_SETFL), ANY } },
	{ "fcntl64", { ANY, IS(F_DUPFD_CLOEXEC), ANY } },
	/* No new code. */
	{ MMAP, { ANY, ANY, MMAP_NO_CODE } },
	{ "mprotect", { ANY, ANY, NO_CODE } },
	{ NULL, { 0 } },
};

static const struct condition conditions_privsep[] = {
	{ MMAP, { ANY, ANY, MMAP_NO_CODE } },
	{ NULL, { 0 } },
};

/* Grouped by purpose. */
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
	/* How good the clock is; setting it takes a capability. */
	"adjtimex",
	"clock_adjtime",
	"clock_adjtime64",
	/* Sockets. */
	"bind",
	"getsockname",
	"getpeername",
	"setsockopt",
	"getsockopt",
	"close",
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
	"munmap",
	"mremap",
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
	"getgid",
	"getegid",
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
	/* Requests and answers. */
	"recvfrom",
	"recv",
	"sendto",
	"send",
	/* Files. */
	"open",
	"openat",
	"getdents",
	"getdents64",
	"read",
	"write",
	"close",
	"lstat",
	"lstat64",
	"fstat",
	"fstat64",
	"newfstatat",
	"fstatat64",
	"stat",
	"stat64",
	"statx",
	"unlink",
	"unlinkat",
	"rename",
	"renameat",
	"renameat2",
	/* Memory, and the end. */
	"munmap",
	"mremap",
	"brk",
	"futex",
	"futex_time64",
	"restart_syscall",
	"exit_group",
	NULL,
};

/* Allow a call; not every architecture has all of them. */
static int
allow(scmp_filter_ctx filter, const struct condition *condition)
{
	int number = seccomp_syscall_resolve_name(condition->name);
	const uint32_t *at = condition->arguments;
	struct scmp_arg_cmp arguments[3];
	unsigned int i, count = 0;

	if (number < 0)
		return 0;
	for (i = 0; i < 3; i++, at += 2)
		if (at[0] != 0)
			arguments[count++] = (struct scmp_arg_cmp){ i,
				SCMP_CMP_MASKED_EQ, at[0], at[1] };
	return seccomp_rule_add_array(
	    filter, SCMP_ACT_ALLOW, number, count, arguments);
}

/* Allow these calls, each table up to NULL, and nothing else. */
static int
confine(const char *const *names, const struct condition *condition,
    uint32_t otherwise)
{
	scmp_filter_ctx filter = seccomp_init(otherwise);
	int error = MH_ENOMEMORY;

	if (filter == NULL)
		return error;
	error = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	for (; error == 0 && *names != NULL; names++)
		error = allow(filter, &(struct condition){ .name = *names });
	for (; error == 0 && condition->name != NULL; condition++)
		error = allow(filter, condition);
	if (error == 0)
		error = seccomp_load(filter);
	seccomp_release(filter);
	return error == 0 ? 0 : MH_ESYSTEM;
}

int
host_sandbox(void)
{
	/* The system log wants local time, and that is in a file. */
	tzset();
	return confine(allowed, conditions,
	    sandbox_trap_set() ? SCMP_ACT_TRAP : SCMP_ACT_ERRNO(EPERM));
}

int
sandbox_privsep(void)
{
	return confine(
	    allowed_privsep, conditions_privsep, SCMP_ACT_ERRNO(EPERM));
}
