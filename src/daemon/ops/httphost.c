/* SPDX-License-Identifier: ISC */
/*
 * The port is of no interest: what matters is who owns the name.
 */
#include "daemon/ops/httphost.h"

#include <string.h>

static bool
is_port(const char *text)
{
	return strspn(text, "0123456789") == strlen(text);
}

static bool
is_address(const char *text)
{
	struct mh_address address;

	return mh_address_parse(&address, text) == 0;
}

/* "[2001:db8::1]" or "[2001:db8::1]:80". */
static bool
is_bracketed(char *text)
{
	char *end = strchr(text, ']');

	if (end == NULL || (end[1] != '\0' && end[1] != ':') ||
	    (end[1] == ':' && !is_port(end + 2)))
		return false;
	*end = '\0';
	/* The zone is of no interest, either. */
	text[strcspn(text, "%")] = '\0';
	return strchr(text, ':') != NULL && is_address(text + 1);
}

static bool
is_name(const char *text, const struct config_names *names)
{
	const struct httprequest_span span = { text, strlen(text) };
	size_t i;

	if (httprequest_is_name(&span, "localhost"))
		return true;
	for (i = 0; i < names->count; i++)
		if (httprequest_is_name(&span, names->items[i].text))
			return true;
	return false;
}

bool
httphost_is_ours(
    const struct httprequest_span *host, const struct config_names *names)
{
	char text[CONFIG_NAME_SIZE + sizeof(".:65535")], *colon;
	size_t length = host->length;

	if (host->text == NULL)
		return true;
	if (length == 0 || length >= sizeof(text) ||
	    memchr(host->text, '\0', length) != NULL)
		return false;
	memcpy(text, host->text, length);
	text[length] = '\0';
	if (*text == '[')
		return is_bracketed(text);
	colon = strchr(text, ':');
	if (colon != NULL) {
		if (!is_port(colon + 1))
			return false;
		*colon = '\0';
	}
	length = strlen(text);
	/* The root of all domains may be written. */
	if (length > 1 && text[length - 1] == '.')
		text[length - 1] = '\0';
	return is_name(text, names) ||
	    (strchr(text, '%') == NULL && is_address(text));
}
