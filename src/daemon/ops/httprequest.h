/* SPDX-License-Identifier: ISC */
/*
 * The head of an HTTP/1 request (RFC 9112): what is asked for, and as which
 * host.  Pure, and it allocates nothing.
 */
#ifndef DAEMON_OPS_HTTPREQUEST_H
#define DAEMON_OPS_HTTPREQUEST_H

#include <stdbool.h>
#include <stddef.h>

/* The longest head that is read, in bytes, with the empty line at its end. */
#define HTTPREQUEST_MAX 8192

/* A part of the text that was parsed; not terminated. */
struct httprequest_span {
	const char *text; /* NULL: absent */
	size_t length;
};

struct httprequest {
	bool is_head;                 /* HEAD; else GET */
	struct httprequest_span path; /* "/" at least, without the query */
	struct httprequest_span host; /* with its port; of an absolute URI
				       * rather than of the header */
};

enum { HTTPREQUEST_INCOMPLETE = 0, HTTPREQUEST_GOOD = 200 };

/*
 * Parse what has been received of a request: HTTPREQUEST_INCOMPLETE if there
 * may be more of it, HTTPREQUEST_GOOD with *request set, or the status of the
 * error to answer: 400, 405 (neither GET nor HEAD), 413 (it has a body), 414,
 * 431 or 505.  An error is returned as soon as it is certain, even before the
 * end.  *request points into text.
 */
int httprequest_parse(
    const char *text, size_t length, struct httprequest *request);

/* Is the span that text? */
bool httprequest_is(const struct httprequest_span *span, const char *text);

/* The same, whatever the case of its ASCII letters. */
bool httprequest_is_name(const struct httprequest_span *span, const char *name);

#endif
