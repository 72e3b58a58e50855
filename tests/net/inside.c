/* SPDX-License-Identifier: ISC */
/*
 * See inside.h.  The process waits in a system call, and the instruction that
 * made it is used again: what we wrote there, others would run into, since C
 * libraries have all their calls that wait in one place, and the sandbox's
 * handler makes such a call.  Data goes on its stack, below what is in use.
 */
#include "build.h"

#include "inside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <check.h>

#include "harness.h"

/* Bytes below the stack pointer: past the red zone, and room for data. */
#define BELOW 16384

/* syscall, little-endian. */
#define SYSCALL_INSTRUCTION 0x050fL
#define SYSCALL_LENGTH 2

/* Instructions that a handler of SIGSYS may take, and what leads to it. */
#define STEPS_MAX 100000

static void
trace(int request, pid_t pid, uintptr_t address, uintptr_t data)
{
	ck_assert_msg(
	    ptrace((enum __ptrace_request)request, pid, address, data) == 0,
	    "ptrace %d: %s", request, strerror(errno));
}

/* The signal that has stopped it. */
static int
next_stop(pid_t pid)
{
	int status;

	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(
	    WIFSTOPPED(status), "wait status %#x", (unsigned int)status);
	return WSTOPSIG(status);
}

/* Stop it.  Has it just made a system call, or does it wait in one? */
static bool
stop_in_call(struct inside *inside)
{
	pid_t pid = inside->pid;
	long text;

	trace(PTRACE_ATTACH, pid, 0, 0);
	ck_assert_int_eq(next_stop(pid), SIGSTOP);
	trace(PTRACE_GETREGS, pid, 0, (uintptr_t)&inside->registers);
	errno = 0;
	text = ptrace(
	    PTRACE_PEEKTEXT, pid, inside->registers.rip - SYSCALL_LENGTH, NULL);
	ck_assert_int_eq(errno, 0);
	return (text & 0xffff) == SYSCALL_INSTRUCTION;
}

void
inside_enter(struct inside *inside, pid_t pid)
{
	long long deadline = harness_now() + HARNESS_PATIENCE_MS;

	inside->pid = pid;
	/* It has nothing to do, so it will wait soon. */
	while (!stop_in_call(inside)) {
		ck_assert_int_lt(harness_now(), deadline);
		trace(PTRACE_DETACH, pid, 0, 0);
		poll(NULL, 0, 5);
	}
}

void
inside_leave(struct inside *inside)
{
	trace(PTRACE_SETREGS, inside->pid, 0, (uintptr_t)&inside->registers);
	trace(PTRACE_DETACH, inside->pid, 0, 0);
}

/*
 * Let it go on to the end of the call: one step, or many if a handler runs
 * because the sandbox refuses the call.  A call of the handler may end in the
 * same place, but further down the stack.
 */
static void
finish_call(const struct inside *inside, struct user_regs_struct *registers)
{
	const struct user_regs_struct *end = &inside->registers;
	int signal = 0, steps = 0;

	do {
		ck_assert_int_lt(steps++, STEPS_MAX);
		trace(PTRACE_SINGLESTEP, inside->pid, 0, (uintptr_t)signal);
		signal = next_stop(inside->pid);
		ck_assert_msg(
		    signal == SIGTRAP || signal == SIGSYS, "signal %d", signal);
		signal = signal == SIGSYS ? SIGSYS : 0;
		trace(PTRACE_GETREGS, inside->pid, 0, (uintptr_t)registers);
	} while (signal != 0 || registers->rip != end->rip ||
	    registers->rsp != end->rsp);
}

