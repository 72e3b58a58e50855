/* SPDX-License-Identifier: ISC */
/*
 * How to call mhrun, out of its table of options.
 */
#include "run/usage.h"

#include "build.h"

#include "common/cmdline.h"
#include "run/options.h"

#define FORMS                                                     \
	"usage: mhrun [OPTIONS] [--] COMMAND [ARG...]\n"          \
	"       mhrun --cgroup[=DIR] [OPTIONS] [--] COMMAND...\n" \
	"       mhrun --attach CGROUP | --detach CGROUP\n"        \
	"       mhrun --pin DIR | --status [DIR]\n"

void
run_usage_print(FILE *file)
{
	fputs(FORMS "\n"
		    "  mhrun socat UDP-LISTEN:7,fork PIPE   answers from the "
		    "address asked\n"
		    "\n"
		    "mhrun --help lists all options.\n",
	    file);
}

static void
print_key(FILE *file, const struct run_key *key)
{
	char left[CMDLINE_TEXT];

	cmdline_format(key->name, key->letter, key->argument, left);
	fprintf(file, "  %-23s %s\n", left, key->help);
}

void
run_usage_print_help(FILE *file)
{
	const struct run_key *key;

	fputs(FORMS "\n"
		    "Starts a UDP server of somebody else so that it answers "
		    "from the address\n"
		    "that was asked, without changing it.\n"
		    "\n"
		    "Options:\n",
	    file);
	for (key = run_keys; key->name != NULL; key++)
		print_key(file, key);
	fputs("\nExit code: that of the command; 125 if mhrun fails, 126 if "
	      "the command\ncannot be executed, 127 if it is not found.  See "
	      "mhrun(1).\n",
	    file);
}

void
run_usage_print_version(FILE *file)
{
	fprintf(file, "mhrun %s\nfeatures: %s\nbuild: %s\n", PACKAGE_VERSION,
	    MH_FEATURES, MH_BUILD);
}
