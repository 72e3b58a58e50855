/* SPDX-License-Identifier: ISC */
/*
 * HTTP requests: cut anywhere, a request ends as it does in one piece; what is
 * accepted lies within the text, and a name that counts as ours is none that a
 * stranger can have.
 */
#include "fuzz.h"

#include "daemon/ops/access.h"
#include "daemon/ops/httprequest.h"

/* In memory of exactly that size. */
static int
parse(
    const uint8_t *data, size_t size, struct httprequest *request, char **copy)
{
	*copy = calloc(size > 0 ? size : 1, 1);
	REQUIRE(*copy != NULL);
	if (size > 0)
		memcpy(*copy, data, size);
	return httprequest_parse(*copy, size, request);
}

static void
check_span(const struct httprequest_span *span, const char *text, size_t size)
{
	REQUIRE(span->text >= text && span->length <= size);
	REQUIRE(span->text + span->length <= text + size);
}

static void
check_good(const struct httprequest *request, const char *text, size_t size)
{
	static struct config_name items[] = { { "gate.example" } };
	const struct access access = { .names = { items, 1 } };
	const struct httprequest_span *host = &request->host;

	REQUIRE(request->path.length > 0 && request->path.text[0] == '/');
	if (request->path.length > 1)
		check_span(&request->path, text, size);
	if (host->text == NULL) {
		REQUIRE(access_is_our_name(&access, host));
		return;
	}
	check_span(host, text, size);
	if (access_is_our_name(&access, host) && *host->text != '[')
		REQUIRE(strchr("0123456789lLgG", *host->text) != NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct httprequest request;
	int status = HTTPREQUEST_INCOMPLETE, whole;
	size_t i;
	char *copy;

	if (size > HTTPREQUEST_MAX)
		size = HTTPREQUEST_MAX;
	whole = parse(data, size, &request, &copy);
	REQUIRE(whole == HTTPREQUEST_INCOMPLETE || whole == 200 ||
	    whole == 400 || whole == 405 || whole == 413 || whole == 414 ||
	    whole == 431 || whole == 505);
	REQUIRE(whole != HTTPREQUEST_INCOMPLETE || size < HTTPREQUEST_MAX);
	if (whole == HTTPREQUEST_GOOD)
		check_good(&request, copy, size);
	free(copy);
	/* Long ones are cut only in some places, as it takes time. */
	for (i = 0; i <= size && status == HTTPREQUEST_INCOMPLETE;
	     i += 1 + i / 64) {
		status = parse(data, i, &request, &copy);
		free(copy);
	}
	REQUIRE(status == HTTPREQUEST_INCOMPLETE || status == whole);
	return 0;
}
