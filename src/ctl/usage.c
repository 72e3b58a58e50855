/* SPDX-License-Identifier: ISC */
/*
 * How to call mhctl, out of the tables of options and commands.
 */
#include "ctl/usage.h"

#include "build.h"

#include "common/cmdline.h"
#include "ctl/options.h"

#define FORM "usage: mhctl [options] COMMAND [ARGUMENT]\n"

void
ctl_usage_print(FILE *file)
{
	fputs(FORM "\nmhctl --help lists all options and commands.\n", file);
}

void
ctl_usage_print_help(FILE *file)
{
	const struct request_command *command = request_commands;
	const struct ctl_key *key;
	char left[CMDLINE_TEXT];

	fputs(FORM "\nControls a multihomed that runs on this host.\n"
		   "\nCommands:\n",
	    file);
	for (; command->name != NULL; command++) {
		snprintf(left, sizeof(left), "%s%s%s%s", command->name,
		    command->argument != NULL ? " [" : "",
		    command->argument != NULL ? command->argument : "",
		    command->argument != NULL ? "]" : "");
		fprintf(file, "  %-18s %s\n", left, command->help);
	}
	fputs("\nOptions:\n", file);
	for (key = ctl_keys; key->name != NULL; key++) {
		cmdline_format(key->name, key->letter, key->argument, left);
		fprintf(file, "  %-23s %s\n", left, key->help);
	}
	fputs("\nThe socket is " CTL_SOCKET " by default.\n"
	      "Exit code: 0 done, 1 the daemon refused, as a reload that\n"
	      "failed, 2 bad usage, 3 no daemon there.  See mhctl(8).\n",
	    file);
}

void
ctl_usage_print_version(FILE *file)
{
	fprintf(file, "mhctl %s\nfeatures: %s\nbuild: %s\n", mh_version(),
	    MH_FEATURES, MH_BUILD);
}
