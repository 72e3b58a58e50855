/* SPDX-License-Identifier: ISC */
/*
 * A socket with a name in the file system, for programs of this host alone: who
 * may connect is said by the rights of the file.  Windows: there is none.
 */
#ifndef PLATFORM_LOCALSOCKET_H
#define PLATFORM_LOCALSOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of a reason. */
#define HOST_LOCALSOCKET_WHY 256

/* Where a socket is to be, and whose. */
struct host_localsocket {
	const char *path;
	const char *owner; /* "USER", "USER:GROUP", ":GROUP"; NULL: ours */
	unsigned int mode; /* of the file: 0660 */
};

/*
 * Can there be such a socket?  False with the reason in words: what is at the
 * path is no socket, its directory can be written by everybody, it is too long,
 * there is no such user.  A directory that does not exist may be made until the
 * start, as by systemd (RuntimeDirectory=).  Not in a sandbox.
 */
bool host_localsocket_check(
    const struct host_localsocket *wanted, char why[HOST_LOCALSOCKET_WHY]);

/*
 * Listen there, non-blocking.  One that a process left when it ended is
 * replaced; one that is listened to is not.  Before host_privsep_start(),
 * whose finish() can be host_localsocket_remove(), and before there are
 * threads.  Returns the handle, or -1 and the reason in words.
 */
intptr_t host_localsocket_listen(
    const struct host_localsocket *wanted, char why[HOST_LOCALSOCKET_WHY]);

/*
 * At the end: remove what host_localsocket_listen() has made, unless somebody
 * has put another one there since.  Does nothing in a process that has a
 * privileged helper.
 */
void host_localsocket_remove(void);

/* A request, and what is done with its answer. */
struct host_localsocket_request {
	const char *text;
	int patience; /* ms that the other side may be silent; -1: any time */
	/* A piece of the answer; false ends it. */
	bool (*take)(void *argument, const char *piece, size_t length);
	void *argument;
};

/*
 * Connect, send it, and take the answer, to its end.  False with the reason in
 * words.
 */
bool host_localsocket_ask(const char *path,
    const struct host_localsocket_request *request,
    char why[HOST_LOCALSOCKET_WHY]);

#endif
