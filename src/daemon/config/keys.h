/* SPDX-License-Identifier: ISC */
/*
 * The keys: what can be configured, where, and in what form.  Every key of the
 * file is a long option too.
 */
#ifndef DAEMON_CONFIG_KEYS_H
#define DAEMON_CONFIG_KEYS_H

#include "services/service.h"

/* Where a key may be set: config_key.scope. */
enum config_scope {
	CONFIG_OPTION = 1 << 0,  /* on the command line only */
	CONFIG_DAEMON = 1 << 1,  /* in [daemon], and as an option */
	CONFIG_SERVICE = 1 << 2, /* in the section of a service */
	CONFIG_LASTING = 1 << 3  /* a reload does not change it */
};

struct config_type;

struct config_key {
	const char *name;               /* "reply-interface" */
	char letter;                    /* its short option; 0: none */
	unsigned int scope;             /* enum config_scope */
	const struct config_type *type; /* NULL: an option, not a key */
	size_t offset; /* in struct config_values, or in the own settings */
	const char *argument; /* the value in the help: "BYTES" */
	const char *initial;  /* as text; NULL: none */
	const char *help;
	const struct service
	    *service; /* whose own key it is; NULL: [daemon]'s */
	size_t index; /* its number among those */
};

/* All keys, in the order of the help; ended by a NULL name. */
extern const struct config_key keys_table[];

/* The key of that name; NULL if there is none. */
const struct config_key *keys_find(const char *name);

/* A service's own key number i in the form of the daemon's keys. */
struct config_key keys_own(const struct service *service, size_t i);

/* The service's own key of that name; false if there is none. */
bool keys_find_own(
    const struct service *service, const char *name, struct config_key *key);

/*
 * The index of a key in the per-key arrays of struct config_values: for one in
 * keys_table, or one of a service's own.
 */
size_t keys_number(const struct config_key *key);

#endif
