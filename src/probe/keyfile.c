/* SPDX-License-Identifier: ISC */
/*
 * The key that requests are signed with.
 */
#include "probe/keyfile.h"

#include "platform/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Longer than any key, as text. */
#define FILE_MAX 1024

static bool
make_key(struct options *options, const char *text, size_t length,
    const char **reason)
{
	uint8_t bytes[MAC_KEY_MAX];
	size_t size;

	*reason = "keys need a build with nettle";
	if (!mac_is_available())
		return false;
	size = mac_read_key(text, length, bytes, reason);
	if (size == 0)
		return false;
	*reason = "out of memory";
	options->key = malloc(sizeof(*options->key));
	if (options->key != NULL)
		mac_set_key(options->key, bytes, size);
	return options->key != NULL;
}

bool
keyfile_read(struct options *options, char why[TARGET_WHY])
{
	const char *reason;
	char unreadable[128];
	size_t length;
	char *text;
	bool good;

	if (options->key_file == NULL)
		return true;
	text = host_file_read(options->key_file, FILE_MAX, &length, unreadable,
	    sizeof(unreadable));
	if (text == NULL) {
		snprintf(why, TARGET_WHY, "--key: cannot read %.80s: %.80s",
		    options->key_file, unreadable);
		return false;
	}
	good = make_key(options, text, length, &reason);
	free(text);
	if (!good)
		snprintf(why, TARGET_WHY, "--key: %.80s: %s", options->key_file,
		    reason);
	return good;
}
