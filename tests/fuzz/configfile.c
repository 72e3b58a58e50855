/* SPDX-License-Identifier: ISC */
/*
 * Configuration files.  What is refused has a reason; what is taken reads the
 * same when it is written out and read again.
 */
#include "fuzz.h"

#include "daemon/config/check.h"
#include "daemon/config/dump.h"
#include "daemon/config/file.h"

#include <stdlib.h>
#include <string.h>

/* The configuration written out; NULL if the text has errors. */
static char *
read_and_dump(const char *text)
{
	struct config_errors errors = { .lines = NULL };
	struct config config;
	char *dump = NULL;
	size_t i;

	REQUIRE(config_init(&config, &errors));
	file_read_config(&config, "fuzz", text, &errors);
	check_config(&config, &errors);
	for (i = 0; i < errors.count; i++)
		REQUIRE(errors.lines[i][0] != '\0');
	if (errors.count == 0) {
		dump = dump_config(&config);
		REQUIRE(dump != NULL);
	}
	config_errors_free(&errors);
	config_clear(&config);
	return dump;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *first, *second;

	if (text == NULL)
		return 0;
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	first = read_and_dump(text);
	if (first != NULL) {
		second = read_and_dump(first);
		REQUIRE(second != NULL);
		REQUIRE(strcmp(first, second) == 0);
		free(second);
	}
	free(first);
	free(text);
	return 0;
}
