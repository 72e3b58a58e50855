/* SPDX-License-Identifier: ISC */
/*
 * What mhprobe is to do, and the one table of options that says it.  Pure:
 * nothing is opened, looked up or printed here.
 */
#ifndef PROBE_OPTIONS_H
#define PROBE_OPTIONS_H

#include "probe/protocols/protocol.h"
#include "probe/target.h"
#include "probe/threshold.h"

/* The exit codes: the worst of all targets, and 3 for bad usage as well. */
enum options_exit {
	OPTIONS_EXIT_OK = 0,
	OPTIONS_EXIT_ELSEWHERE = 1, /* an answer from elsewhere */
	OPTIONS_EXIT_SILENT = 2,    /* no answer */
	OPTIONS_EXIT_ERROR = 3      /* could not be asked */
};

enum options_action { OPTIONS_RUN, OPTIONS_VERSION, OPTIONS_HELP };

struct options {
	enum options_action action;
	const struct protocol *protocol;
	struct target *targets; /* none with local */
	size_t target_count;
	const char *target_file; /* of more; "-": standard input; NULL: none */
	char *target_text;       /* what was read from there */
	bool local;
	uint16_t local_port;

	unsigned int count; /* 0: not given */
	int64_t interval;   /* ns */
	int64_t timeout;    /* ns */
	int size;           /* bytes; -1: not given */
	struct mh_address from;
	unsigned int sweep_ports;          /* 0: not given */
	unsigned int sweep_from, sweep_to; /* bytes; 0: not given */
	unsigned int tos;                  /* DSCP and ECN */
	bool dont_fragment;
	bool only_ipv4, only_ipv6;
	bool json, nagios, quiet, watch;
	struct threshold warning, critical; /* nagios */
	const char *name;                   /* dns; NULL: not given */
	uint8_t *payload;                   /* raw; NULL: not given */
	size_t payload_length;
	unsigned int tlvs;    /* stamp: PROTOCOL_TLV_*; 0: not given */
	const char *key_file; /* stamp; NULL: not given */
	struct mac_key *key;  /* that was read from it; NULL: none */
};

struct options_key;

/* How the value of an option is read; false and the reason if it cannot. */
typedef bool options_reader(struct options *options,
    const struct options_key *key, const char *value, char why[TARGET_WHY]);

struct options_key {
	const char *name; /* "sweep-ports" */
	char letter;      /* its short option; 0: none */
	options_reader *read;
	size_t offset;          /* in struct options */
	unsigned int low, high; /* of a number */
	const char *argument;   /* what people call it; NULL: it takes none */
	const char *help;
};

/* All options, in the order of the help; ended by a NULL name. */
extern const struct options_key options_keys[];

/*
 * Read the options of a command line into *options.  Returns where in argv,
 * which may be reordered, the arguments begin; or -1 and a whole sentence in
 * why.  The caller clears *options in any case.  Texts in argv are kept, not
 * copied.  Not thread-safe (getopt_long).
 */
int options_read(
    struct options *options, int argc, char *argv[], char why[TARGET_WHY]);

/* Free what *options holds. */
void options_clear(struct options *options);

#endif
