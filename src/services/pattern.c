/* SPDX-License-Identifier: ISC */
/*
 * Patterns of bytes as people write them: text in quotes, or hexadecimal.
 */
#include "services/service.h"

#include "common/hex.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A pattern being read. */
struct source {
	struct service_pattern pattern;
	const char *at;
	bool wildcards;
	char *why;
};

__attribute__((format(printf, 2, 3))) static bool
fail(struct source *source, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(source->why, SERVICE_WHY, format, arguments);
	va_end(arguments);
	return false;
}

static bool
add(struct source *source, unsigned int byte, uint8_t mask)
{
	struct service_pattern *pattern = &source->pattern;

	if (pattern->length == SERVICE_PATTERN_MAX)
		return fail(
		    source, "is longer than %d bytes", SERVICE_PATTERN_MAX);
	pattern->bytes[pattern->length] = (uint8_t)byte;
	pattern->mask[pattern->length++] = mask;
	return true;
}

static bool
add_any(struct source *source)
{
	if (!source->wildcards)
		return fail(source, "must not have the wildcard ?");
	return add(source, 0, 0);
}

/* What follows a backslash. */
static bool
read_escape(struct source *source)
{
	static const char names[] = "nrt0\\\"", bytes[] = "\n\r\t\0\\\"";
	const char *name;
	int value;

	if (*source->at == 'x') {
		value = hex_byte(source->at + 1);
		if (value < 0)
			return fail(
			    source, "has a \\x without two hexadecimal digits");
		source->at += 3;
		return add(source, (unsigned int)value, 0xff);
	}
	if (*source->at == '\0')
		return fail(source, "lacks a closing \"");
	name = strchr(names, *source->at);
	if (name == NULL)
		return fail(source, "has an unknown escape \\%c", *source->at);
	source->at++;
	return add(source, (unsigned char)bytes[name - names], 0xff);
}

/* From after the opening quote to after the closing one. */
static bool
read_quoted(struct source *source)
{
	char byte;

	while ((byte = *source->at++) != '"') {
		if (byte == '\0')
			return fail(source, "lacks a closing \"");
		if (byte == '\\' ? !read_escape(source)
				 : !add(source, (unsigned char)byte, 0xff))
			return false;
	}
	return true;
}

static bool
read_text(struct source *source)
{
	if (*source->at == '"') {
		source->at++;
		return read_quoted(source);
	}
	if (*source->at != '?')
		return fail(source, "has \"%.20s\" outside quotes", source->at);
	source->at++;
	return add_any(source);
}

static bool
read_hexadecimal(struct source *source)
{
	int value = hex_byte(source->at);
	const char *at = source->at;

	if (value < 0 && (at[0] != '?' || at[1] != '?'))
		return fail(source,
		    "has \"%.20s\" instead of two hexadecimal digits", at);
	source->at += 2;
	return value < 0 ? add_any(source)
			 : add(source, (unsigned int)value, 0xff);
}

bool
service_pattern_parse(struct service_pattern *pattern, const char *text,
    bool wildcards, char why[SERVICE_WHY])
{
	struct source source = {
		.at = text, .wildcards = wildcards, .why = why
	};
	bool quoted = strchr(text, '"') != NULL;

	for (;;) {
		source.at += strspn(source.at, " \t");
		if (*source.at == '\0')
			break;
		if (quoted ? !read_text(&source) : !read_hexadecimal(&source))
			return false;
	}
	if (source.pattern.length == 0 && !quoted)
		return fail(&source, "is empty: write the empty text as \"\"");
	*pattern = source.pattern;
	return true;
}
