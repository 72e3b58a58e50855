/* SPDX-License-Identifier: ISC */
/*
 * What the daemon is to do, and the one table of keys that says it: every key
 * of the file is a long option too.  Pure: nothing is opened, resolved or
 * printed here.
 */
#ifndef DAEMON_CONFIG_CONFIG_H
#define DAEMON_CONFIG_CONFIG_H

#include "daemon/path/limit.h"
#include "daemon/path/prefix.h"
#include "services/service.h"

/* Room for all keys; config.c checks that they fit. */
#define CONFIG_KEYS_MAX 64

enum config_action {
	CONFIG_RUN,
	CONFIG_TEST,
	CONFIG_DUMP,
	CONFIG_SELF_TEST,
	CONFIG_VERSION,
	CONFIG_HELP
};

/* Lists as they are configured. */
struct config_prefixes {
	struct prefix *items;
	size_t count;
};

struct config_endpoints {
	struct mh_address *items;
	size_t count;
};

struct config_ports {
	uint16_t *items;
	size_t count;
};

/*
 * The values of all keys.  [daemon] has one, and each service has one; what a
 * service does not say itself it has from [daemon], and that from the keys'
 * initial values.
 */
struct config_values {
	/* Of a service; in [daemon]: for those that do not say otherwise. */
	struct config_endpoints listen;
	struct config_prefixes allow, deny, serve, trust;
	unsigned int max_amplification; /* hundredths */
	struct limit_rate rate;
	char *file;                      /* qotd */
	struct service_pattern *request; /* fixed */
	struct service_pattern *reply;

	/* Of the daemon alone. */
	unsigned int stack;           /* enum mh_stack */
	unsigned int source;          /* 0 strict, 1 relaxed */
	unsigned int reply_interface; /* 0 route, 1 arrival */
	bool answer_broadcast;
	bool freebind;
	bool unsegmented;
	unsigned int receive_buffer; /* bytes; 0: the system's default */
	unsigned int send_buffer;    /* the same */
	unsigned int batch;          /* datagrams */
	unsigned int busy_poll;      /* microseconds */
	struct config_ports refuse_ports;
	bool mark_replies;
	unsigned int rate_prefix_v4, rate_prefix_v6; /* bits */
	unsigned int rate_buckets;
	struct limit_rate rate_total;
	unsigned int workers; /* 0: as many as processors */
	bool cpu_affinity;
	char *user;
	char *node;
	char *port_file;
	struct config_endpoints http; /* one or none */
	struct config_prefixes http_allow;
	unsigned int drain_time;     /* seconds */
	unsigned int probe_interval; /* seconds */
	bool sandbox;
	unsigned int log;       /* 0 stderr, 1 syslog */
	unsigned int log_level; /* enum log_level */

	/* Where each key's value is from: enum config_origin. */
	uint8_t origin[CONFIG_KEYS_MAX];

	/* The lines of the file that gave the values, and that began their
	 * section; 0: none did. */
	unsigned int line[CONFIG_KEYS_MAX];
	unsigned int section;
	bool faulty[CONFIG_KEYS_MAX]; /* not readable, which has been said */
};

/* A later one overrides an earlier one. */
enum config_origin {
	CONFIG_INITIAL,
	CONFIG_INHERITED,
	CONFIG_FILE,
	CONFIG_COMMAND_LINE
};

/* A service, once for each section or argument. */
struct config_service {
	const struct service *service;
	char *name; /* "echo", "echo:lab" */
	struct config_values values;
};

struct config {
	enum config_action action;
	char *path; /* of the file; NULL: none */
	struct config_values daemon;
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
	size_t offset;                  /* in struct config_values */
	const char *argument; /* what people call the value: "BYTES" */
	const char *initial;  /* as text; NULL: none */
	const char *help;
	unsigned int service_flag; /* only for services with this flag */
};

/* All keys, in the order of the help; ended by a NULL name. */
extern const struct config_key config_keys[];

/* The key of that name; NULL if there is none. */
const struct config_key *config_key_find(const char *name);

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

/* Bytes that hold the reason why a value is wrong. */
#define CONFIG_WHY 256

/* Bytes that hold the name of a service with its label. */
#define CONFIG_NAME 64

/* Bytes of the key "node": as many as a host's name can have. */
#define CONFIG_NODE_MAX 255

/* Make *config one of initial values.  Returns false when out of memory. */
bool config_init(struct config *config);

/* Free what *config holds. */
void config_clear(struct config *config);

/*
 * Set a key in values from text.  Returns false and tells why: "must be yes or
 * no, not \"x\""; of a list, for each item that is wrong.  A list that is set
 * again from the same origin grows; from a higher origin it starts anew.
 */
bool config_set(struct config_values *values, const struct config_key *key,
    enum config_origin origin, const char *text,
    const struct config_teller *teller);

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
 * When all has been read: hand the daemon's values down, and check each
 * service as a whole.
 */
void config_finish(struct config *config, struct config_errors *errors);

/*
 * Read the text of a file: sections and keys.  Every error is named with
 * name, line, section and key.
 */
void config_read(struct config *config, const char *name, const char *text,
    struct config_errors *errors);

/*
 * The whole configuration in the form of the file, as malloc'd text; reading
 * it gives the same.  NULL when out of memory.
 */
char *config_dump(const struct config *config);

#endif
