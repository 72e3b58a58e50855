/* SPDX-License-Identifier: ISC */
/*
 * Threads, the processors they run on, and channels between them.  Windows has
 * one thread: no two sockets share a port there.
 */
#ifndef PLATFORM_THREAD_H
#define PLATFORM_THREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * How many threads can share the work on a port: the processors that this
 * process may use.  Windows: 1.
 */
unsigned int host_processors(void);

/* A thread that runs function(argument).  NULL if there cannot be one. */
struct host_thread *host_thread_start(void (*function)(void *), void *argument);

/*
 * Keep the calling thread, which is number `number` of `count`, on one of the
 * processors that it may use: the first one whose own number modulo count is
 * that, else one of the others.  Returns 0; MH_ESYSTEM; or MH_EUNSUPPORTED.
 * Linux.
 */
int host_thread_pin(unsigned int number, unsigned int count);

/* Wait for its end, and free it. */
void host_thread_join(struct host_thread *thread);

/*
 * Two ends of a channel between threads; an event loop can watch each of them
 * for something to receive.  Whole messages of up to 256 bytes; send and
 * receive wait.  False on failure.  Windows: there is none.
 */
bool host_channel_open(intptr_t ends[2]);
bool host_channel_send(intptr_t end, const void *message, size_t size);
bool host_channel_receive(intptr_t end, void *message, size_t size);

/* Is there something to receive within that time?  -1: wait forever. */
bool host_channel_wait(intptr_t end, int milliseconds);

/* Close both ends. */
void host_channel_close(intptr_t ends[2]);

#endif
