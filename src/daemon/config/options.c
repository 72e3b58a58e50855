/* SPDX-License-Identifier: ISC */
/*
 * The command line, from the table of keys and the services' own keys, and the
 * texts that are generated from the same.
 */
#include "daemon/config/options.h"

#include "platform/program.h"

#include "build.h"

#include "common/cmdline.h"
#include "daemon/base/log.h"
#include "daemon/config/types.h"

#include <stdlib.h>
#include <string.h>

/* Room for "--SERVICE-KEY". */
#define NAME_MAX_BYTES 64

/* A long option: one of keys_table, or a key of a service's own. */
struct choice {
	char name[NAME_MAX_BYTES];
	const struct config_key *key;  /* NULL: a service's own */
	const struct service *service; /* of own; NULL: all that have it */
	const struct service_key *own;
};

/* All options, by their numbers in struct cmdline. */
struct choices {
	struct choice *items;
	size_t count;
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

/* A service's own key, by its name alone and prefixed by the service's. */
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
		return; /* it sets the key for all services that have it */
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

static enum cmdline_value
value_of(const struct choice *choice)
{
	const struct config_key *key = choice->key;
	bool is_switch = key == NULL
	    ? choice->own->type == SERVICE_BOOL
	    : key->type != NULL && key->type->is_switch;

	if (key != NULL && key->argument == NULL)
		return CMDLINE_NO_VALUE;
	return is_switch ? CMDLINE_MAY_HAVE_VALUE : CMDLINE_VALUE;
}

/* False when out of memory. */
static bool
make_choices(struct choices *choices, struct cmdline *cmdline)
{
	const struct choice *choice;
	size_t i, most = CONFIG_KEYS_MAX;

	for (i = 0; service_table[i] != NULL; i++)
		most += 2 * service_key_count(service_table[i]);
	*choices = (struct choices){ .items = NULL };
	choices->items = calloc(most, sizeof(*choices->items));
	if (choices->items == NULL)
		return false;
	add_choices(choices);
	for (i = 0; i < choices->count; i++) {
		choice = &choices->items[i];
		cmdline_add(cmdline, choice->name,
		    choice->key != NULL ? choice->key->letter : 0,
		    value_of(choice));
	}
	return true;
}

/* There is one file: of two, one would be ignored. */
static void
take_path(struct config *config, const char *path, struct config_errors *errors)
{
	if (config->path != NULL) {
		config_error(errors,
		    "--config: given twice, %.100s and %.100s: put all into "
		    "one file",
		    config->path, path);
		return;
	}
	config->path = strdup(path);
	if (config->path == NULL)
		config_error(errors, "out of memory");
}

/* An option that is not a key. */
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
		take_path(config, argument, errors);
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
    const char *value, struct config_errors *errors)
{
	char prefix[NAME_MAX_BYTES + 8];
	const struct config_sink sink = { errors, prefix };
	const struct config_source source = { choice->service != NULL
		    ? CONFIG_SERVICE_OPTION
		    : CONFIG_COMMAND_LINE,
		0, value != NULL ? value : "yes", &sink, 0 };

	snprintf(prefix, sizeof(prefix), "--%s: ", choice->name);
	if (choice->key == NULL)
		(void)config_set_defaults(
		    config, choice->service, choice->own->name, &source);
	else if (choice->key->type == NULL)
		take_option(config, choice->key, value, errors);
	else
		(void)config_set(&config->daemon, choice->key, &source);
}

void
options_parse(
    struct config *config, int argc, char *argv[], struct config_errors *errors)
{
	struct cmdline cmdline = { .count = 0 };
	struct choices choices;
	char why[CMDLINE_WHY];
	const char *value;
	int i;

	if (!make_choices(&choices, &cmdline)) {
		config_error(errors, "out of memory");
		return;
	}
	while ((i = cmdline_next(&cmdline, argc, argv, &value, why)) !=
	    CMDLINE_END)
		if (i == CMDLINE_FAULT)
			config_error(errors, "%s", why);
		else
			read_option(config, &choices.items[i], value, errors);
	for (i = cmdline_rest(); i < argc; i++)
		(void)config_add(config, argv[i], errors);
	free(choices.items);
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

/* service: whose own option it is; NULL: no service's. */
static void
print_option(
    FILE *file, const struct config_key *key, const struct service *service)
{
	char name[NAME_MAX_BYTES], left[CMDLINE_TEXT];

	snprintf(name, sizeof(name), "%s%s%s",
	    service != NULL ? service->name : "", service != NULL ? "-" : "",
	    key->name);
	cmdline_format(name, key->letter, key->argument, left);
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

#define VERSION_WIDTH 79 /* of a terminal */

void
options_print_version(FILE *file)
{
	const struct service *const *service;
	unsigned int kind;
	int column;

	fprintf(file, "multihomed %s\n", mh_version());
	column = fprintf(file, "services:");
	for (service = service_table; *service != NULL; service++) {
		if (column + 1 + (int)strlen((*service)->name) > VERSION_WIDTH)
			column = fprintf(file, "\n         ") - 1;
		column += fprintf(file, " %s", (*service)->name);
	}
	fprintf(file, "\nfaults:");
	for (kind = 0; kind < FAULT_KINDS; kind++)
		fprintf(file, " %s", fault_name(kind));
	fprintf(file, "\nfeatures: %s\nbuild: %s\n", MH_FEATURES, MH_BUILD);
}
