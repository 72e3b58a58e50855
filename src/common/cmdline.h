/* SPDX-License-Identifier: ISC */
/*
 * The command line of a program: getopt_long() over a table of options that the
 * caller keeps in its own form, with one wording for all errors.
 */
#ifndef COMMON_CMDLINE_H
#define COMMON_CMDLINE_H

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>

/* Options that a program can have. */
#define CMDLINE_OPTIONS_MAX 512

/* Bytes that hold what cmdline_next() says; what is longer is cut. */
#define CMDLINE_WHY 160

/* Bytes that hold what cmdline_format() writes; what is longer is cut. */
#define CMDLINE_TEXT 128

/* Does an option take a value? */
enum cmdline_value { CMDLINE_NO_VALUE, CMDLINE_VALUE, CMDLINE_MAY_HAVE_VALUE };

/* What cmdline_next() returns instead of the number of an option. */
enum { CMDLINE_END = -1, CMDLINE_FAULT = -2 };

/* All zero to begin with. */
struct cmdline {
	struct option options[CMDLINE_OPTIONS_MAX + 1];
	char letter[CMDLINE_OPTIONS_MAX];          /* of each; 0: none */
	char letters[3 * CMDLINE_OPTIONS_MAX + 3]; /* for getopt_long() */
	size_t count;
	bool in_order; /* the first argument that is no option ends them */
	bool started;
};

/*
 * Add option number 0, 1, 2, ...: "--name", and "-letter" unless that is 0.
 * The name stays the caller's.  More than CMDLINE_OPTIONS_MAX are ignored.
 */
void cmdline_add(struct cmdline *cmdline, const char *name, char letter,
    enum cmdline_value value);

/*
 * Read the next option of argv, which may be reordered.  Returns its number,
 * with *value NULL if it has none; CMDLINE_FAULT, with a reason in why like
 * "--cuont: unknown option", after which parsing can continue; or CMDLINE_END.
 * Not thread-safe (getopt_long): one command line at a time.
 */
int cmdline_next(struct cmdline *cmdline, int argc, char *argv[],
    const char **value, char why[CMDLINE_WHY]);

/* The first argument that is not an option, after CMDLINE_END. */
int cmdline_rest(void);

/*
 * An option as the help shows it: "-c, --count=COUNT", or "    --local" without
 * letter (0) and argument (NULL).  Returns text.
 */
char *cmdline_format(const char *name, char letter, const char *argument,
    char text[CMDLINE_TEXT]);

#endif
