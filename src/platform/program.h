/* SPDX-License-Identifier: ISC */
/*
 * How this system starts a program, and which signals tell it what to do.
 */
#ifndef PLATFORM_PROGRAM_H
#define PLATFORM_PROGRAM_H

#include <stdint.h>

/*
 * Enter the program as this system starts programs: call body with main()'s
 * arguments, and return its exit code.  Linux: the signals of host_signals that
 * do not stop the program have no effect before host_signals_release(), SIGSYS
 * is unblocked, even if the parent has blocked it, and closed standard streams
 * become /dev/null, lest another file take their place.  Windows: first narrows
 * down where DLLs are loaded from; under the service manager body runs on a
 * thread of its own; and --service as the first argument manages the service
 * instead.
 */
int host_main(int argc, char *argv[], int (*body)(int argc, char *argv[]));

/* What host_main() takes as arguments, for the help; "" if nothing. */
extern const char host_usage[];

/* How to see who has a port that is in use. */
extern const char host_port_advice[];

/*
 * Let this program have as many sockets as its user may.  Linux: the soft limit
 * of open files becomes the hard one (getrlimit(2)).  Windows has none.
 * Returns how many open files it may have then; 0: any number, or unknown.
 */
uint64_t host_raise_limits(void);

/* What a signal asks of the daemon. */
enum host_action {
	HOST_STOP,
	HOST_DRAIN,
	HOST_COUNTERS,
	HOST_RELOAD,
	HOST_IGNORE
};

struct host_signal {
	int number;
	enum host_action action;
};

/* The signals to listen to; ended by number 0. */
extern const struct host_signal host_signals[];

/*
 * The program listens to its signals: deliver them, those since host_main(),
 * too.  Windows: does nothing.
 */
void host_signals_release(void);

#endif
