/* SPDX-License-Identifier: ISC */
/*
 * The values of all keys, as the rest of the daemon reads them.
 */
#ifndef DAEMON_CONFIG_VALUES_H
#define DAEMON_CONFIG_VALUES_H

#include "daemon/path/fault.h"
#include "daemon/path/limit.h"
#include "daemon/path/packets.h"
#include "daemon/path/prefix.h"
#include "services/service.h"

/* Room for the daemon's keys; keys.c checks that they fit. */
#define CONFIG_KEYS_MAX 64

/* Size of per-key arrays: the daemon's keys, then a service's own. */
#define CONFIG_MARKS (CONFIG_KEYS_MAX + SERVICE_KEYS_MAX)

/* Bytes that hold the reason why a value is wrong. */
#define CONFIG_WHY 256

/* Lists as they are configured. */
/* In trust, an item with family none stands for the word "local". */
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

/* Room for any name of the DNS, and a NUL. */
#define CONFIG_NAME_SIZE 254

struct config_name {
	char text[CONFIG_NAME_SIZE];
};

struct config_names {
	struct config_name *items;
	size_t count;
};

/* The DSCP of a reply is that of its request. */
#define CONFIG_DSCP_COPY 64

/*
 * The values of all keys.  [daemon] has one of these, and so has each service,
 * which inherits what it does not set from [daemon], and that from the keys'
 * initial values.
 */
struct config_values {
	/* Of a service; in [daemon]: for services that do not set them. */
	struct config_endpoints listen;
	struct config_prefixes allow, deny, serve, trust;
	unsigned int max_amplification; /* hundredths */
	struct limit_rate rate;
	struct fault_rules faults;
	struct packets_rule packets;
	void *own; /* of a service: its own settings, see its descriptor */

	/* Of the daemon only. */
	unsigned int stack;           /* enum mh_stack */
	unsigned int source;          /* 0 strict, 1 relaxed */
	unsigned int reply_interface; /* 0 route, 1 arrival */
	unsigned int reply_dscp;      /* 0 to 63, or CONFIG_DSCP_COPY */
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
	unsigned int workers; /* 0: one per processor */
	bool cpu_affinity;
	char *user;
	char *node;
	char *port_file;
	struct config_endpoints http;
	struct config_prefixes http_allow;
	struct config_names http_host;
	char *control;
	char *control_owner;
	unsigned int control_mode;   /* 0660 */
	unsigned int drain_time;     /* seconds */
	unsigned int probe_interval; /* seconds */
	unsigned int health_unasked; /* 0 fail, 1 pass */
	bool sandbox;
	unsigned int log;       /* 0 stderr, 1 syslog */
	unsigned int log_level; /* enum log_level */

	/* The origin of each key's value, by keys_number(): enum
	 * config_origin. */
	uint8_t origin[CONFIG_MARKS];

	/* The lines that set the values, and that began their section: of which
	 * of the configuration's files, and where; line 0: not from a file. */
	unsigned int file[CONFIG_MARKS], line[CONFIG_MARKS];
	unsigned int section_file, section;
	bool faulty[CONFIG_MARKS]; /* invalid, which has been reported */
};

/* A later one overrides an earlier one. */
enum config_origin {
	CONFIG_INITIAL,
	CONFIG_INHERITED,
	CONFIG_FILE,
	CONFIG_COMMAND_LINE,
	CONFIG_SERVICE_OPTION /* --SERVICE-KEY */
};

#endif
