/* SPDX-License-Identifier: ISC */
/*
 * The configuration: services, values, and where each was set.  Every key of
 * the file is also a long option.  Pure: nothing is opened, resolved or printed
 * here.
 */
#ifndef DAEMON_CONFIG_CONFIG_H
#define DAEMON_CONFIG_CONFIG_H

#include "common/hashindex.h"
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

/* A service instance: one for each section or argument. */
struct config_service {
	const struct service *service;
	char *name; /* "echo", "echo:lab" */
	struct config_values values;
	/* For each endpoint of values.listen, the one with the service's other
	 * port; empty if it has none. */
	struct config_endpoints others;
};

/* A file that was read. */
struct config_file {
	char *name;     /* as it was opened */
	size_t include; /* which one named it, from 1; 0: the command line */
};

/* What an "include" says, and where that is. */
struct config_include {
	char *pattern;
	unsigned int file, line;
};

struct config {
	enum config_action action;
	char *path;                /* of the file; NULL: none */
	struct config_file *files; /* that one, and those it includes */
	size_t file_count;
	struct config_include *includes;
	size_t include_count;
	struct config_values daemon;
	/*
	 * Services' own keys as set in [daemon] and on the command line, for
	 * all instances: in the order of service_table.
	 */
	struct config_values *defaults;
	struct config_service *services;
	size_t service_count, service_room;
	struct hashindex names; /* of the services */
};

/* Errors, a message each.  Initially all zero. */
struct config_errors {
	char **lines;
	size_t kept;  /* lines */
	size_t count; /* errors: more, if memory ran out */
};

/* Add an error, as by printf(); out of memory, it is only counted. */
void config_error(struct config_errors *errors, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void config_errors_free(struct config_errors *errors);

/*
 * A key of a service, or of [daemon] if service is NULL, for errors: these name
 * file, line and section if the value is from a file.  A value that could not
 * be read has been reported, and gets no second error.
 */
struct config_place {
	const struct config *config;
	const struct config_service *service;
	const char *key;
};
void config_error_at(struct config_errors *errors,
    const struct config_place *place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Where errors go, and what comes first in each. */
struct config_sink {
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

/* Bytes of the key "node": the longest host name. */
#define CONFIG_NODE_MAX 255

/*
 * Set *config to initial values.  Returns false when out of memory; or with
 * errors such as "built-in default of --stack: must be ...", which are bugs of
 * ours.
 */
bool config_init(struct config *config, struct config_errors *errors);

/* The same for the service's own keys alone; config_init() includes them. */
bool config_init_own(struct config_values *values,
    const struct service *service, struct config_errors *errors);

/* Free what *config holds. */
void config_clear(struct config *config);

/* Note that a file of that name is being read.  False when out of memory. */
bool config_add_file(struct config *config, const char *name);

/*
 * Note that a line of a file, by its number in config->files, includes what
 * matches a pattern.  False when out of memory.
 */
bool config_add_include(struct config *config, const char *pattern,
    unsigned int file, unsigned int line);

/* A value as it was written: where, and the text. */
struct config_source {
	enum config_origin origin;
	unsigned int line; /* of the file; 0: not from one */
	const char *text;
	const struct config_sink *sink;
	unsigned int file; /* its number in config->files, if line is not 0 */
};

/*
 * Set a key in values from text.  Returns false and reports why: "must be yes
 * or no, not \"x\""; in a list, for each item that is wrong.  Setting a list
 * once more from the same origin appends to it; from a higher origin, replaces
 * it.
 */
bool config_set(struct config_values *values, const struct config_key *key,
    const struct config_source *source);

/*
 * A pointer to the value of a key.  values: those of the key's service, if it
 * is one of a service's own.
 */
void *config_value(struct config_values *values, const struct config_key *key);
const void *config_value_in(
    const struct config_values *values, const struct config_key *key);

/* Free what the value of a key holds; a copy or another value must follow. */
void config_clear_value(
    struct config_values *values, const struct config_key *key);

/*
 * Copy the value of a key from other values.  Returns whether it was different.
 */
bool config_keep(struct config_values *values, const struct config_values *from,
    const struct config_key *key);

/*
 * The service instance of that name, "echo" or "echo:lab", created if it does
 * not exist yet.  NULL and the reason if there is no such service.
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
 * Set one of the services' own keys by its name in [daemon] or on the command
 * line: in the defaults of each service that has it, or only those of one.
 * Returns false if no service has such a key; errors in the value are reported,
 * not returned.
 */
bool config_set_defaults(struct config *config, const struct service *only,
    const char *name, const struct config_source *source);

#endif
