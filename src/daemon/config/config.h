/* SPDX-License-Identifier: ISC */
/*
 * What the daemon is to do, and the one table of keys that says it: every key
 * of the file is a long option too.  Pure: nothing is opened, resolved or
 * printed here.
 */
#ifndef DAEMON_CONFIG_CONFIG_H
#define DAEMON_CONFIG_CONFIG_H

#include "daemon/config/keys.h"
#include "daemon/config/values.h"

enum config_action {
	CONFIG_RUN,
	CONFIG_TEST,
	CONFIG_DUMP,
	CONFIG_SELF_TEST,
	CONFIG_VERSION,
	CONFIG_HELP
};

/* A service, once for each section or argument. */
struct config_service {
	const struct service *service;
	char *name; /* "echo", "echo:lab" */
	struct config_values values;
	/* Of each endpoint of values.listen the one with the service's other
	 * port; none if it has none. */
	struct config_endpoints others;
};

struct config {
	enum config_action action;
	char *path; /* of the file; NULL: none */
	struct config_values daemon;
	/*
	 * What [daemon] and the command line say of services' own keys, for
	 * all that have them: in the order of service_table.
	 */
	struct config_values *defaults;
	struct config_service *services;
	size_t service_count;
};

/* What is wrong, a sentence each.  All zero to begin with. */
struct config_errors {
	char **lines;
	size_t count;
};

void config_error(struct config_errors *errors, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void config_errors_free(struct config_errors *errors);

/*
 * What is wrong with a key of a service, or with one of [daemon] if service is
 * NULL: said with file, line and section where the value is from a file,
 * and not at all of a value that could not be read.
 */
struct config_place {
	const struct config *config;
	const struct config_service *service;
	const char *key;
};
void config_error_at(struct config_errors *errors,
    const struct config_place *place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Whom to tell what is wrong, and the words that go in front of it. */
struct config_teller {
	struct config_errors *errors;
	const char *prefix; /* "echo.conf:3: [echo] listen: " */
};

/* The exit codes of the daemon, from sysexits.h of BSD. */
enum config_exit {
	CONFIG_EXIT_USAGE = 64,
	CONFIG_EXIT_NOINPUT = 66,
	CONFIG_EXIT_NOUSER = 67,
	CONFIG_EXIT_UNAVAILABLE = 69,
	CONFIG_EXIT_OSERR = 71,
	CONFIG_EXIT_CANTCREAT = 73,
	CONFIG_EXIT_NOPERM = 77,
	CONFIG_EXIT_CONFIG = 78
};

/* Bytes that hold the name of a service with its label. */
#define CONFIG_NAME 64

/* Bytes of the key "node": as many as a host's name can have. */
#define CONFIG_NODE_MAX 255

/* Make *config one of initial values.  Returns false when out of memory. */
bool config_init(struct config *config);

/* Free what *config holds. */
void config_clear(struct config *config);

/* A value as it was given: where, and in what words. */
struct config_source {
	enum config_origin origin;
	unsigned int line; /* of the file; 0: not from one */
	const char *text;
	const struct config_teller *teller;
};

/*
 * Set a key in values from text.  Returns false and tells why: "must be yes or
 * no, not \"x\""; of a list, for each item that is wrong.  A list that is set
 * again from the same origin grows; from a higher origin it starts anew.
 */
bool config_set(struct config_values *values, const struct config_key *key,
    const struct config_source *source);

/*
 * Where the value of a key is.  values: of the key's service, if it is one of
 * a service's own.
 */
void *config_value(struct config_values *values, const struct config_key *key);
const void *config_value_in(
    const struct config_values *values, const struct config_key *key);

/*
 * Give a key the value that it has in from.  Returns whether it had another.
 */
bool config_keep(struct config_values *values, const struct config_values *from,
    const struct config_key *key);

/*
 * The service instance of that name, "echo" or "echo:lab", made if it is not
 * there yet.  NULL and the reason if there is no such service.
 */
struct config_service *config_service_named(
    struct config *config, const char *name, char why[CONFIG_WHY]);

/*
 * Add "SERVICE" or "SERVICE=ENDPOINT", as on the command line.  Returns false
 * if there is an error.
 */
bool config_add(
    struct config *config, const char *text, struct config_errors *errors);

/*
 * Set a key of the services' own by the name that it has in [daemon] or on the
 * command line: in the defaults of each service that has it, or of that one
 * alone.  Returns false if no service has such a key; what is wrong with the
 * value has been told.
 */
bool config_set_defaults(struct config *config, const struct service *only,
    const char *name, const struct config_source *source);

#endif
