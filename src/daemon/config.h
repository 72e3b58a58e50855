/* SPDX-License-Identifier: ISC */
/*
 * What the daemon is to do, and the one table of keys that says it: every key
 * is a long option too.  Pure: nothing is opened, resolved or printed here.
 */
#ifndef DAEMON_CONFIG_H
#define DAEMON_CONFIG_H

#include "services/service.h"

enum config_action {
	CONFIG_RUN,
	CONFIG_SELF_TEST,
	CONFIG_VERSION,
	CONFIG_HELP
};

/* A service on an endpoint. */
struct config_instance {
	const struct service *service;
	struct mh_address endpoint;
};

struct config {
	enum config_action action;
	int verbosity;                /* 0: warnings and information */
	unsigned int stack;           /* enum mh_stack */
	unsigned int source;          /* 0 strict, 1 relaxed */
	unsigned int reply_interface; /* 0 route, 1 arrival */
	bool answer_broadcast;
	bool freebind;
	bool unsegmented;
	unsigned int receive_buffer; /* bytes; 0: the system's default */
	char *port_file;
	char *user;
	char *node;
	struct config_instance *instances;
	size_t instance_count;
};

/* How the value of a key is written. */
enum config_type {
	CONFIG_BOOL,   /* yes or no; as an option alone: yes */
	CONFIG_CHOICE, /* one of the words in config_key.argument */
	CONFIG_BYTES,  /* a number, with k or M behind it if you like */
	CONFIG_TEXT,
	CONFIG_MORE,  /* each time one more; an option only */
	CONFIG_LESS,  /* each time one less; an option only */
	CONFIG_ACTION /* what to do instead of running; an option only */
};

struct config_key {
	const char *name; /* "reply-interface" */
	char letter;      /* its short option; 0: none */
	enum config_type type;
	size_t offset;        /* in struct config; of CONFIG_ACTION: which */
	const char *argument; /* what the help calls it; "strict|relaxed" */
	const char *help;
};

/* All keys, in the order of the help; ended by a NULL name. */
extern const struct config_key config_keys[];

/* The exit codes of the daemon, from sysexits.h of BSD. */
enum config_exit {
	CONFIG_EXIT_USAGE = 64,
	CONFIG_EXIT_NOUSER = 67,
	CONFIG_EXIT_UNAVAILABLE = 69,
	CONFIG_EXIT_SOFTWARE = 70,
	CONFIG_EXIT_OSERR = 71,
	CONFIG_EXIT_CANTCREAT = 73,
	CONFIG_EXIT_NOPERM = 77
};

/* Bytes that hold any message below. */
#define CONFIG_WHY 256

/*
 * Set a key from text.  Returns false and says why in words that go behind
 * the key's name: "must be one of strict|relaxed, not \"x\"".
 */
bool config_set(struct config *config, const struct config_key *key,
    const char *value, char why[CONFIG_WHY]);

/* Add "SERVICE" or "SERVICE=ENDPOINT". */
bool config_add(struct config *config, const char *text, char why[CONFIG_WHY]);

/* Free what *config holds, and make it empty. */
void config_clear(struct config *config);

#endif
