/* SPDX-License-Identifier: ISC */
/*
 * The types of configuration values: each knows how to read, write, copy and
 * free one.
 */
#ifndef DAEMON_CONFIG_TYPES_H
#define DAEMON_CONFIG_TYPES_H

#include "daemon/config/values.h"
#include "common/strbuf.h"

/* The reason "out of memory"; always false. */
bool types_no_memory(char why[CONFIG_WHY]);

struct config_type {
	bool is_list;   /* comma separated; read() adds one item */
	bool is_switch; /* as an option it needs no value: "yes" */
	bool is_single; /* an option given twice is an error: nobody means the
			 * last of two files */
	/* argument: of the key; the words of a choice, a number's bounds. */
	bool (*read)(void *value, const char *argument, const char *text,
	    char why[CONFIG_WHY]);
	/* Nothing is written for a value that is not set. */
	void (*write)(
	    const void *value, const char *argument, struct strbuf *text);
	/* The target must be empty; false when out of memory. */
	bool (*copy)(void *to, const void *from);
	void (*clear)(void *value); /* NULL: holds no memory */
};

extern const struct config_type types_bool;    /* bool */
extern const struct config_type types_choice;  /* unsigned int: which word */
extern const struct config_type types_bytes;   /* unsigned int; "4M" */
extern const struct config_type types_number;  /* unsigned int; "1-64" */
extern const struct config_type types_seconds; /* unsigned int; "10s" */
extern const struct config_type types_workers; /* unsigned int; 0: auto */
extern const struct config_type types_dscp;    /* unsigned int; or "copy" */
extern const struct config_type types_ratio;   /* unsigned int; "1.5": 150 */
extern const struct config_type types_text;    /* char * */
extern const struct config_type types_path;    /* char *: of a file */
extern const struct config_type types_file;    /* struct service_file: path */
extern const struct config_type types_rate;    /* struct limit_rate */
extern const struct config_type types_fault;   /* struct fault_rule */
extern const struct config_type types_fault_delay;    /* the same */
extern const struct config_type types_fault_truncate; /* the same */
extern const struct config_type types_pattern;   /* struct service_pattern * */
extern const struct config_type types_wildcards; /* the same, with ? */
extern const struct config_type types_prefixes;  /* struct config_prefixes */
extern const struct config_type types_trust;     /* the same, and "local" */
extern const struct config_type types_ports;     /* struct config_ports */
extern const struct config_type types_names;     /* struct config_names */
extern const struct config_type types_endpoints; /* struct config_endpoints */

#endif
