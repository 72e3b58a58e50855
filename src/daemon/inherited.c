/* SPDX-License-Identifier: ISC */
/*
 * A start with a socket that nobody reads is a mistake in the unit; after a
 * reload the socket may find its service again with the next one.
 */
#include "daemon/inherited.h"

#include "daemon/base/log.h"
#include "daemon/bindings.h"
#include "platform/inherited.h"

#include <stdio.h>

/* Bytes of a message about a socket. */
#define TEXT_SIZE 512

static bool
is_taken(const struct config *config, intptr_t handle)
{
	intptr_t handles[BINDINGS_INHERITED_MAX];
	unsigned int count, i;
	size_t service;

	for (service = 0; service < config->service_count; service++) {
		count = host_inherited(config->services[service].name, handles,
		    BINDINGS_INHERITED_MAX);
		for (i = 0; i < count; i++)
			if (handles[i] == handle)
				return true;
	}
	return false;
}

/*
 * The next socket from that number on that no service takes; *number becomes
 * the one after it.  False if there is none.
 */
static bool
next_untaken(
    const struct config *config, unsigned int *number, char text[TEXT_SIZE])
{
	intptr_t handle;
	char name[256];

	while (host_inherited_at((*number)++, &handle, name, sizeof(name))) {
		if (is_taken(config, handle))
			continue;
		snprintf(text, TEXT_SIZE,
		    "the service manager's socket \"%s\" "
		    "(FileDescriptorName=) is not used: name it after a "
		    "service, such as echo or echo.label, and no more than %d "
		    "after one",
		    name, BINDINGS_INHERITED_MAX);
		return true;
	}
	return false;
}

bool
inherited_check(const struct config *config, struct config_errors *errors)
{
	unsigned int number = 0;
	char text[TEXT_SIZE];
	bool good = true;

	while (next_untaken(config, &number, text)) {
		config_error(errors, "%s", text);
		good = false;
	}
	return good;
}

void
inherited_warn(const struct config *config)
{
	unsigned int number = 0;
	char text[TEXT_SIZE];

	while (next_untaken(config, &number, text))
		log_warning("%s", text);
}
