/* SPDX-License-Identifier: ISC */
/*
 * platform/thread.h for Linux: POSIX threads; a channel is a socket pair.
 */
#include "platform/thread.h"

#include "lib/multihome.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

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

	/*
	 * A worker that cannot be notified would go on using what has been
	 * freed.
	 */
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
