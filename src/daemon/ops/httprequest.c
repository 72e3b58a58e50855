/* SPDX-License-Identifier: ISC */
/*
 * A line at a time, strictly: what two programs could read differently is
 * refused.  Lines may end without the carriage return, and an empty line may
 * come first (RFC 9112, section 2.2).
 */
#include "daemon/ops/httprequest.h"

#include <string.h>

/* The part of the text that is not parsed yet, and what was found so far. */
struct parser {
	const char *text;
	size_t length;
	struct httprequest *request;
	bool is_other; /* neither GET nor HEAD */
	bool has_body;
	bool has_host;    /* the header; request->host may be the URI's */
	bool is_absolute; /* the URI */
	bool needs_host;  /* HTTP/1.1 */
};

bool
httprequest_is(const struct httprequest_span *span, const char *text)
{
	return span->length == strlen(text) &&
	    memcmp(span->text, text, span->length) == 0;
}

static char
lower(char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

bool
httprequest_is_name(const struct httprequest_span *span, const char *name)
{
	size_t i;

	for (i = 0; i < span->length && name[i] != '\0'; i++)
		if (lower(span->text[i]) != lower(name[i]))
			return false;
	return i == span->length && name[i] == '\0';
}

/* RFC 9110, section 5.6.2. */
static bool
is_token(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') ||
	    (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Cut off all that comes before the character; false if it is not there. */
static bool
cut(struct httprequest_span *rest, char c, struct httprequest_span *part)
{
	const char *end = memchr(rest->text, c, rest->length);

	if (end == NULL)
		return false;
	*part =
	    (struct httprequest_span){ rest->text, (size_t)(end - rest->text) };
	rest->length -= part->length + 1;
	rest->text = end + 1;
	return true;
}

/* Are all of its characters of that kind, and is there one? */
static bool
consists_of(const struct httprequest_span *span, bool (*is)(char c))
{
	size_t i;

	for (i = 0; i < span->length; i++)
		if (!is(span->text[i]))
			return false;
	return span->length > 0;
}

static bool
is_visible(char c)
{
	return c > ' ' && c < 0x7f;
}

static bool
is_value(char c)
{
	return c == '\t' || ((unsigned char)c >= ' ' && c != 0x7f);
}

/* The next line without its end; false if it is not complete. */
static bool
next_line(struct parser *parser, struct httprequest_span *line)
{
	struct httprequest_span rest = { parser->text, parser->length };

	if (!cut(&rest, '\n', line))
		return false;
	parser->text = rest.text;
	parser->length = rest.length;
	if (line->length > 0 && line->text[line->length - 1] == '\r')
		line->length--;
	return true;
}

/*
 * The request line.
 */

/* "http://host/path", as one sends it to a proxy: take the host off. */
static bool
cut_authority(struct parser *parser, struct httprequest_span *target)
{
	static const char http[] = "http://";
	struct httprequest_span *host = &parser->request->host;
	struct httprequest_span scheme = { target->text, sizeof(http) - 1 };

	if (target->length < scheme.length ||
	    !httprequest_is_name(&scheme, http))
		return false;
	target->text += scheme.length;
	target->length -= scheme.length;
	host->text = target->text;
	while (target->length > 0 && strchr("/?", *target->text) == NULL) {
		target->text++;
		target->length--;
	}
	host->length = (size_t)(target->text - host->text);
	parser->is_absolute = true;
	/* Nobody logs in here; "http://localhost@evil/" is meant to mislead. */
	return host->length > 0 &&
	    memchr(host->text, '@', host->length) == NULL;
}

static bool
parse_target(struct parser *parser, struct httprequest_span target)
{
	struct httprequest_span *path = &parser->request->path, query;

	if (*target.text != '/' && !cut_authority(parser, &target))
		return false;
	if (memchr(target.text, '#', target.length) != NULL)
		return false;
	query = target;
	if (!cut(&query, '?', path))
		*path = target;
	if (path->length == 0)
		*path = (struct httprequest_span){ "/", 1 };
	return true;
}

/* 0 or the status of the error. */
static int
parse_version(struct parser *parser, const struct httprequest_span *version)
{
	if (version->length != 8 || memcmp(version->text, "HTTP/", 5) != 0 ||
	    !is_digit(version->text[5]) || version->text[6] != '.' ||
	    !is_digit(version->text[7]))
		return 400;
	parser->needs_host = version->text[7] != '0';
	return version->text[5] == '1' ? 0 : 505;
}

static int
parse_request_line(struct parser *parser, struct httprequest_span line)
{
	struct httprequest_span method, target;
	int status;

	if (!cut(&line, ' ', &method) || !cut(&line, ' ', &target) ||
	    !consists_of(&method, is_token) ||
	    !consists_of(&target, is_visible))
		return 400;
	status = parse_version(parser, &line);
	if (status != 0)
		return status;
	parser->request->is_head = httprequest_is(&method, "HEAD");
	parser->is_other =
	    !parser->request->is_head && !httprequest_is(&method, "GET");
	return parser->is_other || parse_target(parser, target) ? 0 : 400;
}

/*
 * The headers.
 */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void
trim(struct httprequest_span *span)
{
	while (span->length > 0 && is_blank(*span->text)) {
		span->text++;
		span->length--;
	}
	while (span->length > 0 && is_blank(span->text[span->length - 1]))
		span->length--;
}

/* False if it is malformed. */
static bool
parse_header(struct parser *parser, struct httprequest_span line)
{
	struct httprequest_span name;
	size_t i;

	if (!cut(&line, ':', &name) || !consists_of(&name, is_token))
		return false;
	trim(&line);
	if (line.length > 0 && !consists_of(&line, is_value))
		return false;
	if (httprequest_is_name(&name, "Host")) {
		if (parser->has_host)
			return false;
		parser->has_host = true;
		if (!parser->is_absolute)
			parser->request->host = line;
	} else if (httprequest_is_name(&name, "Content-Length")) {
		if (!consists_of(&line, is_digit))
			return false;
		for (i = 0; i < line.length; i++)
			parser->has_body |= line.text[i] != '0';
	} else if (httprequest_is_name(&name, "Transfer-Encoding"))
		parser->has_body = true;
	return true;
}

/* The whole head is there. */
static int
conclude(const struct parser *parser)
{
	if (parser->is_other)
		return 405;
	if (parser->needs_host && !parser->has_host)
		return 400;
	return parser->has_body ? 413 : HTTPREQUEST_GOOD;
}

int
httprequest_parse(const char *text, size_t length, struct httprequest *request)
{
	struct parser parser = { text, length, .request = request };
	struct httprequest_span line = { NULL, 0 };
	int status;

	*request = (struct httprequest){ .is_head = false };
	/* It is something else, such as TLS. */
	if (length > 0 && !is_token(*text) && *text != '\r' && *text != '\n')
		return 400;
	if (!next_line(&parser, &line) ||
	    (line.length == 0 && !next_line(&parser, &line)))
		return length < HTTPREQUEST_MAX ? HTTPREQUEST_INCOMPLETE : 414;
	status = parse_request_line(&parser, line);
	while (status == 0) {
		if (!next_line(&parser, &line))
			return length < HTTPREQUEST_MAX ? HTTPREQUEST_INCOMPLETE
							: 431;
		if (line.length == 0)
			status = conclude(&parser);
		else if (!parse_header(&parser, line))
			status = 400;
	}
	return status;
}
