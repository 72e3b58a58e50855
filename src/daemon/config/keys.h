/* SPDX-License-Identifier: ISC */
/*
 * The keys: what can be configured, where, and in what form.  Every key of the
 * file is a long option too.
 */
#ifndef DAEMON_CONFIG_KEYS_H
#define DAEMON_CONFIG_KEYS_H

#include "services/service.h"

/* Where a key may stand: config_key.scope. */
enum config_scope {
	CONFIG_OPTION = 1 << 0,  /* on the command line alone */
	CONFIG_DAEMON = 1 << 1,  /* in [daemon], and as an option */
	CONFIG_SERVICE = 1 << 2, /* in the section of a service */
	CONFIG_LASTING = 1 << 3  /* a reload does not change it */
};

struct config_type;

struct config_key {
	const char *name;               /* "reply-interface" */
	char letter;                    /* its short option; 0: none */
	unsigned int scope;             /* enum config_scope */
	const struct config_type *type; /* NULL: an option of its own */
	size_t offset; /* in struct config_values, or in the own settings */
	const char *argument; /* what people call the value: "BYTES" */
	const char *initial;  /* as text; NULL: none */
	const char *help;
	const struct service *service; /* whose own key it is; NULL: not one */
	size_t index;                  /* which of its own keys */
};

/* All keys, in the order of the help; ended by a NULL name. */
extern const struct config_key keys_table[];

/* The key of that name; NULL if there is none. */
const struct config_key *keys_find(const char *name);

/* Own key number i of a service, as the daemon has keys. */
struct config_key keys_own(const struct service *service, size_t i);

/* The service's own key of that name; false if there is none. */
bool keys_find_own(
    const struct service *service, const char *name, struct config_key *key);

/*
 * The number under which struct config_values notes things of a key: of one in
 * keys_table, or of a service's own.
 */
size_t keys_number(const struct config_key *key);

#endif
