/* SPDX-License-Identifier: ISC */
/*
 * The configuration file: inih parses it, this file interprets sections and
 * keys, and keeps track of lines.  inih has room for lines of about 200 bytes,
 * so longer ones are passed to it in pieces, and reassembled afterwards.
 */
#include "daemon/config/file.h"

#include "common/strbuf.h"
#include "daemon/config/types.h"

#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* White space as inih defines it, except for the newline. */
#define BLANKS " \t\v\f\r"

/* Marks where a line was split: no line contains it otherwise. */
#define SEAM '\1'

/* Bytes of a key and the blanks after it: they are in the first piece. */
#define KEY_MAX 64

/* A file being read. */
struct reading {
	struct config *config;
	struct config_errors *errors;
	const char *name;
	unsigned int file; /* its number in config->files */
	const char *rest;  /* of the text */
	unsigned int line;
	char *now;           /* that line, without its comment */
	const char *left;    /* of it, not yet passed to inih; NULL: nothing */
	struct strbuf value; /* of it, as returned by inih until now */
	bool in_key;         /* an indented line would continue a key */
	bool is_continued;   /* this line continues a key */
	bool in_daemon;      /* else in the service below */
	size_t service;      /* its number in config->services */
	bool is_skipping;    /* in a section that is an error */
};

/*
 * Errors, with where and why.
 */

static const char *
section_name(const struct reading *reading)
{
	return reading->in_daemon
	    ? "daemon"
	    : reading->config->services[reading->service].name;
}

static void
key_error(struct reading *reading, const char *name, const char *why)
{
	config_error(reading->errors, "%s:%u: [%s] %.100s: %s", reading->name,
	    reading->line, section_name(reading), name, why);
}

/* The line is invalid; always false. */
static bool
line_error(struct reading *reading, const char *why)
{
	if (reading->is_skipping)
		config_error(reading->errors, "%s:%u: %s", reading->name,
		    reading->line, why);
	else
		config_error(reading->errors, "%s:%u: [%s]: %s", reading->name,
		    reading->line, section_name(reading), why);
	return false;
}

/*
 * Lines.
 */

/* inih reports a section only with its first key. */
static void
begin_section(struct reading *reading, char *line)
{
	char *end = strchr(line, ']'), *name = line + 1, why[CONFIG_WHY];
	struct config_service *service;

	reading->in_daemon = false;
	reading->is_skipping = true;
	if (end == NULL) {
		line_error(reading,
		    "a section must be [daemon], [SERVICE] or [SERVICE:LABEL]");
		return;
	}
	*end++ = '\0';
	end += strspn(end, BLANKS);
	if (*end != '\0')
		config_error(reading->errors,
		    "%s:%u: [%.100s]: a key must start on a new line: "
		    "\"%.100s\"",
		    reading->name, reading->line, name, end);
	if (strcmp(name, "daemon") == 0) {
		reading->in_daemon = true;
		reading->is_skipping = false;
		return;
	}
	service = config_service_named(reading->config, name, why);
	if (service == NULL) {
		config_error(reading->errors, "%s:%u: [%.100s]: %s",
		    reading->name, reading->line, name, why);
		return;
	}
	reading->is_skipping = false;
	reading->service = (size_t)(service - reading->config->services);
	if (service->values.section == 0) {
		service->values.section_file = reading->file;
		service->values.section = reading->line;
	}
}

static bool
is_blank(char byte)
{
	return byte != '\0' && strchr(BLANKS, byte) != NULL;
}

/* Strip a comment, and blanks at the end. */
static void
cut(char *line)
{
	size_t length = line[strspn(line, BLANKS)] == '#' ? 0 : strlen(line), i;

	for (i = 0; i < length; i++)
		if (line[i] == ';' && (i == 0 || is_blank(line[i - 1])))
			length = i;
	while (length > 0 && is_blank(line[length - 1]))
		length--;
	line[length] = '\0';
}

/* Is there a control character in the text? */
static bool
has_control(const char *text)
{
	for (; *text != '\0'; text++)
		if (((unsigned char)*text < ' ' && *text != '\t') ||
		    *text == '\x7f')
			return true;
	return false;
}

/* Should inih get the line?  If not, an error was reported. */
static bool
check_line(struct reading *reading)
{
	char *start = reading->now + strspn(reading->now, BLANKS);
	size_t key = strcspn(start, "=:");

	if (has_control(start))
		return line_error(reading, "contains a control character");
	reading->is_continued = reading->in_key && start > reading->now;
	if (reading->is_continued)
		return true;
	if (*start == '[') {
		begin_section(reading, start);
		strcpy(reading->now, "[]");
		reading->in_key = false;
		return true;
	}
	if (key == 0 || key > KEY_MAX || start[key] == '\0')
		return line_error(reading, "expected [SECTION] or KEY = VALUE");
	memmove(reading->now, start, strlen(start) + 1);
	reading->in_key = true;
	return true;
}

/* The next line that is not empty; false at the end. */
static bool
take_line(struct reading *reading)
{
	size_t length;

	while (*reading->rest != '\0') {
		reading->line++;
		length = strcspn(reading->rest, "\n");
		memcpy(reading->now, reading->rest, length);
		reading->now[length] = '\0';
		reading->rest += length + (reading->rest[length] == '\n');
		cut(reading->now);
		if (*reading->now != '\0' && check_line(reading)) {
			reading->left = reading->now;
			return true;
		}
	}
	return false;
}

