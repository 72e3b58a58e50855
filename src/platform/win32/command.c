/* SPDX-License-Identifier: ISC */
/*
 * The words after --service, and the command line that an installed service
 * is started with.  Pure: knows nothing of the service manager.
 */
#include "platform/win32/service.h"

#include <stdio.h>
#include <string.h>

/* The registry's and the service manager's limit is 256. */
#define NAME_MAX_LENGTH 80

static const char *const verbs[] = {
	[COMMAND_INSTALL] = "install",
	[COMMAND_UNINSTALL] = "uninstall",
	[COMMAND_START] = "start",
	[COMMAND_STOP] = "stop",
	[COMMAND_RUN] = "run",
};

static bool
parse_verb(const char *text, enum command_verb *verb)
{
	size_t i;

	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(text, verbs[i]) == 0) {
			*verb = (enum command_verb)i;
			return true;
		}
	return false;
}

/* The value of "--service-name=VALUE", or NULL. */
static const char *
value_of(const char *argument, const char *option)
{
	size_t length = strlen(option);

	return strncmp(argument, option, length) == 0 ? argument + length
						      : NULL;
}

static bool
is_name(const char *name)
{
	return *name != '\0' && strlen(name) <= NAME_MAX_LENGTH &&
	    strpbrk(name, "/\\\"") == NULL;
}

bool
command_parse(
    struct command *command, int argc, char *argv[], char why[COMMAND_WHY])
{
	const char *value;
	int i;

	*command = (struct command){ .name = "multihomed",
		.description = "Answers UDP datagrams from the address that "
			       "each one was sent to." };
	if (argc < 3 || !parse_verb(argv[2], &command->verb)) {
		snprintf(why, COMMAND_WHY,
		    "--service: must be install, uninstall, start, stop or "
		    "run");
		return false;
	}
	for (i = 3; i < argc; i++) {
		if ((value = value_of(argv[i], "--service-name=")) != NULL)
			command->name = value;
		else if ((value = value_of(
			      argv[i], "--service-description=")) != NULL)
			command->description = value;
		else
			break;
	}
	if (!is_name(command->name)) {
		snprintf(why, COMMAND_WHY,
		    "--service-name: must be 1 to %d characters, none of them "
		    "/, \\ or \"",
		    NAME_MAX_LENGTH);
		return false;
	}
	command->argc = argc - i + 1;
	command->argv = argv + i - 1;
	command->argv[0] = argv[0];
	if (command->argc > 1 && command->verb != COMMAND_INSTALL &&
	    command->verb != COMMAND_RUN) {
		snprintf(why, COMMAND_WHY, "--service %s takes no %.60s",
		    argv[2], command->argv[1]);
		return false;
	}
	return true;
}

/* A command line as it grows. */
struct line {
	char *text;
	size_t length;
	bool full;
};

static void
put(struct line *line, char c, size_t times)
{
	for (; times > 0; times--) {
		if (line->length == COMMAND_LINE - 1) {
			line->full = true;
			return;
		}
		line->text[line->length++] = c;
	}
	line->text[line->length] = '\0';
}

/*
 * One argument in quotes.  Backslashes are plain characters, except in front of
 * a quote: there each is doubled, and one more makes the quote a plain one.
 */
static void
put_quoted(struct line *line, const char *before, const char *argument)
{
	size_t backslashes = 0;

	if (line->length > 0)
		put(line, ' ', 1);
	put(line, '"', 1);
	for (; *before != '\0'; before++)
		put(line, *before, 1);
	for (; *argument != '\0'; argument++) {
		if (*argument == '"')
			put(line, '\\', backslashes + 1);
		backslashes = *argument == '\\' ? backslashes + 1 : 0;
		put(line, *argument, 1);
	}
	put(line, '\\', backslashes);
	put(line, '"', 1);
}

bool
command_line(
    const struct command *command, const char *program, char text[COMMAND_LINE])
{
	struct line line = { .text = text };
	int i;

	put_quoted(&line, "", program);
	put_quoted(&line, "", "--service");
	put_quoted(&line, "", verbs[COMMAND_RUN]);
	put_quoted(&line, "--service-name=", command->name);
	for (i = 1; i < command->argc; i++)
		put_quoted(&line, "", command->argv[i]);
	return !line.full;
}
