/* SPDX-License-Identifier: ISC */
/*
 * What mhrun tells libmhrun.so.
 */
#include "run/preload/settings.h"

#include "common/number.h"

#include <stdio.h>
#include <string.h>

void
settings_default(struct settings *settings)
{
	*settings = (struct settings){ .entries = 16384, .idle = 300 };
}

char *
settings_format(const struct settings *settings, char text[SETTINGS_TEXT])
{
	size_t at;
	unsigned int i;

	at = (size_t)snprintf(text, SETTINGS_TEXT, "entries=%u idle=%u%s",
	    (unsigned int)settings->entries, (unsigned int)settings->idle,
	    settings->verbose ? " verbose" : "");
	/* 64 ports of 6 bytes, and less than 50 before them. */
	for (i = 0; i < settings->port_count && at < SETTINGS_TEXT; i++)
		at += (size_t)snprintf(text + at, SETTINGS_TEXT - at, "%s%u",
		    i == 0 ? " port=" : ",", settings->ports[i]);
	return text;
}

/* Is that the next word?  Then *text is after it. */
static bool
begins(const char **text, const char *word)
{
	size_t length = strlen(word);

	if (strncmp(*text, word, length) != 0)
		return false;
	*text += length;
	return true;
}

static void
read_ports(struct settings *settings, const char **text)
{
	uint64_t port;

	settings->port_count = 0;
	while (settings->port_count < SETTINGS_PORTS_MAX &&
	    number_scan(text, UINT16_MAX, &port)) {
		settings->ports[settings->port_count++] = (uint16_t)port;
		if (**text != ',')
			return;
		++*text;
	}
}

void
settings_parse(struct settings *settings, const char *text)
{
	uint64_t number;

	settings_default(settings);
	while (text != NULL && *text != '\0') {
		if (begins(&text, "entries=")) {
			if (number_scan(&text, 1 << 20, &number) && number > 0)
				settings->entries = (uint32_t)number;
		} else if (begins(&text, "idle=")) {
			if (number_scan(&text, 86400, &number) && number > 0)
				settings->idle = (uint32_t)number;
		} else if (begins(&text, "port="))
			read_ports(settings, &text);
		else if (begins(&text, "verbose"))
			settings->verbose = true;
		/* On to the next word. */
		text += strcspn(text, " ");
		text += strspn(text, " ");
	}
}

bool
settings_allow(const struct settings *settings, uint16_t port)
{
	unsigned int i;

	for (i = 0; i < settings->port_count; i++)
		if (settings->ports[i] == port)
			return true;
	return settings->port_count == 0;
}
