/* SPDX-License-Identifier: ISC */
/*
 * The command line of mhctl: a few options, then a command.
 */
#ifndef CTL_OPTIONS_H
#define CTL_OPTIONS_H

#include "common/request.h"

/* Where the daemon's socket is if nothing else is said. */
#define CTL_SOCKET "/run/multihomed/control"

enum ctl_action { CTL_ASK, CTL_VERSION, CTL_HELP };

enum ctl_exit {
	CTL_EXIT_OK = 0,
	CTL_EXIT_REFUSED = 1, /* by the daemon: the reload failed */
	CTL_EXIT_USAGE = 2,
	CTL_EXIT_ABSENT = 3 /* no daemon to talk to, or not allowed to */
};

struct ctl_options {
	enum ctl_action action;
	const char *socket;
	struct request request;
};

/* An option as the help shows it. */
struct ctl_key {
	const char *name;
	char letter;
	const char *argument; /* NULL: it has none */
	const char *help;
};

/* Ended by a NULL name. */
extern const struct ctl_key ctl_keys[];

/* Read the command line; false with the reason in why. */
bool ctl_options_read(
    struct ctl_options *options, int argc, char *argv[], char why[REQUEST_WHY]);

#endif
