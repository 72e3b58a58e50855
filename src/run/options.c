/* SPDX-License-Identifier: ISC */
/*
 * The options of mhrun: their table, and how the value of each is read.
 */
#include "run/options.h"

#include "common/cmdline.h"
#include "common/number.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* What it says goes into why of the same call. */
static_assert(CMDLINE_WHY <= RUN_WHY, "a reason of the command line fits");

#define ENTRIES_MIN 64
#define ENTRIES_MAX 1048576
#define IDLE_MAX 86400

static bool
complain(char why[RUN_WHY], const char *text)
{
	snprintf(why, RUN_WHY, "%s", text);
	return false;
}

/* What to do: one of them. */
static bool
read_action(struct run_options *options, const struct run_key *key,
    const char *value, char why[RUN_WHY])
{
	if (options->action != RUN_PRELOAD && options->action != key->action)
		return complain(why, "excludes the one before it");
	options->action = key->action;
	if (value != NULL && *value == '\0')
		return complain(why, "a directory has a name");
	options->directory = value;
	return true;
}

/* Add a port where it belongs; one that is there already is no other. */
static bool
add_port(struct run_options *options, uint16_t port)
{
	unsigned int at = 0, count = options->port_count;

	while (at < count && options->ports[at] < port)
		at++;
	if (at < count && options->ports[at] == port)
		return true;
	if (count == RUN_PORTS_MAX)
		return false;
	memmove(&options->ports[at + 1], &options->ports[at],
	    (count - at) * sizeof(options->ports[0]));
	options->ports[at] = port;
	options->port_count++;
	return true;
}

static bool
read_ports(struct run_options *options, const struct run_key *key,
    const char *value, char why[RUN_WHY])
{
	const char *at = value;
	uint64_t port;

	(void)key;
	for (;; at++) {
		if (!number_scan(&at, UINT16_MAX, &port) || port == 0 ||
		    (*at != ',' && *at != '\0')) {
			snprintf(why, RUN_WHY,
			    "must be ports from 1 to 65535, as in 53,5353, not "
			    "\"%.60s\"",
			    value);
			return false;
		}
		if (!add_port(options, (uint16_t)port))
			return complain(why, "names more than 64 ports");
		if (*at == '\0')
			return true;
	}
}

static bool
read_number(const char *value, uint32_t low, uint32_t high, uint32_t *number,
    char why[RUN_WHY])
{
	uint64_t read;

	if (number_parse(value, low, high, &read)) {
		*number = (uint32_t)read;
		return true;
	}
	snprintf(why, RUN_WHY, "must be a number from %u to %u, not \"%.60s\"",
	    (unsigned int)low, (unsigned int)high, value);
	return false;
}

static bool
read_entries(struct run_options *options, const struct run_key *key,
    const char *value, char why[RUN_WHY])
{
	(void)key;
	return read_number(
	    value, ENTRIES_MIN, ENTRIES_MAX, &options->entries, why);
}

static bool
read_idle(struct run_options *options, const struct run_key *key,
    const char *value, char why[RUN_WHY])
{
	(void)key;
	return read_number(value, 1, IDLE_MAX, &options->idle, why);
}

static bool
read_force(struct run_options *options, const struct run_key *key,
    const char *value, char why[RUN_WHY])
{
	(void)key;
	(void)value;
	(void)why;
	options->force = true;
	return true;
}

static bool
read_verbose(struct run_options *options, const struct run_key *key,
    const char *value, char why[RUN_WHY])
{
	(void)key;
	(void)value;
	(void)why;
	options->verbose++;
	return true;
}

const struct run_key run_keys[] = {
	{ "cgroup", 0, read_action, RUN_CGROUP, "DIR",
	    "by BPF in a control group: Go and static programs, too", true },
	{ "attach", 0, read_action, RUN_ATTACH, "CGROUP",
	    "the same for a service that is running", false },
	{ "detach", 0, read_action, RUN_DETACH, "CGROUP", "undo that", false },
	{ "pin", 0, read_action, RUN_PIN, "DIR",
	    "pin the BPF programs, for systemd's BPFProgram=", false },
	{ "status", 0, read_action, RUN_STATUS, "DIR",
	    "counters of what is attached, or pinned there", true },
	{ "port", 0, read_ports, RUN_PRELOAD, "N,...",
	    "only servers on these ports", false },
	{ "entries", 0, read_entries, RUN_PRELOAD, "N",
	    "clients to remember: 16384, by BPF 65536", false },
	{ "idle", 0, read_idle, RUN_PRELOAD, "SECONDS",
	    "forget a client without a word for: 300", false },
	{ "force", 0, read_force, RUN_PRELOAD, NULL,
	    "start a command even if this cannot help it", false },
	{ "verbose", 'v', read_verbose, RUN_PRELOAD, NULL,
	    "say on standard error what is done", false },
	{ "version", 'V', read_action, RUN_VERSION, NULL, "version and build",
	    false },
	{ "help", 'h', read_action, RUN_HELP, NULL, "this text", false },
	{ .name = NULL },
};

static enum cmdline_value
value_of(const struct run_key *key)
{
	if (key->argument == NULL)
		return CMDLINE_NO_VALUE;
	return key->may_miss ? CMDLINE_MAY_HAVE_VALUE : CMDLINE_VALUE;
}

/* What follows the options: a command, or nothing. */
static bool
read_rest(
    struct run_options *options, int argc, char *argv[], char why[RUN_WHY])
{
	switch (options->action) {
	case RUN_PRELOAD:
	case RUN_CGROUP:
		if (argc == 0)
			return complain(why, "no command given");
		options->command = argv;
		return true;
	case RUN_STATUS:
		/* As people write it, too: --status DIR. */
		if (argc == 1 && options->directory == NULL) {
			options->directory = argv[0];
			return true;
		}
		break;
	case RUN_VERSION:
	case RUN_HELP:
		return true;
	default:
		break;
	}
	if (argc == 0)
		return true;
	snprintf(why, RUN_WHY, "%.100s: this starts no command", argv[0]);
	return false;
}

bool
run_options_read(
    struct run_options *options, int argc, char *argv[], char why[RUN_WHY])
{
	struct cmdline cmdline = { .in_order = true };
	const struct run_key *key;
	char reason[RUN_WHY];
	const char *value;
	int i;

	*options = (struct run_options){ .action = RUN_PRELOAD };
	for (key = run_keys; key->name != NULL; key++)
		cmdline_add(&cmdline, key->name, key->letter, value_of(key));
	while ((i = cmdline_next(&cmdline, argc, argv, &value, why)) !=
	    CMDLINE_END) {
		if (i == CMDLINE_FAULT)
			return false;
		key = &run_keys[i];
		if (!key->read(options, key, value, reason)) {
			snprintf(
			    why, RUN_WHY, "--%s: %.200s", key->name, reason);
			return false;
		}
	}
	return read_rest(
	    options, argc - cmdline_rest(), argv + cmdline_rest(), why);
}
