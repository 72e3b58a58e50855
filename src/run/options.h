/* SPDX-License-Identifier: ISC */
/*
 * What mhrun is to do, and the one table of options that says it.  Pure:
 * nothing is opened, started or printed here.
 */
#ifndef RUN_OPTIONS_H
#define RUN_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The exit codes of mhrun itself, as those of env(1); any other is that of the
 * command.
 */
enum run_exit {
	RUN_EXIT_OK = 0,
	RUN_EXIT_FAILED = 125,      /* mhrun itself; bad usage, too */
	RUN_EXIT_NOT_STARTED = 126, /* the command cannot be executed */
	RUN_EXIT_NOT_FOUND = 127
};

enum run_action {
	RUN_PRELOAD, /* start a command with libmhrun.so */
	RUN_CGROUP,  /* start it in a control group with our programs */
	RUN_ATTACH,  /* add them to a group that is there; and so on */
	RUN_DETACH,
	RUN_PIN,
	RUN_STATUS,
	RUN_VERSION,
	RUN_HELP
};

/* Ports that can be named. */
#define RUN_PORTS_MAX 64

/* Bytes that hold a reason; what is longer is cut. */
#define RUN_WHY 256

struct run_options {
	enum run_action action;
	/* Of --cgroup, --attach, --detach, --pin and --status; NULL: none. */
	const char *directory;
	uint16_t ports[RUN_PORTS_MAX]; /* these alone; ascending, once each */
	unsigned int port_count;       /* 0: every port */
	uint32_t entries;              /* of the table of peers; 0: not given */
	uint32_t idle;                 /* seconds; 0: not given */
	unsigned int verbose;          /* how often */
	bool force;
	char **command; /* ended by NULL; NULL: none is to be started */
};

struct run_key;

/* How the value of an option is read; false and the reason if it cannot. */
typedef bool run_reader(struct run_options *options, const struct run_key *key,
    const char *value, char why[RUN_WHY]);

struct run_key {
	const char *name; /* "entries" */
	char letter;      /* its short option; 0: none */
	run_reader *read;
	enum run_action action; /* of an option that says what to do */
	const char *argument;   /* what people call it; NULL: it takes none */
	const char *help;
	bool may_miss; /* the argument may be left out */
};

/* All options, in the order of the help; ended by a NULL name. */
extern const struct run_key run_keys[];

/*
 * Read a command line.  False and a whole sentence in why if it is wrong.
 * Texts in argv are kept, not copied.  Not thread-safe (getopt_long).
 */
bool run_options_read(
    struct run_options *options, int argc, char *argv[], char why[RUN_WHY]);

#endif
