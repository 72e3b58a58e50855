/* SPDX-License-Identifier: ISC */
/*
 * platform/thread.h for Windows: there is one thread, because no two sockets
 * share a port.
 */
#include "platform/thread.h"

#include "lib/multihome.h"

unsigned int
host_processors(void)
{
	return 1;
}

struct host_thread *
host_thread_start(void (*function)(void *), void *argument)
{
	(void)function;
	(void)argument;
	return NULL;
}

int
host_thread_pin(unsigned int number, unsigned int count)
{
	(void)number;
	(void)count;
	return MH_EUNSUPPORTED;
}

void
host_thread_join(struct host_thread *thread)
{
	(void)thread;
}

bool
host_channel_open(intptr_t ends[2])
{
	(void)ends;
	return false;
}

bool
host_channel_send(intptr_t end, const void *message, size_t size)
{
	(void)end;
	(void)message;
	(void)size;
	return false;
}

bool
host_channel_receive(intptr_t end, void *message, size_t size)
{
	(void)end;
	(void)message;
	(void)size;
	return false;
}

bool
host_channel_wait(intptr_t end, int milliseconds)
{
	(void)end;
	(void)milliseconds;
	return false;
}

void
host_channel_close(intptr_t ends[2])
{
	(void)ends;
}
