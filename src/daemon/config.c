/* SPDX-License-Identifier: ISC */
/*
 * The keys, and how their values are read.
 */
#include "daemon/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY(member) offsetof(struct config, member)

const struct config_key config_keys[] = {
	{ "stack", 0, CONFIG_CHOICE, KEY(stack), "dual|two|ipv4|ipv6",
	    "sockets for an endpoint of every address" },
	{ "source", 0, CONFIG_CHOICE, KEY(source), "strict|relaxed",
	    "answer from the address asked or not at all; or from any" },
	{ "reply-interface", 0, CONFIG_CHOICE, KEY(reply_interface),
	    "route|arrival", "who picks the interface of a reply" },
	{ "answer-broadcast", 0, CONFIG_BOOL, KEY(answer_broadcast), "yes|no",
	    "answer what was sent to broadcast and multicast" },
	{ "freebind", 0, CONFIG_BOOL, KEY(freebind), "yes|no",
	    "use addresses that are not (yet) on this host" },
	{ "unsegmented", 0, CONFIG_BOOL, KEY(unsegmented), "yes|no",
	    "send every reply by itself, none cut from a larger one" },
	{ "rcvbuf", 0, CONFIG_BYTES, KEY(receive_buffer), "BYTES",
	    "receive buffer of each socket; 4M" },
	{ "port-file", 0, CONFIG_TEXT, KEY(port_file), "FILE",
	    "write services and real ports there when ready" },
	{ "user", 'u', CONFIG_TEXT, KEY(user), "NAME",
	    "become this user when the sockets are open" },
	{ "node", 0, CONFIG_TEXT, KEY(node), "NAME",
	    "what whoami calls this host" },
	{ "verbose", 'v', CONFIG_MORE, KEY(verbosity), NULL, "say more" },
	{ "quiet", 'q', CONFIG_LESS, KEY(verbosity), NULL,
	    "say less: warnings; twice: errors" },
	{ "self-test", 0, CONFIG_ACTION, CONFIG_SELF_TEST, NULL,
	    "does this host answer from the address asked?" },
	{ "version", 'V', CONFIG_ACTION, CONFIG_VERSION, NULL,
	    "version, features and build" },
	{ "help", 'h', CONFIG_ACTION, CONFIG_HELP, NULL, "this text" },
	{ .name = NULL },
};

static bool
set_bool(bool *member, const char *value, char why[CONFIG_WHY])
{
	bool yes = strcmp(value, "yes") == 0;

	if (!yes && strcmp(value, "no") != 0) {
		snprintf(why, CONFIG_WHY, "must be yes or no, not \"%.100s\"",
		    value);
		return false;
	}
	*member = yes;
	return true;
}

/* The number of the word among words "a|b|c". */
static bool
set_choice(unsigned int *member, const char *words, const char *value,
    char why[CONFIG_WHY])
{
	size_t length = strlen(value), word;
	const char *at = words;
	unsigned int i;

	for (i = 0; *at != '\0'; i++) {
		word = strcspn(at, "|");
		if (word == length && memcmp(at, value, word) == 0) {
			*member = i;
			return true;
		}
		at += word + (at[word] == '|');
	}
	snprintf(
	    why, CONFIG_WHY, "must be one of %s, not \"%.100s\"", words, value);
	return false;
}

static bool
set_bytes(unsigned int *member, const char *value, char why[CONFIG_WHY])
{
	uint64_t bytes = 0;
	const char *at;

	for (at = value; *at >= '0' && *at <= '9' && bytes <= INT32_MAX; at++)
		bytes = bytes * 10 + (uint64_t)(*at - '0');
	if (at != value && at[0] != '\0' && at[1] == '\0') {
		if (*at == 'k')
			bytes <<= 10, at++;
		else if (*at == 'M')
			bytes <<= 20, at++;
	}
	if (at == value || *at != '\0' || bytes > INT32_MAX) {
		snprintf(why, CONFIG_WHY,
		    "must be a number of bytes up to 2047M, not \"%.100s\"",
		    value);
		return false;
	}
	*member = (unsigned int)bytes;
	return true;
}

static bool
set_text(char **member, const char *value, char why[CONFIG_WHY])
{
	char *copy;

	if (*value == '\0') {
		snprintf(why, CONFIG_WHY, "must not be empty");
		return false;
	}
	copy = strdup(value);
	if (copy == NULL) {
		snprintf(why, CONFIG_WHY, "out of memory");
		return false;
	}
	free(*member);
	*member = copy;
	return true;
}

bool
config_set(struct config *config, const struct config_key *key,
    const char *value, char why[CONFIG_WHY])
{
	void *member = (char *)config + key->offset;

	switch (key->type) {
	case CONFIG_BOOL:
		return set_bool(member, value, why);
	case CONFIG_CHOICE:
		return set_choice(member, key->argument, value, why);
	case CONFIG_BYTES:
		return set_bytes(member, value, why);
	case CONFIG_TEXT:
		return set_text(member, value, why);
	case CONFIG_MORE:
		config->verbosity++;
		return true;
	case CONFIG_LESS:
		config->verbosity--;
		return true;
	case CONFIG_ACTION:
		config->action = (enum config_action)key->offset;
		return true;
	}
	return false;
}

/* The endpoint behind the =, or the registered port. */
static bool
read_endpoint(
    struct config_instance *instance, const char *text, char why[CONFIG_WHY])
{
	const char *name = instance->service->name;
	int error;

	if (text == NULL) {
		instance->endpoint.port = instance->service->port;
		if (instance->service->port != 0)
			return true;
		snprintf(why, CONFIG_WHY,
		    "%s has no registered port: give it one, as in %s=:7008",
		    name, name);
		return false;
	}
	error = mh_endpoint_parse(&instance->endpoint, text);
	if (error == 0)
		return true;
	snprintf(why, CONFIG_WHY,
	    error == MH_EADDRESS
		? "%s=%.100s: there is no such interface"
		: "%s=%.100s: an endpoint is :PORT, ADDRESS:PORT or "
		  "[IPV6]:PORT",
	    name, text);
	return false;
}

bool
config_add(struct config *config, const char *text, char why[CONFIG_WHY])
{
	struct config_instance instance = { .service = NULL }, *grown;
	const char *equals = strchr(text, '=');
	size_t length = equals != NULL ? (size_t)(equals - text) : strlen(text);
	char name[32];

	snprintf(
	    name, sizeof(name), "%.*s", (int)(length < 31 ? length : 31), text);
	instance.service = service_find(name);
	if (instance.service == NULL) {
		snprintf(why, CONFIG_WHY, "there is no service \"%s\"", name);
		return false;
	}
	if (!read_endpoint(&instance, equals != NULL ? equals + 1 : NULL, why))
		return false;
	grown = realloc(
	    config->instances, (config->instance_count + 1) * sizeof(*grown));
	if (grown == NULL) {
		snprintf(why, CONFIG_WHY, "out of memory");
		return false;
	}
	grown[config->instance_count++] = instance;
	config->instances = grown;
	return true;
}

void
config_clear(struct config *config)
{
	free(config->port_file);
	free(config->user);
	free(config->node);
	free(config->instances);
	*config = (struct config){ .action = CONFIG_RUN };
}
