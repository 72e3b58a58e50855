/* SPDX-License-Identifier: ISC */
/*
 * The program as a Windows service: the arguments of --service, and what they
 * do.
 */
#ifndef PLATFORM_WIN32_SERVICE_H
#define PLATFORM_WIN32_SERVICE_H

#include <stdbool.h>
#include <stddef.h>

enum command_verb {
	COMMAND_INSTALL,
	COMMAND_UNINSTALL,
	COMMAND_START,
	COMMAND_STOP,
	COMMAND_RUN /* what the service manager calls */
};

/* --service VERB [--service-name=NAME] [--service-description=TEXT] ... */
struct command {
	enum command_verb verb;
	const char *name;
	const char *description;
	int argc; /* main()'s arguments without all that */
	char **argv;
};

/* Bytes for the command line of a service, and for an error message. */
#define COMMAND_LINE 4096
#define COMMAND_WHY 160

/*
 * Read the arguments; argv[1] is "--service".  argv is changed: the program's
 * name moves up to what command->argv points to.  False and a sentence in why.
 */
bool command_parse(
    struct command *command, int argc, char *argv[], char why[COMMAND_WHY]);

/*
 * The command line with which the service manager is to start the service, as
 * CommandLineToArgvW() takes it apart again.  False if it is too long.
 */
bool command_line(const struct command *command, const char *program,
    char line[COMMAND_LINE]);

/* Do what the command says, but for COMMAND_RUN; returns the exit code. */
int manage(const struct command *command);

/*
 * Be the service that the service manager has started: run body on a thread of
 * the service manager's, and return its exit code.
 */
int service_run(
    const struct command *command, int (*body)(int argc, char *argv[]));

/* "No such service (error 1060)", for a message; size is at least 64. */
void manage_error_text(unsigned long error, char *text, size_t size);

/* Does a service go on after this event of a console, CTRL_LOGOFF_EVENT? */
bool service_ignores(unsigned long event);

/* From here on, no handler that was there before has such an event. */
void service_watch_console(void);

/*
 * A line for the Event Log, which takes "%1" in a line for an insertion, as in
 * "fe80::1%12": write "fe80::1%(12)".  What is too long is cut off.
 */
void service_event_text(const char *text, char *event, size_t size);

/* Exit codes, from sysexits.h of BSD. */
enum { SERVICE_USAGE = 64, SERVICE_UNAVAILABLE = 69, SERVICE_NOPERM = 77 };

#endif
