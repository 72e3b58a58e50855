/* SPDX-License-Identifier: ISC */
/*
 * How to call mhprobe, out of the tables of options and protocols.
 */
#include "probe/usage.h"

#include "build.h"

#include "common/cmdline.h"
#include "probe/options.h"

void
usage_print(FILE *file)
{
	fputs("usage: mhprobe [options] SERVICE TARGET...\n"
	      "       mhprobe [options] --local SERVICE [PORT]\n"
	      "\n"
	      "  mhprobe dns 192.0.2.53 2001:db8::53   is each answer from "
	      "there?\n"
	      "  mhprobe --local echo 7007             every address of this "
	      "host\n"
	      "\n"
	      "mhprobe --help lists all options and services.\n",
	    file);
}

static void
print_key(FILE *file, const struct options_key *key)
{
	char left[CMDLINE_TEXT];

	cmdline_format(key->name, key->letter, key->argument, left);
	fprintf(file, "  %-26s %s\n", left, key->help);
}

void
usage_print_help(FILE *file)
{
	const struct options_key *key;
	const struct protocol *const *protocol;

	fputs("usage: mhprobe [options] SERVICE TARGET...\n"
	      "       mhprobe [options] --local SERVICE [PORT]\n"
	      "\n"
	      "Asks a UDP service on every address, and says whether each\n"
	      "answer came from the address that was asked.\n"
	      "\n"
	      "TARGET is ADDRESS, ADDRESS%IF, PREFIX/BITS or NAME (all its\n"
	      "addresses), each with :PORT if it is not the service's own;\n"
	      "IPv6 with a port is [ADDRESS]:PORT.  --file has more of them.\n"
	      "\n"
	      "Services:\n",
	    file);
	for (protocol = protocol_table; *protocol != NULL; protocol++)
		fprintf(file, "  %-8s %s\n", (*protocol)->name,
		    (*protocol)->summary);
	fputs("\nOptions:\n", file);
	for (key = options_keys; key->name != NULL; key++)
		print_key(file, key);
	fputs("\nExit code: 0 all answered from where they were asked, 1 an\n"
	      "answer from elsewhere, 2 no answer, 3 bad usage or an error of\n"
	      "this host; the highest of all targets.  See mhprobe(1).\n",
	    file);
}

void
usage_print_version(FILE *file)
{
	fprintf(file, "mhprobe %s\nfeatures: %s\nbuild: %s\n", mh_version(),
	    MH_FEATURES, MH_BUILD);
}
