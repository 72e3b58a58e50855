/* SPDX-License-Identifier: ISC */
/*
 * qotd, RFC 865: a quote a day out of a file, in turn.  In the file a line
 * with nothing but % stands between quotes, as in those of fortune(6).
 */
#include "services/service.h"

#include <stdio.h>
#include <string.h>

#define QUOTE_MAX 512

#define DAY (86400 * INT64_C(1000000000))

struct reader {
	const char *at;
	size_t left;
	unsigned long line; /* the last one read, from 1 */
};

struct quote {
	const char *text;
	size_t length;
	unsigned long line; /* its first */
};

/* A line with its end, which the last one may lack; 0 at the end. */
static size_t
next_line(struct reader *reader, const char **line)
{
	const char *end = memchr(reader->at, '\n', reader->left);
	size_t length =
	    end != NULL ? (size_t)(end - reader->at) + 1 : reader->left;

	*line = reader->at;
	reader->at += length;
	reader->left -= length;
	reader->line++;
	return length;
}

static bool
is_blank(const char *text, size_t length)
{
	for (; length > 0; text++, length--)
		if (*text != ' ' && *text != '\t' && *text != '\r' &&
		    *text != '\n')
			return false;
	return true;
}

/* The next quote that is not blank; false at the end. */
static bool
next_quote(struct reader *reader, struct quote *quote)
{
	const char *line;
	size_t length;

	do {
		*quote = (struct quote){ reader->at, 0, reader->line + 1 };
		while ((length = next_line(reader, &line)) > 0) {
			if (line[0] == '%' && is_blank(line + 1, length - 1))
				break;
			quote->length += length;
		}
		if (!is_blank(quote->text, quote->length))
			return true;
	} while (length > 0);
	return false;
}

static struct reader
reader_of(const struct service_settings *settings)
{
	return (struct reader){ settings->text, settings->text_length, 0 };
}

static const char *
qotd_check(const struct service_settings *settings, char why[SERVICE_WHY])
{
	struct reader reader = reader_of(settings);
	struct quote quote;
	size_t count = 0;

	if (settings->text == NULL) {
		snprintf(why, SERVICE_WHY, "is missing: it has the quotes");
		return "file";
	}
	for (; next_quote(&reader, &quote); count++) {
		if (quote.length <= QUOTE_MAX)
			continue;
		snprintf(why, SERVICE_WHY,
		    "has a quote of %zu bytes at line %lu; %d are the most",
		    quote.length, quote.line, QUOTE_MAX);
		return "file";
	}
	if (count > 0)
		return NULL;
	snprintf(why, SERVICE_WHY, "has no quote");
	return "file";
}

static size_t
qotd_index(
    const struct service_settings *settings, uint32_t *parts, size_t room)
{
	struct reader reader = reader_of(settings);
	struct quote quote;
	size_t count = 0;

	for (; next_quote(&reader, &quote); count++)
		if (count < room)
			parts[count] = (uint32_t)(quote.text - settings->text);
	return count;
}

/* The quote of the day; false if there is none. */
static bool
choose(const struct service_settings *settings, int64_t now_ns,
    struct quote *quote)
{
	struct reader reader = reader_of(settings);
	uint32_t start;

	if (settings->part_count == 0)
		return false;
	start =
	    settings->parts[(uint64_t)(now_ns / DAY) % settings->part_count];
	reader.at += start;
	reader.left -= start;
	return next_quote(&reader, quote);
}

static int
qotd_answer(const struct mh_datagram *request,
    const struct service_context *context, struct mh_datagram *reply)
{
	struct quote quote;

	if (!choose(context->settings, context->now_ns, &quote))
		return SERVICE_SILENT;
	/* Our own words come back: from an echo, or from one like us. */
	if (request->length == quote.length &&
	    memcmp(request->data, quote.text, quote.length) == 0)
		return SERVICE_SILENT;
	memcpy(reply->data, quote.text, quote.length);
	return (int)quote.length;
}

const struct service service_qotd = {
	.name = "qotd",
	.summary = "a quote a day, from a file (RFC 865)",
	.port = 17,
	.flags = SERVICE_FILE,
	.check = qotd_check,
	.index = qotd_index,
	.answer = qotd_answer,
};
