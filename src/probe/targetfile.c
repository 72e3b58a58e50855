/* SPDX-License-Identifier: ISC */
/*
 * Targets from a file: lines, blank ones, and comments.
 */
#include "probe/targetfile.h"

#include "probe/arguments.h"
#include "platform/file.h"

#include <stdio.h>
#include <string.h>

/* What separates words; carriage returns are of files from Windows. */
#define BLANKS " \t\r"

/* How some editors begin a file in UTF-8. */
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

/* The file under its name, as in messages. */
static const char *
name_of(const struct options *options)
{
	return strcmp(options->target_file, "-") == 0 ? "standard input"
						      : options->target_file;
}

/*
 * Where a comment begins, or the end of the line: at a # that is the first, or
 * after a blank.
 */
static char *
end_of_words(char *line)
{
	char *at = line;

	while ((at = strchr(at, '#')) != NULL) {
		if (at == line || strchr(BLANKS, at[-1]) != NULL)
			return at;
		at++;
	}
	return line + strlen(line);
}

/* Those can do things to a terminal that shows the line. */
static bool
has_control_character(const char *text)
{
	for (; *text != '\0'; text++)
		if (((unsigned char)*text < ' ' &&
			strchr(BLANKS, *text) == NULL) ||
		    *text == 127)
			return true;
	return false;
}

/* Add the target of one line, if there is one; why has no place yet. */
static bool
read_line(struct options *options, char *line, char why[TARGET_WHY])
{
	char *end = end_of_words(line), *word = line + strspn(line, BLANKS);

	while (end > word && strchr(BLANKS, end[-1]) != NULL)
		end--;
	if (word >= end)
		return true;
	*end = '\0';
	if (has_control_character(word)) {
		snprintf(why, TARGET_WHY, "there is a control character in it");
		return false;
	}
	if (strpbrk(word, BLANKS) == NULL)
		return arguments_add_target(options, word, why);
	snprintf(why, TARGET_WHY, "%.80s: there is one target to a line", word);
	return false;
}

/* Each line in turn; the number of that which was last read in *line. */
static bool
read_lines(struct options *options, char *text, unsigned int *line,
    char why[TARGET_WHY])
{
	char *at = text, *next;

	for (*line = 1;; ++*line, at = next) {
		next = strchr(at, '\n');
		if (next != NULL)
			*next++ = '\0';
		if (*line > TARGETFILE_LINES) {
			snprintf(why, TARGET_WHY, "more than %d lines",
			    TARGETFILE_LINES);
			return false;
		}
		if (!read_line(options, at, why))
			return false;
		if (next == NULL || *next == '\0')
			return true;
	}
}

static bool
read_text(
    struct options *options, char *text, size_t length, char why[TARGET_WHY])
{
	char reason[TARGET_WHY];
	unsigned int line;

	if (strlen(text) < length) {
		snprintf(
		    why, TARGET_WHY, "%.120s: is not a text", name_of(options));
		return false;
	}
	if (strncmp(text, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)) == 0)
		text += strlen(BYTE_ORDER_MARK);
	if (!read_lines(options, text, &line, reason)) {
		snprintf(why, TARGET_WHY, "%.60s:%u: %.180s", name_of(options),
		    line, reason);
		return false;
	}
	if (options->target_count > 0)
		return true;
	snprintf(why, TARGET_WHY, "%.120s: there is no target in it",
	    name_of(options));
	return false;
}

bool
targetfile_read(struct options *options, char why[TARGET_WHY])
{
	char unreadable[100];
	size_t length;

	/* --help knows no service that they could be of. */
	if (options->target_file == NULL || options->action != OPTIONS_RUN)
		return true;
	options->target_text = strcmp(options->target_file, "-") == 0
	    ? host_input_read(
		  TARGETFILE_BYTES, &length, unreadable, sizeof(unreadable))
	    : host_stream_read(options->target_file, TARGETFILE_BYTES, &length,
		  unreadable, sizeof(unreadable));
	if (options->target_text == NULL) {
		snprintf(why, TARGET_WHY, "--file: cannot read %.80s: %.100s",
		    name_of(options), unreadable);
		return false;
	}
	return read_text(options, options->target_text, length, why);
}
