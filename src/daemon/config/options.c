/* SPDX-License-Identifier: ISC */
/*
 * The command line: getopt_long() over the table of keys, and the texts that
 * are made of the same table.
 */
#include "daemon/config/options.h"

#include "platform/program.h"

#include "build.h"

#include "daemon/base/log.h"
#include "daemon/config/types.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

/* The value with which getopt_long() returns key number i. */
#define VALUE_OF(i) (256 + (int)(i))

/* What getopt_long() wants, made of the key table. */
struct getopt_tables {
	struct option options[CONFIG_KEYS_MAX + 1];
	char letters[2 * CONFIG_KEYS_MAX + 2];
};

static void
make_tables(struct getopt_tables *tables)
{
	struct option *option = tables->options;
	const struct config_key *key;
	char *letter = tables->letters;

	*letter++ = ':'; /* tell a missing argument from an unknown option */
	for (key = config_keys; key->name != NULL; key++) {
		*option = (struct option){ .name = key->name,
			.has_arg = required_argument,
			.val = VALUE_OF(key - config_keys) };
		if (key->argument == NULL)
			option->has_arg = no_argument;
		else if (key->type != NULL && key->type->is_switch)
			option->has_arg = optional_argument;
		option++;
		if (key->letter == 0)
			continue;
		*letter++ = key->letter;
		if (key->argument != NULL)
			*letter++ = ':';
	}
	*option = (struct option){ .name = NULL };
	*letter = '\0';
}

/* What getopt_long() returned: never anything that is not in the tables. */
static const struct config_key *
key_of(int value)
{
	const struct config_key *key = config_keys;

	if (value >= VALUE_OF(0))
		return &config_keys[value - VALUE_OF(0)];
	while (key->letter != value && key[1].name != NULL)
		key++;
	return key;
}

/* The option that getopt_long() stopped at, as it was written. */
static const char *
as_written(char *argv[], char letter[3])
{
	if (optopt == 0 || optopt >= VALUE_OF(0))
		return argv[optind - 1];
	letter[0] = '-';
	letter[1] = (char)optopt;
	letter[2] = '\0';
	return letter;
}

/* The beginning of several options. */
static bool
is_ambiguous(const char *word)
{
	const struct config_key *key;
	unsigned int count = 0;

	if (strncmp(word, "--", 2) != 0)
		return false;
	for (key = config_keys; key->name != NULL; key++)
		if (strncmp(key->name, word + 2, strcspn(word + 2, "=")) == 0)
			count++;
	return count > 1;
}

/* What getopt_long() did not like. */
static void
refuse_option(char *argv[], int value, struct config_errors *errors)
{
	const char *problem = "there is no such option";
	const char *word = argv[optind - 1];
	/* Systems differ in what they return for "--verbose=1". */
	bool has_value = strncmp(word, "--", 2) == 0 && strchr(word, '=');
	char letter[3];

	if (value == ':' && !has_value)
		problem = "wants a value";
	else if (value == ':' || optopt >= VALUE_OF(0))
		problem = "takes no value";
	else if (optopt == 0 && is_ambiguous(word))
		problem = "is ambiguous";
	config_error(errors, "%.100s: %s", as_written(argv, letter), problem);
}

/* An option that is no key. */
static void
take_option(struct config *config, const struct config_key *key,
    const char *argument, struct config_errors *errors)
{
	static const struct {
		const char *name;
		enum config_action action;
	} actions[] = {
		{ "test-config", CONFIG_TEST },
		{ "dump-config", CONFIG_DUMP },
		{ "self-test", CONFIG_SELF_TEST },
		{ "version", CONFIG_VERSION },
		{ "help", CONFIG_HELP },
	};
	unsigned int *level = &config->daemon.log_level;
	size_t i;

	for (i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (strcmp(key->name, actions[i].name) == 0)
			config->action = actions[i].action;
	if (strcmp(key->name, "config") == 0) {
		free(config->path);
		config->path = strdup(argument);
		if (config->path == NULL)
			config_error(errors, "out of memory");
		return;
	}
	if (strcmp(key->name, "verbose") == 0)
		*level += *level < (unsigned int)LOG_LEVEL_DEBUG;
	else if (strcmp(key->name, "quiet") == 0)
		*level -= *level > 0;
	else
		return;
	config->daemon.origin[config_key_find("log-level") - config_keys] =
	    CONFIG_COMMAND_LINE;
}

static void
read_option(struct config *config, char *argv[], int value,
    struct config_errors *errors)
{
	const struct config_key *key;
	char prefix[64];
	const struct config_teller teller = { errors, prefix };

	if (value == '?' || value == ':') {
		refuse_option(argv, value, errors);
		return;
	}
	key = key_of(value);
	if (key->type == NULL) {
		take_option(config, key, optarg, errors);
		return;
	}
	snprintf(prefix, sizeof(prefix), "--%s: ", key->name);
	(void)config_set(&config->daemon, key, CONFIG_COMMAND_LINE,
	    optarg != NULL ? optarg : "yes", &teller);
}

void
options_parse(
    struct config *config, int argc, char *argv[], struct config_errors *errors)
{
	struct getopt_tables tables;
	int value;

	make_tables(&tables);
	opterr = 0;
	optind = 0; /* start afresh, also in GNU's reading of it */
	while ((value = getopt_long(
		    argc, argv, tables.letters, tables.options, NULL)) != -1)
		read_option(config, argv, value, errors);
	for (; optind < argc; optind++)
		(void)config_add(config, argv[optind], errors);
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
	char left[96];

	snprintf(left, sizeof(left), "%c%c%s --%s%s%s",
	    key->letter != 0 ? '-' : ' ', key->letter != 0 ? key->letter : ' ',
	    key->letter != 0 ? "," : " ", key->name,
	    key->argument != NULL ? "=" : "",
	    key->argument != NULL ? key->argument : "");
	fprintf(file, strlen(left) > 31 ? "  %s\n%34s%s\n" : "  %-31s %s%s\n",
	    left, "", key->help);
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
	fputs(host_usage, file);
	fputs("\nSee multihomed(8).\n", file);
}

void
options_print_version(FILE *file)
{
	const struct service *const *service;

	fprintf(file, "multihomed %s\nservices:", mh_version());
	for (service = service_table; *service != NULL; service++)
		fprintf(file, " %s", (*service)->name);
	fprintf(file, "\nfeatures: %s\nbuild: %s\n", MH_FEATURES, MH_BUILD);
}
