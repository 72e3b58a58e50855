/* SPDX-License-Identifier: ISC */
/*
 * The command line: getopt_long() over the table of keys, and the texts that
 * are made of the same table.
 */
#include "daemon/options.h"

#include "build.h"

#include <getopt.h>
#include <stdlib.h>

#define KEYS_MAX 64

/* The value with which getopt_long() returns key number i. */
#define VALUE_OF(i) (256 + (int)(i))

/* What getopt_long() wants, made of the key table. */
struct getopt_tables {
	struct option options[KEYS_MAX + 1];
	char letters[2 * KEYS_MAX + 2];
};

static void
make_tables(struct getopt_tables *tables)
{
	const struct config_key *key;
	char *letter = tables->letters;
	size_t i;

	*letter++ = ':'; /* tell a missing argument from an unknown option */
	for (i = 0; i < KEYS_MAX && config_keys[i].name != NULL; i++) {
		key = &config_keys[i];
		tables->options[i].name = key->name;
		tables->options[i].has_arg = key->argument == NULL ? no_argument
		    : key->type == CONFIG_BOOL ? optional_argument
					       : required_argument;
		tables->options[i].flag = NULL;
		tables->options[i].val = VALUE_OF(i);
		if (key->letter == 0)
			continue;
		*letter++ = key->letter;
		if (key->argument != NULL)
			*letter++ = ':';
	}
	tables->options[i] = (struct option){ .name = NULL };
	*letter = '\0';
}

static const struct config_key *
key_of(int value)
{
	const struct config_key *key;

	if (value >= VALUE_OF(0))
		return &config_keys[value - VALUE_OF(0)];
	for (key = config_keys; key->name != NULL; key++)
		if (key->letter == value)
			return key;
	return NULL;
}

/* The option that getopt_long() stopped at, as it was written. */
static const char *
as_written(char *argv[], char letter[3])
{
	const struct config_key *key = optopt != 0 ? key_of(optopt) : NULL;

	if (optopt == 0 || (key != NULL && optopt >= VALUE_OF(0)))
		return argv[optind - 1];
	letter[0] = '-';
	letter[1] = (char)optopt;
	letter[2] = '\0';
	return letter;
}

static bool
read_option(
    struct config *config, char *argv[], int value, char why[CONFIG_WHY])
{
	const struct config_key *key;
	char reason[CONFIG_WHY], letter[3];

	if (value == '?') {
		snprintf(why, CONFIG_WHY, "%.100s: there is no such option",
		    as_written(argv, letter));
		return false;
	}
	if (value == ':') {
		snprintf(why, CONFIG_WHY, "%.100s wants a value",
		    as_written(argv, letter));
		return false;
	}
	key = key_of(value);
	if (config_set(config, key, optarg != NULL ? optarg : "yes", reason))
		return true;
	snprintf(why, CONFIG_WHY, "--%s %.200s", key->name, reason);
	return false;
}

bool
options_parse(
    struct config *config, int argc, char *argv[], char why[CONFIG_WHY])
{
	struct getopt_tables tables;
	int value;

	make_tables(&tables);
	opterr = 0;
	optind = 0; /* start afresh, also in GNU's reading of it */
	while ((value = getopt_long(
		    argc, argv, tables.letters, tables.options, NULL)) != -1)
		if (!read_option(config, argv, value, why))
			return false;
	for (; optind < argc; optind++)
		if (!config_add(config, argv[optind], why))
			return false;
	if (config->action == CONFIG_RUN && config->instance_count == 0) {
		snprintf(why, CONFIG_WHY, "no service given");
		return false;
	}
	return true;
}

void
options_print_usage(FILE *file)
{
	fputs("usage: multihomed [options] SERVICE[=ENDPOINT]...\n"
	      "\n"
	      "  multihomed echo=:7007 whoami=:7008   both families, no root\n"
	      "  multihomed echo=192.0.2.1:7          one address, port 7\n"
	      "\n"
	      "multihomed --help lists all options and services.\n",
	    file);
}

static void
print_key(FILE *file, const struct config_key *key)
{
	char left[64];

	snprintf(left, sizeof(left), "%c%c%s --%s%s%s",
	    key->letter != 0 ? '-' : ' ', key->letter != 0 ? key->letter : ' ',
	    key->letter != 0 ? "," : " ", key->name,
	    key->argument != NULL ? "=" : "",
	    key->argument != NULL ? key->argument : "");
	fprintf(file, "  %-36s %s\n", left, key->help);
}

void
options_print_help(FILE *file)
{
	const struct service *const *service;
	const struct config_key *key;

	fputs("usage: multihomed [options] SERVICE[=ENDPOINT]...\n"
	      "\n"
	      "Answers UDP from the address that was asked.\n"
	      "\n"
	      "ENDPOINT is :PORT, ADDRESS:PORT, [IPV6]:PORT or\n"
	      "[fe80::1%eth0]:PORT; without one, the service's own port on\n"
	      "every address of both families.\n"
	      "\n"
	      "Services:\n",
	    file);
	for (service = service_table; *service != NULL; service++)
		fprintf(file, "  %-10s %s\n", (*service)->name,
		    (*service)->summary);
	fputs("\nOptions:\n", file);
	for (key = config_keys; key->name != NULL; key++)
		print_key(file, key);
	fputs("\nSee multihomed(8).\n", file);
}

void
options_print_version(FILE *file)
{
	const struct service *const *service;

	fprintf(file, "multihomed %s\nservices:", mh_version());
	for (service = service_table; *service != NULL; service++)
		fprintf(file, " %s", (*service)->name);
	fprintf(file, "\nbuild: %s\n", MH_BUILD);
}
