/* SPDX-License-Identifier: ISC */
/*
 * The command line over the table of keys, and the texts that are made of the
 * same table.
 */
#include "daemon/config/options.h"

#include "platform/host.h"

#include "build.h"

#include "common/cmdline.h"
#include "daemon/base/log.h"
#include "daemon/config/types.h"

#include <stdlib.h>
#include <string.h>

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
read_option(struct config *config, const struct config_key *key,
    const char *value, struct config_errors *errors)
{
	char prefix[64];
	const struct config_teller teller = { errors, prefix };

	if (key->type == NULL) {
		take_option(config, key, value, errors);
		return;
	}
	snprintf(prefix, sizeof(prefix), "--%s: ", key->name);
	(void)config_set(&config->daemon, key, CONFIG_COMMAND_LINE,
	    value != NULL ? value : "yes", &teller);
}

static enum cmdline_value
has_value(const struct config_key *key)
{
	if (key->argument == NULL)
		return CMDLINE_NO_VALUE;
	return key->type != NULL && key->type->is_switch
	    ? CMDLINE_MAY_HAVE_VALUE
	    : CMDLINE_VALUE;
}

void
options_parse(
    struct config *config, int argc, char *argv[], struct config_errors *errors)
{
	struct cmdline cmdline = { .count = 0 };
	const struct config_key *key;
	char why[CMDLINE_WHY];
	const char *value;
	int i;

	for (key = config_keys; key->name != NULL; key++)
		cmdline_add(&cmdline, key->name, key->letter, has_value(key));
	while ((i = cmdline_next(&cmdline, argc, argv, &value, why)) !=
	    CMDLINE_END)
		if (i == CMDLINE_FAULT)
			config_error(errors, "%s", why);
		else
			read_option(config, &config_keys[i], value, errors);
	for (i = cmdline_rest(); i < argc; i++)
		(void)config_add(config, argv[i], errors);
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
	char left[CMDLINE_TEXT];

	cmdline_format(key->name, key->letter, key->argument, left);
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
