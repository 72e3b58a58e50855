/* SPDX-License-Identifier: ISC */
/*
 * The command line: getopt_long() over the table of keys, and the texts that
 * are made of the same table.
 */
#include "daemon/config/options.h"

#include "platform/host.h"

#include "build.h"

#include "daemon/base/log.h"
#include "daemon/config/types.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

/* The value with which getopt_long() returns option number i. */
#define VALUE_OF(i) (256 + (int)(i))

/* Room for "--SERVICE-KEY". */
#define NAME_MAX_BYTES 64

/* A long option: one of keys_table, or a key of a service's own. */
struct choice {
	char name[NAME_MAX_BYTES];
	const struct config_key *key;  /* NULL: a service's own */
	const struct service *service; /* of own; NULL: all that have it */
	const struct service_key *own;
};

/* What getopt_long() wants, made of the keys. */
struct choices {
	struct choice *items; /* ended by an empty name */
	size_t count;
	struct option *options;
	char letters[2 * CONFIG_KEYS_MAX + 2];
};

static bool
is_known(const struct choices *choices, const char *name)
{
	size_t i;

	for (i = 0; i < choices->count; i++)
		if (strcmp(choices->items[i].name, name) == 0)
			return true;
	return false;
}

/* A service's own key, by its name alone and with that of the service. */
static void
add_own(struct choices *choices, const struct service *service,
    const struct service_key *own)
{
	struct choice *choice = &choices->items[choices->count];

	snprintf(choice->name, sizeof(choice->name), "%s-%s", service->name,
	    own->name);
	choice->service = service;
	choice->own = own;
	choices->count++;
	if (is_known(choices, own->name))
		return; /* it stands for all services that have it */
	choice = &choices->items[choices->count];
	snprintf(choice->name, sizeof(choice->name), "%s", own->name);
	choice->own = own;
	choices->count++;
}

static void
add_choices(struct choices *choices)
{
	const struct config_key *key;
	size_t i, j;

	for (key = keys_table; key->name != NULL; key++) {
		struct choice *choice = &choices->items[choices->count++];

		snprintf(choice->name, sizeof(choice->name), "%s", key->name);
		choice->key = key;
	}
	for (i = 0; service_table[i] != NULL; i++)
		for (j = 0; j < service_key_count(service_table[i]); j++)
			add_own(choices, service_table[i],
			    &service_table[i]->keys[j]);
}

static void
make_letters(char *letter)
{
	const struct config_key *key;

	*letter++ = ':'; /* tell a missing argument from an unknown option */
	for (key = keys_table; key->name != NULL; key++) {
		if (key->letter == 0)
			continue;
		*letter++ = key->letter;
		if (key->argument != NULL)
			*letter++ = ':';
	}
	*letter = '\0';
}

static int
argument_of(const struct choice *choice)
{
	const struct config_key *key = choice->key;

	if (key == NULL)
		return choice->own->type == SERVICE_BOOL ? optional_argument
							 : required_argument;
	if (key->argument == NULL)
		return no_argument;
	return key->type != NULL && key->type->is_switch ? optional_argument
							 : required_argument;
}

static void
free_choices(struct choices *choices)
{
	free(choices->items);
	free(choices->options);
}

/* False when out of memory. */
static bool
make_choices(struct choices *choices)
{
	size_t i, most = CONFIG_KEYS_MAX + 1;

	for (i = 0; service_table[i] != NULL; i++)
		most += 2 * service_key_count(service_table[i]);
	*choices = (struct choices){ .items = NULL };
	choices->items = calloc(most, sizeof(*choices->items));
	choices->options = calloc(most, sizeof(*choices->options));
	if (choices->items == NULL || choices->options == NULL) {
		free_choices(choices);
		return false;
	}
	add_choices(choices);
	for (i = 0; i < choices->count; i++)
		choices->options[i] =
		    (struct option){ .name = choices->items[i].name,
			    .has_arg = argument_of(&choices->items[i]),
			    .val = VALUE_OF(i) };
	make_letters(choices->letters);
	return true;
}

