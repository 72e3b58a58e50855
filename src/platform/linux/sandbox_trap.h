/* SPDX-License-Identifier: ISC */
/*
 * Calls that the sandbox refuses raise SIGSYS and can so be logged:
 * host_sandbox_refused().
 */
#ifndef PLATFORM_LINUX_SANDBOX_TRAP_H
#define PLATFORM_LINUX_SANDBOX_TRAP_H

#include <stdbool.h>

/*
 * From now on, a call for which SIGSYS is sent (SECCOMP_RET_TRAP) fails with
 * EPERM, and is remembered.  A thread that blocks this signal would be killed.
 * For the main thread, before the sandbox, once.  False if this machine or the
 * system cannot.
 */
bool sandbox_trap_set(void);

#endif
