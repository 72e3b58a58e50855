/* SPDX-License-Identifier: ISC */
/*
 * Configuration values that are text or bytes: texts, files, patterns.
 */
#include "daemon/config/types.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of a text: the longest path. */
#define TEXT_MAX 4095

static bool
text_copy(void *to, const void *from)
{
	const char *text = *(char *const *)from;

	*(char **)to = text == NULL ? NULL : strdup(text);
	return text == NULL || *(char **)to != NULL;
}

static void
pointer_clear(void *value)
{
	free(*(void **)value);
	*(void **)value = NULL;
}

/* Why a text cannot be written to the file; NULL: it can. */
static const char *
text_fault(const char *text)
{
	const char *at;

	if (*text == '\0')
		return "must not be empty";
	if (strlen(text) > TEXT_MAX)
		return "must not be longer than 4095 bytes";
	for (at = text; *at != '\0'; at++)
		if ((unsigned char)*at < ' ' || *at == '\x7f')
			return "must not contain control characters";
	if (*text == ' ' || at[-1] == ' ')
		return "must not begin or end with a blank";
	if (*text == ';' || strstr(text, " ;") != NULL)
		return "must not have a ; at its start or after a blank, "
		       "where a comment begins";
	return NULL;
}

static bool
text_read(
    void *value, const char *argument, const char *text, char why[CONFIG_WHY])
{
	const char *fault = text_fault(text);

	(void)argument;
	if (fault != NULL) {
		snprintf(why, CONFIG_WHY, "%s", fault);
		return false;
	}
	pointer_clear(value);
	return text_copy(value, &text) || types_no_memory(why);
}

static void
text_write(const void *value, const char *argument, struct strbuf *text)
{
	const char *set = *(char *const *)value;

	(void)argument;
	if (set != NULL)
		strbuf_print(text, "%s", set);
}

const struct config_type types_text = {
	.read = text_read,
	.write = text_write,
	.copy = text_copy,
	.clear = pointer_clear,
};

const struct config_type types_path = {
	.is_single = true,
	.read = text_read,
	.write = text_write,
	.copy = text_copy,
	.clear = pointer_clear,
};

static bool
file_read(
    void *value, const char *argument, const char *text, char why[CONFIG_WHY])
{
	struct service_file *file = value;

	return text_read(&file->path, argument, text, why);
}

static void
file_write(const void *value, const char *argument, struct strbuf *text)
{
	const struct service_file *file = value;

	text_write(&file->path, argument, text);
}

/* Its contents are read later, along with all files. */
static bool
file_copy(void *to, const void *from)
{
	const struct service_file *source = from;
	struct service_file *file = to;

	*file = (struct service_file){ .path = NULL };
	return text_copy(&file->path, &source->path);
}

static void
file_clear(void *value)
{
	struct service_file *file = value;

	free(file->path);
	free(file->text);
	*file = (struct service_file){ .path = NULL };
}

const struct config_type types_file = {
	.is_single = true,
	.read = file_read,
	.write = file_write,
	.copy = file_copy,
	.clear = file_clear,
};

static bool
pattern_copy(void *to, const void *from)
{
	const struct service_pattern *pattern =
	    *(struct service_pattern *const *)from;
	struct service_pattern *copy = NULL;

	if (pattern != NULL) {
		copy = malloc(sizeof(*copy));
		if (copy == NULL)
			return false;
		*copy = *pattern;
	}
	*(struct service_pattern **)to = copy;
	return true;
}

static bool
pattern_parse(
    void *value, const char *text, bool wildcards, char why[CONFIG_WHY])
{
	struct service_pattern pattern, *from = &pattern;
	char reason[SERVICE_WHY];

	if (!service_pattern_parse(&pattern, text, wildcards, reason)) {
		snprintf(why, CONFIG_WHY, "invalid pattern \"%.80s\": %.120s",
		    text, reason);
		return false;
	}
	pointer_clear(value);
	return pattern_copy(value, &from) || types_no_memory(why);
}

static bool
pattern_read(
    void *value, const char *argument, const char *text, char why[CONFIG_WHY])
{
	(void)argument;
	return pattern_parse(value, text, false, why);
}

static bool
wildcards_read(
    void *value, const char *argument, const char *text, char why[CONFIG_WHY])
{
	(void)argument;
	return pattern_parse(value, text, true, why);
}

/* Always hexadecimal, even if it was read from quoted text. */
static void
pattern_write(const void *value, const char *argument, struct strbuf *text)
{
	const struct service_pattern *pattern =
	    *(struct service_pattern *const *)value;
	size_t i;

	(void)argument;
	if (pattern == NULL)
		return;
	if (pattern->length == 0)
		strbuf_print(text, "\"\"");
	for (i = 0; i < pattern->length; i++)
		if (pattern->mask[i] == 0)
			strbuf_print(text, "??");
		else
			strbuf_print(text, "%02x", pattern->bytes[i]);
}

const struct config_type types_pattern = {
	.is_single = true,
	.read = pattern_read,
	.write = pattern_write,
	.copy = pattern_copy,
	.clear = pointer_clear,
};

const struct config_type types_wildcards = {
	.is_single = true,
	.read = wildcards_read,
	.write = pattern_write,
	.copy = pattern_copy,
	.clear = pointer_clear,
};