/*
 * For inih: the next line, or the next piece of one, which is indented to
 * continue the key.  Without a seam, inih would strip blanks at the ends of a
 * piece, and take a ; there for a comment.
 */
static char *
next_line(char *line, int size, void *stream)
{
	struct reading *reading = stream;
	bool first = reading->left == NULL, last;
	size_t length;

	if (first && !take_line(reading))
		return NULL;
	/* Room for a blank, two seams, the newline and a NUL. */
	length = strlen(reading->left);
	last = length <= (size_t)size - 5;
	if (!last)
		length = (size_t)size - 5;
	snprintf(line, (size_t)size, "%s%.*s%s\n", first ? "" : " \1",
	    (int)length, reading->left, last ? "" : "\1");
	reading->left = last ? NULL : reading->left + length;
	return line;
}

/*
 * Keys.
 */

static void
set_key(struct reading *reading, struct config_values *values,
    const struct config_key *key, const char *text)
{
	char prefix[512];
	const struct config_sink sink = { reading->errors, prefix };
	const struct config_source source = { CONFIG_FILE, reading->line, text,
		&sink, reading->file };

	snprintf(prefix, sizeof(prefix), "%s:%u: [%s] %s: ", reading->name,
	    reading->line, section_name(reading), key->name);
	if (reading->in_daemon && key->service != NULL)
		(void)config_set_defaults(
		    reading->config, NULL, key->name, &source);
	else
		(void)config_set(values, key, &source);
}

/* The section's service; NULL in [daemon]. */
static const struct service *
section_service(const struct reading *reading)
{
	return reading->in_daemon
	    ? NULL
	    : reading->config->services[reading->service].service;
}

/* A key of any service's own, by its name. */
static bool
find_own(const char *name, struct config_key *key)
{
	size_t i;

	for (i = 0; service_table[i] != NULL; i++)
		if (keys_find_own(service_table[i], name, key))
			return true;
	return false;
}

/* Why the key must not be in this section; NULL: it may. */
static const char *
misplaced(const struct reading *reading, const struct config_key *key)
{
	const struct service *service = section_service(reading);

	if (key == NULL)
		return "unknown key";
	if ((key->scope & CONFIG_OPTION) != 0)
		return "is an option, not a key";
	if (service == NULL)
		return (key->scope & CONFIG_DAEMON) != 0
		    ? NULL
		    : "belongs to a service";
	if ((key->scope & CONFIG_SERVICE) == 0)
		return "belongs in [daemon]";
	if (key->service != NULL && key->service != service)
		return "is not a key of this service";
	return NULL;
}

/* Not a key, as it sets nothing: which other files to read after this one. */
static void
take_include(struct reading *reading, const char *pattern)
{
	const char *why = NULL;

	if (!reading->in_daemon)
		why = "belongs in [daemon]";
	else if (reading->is_continued)
		why = "only a list can continue on an indented line";
	else if (*pattern == '\0')
		why = "requires a value";
	else if (!config_add_include(
		     reading->config, pattern, reading->file, reading->line))
		why = "out of memory";
	if (why != NULL)
		key_error(reading, "include", why);
}

static void
take_key(struct reading *reading, const char *name, const char *text)
{
	const struct service *service = section_service(reading);
	const struct config_key *key = keys_find(name);
	struct config_key own;
	struct config_values *values = reading->in_daemon
	    ? &reading->config->daemon
	    : &reading->config->services[reading->service].values;
	const char *why;

	if (key == NULL &&
	    ((service != NULL && keys_find_own(service, name, &own)) ||
		find_own(name, &own)))
		key = &own;
	why = misplaced(reading, key);
	if (why == NULL && reading->is_continued && !key->type->is_list)
		why = "only a list can continue on an indented line";
	else if (why != NULL && reading->is_continued)
		return; /* which has been reported */
	if (why != NULL)
		key_error(reading, name, why);
	else
		set_key(reading, values, key, text);
}

/* For inih: a key and its value, or a piece of that.  1: continue. */
static int
on_key(void *user, const char *section, const char *name, const char *value)
{
	struct reading *reading = user;
	size_t length = strlen(value);

	(void)section;
	if (length > 0 && value[length - 1] == SEAM)
		length--;
	if (length > 0 && *value == SEAM)
		value++, length--;
	while (reading->value.length == 0 && length > 0 && is_blank(*value))
		value++, length--;
	strbuf_print(&reading->value, "%.*s", (int)length, value);
	if (reading->left != NULL)
		return 1;
	if (!reading->value.lost && !reading->is_skipping) {
		if (strcmp(name, "include") == 0)
			take_include(reading, reading->value.text);
		else
			take_key(reading, name, reading->value.text);
	}
	reading->value.length = 0;
	return 1;
}

void
file_read_config(struct config *config, const char *name, const char *text,
    struct config_errors *errors)
{
	static const char mark[] = "\xef\xbb\xbf"; /* of UTF-8 */
	struct reading reading = {
		.config = config,
		.errors = errors,
		.name = name,
		.file = (unsigned int)config->file_count,
		.rest = text,
		.now = malloc(strlen(text) + sizeof("[]")),
		.in_daemon = true, /* keys before the first section */
	};

	if (strncmp(text, mark, strlen(mark)) == 0)
		reading.rest += strlen(mark);
	if (reading.now == NULL || !config_add_file(config, name) ||
	    ini_parse_stream(next_line, &reading, on_key, &reading) != 0 ||
	    reading.value.lost)
		config_error(errors, "%s:%u: cannot be read: out of memory",
		    name, reading.line);
	free(reading.value.text);
	free(reading.now);
}