/* What getopt_long() returned: never anything that is not among them. */
static const struct choice *
choice_of(const struct choices *choices, int value)
{
	const struct choice *choice = choices->items;

	if (value >= VALUE_OF(0))
		return &choices->items[value - VALUE_OF(0)];
	while (choice->key != NULL && choice->key->letter != value)
		choice++;
	return choice;
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
is_ambiguous(const struct choices *choices, const char *word)
{
	unsigned int count = 0;
	size_t i, length;

	if (strncmp(word, "--", 2) != 0)
		return false;
	word += 2;
	length = strcspn(word, "=");
	for (i = 0; i < choices->count; i++)
		count += strncmp(choices->items[i].name, word, length) == 0;
	return count > 1;
}

/* What getopt_long() did not like. */
static void
refuse_option(const struct choices *choices, char *argv[], int value,
    struct config_errors *errors)
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
	else if (optopt == 0 && is_ambiguous(choices, word))
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
	config->daemon.origin[keys_number(keys_find("log-level"))] =
	    CONFIG_COMMAND_LINE;
}

static void
read_option(struct config *config, const struct choice *choice,
    struct config_errors *errors)
{
	char prefix[NAME_MAX_BYTES + 8];
	const struct config_teller teller = { errors, prefix };
	const struct config_source source = { CONFIG_COMMAND_LINE, 0,
		optarg != NULL ? optarg : "yes", &teller };

	snprintf(prefix, sizeof(prefix), "--%s: ", choice->name);
	if (choice->key == NULL)
		(void)config_set_defaults(
		    config, choice->service, choice->own->name, &source);
	else if (choice->key->type == NULL)
		take_option(config, choice->key, optarg, errors);
	else
		(void)config_set(&config->daemon, choice->key, &source);
}

void
options_parse(
    struct config *config, int argc, char *argv[], struct config_errors *errors)
{
	struct choices choices;
	int value;

	if (!make_choices(&choices)) {
		config_error(errors, "out of memory");
		return;
	}
	opterr = 0;
	optind = 0; /* start afresh, also in GNU's reading of it */
	while ((value = getopt_long(argc, argv, choices.letters,
		    choices.options, NULL)) != -1) {
		if (value == '?' || value == ':')
			refuse_option(&choices, argv, value, errors);
		else
			read_option(config, choice_of(&choices, value), errors);
	}
	for (; optind < argc; optind++)
		(void)config_add(config, argv[optind], errors);
	free_choices(&choices);
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

/* letter: 0: none.  service: whose own option it is; NULL: nobody's. */
static void
print_option(
    FILE *file, const struct config_key *key, const struct service *service)
{
	char left[96];

	snprintf(left, sizeof(left), "%c%c%s --%s%s%s%s%s",
	    key->letter != 0 ? '-' : ' ', key->letter != 0 ? key->letter : ' ',
	    key->letter != 0 ? "," : " ", service != NULL ? service->name : "",
	    service != NULL ? "-" : "", key->name,
	    key->argument != NULL ? "=" : "",
	    key->argument != NULL ? key->argument : "");
	fprintf(file, strlen(left) > 31 ? "  %s\n%34s%s\n" : "  %-31s %s%s\n",
	    left, "", key->help);
}

static void
print_options(FILE *file)
{
	const struct config_key *key;
	struct config_key own;
	size_t i, j;

	fputs("\nOptions:\n", file);
	for (key = keys_table; key->name != NULL; key++)
		print_option(file, key, NULL);
	for (i = 0; service_table[i] != NULL; i++)
		for (j = 0; j < service_key_count(service_table[i]); j++) {
			own = keys_own(service_table[i], j);
			print_option(file, &own, service_table[i]);
		}
}

void
options_print_help(FILE *file)
{
	const struct service *const *service;

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
	print_options(file);
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
