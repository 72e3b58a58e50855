/* SPDX-License-Identifier: ISC */
/*
 * The memory that this program has from the system.
 */
#ifndef PLATFORM_MEMORY_H
#define PLATFORM_MEMORY_H

/*
 * Prefer returning memory to the system over speed, from now on: this program
 * allocates nothing for a datagram.  Call it before other threads are started.
 * Linux: glibc would keep up to 64 MB for each thread otherwise.  Windows: does
 * nothing.
 */
void host_memory_economise(void);

/*
 * Return what is free: much has been freed, and the program may run for
 * months.  May take milliseconds; any thread.  Linux: only with glibc, which
 * does not do so by itself.  Windows: does nothing.
 */
void host_memory_trim(void);

#endif
