/* SPDX-License-Identifier: ISC */
/*
 * The options of mhctl.  What a command means is up to common/request.c.
 */
#include "ctl/options.h"

#include "common/cmdline.h"

#include <assert.h>
#include <stdio.h>

/* What it says goes into why of the same call. */
static_assert(CMDLINE_WHY <= REQUEST_WHY, "a reason of the command line fits");

/* By number, in the order of the help. */
enum { KEY_SOCKET, KEY_JSON, KEY_VERSION, KEY_HELP };

const struct ctl_key ctl_keys[] = {
	[KEY_SOCKET] = { "socket", 's', "FILE",
	    "the daemon's, as its key control says" },
	[KEY_JSON] = { "json", 'j', NULL, "for programs" },
	[KEY_VERSION] = { "version", 'V', NULL, "version and build" },
	[KEY_HELP] = { "help", 'h', NULL, "this text" },
	{ .name = NULL },
};

static void
apply(struct ctl_options *options, int key, const char *value)
{
	switch (key) {
	case KEY_SOCKET:
		options->socket = value;
		break;
	case KEY_JSON:
		options->request.is_json = true;
		break;
	case KEY_VERSION:
		options->action = CTL_VERSION;
		break;
	default:
		options->action = CTL_HELP;
	}
}

/* The command, and its argument if there is one. */
static bool
read_command(
    struct ctl_options *options, int argc, char *argv[], char why[REQUEST_WHY])
{
	if (options->action != CTL_ASK)
		return true;
	if (argc == 0) {
		snprintf(why, REQUEST_WHY, "no command given");
		return false;
	}
	if (argc > 2) {
		snprintf(
		    why, REQUEST_WHY, "%.60s: more than one argument", argv[2]);
		return false;
	}
	return request_read(
	    &options->request, argv[0], argc > 1 ? argv[1] : NULL, why);
}

bool
ctl_options_read(
    struct ctl_options *options, int argc, char *argv[], char why[REQUEST_WHY])
{
	struct cmdline cmdline = { .count = 0 };
	const struct ctl_key *key;
	const char *value;
	int i;

	*options = (struct ctl_options){ .socket = CTL_SOCKET };
	for (key = ctl_keys; key->name != NULL; key++)
		cmdline_add(&cmdline, key->name, key->letter,
		    key->argument != NULL ? CMDLINE_VALUE : CMDLINE_NO_VALUE);
	while ((i = cmdline_next(&cmdline, argc, argv, &value, why)) !=
	    CMDLINE_END) {
		if (i == CMDLINE_FAULT)
			return false;
		apply(options, i, value);
	}
	return read_command(
	    options, argc - cmdline_rest(), argv + cmdline_rest(), why);
}
