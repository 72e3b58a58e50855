/* SPDX-License-Identifier: ISC */
/*
 * Sockets that the service manager opened and passed on at start (socket
 * activation).  Windows: there are none.
 */
#ifndef PLATFORM_INHERITED_H
#define PLATFORM_INHERITED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Sockets that the service manager opened for that name, "echo" or "echo:lab";
 * returns how many, at most max.  systemd calls the latter "echo.lab".
 */
unsigned int host_inherited(
    const char *name, intptr_t *handles, unsigned int max);

/*
 * Number 0, 1, ... of all those sockets, and what the service manager calls it;
 * false if there is no such number.  If there are other sockets than it says,
 * or not as many as names, none has a name: number 0 then says so, with -1.
 */
bool host_inherited_at(
    unsigned int number, intptr_t *handle, char *name, size_t size);

/*
 * A handle of one's own for such a socket, which itself stays open: a service
 * that a reload takes away may come back with a later one.  Returns -1 if there
 * cannot be one.
 */
intptr_t host_inherited_copy(intptr_t handle);

/* Close a copy that could not be used. */
void host_inherited_close(intptr_t handle);

#endif
