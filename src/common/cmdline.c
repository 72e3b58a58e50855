/* SPDX-License-Identifier: ISC */
/*
 * getopt_long(): its tables, and its errors in words.
 */
#include "common/cmdline.h"

#include <stdio.h>
#include <string.h>

/* The value with which getopt_long() returns option number i. */
#define VALUE_OF(i) (256 + (int)(i))

void
cmdline_add(struct cmdline *cmdline, const char *name, char letter,
    enum cmdline_value value)
{
	static const int has_arg[] = {
		[CMDLINE_NO_VALUE] = no_argument,
		[CMDLINE_VALUE] = required_argument,
		[CMDLINE_MAY_HAVE_VALUE] = optional_argument,
	};
	size_t i = cmdline->count;

	if (i == CMDLINE_OPTIONS_MAX)
		return;
	cmdline->options[i] = (struct option){
		.name = name,
		.has_arg = has_arg[value],
		.val = VALUE_OF(i),
	};
	cmdline->letter[i] = letter;
	cmdline->count++;
}

/* The short options, and whether they have values. */
static void
write_letters(struct cmdline *cmdline)
{
	char *at = cmdline->letters;
	size_t i;
	int colons;

	if (cmdline->in_order)
		*at++ = '+';
	*at++ = ':'; /* a missing value is not an unknown option */
	for (i = 0; i < cmdline->count; i++) {
		if (cmdline->letter[i] == 0)
			continue;
		*at++ = cmdline->letter[i];
		/* None, one or two, as getopt.h numbers them. */
		for (colons = cmdline->options[i].has_arg; colons > 0; colons--)
			*at++ = ':';
	}
	*at = '\0';
}

/* The beginning of several names, "--sweep" or "--sweep=5"? */
static bool
is_ambiguous(const struct cmdline *cmdline, const char *word)
{
	size_t i, length = strcspn(word, "="), count = 0;

	if (strncmp(word, "--", 2) != 0)
		return false;
	for (i = 0; i < cmdline->count; i++)
		if (strncmp(cmdline->options[i].name, word + 2, length - 2) ==
		    0)
			count++;
	return count > 1;
}

/* What getopt_long() rejected; value is what it returned. */
static void
describe_fault(const struct cmdline *cmdline, char *argv[], int value,
    char why[CMDLINE_WHY])
{
	const char *problem = "unknown option";
	const char *word = argv[optind - 1];
	/* Systems differ in what they return for "--local=yes". */
	bool has_value = strncmp(word, "--", 2) == 0 && strchr(word, '=');

	if (value == ':' && !has_value)
		problem = "requires a value";
	else if (value == ':' || optopt >= VALUE_OF(0))
		problem = "takes no value";
	else if (optopt == 0 && is_ambiguous(cmdline, word))
		problem = "is ambiguous";
	if (optopt > 0 && optopt < VALUE_OF(0))
		snprintf(why, CMDLINE_WHY, "-%c: %s", optopt, problem);
	else
		snprintf(why, CMDLINE_WHY, "%.100s: %s", word, problem);
}

/* The option of what getopt_long() returned; CMDLINE_FAULT: of none. */
static int
option_of(const struct cmdline *cmdline, int value)
{
	size_t i;

	if (value >= VALUE_OF(0))
		return value - VALUE_OF(0);
	for (i = 0; i < cmdline->count; i++)
		if (cmdline->letter[i] != 0 && cmdline->letter[i] == value)
			return (int)i;
	return CMDLINE_FAULT;
}

int
cmdline_next(struct cmdline *cmdline, int argc, char *argv[],
    const char **value, char why[CMDLINE_WHY])
{
	int got, option;

	if (!cmdline->started) {
		write_letters(cmdline);
		opterr = 0;
		optind = 0; /* start over, in GNU's implementation as well */
		cmdline->started = true;
	}
	got = getopt_long(argc, argv, cmdline->letters, cmdline->options, NULL);
	if (got == -1)
		return CMDLINE_END;
	option = option_of(cmdline, got);
	*value = optarg;
	if (option == CMDLINE_FAULT) /* '?' or ':' */
		describe_fault(cmdline, argv, got, why);
	return option;
}

int
cmdline_rest(void)
{
	return optind;
}

char *
cmdline_format(const char *name, char letter, const char *argument,
    char text[CMDLINE_TEXT])
{
	snprintf(text, CMDLINE_TEXT, "%c%c%s --%s%s%s", letter != 0 ? '-' : ' ',
	    letter != 0 ? letter : ' ', letter != 0 ? "," : " ", name,
	    argument != NULL ? "=" : "", argument != NULL ? argument : "");
	return text;
}
