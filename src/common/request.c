/* SPDX-License-Identifier: ISC */
/*
 * Both ends of the control socket have this table and this syntax, so they
 * cannot differ.
 */
#include "common/request.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* The name and version, and the form of the answer. */
#define PROTOCOL "mhctl/1"

static const char *const forms[] = { "text", "json" };

enum { WORDS_MAX = 4 };

const struct request_command request_commands[] = {
	[REQUEST_STATUS] = { "status", NULL,
	    "is it ready and healthy; counters of each socket" },
	[REQUEST_DROPS] = { "drops", "PEER",
	    "why datagrams were dropped, and whose; of a peer alone" },
	[REQUEST_TOP] = { "top", NULL,
	    "who asks most, and which local addresses are asked most" },
	[REQUEST_SESSIONS] = { "sessions", NULL,
	    "the sessions of STAMP and IRTT" },
	[REQUEST_DRAIN] = { "drain", NULL,
	    "be not ready any more, and go on answering" },
	[REQUEST_UNDRAIN] = { "undrain", NULL, "be ready again" },
	[REQUEST_RELOAD] = { "reload", NULL,
	    "read the configuration again; say what is wrong with it" },
	[REQUEST_LOG_LEVEL] = { "log-level", "LEVEL",
	    "show or set it: error, warning, info or debug" },
	[REQUEST_VERBS] = { .name = NULL },
};

const char *const request_levels[4] = { "error", "warning", "info", "debug" };

static_assert(sizeof(PROTOCOL " json log-level warning\n") + MH_ADDRESS_TEXT <=
	REQUEST_MAX,
    "all requests fit");

/* Number of the word among those of a list of n; -1: it is none of them. */
static int
find(const char *const *list, int n, const char *word)
{
	while (--n >= 0)
		if (strcmp(list[n], word) == 0)
			break;
	return n;
}

static bool
read_level(struct request *request, const char *argument, char why[REQUEST_WHY])
{
	request->level = find(request_levels, 4, argument);
	if (request->level < 0)
		snprintf(why, REQUEST_WHY,
		    "log-level: must be one of error, warning, info and debug, "
		    "not \"%.60s\"",
		    argument);
	return request->level >= 0;
}

static bool
read_peer(struct request *request, const char *argument, char why[REQUEST_WHY])
{
	int error = mh_address_parse(&request->peer, argument);

	if (error != 0)
		snprintf(why, REQUEST_WHY,
		    "drops: \"%.60s\" is not an address: %s", argument,
		    mh_strerror(error));
	return error == 0;
}

bool
request_read(struct request *request, const char *command, const char *argument,
    char why[REQUEST_WHY])
{
	const bool is_json = request->is_json;
	int verb = 0;

	*request = (struct request){ .is_json = is_json, .level = -1 };
	while (verb < REQUEST_VERBS &&
	    strcmp(request_commands[verb].name, command) != 0)
		verb++;
	if (verb == REQUEST_VERBS) {
		snprintf(
		    why, REQUEST_WHY, "unknown command \"%.60s\"", command);
		return false;
	}
	request->verb = (enum request_verb)verb;
	if (argument == NULL)
		return true;
	if (request_commands[verb].argument == NULL) {
		snprintf(why, REQUEST_WHY, "%s takes no argument", command);
		return false;
	}
	return verb == REQUEST_LOG_LEVEL ? read_level(request, argument, why)
					 : read_peer(request, argument, why);
}

void
request_format(const struct request *request, char line[REQUEST_MAX])
{
	char peer[MH_ADDRESS_TEXT];
	const char *argument = "";

	if (request->peer.family != MH_FAMILY_NONE)
		argument =
		    mh_address_format(&request->peer, peer, sizeof(peer));
	else if (request->level >= 0)
		argument = request_levels[request->level];
	snprintf(line, REQUEST_MAX, PROTOCOL " %s %s%s%s\n",
	    forms[request->is_json], request_commands[request->verb].name,
	    *argument != '\0' ? " " : "", argument);
}

bool
request_is_whole(const char *text, size_t length)
{
	return length >= REQUEST_MAX || memchr(text, '\n', length) != NULL;
}

/*
 * Cut the line into words with one blank between them.  Returns how many, or 0
 * if there are too many or anything else is in it.
 */
static int
split(char *line, char *words[WORDS_MAX])
{
	int count = 0;
	char *at;

	for (at = line; *at != '\0'; at++)
		if (*at < ' ' || *at > '~')
			return 0;
	for (at = line; at != NULL && count < WORDS_MAX; count++) {
		words[count] = at;
		at = strchr(at, ' ');
		if (at != NULL)
			*at++ = '\0';
	}
	return at == NULL ? count : 0;
}

bool
request_parse(struct request *request, const char *text, size_t length,
    char why[REQUEST_WHY])
{
	const char *end = memchr(text, '\n', length);
	char line[REQUEST_MAX], *words[WORDS_MAX];
	int count = 0, form = 0;

	*request = (struct request){ .level = -1 };
	if (end != NULL && end - text < REQUEST_MAX) {
		memcpy(line, text, (size_t)(end - text));
		line[end - text] = '\0';
		/* A NUL byte would end it early. */
		if (strlen(line) == (size_t)(end - text))
			count = split(line, words);
	}
	if (count < 3 || strcmp(words[0], PROTOCOL) != 0 ||
	    (form = find(forms, 2, words[1])) < 0) {
		snprintf(why, REQUEST_WHY,
		    "not a request of " PROTOCOL
		    ": are mhctl and multihomed of the same version?");
		return false;
	}
	request->is_json = form == 1;
	return request_read(
	    request, words[2], count > 3 ? words[3] : NULL, why);
}
