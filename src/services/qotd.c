/* SPDX-License-Identifier: ISC */
/*
 * qotd, RFC 865: a quote a day from a file, in turn.  In the file, quotes are
 * separated by lines with nothing but %, as in those of fortune(6).
 */
#include "services/table.h"

#include <stdio.h>
#include <string.h>

#define QUOTE_MAX 512

#define DAY (86400 * INT64_C(1000000000))

struct qotd_settings {
	struct service_file file;
};

static const struct service_key qotd_keys[] = {
	{ "file", SERVICE_FILE, offsetof(struct qotd_settings, file), "FILE",
	    NULL, "the quotes" },
	{ .name = NULL },
};

/* Where the quotes begin, so that no request has to search the file. */
struct index {
	size_t count;
	uint32_t starts[];
};

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

/* A line including its newline, which the last may lack; 0 at the end. */
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
reader_of(const struct qotd_settings *settings)
{
	return (struct reader){ settings->file.text, settings->file.length, 0 };
}

static const char *
qotd_check(const void *own, char why[SERVICE_WHY])
{
	const struct qotd_settings *settings = own;
	struct reader reader = reader_of(settings);
	struct quote quote;
	size_t count = 0;

	if (settings->file.text == NULL) {
		snprintf(
		    why, SERVICE_WHY, "is missing: the file with the quotes");
		return "file";
	}
	for (; next_quote(&reader, &quote); count++) {
		if (quote.length <= QUOTE_MAX)
			continue;
		snprintf(why, SERVICE_WHY,
		    "has a quote of %zu bytes at line %lu; the limit is %d",
		    quote.length, quote.line, QUOTE_MAX);
		return "file";
	}
	if (count > 0)
		return NULL;
	snprintf(why, SERVICE_WHY, "has no quotes");
	return "file";
}

static size_t
qotd_prepare(const void *own, void *prepared, size_t size)
{
	const struct qotd_settings *settings = own;
	struct reader reader = reader_of(settings);
	struct index *index = prepared;
	struct quote quote;
	size_t count = 0;

	for (; next_quote(&reader, &quote); count++)
		if (size > 0)
			index->starts[count] =
			    (uint32_t)(quote.text - settings->file.text);
	if (size > 0)
		index->count = count;
	return sizeof(*index) + count * sizeof(index->starts[0]);
}

/* The quote of the day; false if there is none. */
static bool
choose(const struct service_context *context, struct quote *quote)
{
	struct reader reader = reader_of(context->settings);
	const struct index *index = context->prepared;
	uint64_t day = (uint64_t)(context->now.utc_ns / DAY);
	uint32_t start;

	if (index->count == 0)
		return false;
	start = index->starts[day % index->count];
	reader.at += start;
	reader.left -= start;
	return next_quote(&reader, quote);
}

static enum service_outcome
qotd_answer(const struct mh_datagram *request, struct service_context *context,
    struct service_reply *reply)
{
	struct quote quote;

	if (!choose(context, &quote))
		return SERVICE_QUIET;
	/* Our own quote comes back: from an echo, or from another qotd. */
	if (request->length == quote.length &&
	    memcmp(request->data, quote.text, quote.length) == 0)
		return SERVICE_NOT_REQUEST;
	reply->length = quote.length;
	if (quote.length > reply->room)
		return SERVICE_NO_ROOM;
	memcpy(reply->data, quote.text, quote.length);
	return SERVICE_REPLY;
}

const struct service service_qotd = {
	.name = "qotd",
	.summary = "a quote a day, from a file (RFC 865)",
	.port = 17,
	.wants = SERVICE_WANTS_UTC,
	.amplifies = true,
	.keys = qotd_keys,
	.settings_size = sizeof(struct qotd_settings),
	.check = qotd_check,
	.prepare = qotd_prepare,
	.answer = qotd_answer,
};
