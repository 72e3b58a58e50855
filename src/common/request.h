/* SPDX-License-Identifier: ISC */
/*
 * What mhctl asks of the daemon, in one line over the control socket: the name
 * and version of the protocol, the form of the answer, a command and its
 * argument.  The answer is a line, "ok" or "error", then the text.
 */
#ifndef COMMON_REQUEST_H
#define COMMON_REQUEST_H

#include "lib/multihome.h"

/* Bytes of the longest line, with the newline at its end. */
#define REQUEST_MAX 256

/* Bytes that hold why one is wrong. */
#define REQUEST_WHY 256

/* How the answer begins. */
#define REQUEST_OK "ok\n"
#define REQUEST_ERROR "error\n"

enum request_verb {
	REQUEST_STATUS,
	REQUEST_DROPS,
	REQUEST_TOP,
	REQUEST_SESSIONS,
	REQUEST_DRAIN,
	REQUEST_UNDRAIN,
	REQUEST_RELOAD,
	REQUEST_LOG_LEVEL,
	REQUEST_VERBS /* their number */
};

struct request {
	enum request_verb verb;
	bool is_json;           /* the answer; else it is for people */
	struct mh_address peer; /* drops: of this one alone; none: of all */
	int level; /* log-level: number of the word to set; -1: show it */
};

/* A command, as the help shows it. */
struct request_command {
	const char *name;
	const char *argument; /* NULL: takes none; it can always be left out */
	const char *help;
};

/* By enum request_verb; ended by a NULL name. */
extern const struct request_command request_commands[];

/* The words of log-level, as in the configuration, by their numbers. */
extern const char *const request_levels[4];

/*
 * Understand a command and its argument, NULL for none.  False on failure, with
 * a reason in why that names it.
 */
bool request_read(struct request *request, const char *command,
    const char *argument, char why[REQUEST_WHY]);

/* The line that asks for it, with its newline. */
void request_format(const struct request *request, char line[REQUEST_MAX]);

/* Is the line whole, or too long to become one that is right? */
bool request_is_whole(const char *text, size_t length);

/*
 * Parse a whole one, of bytes that anybody may have sent.  False on failure,
 * with a reason in why; request->is_json is set in any case.
 */
bool request_parse(struct request *request, const char *text, size_t length,
    char why[REQUEST_WHY]);

#endif
