/* SPDX-License-Identifier: ISC */
/*
 * A stand-in for the one function of inih that multihomed calls, for tests
 * under Wine where Debian's mirror does not have inih's source.  It does what
 * ini.h says of ini_parse_stream().  No release is made with it.
 */
#include <ini.h>

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* As long as the longest line, its end included. */
#define NAME_SIZE 50

/* Cut white space off both ends. */
static char *
strip(char *text)
{
	char *end = text + strlen(text);

	while (end > text && isspace((unsigned char)end[-1]))
		*--end = '\0';
	return text + strspn(text, " \t\r\n");
}

/* Cut off a comment: a ; at the start or after white space. */
static void
cut_comment(char *text)
{
	char *at;

	for (at = text; *at != '\0'; at++)
		if (*at == ';' &&
		    (at == text || isspace((unsigned char)at[-1]))) {
			*at = '\0';
			return;
		}
}

/* The first of those that is not in a comment; the end if there is none. */
static char *
find(char *text, const char *any)
{
	cut_comment(text);
	return text + strcspn(text, any);
}

/* What has been read so far. */
struct state {
	char section[NAME_SIZE];
	char name[NAME_SIZE];
	ini_handler handler;
	void *user;
};

/* One line; indented: it began with white space.  False if it is wrong. */
static bool
read_line(struct state *state, char *line, bool indented)
{
	char *end;

	if (*line == '\0' || strchr(";#", *line) != NULL)
		return true;
	if (indented && state->name[0] != '\0') {
		cut_comment(line);
		return state->handler(state->user, state->section, state->name,
			   strip(line)) != 0;
	}
	if (*line == '[') {
		end = find(line + 1, "]");
		if (*end != ']')
			return false;
		*end = '\0';
		snprintf(
		    state->section, sizeof(state->section), "%s", line + 1);
		state->name[0] = '\0';
		return true;
	}
	end = line + strcspn(line, "=:");
	if (*end == '\0')
		return false;
	*end++ = '\0';
	cut_comment(end);
	snprintf(state->name, sizeof(state->name), "%s", strip(line));
	return state->handler(
		   state->user, state->section, state->name, strip(end)) != 0;
}

int
ini_parse_stream(
    ini_reader reader, void *stream, ini_handler handler, void *user)
{
	struct state state = { .handler = handler, .user = user };
	char line[INI_MAX_LINE], *start;
	int number = 0, error = 0;

	while (reader(line, sizeof(line), stream) != NULL) {
		start = line;
		number++;
		if (number == 1 && strncmp(start, "\xef\xbb\xbf", 3) == 0)
			start += 3;
		if (!read_line(
			&state, strip(start), isspace((unsigned char)*start)) &&
		    error == 0)
			error = number;
	}
	return error;
}
