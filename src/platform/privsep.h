/* SPDX-License-Identifier: ISC */
/*
 * The privileged helper: a process that keeps the rights that the daemon gives
 * up at start, and does with them what a reload needs: read files and write the
 * port file.  It may hang, as open(2) on a dead file server does, or die; so
 * the daemon sends a request and goes on, and looks for the answer when the
 * handle can be read.
 *
 * All functions are for the main thread; what it has read can be read by any,
 * and is gone if the helper dies.  Windows: nothing is given up, and
 * there is no helper; host_file_read() and host_file_write() do the work.
 */
#ifndef PLATFORM_PRIVSEP_H
#define PLATFORM_PRIVSEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How long the helper may be silent during a request, in ms. */
#define HOST_PRIVSEP_TIMEOUT 2000

/* Bytes of a reason. */
#define HOST_PRIVSEP_WHY 256

struct host_privsep {
	const char *port_path; /* the one file that it writes; NULL: none */
	/* The last that it does, with rights that the daemon no longer has;
	 * NULL: nothing. */
	void (*finish)(void);
	bool sandbox; /* it has one, too */
	/*
	 * Call host_file_read() for each file that a reload reads.  Runs in the
	 * helper, which sends the contents to the daemon and to nobody else:
	 * so the daemon gets what this code reads, whatever it asks for.  NULL:
	 * there are none.
	 */
	void (*read_files)(const void *argument);
	const void *argument;
};

/*
 * Start it; call this before privileges are dropped, or when it has died, then
 * with the rights that are left.  False on failure.
 */
bool host_privsep_start(const struct host_privsep *job);

/*
 * End it, once it has removed the port file and called finish(); if it hangs,
 * after a second.  It ends with the daemon in any case.
 */
void host_privsep_stop(void);

/* Readable when host_privsep_receive() has something; -1: no helper. */
intptr_t host_privsep_handle(void);

/*
 * Request that it read all files, or replace the port file by that text.
 * Answers to earlier requests are ignored from now on.  Never waits.  False and
 * the reason if it cannot be sent.
 */
bool host_privsep_read(char why[HOST_PRIVSEP_WHY]);
bool host_privsep_write(
    const char *text, size_t length, char why[HOST_PRIVSEP_WHY]);

enum host_privsep_state {
	HOST_PRIVSEP_IDLE,    /* nothing to receive, or not for this request */
	HOST_PRIVSEP_WORKING, /* a part of the answer has arrived */
	HOST_PRIVSEP_DONE,    /* carried out; host_file_read() has the files */
	HOST_PRIVSEP_FAILED,  /* not carried out */
	HOST_PRIVSEP_DEAD     /* the helper has ended: there is no handle */
};

/* Receive one message; never waits.  why: set with HOST_PRIVSEP_FAILED. */
enum host_privsep_state host_privsep_receive(char why[HOST_PRIVSEP_WHY]);

/* The file that it is reading for the current request; NULL: not known. */
const char *host_privsep_file(void);

/* Free the files that it has read: a reload is over. */
void host_privsep_forget(void);

#endif