long
inside_call(struct inside *inside, long number, const long arguments[6])
{
	struct user_regs_struct registers = inside->registers;

	registers.rip -= SYSCALL_LENGTH;
	registers.orig_rax = (unsigned long long)-1; /* restart nothing */
	registers.rax = (unsigned long)number;
	registers.rdi = (unsigned long)arguments[0];
	registers.rsi = (unsigned long)arguments[1];
	registers.rdx = (unsigned long)arguments[2];
	registers.r10 = (unsigned long)arguments[3];
	registers.r8 = (unsigned long)arguments[4];
	registers.r9 = (unsigned long)arguments[5];
	trace(PTRACE_SETREGS, inside->pid, 0, (uintptr_t)&registers);
	finish_call(inside, &registers);
	return (long)registers.rax;
}

/* Copy between us and its stack; the address there. */
static long
copy(const struct inside *inside, void *data, size_t length, bool out)
{
	unsigned long there = inside->registers.rsp - BELOW;
	struct iovec own = { data, length };
	struct iovec other = { (void *)there, length };
	ssize_t done;

	done = out ? process_vm_writev(inside->pid, &own, 1, &other, 1, 0)
		   : process_vm_readv(inside->pid, &own, 1, &other, 1, 0);
	ck_assert_int_eq(done, (ssize_t)length);
	return (long)there;
}

long
inside_call_path(struct inside *inside, long number, const long arguments[6],
    const char *path)
{
	long own[6];
	char bytes[256];
	int i = 0;

	memcpy(own, arguments, sizeof(own));
	if (path == NULL)
		return inside_call(inside, number, own);
	while (own[i] != 0)
		i++;
	snprintf(bytes, sizeof(bytes), "%s", path);
	own[i] = copy(inside, bytes, sizeof(bytes), true);
	return inside_call(inside, number, own);
}

/* Is that a SOCK_SEQPACKET socket, from what the system says about AF_UNIX? */
static bool
is_seqpacket(pid_t pid, unsigned long inode)
{
	char path[64], line[256];
	unsigned int type;
	unsigned long found;
	bool is = false;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/net/unix", (int)pid);
	file = fopen(path, "r");
	ck_assert_ptr_nonnull(file);
	while (fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "%*x: %*x %*x %*x %x %*x %lu", &type,
			&found) == 2 &&
		    found == inode && type == 5)
			is = true;
	fclose(file);
	return is;
}

int
inside_helper(const struct inside *inside)
{
	char path[64], target[64];
	struct dirent *entry;
	unsigned long inode;
	DIR *directory;
	ssize_t length;
	int fd = -1;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)inside->pid);
	directory = opendir(path);
	ck_assert_ptr_nonnull(directory);
	while ((entry = readdir(directory)) != NULL) {
		length = readlinkat(dirfd(directory), entry->d_name, target,
		    sizeof(target) - 1);
		target[length < 0 ? 0 : length] = '\0';
		if (sscanf(target, "socket:[%lu]", &inode) != 1 ||
		    !is_seqpacket(inside->pid, inode))
			continue;
		/* The first: those between threads are opened later. */
		if (fd == -1 || atoi(entry->d_name) < fd)
			fd = atoi(entry->d_name);
	}
	closedir(directory);
	ck_assert_int_ge(fd, 0);
	return fd;
}

void
inside_send(struct inside *inside, int fd, const void *message, size_t length)
{
	unsigned char bytes[BELOW / 2];
	long there;

	ck_assert_uint_le(length, sizeof(bytes));
	memcpy(bytes, message, length);
	there = copy(inside, bytes, length, true);
	ck_assert_int_eq(inside_call(inside, SYS_sendto,
			     (long[6]){ fd, there, (long)length }),
	    (long)length);
}

size_t
inside_receive(struct inside *inside, int fd, void *message, size_t size)
{
	unsigned char bytes[BELOW / 2] = { 0 };
	long there, length;

	ck_assert_uint_le(size, sizeof(bytes));
	there = copy(inside, bytes, size, true);
	length = inside_call(
	    inside, SYS_recvfrom, (long[6]){ fd, there, (long)size });
	ck_assert_int_ge(length, 0);
	copy(inside, message, size, false);
	return (size_t)length;
}
