/* SPDX-License-Identifier: ISC */
/*
 * The process that is the privileged helper.  It reads what its own code wants
 * to read, and writes the port file.  Nothing else can be asked of it, even by
 * somebody who has taken over the daemon.
 */
#ifndef PLATFORM_LINUX_PRIVSEP_HELPER_H
#define PLATFORM_LINUX_PRIVSEP_HELPER_H

#include "platform/privsep.h"

/*
 * Be the helper, after fork(), until the daemon ends; then remove the port
 * file.  end: of the sockets to the daemon.  life: of a stream to it; while
 * that has O_ASYNC and the daemon closes its end, the kernel kills this
 * process.
 */
_Noreturn void privsep_helper_serve(
    int end, int life, const struct host_privsep *job);

/* Is this process the helper? */
bool privsep_helper_is_self(void);

/*
 * Let the daemon know that this file is about to be read.  False if it has
 * been, for the same request.
 */
bool privsep_helper_announce(const char *path);

/* Send what was in it; or, with text NULL, why it could not be read. */
void privsep_helper_send(const char *text, size_t length, const char *why);

#endif
