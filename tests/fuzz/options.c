/* SPDX-License-Identifier: ISC */
/*
 * Command lines, an argument per line.  What is refused has a reason; what is
 * taken makes sense.
 */
#include "fuzz.h"

#include "daemon/config/check.h"
#include "daemon/config/options.h"

#include <stdlib.h>
#include <string.h>

#define ARGUMENTS 64

static void
parse(int argc, char *argv[])
{
	struct config_errors errors = { .lines = NULL };
	struct config config;
	size_t i;

	REQUIRE(config_init(&config, &errors));
	options_parse(&config, argc, argv, &errors);
	for (i = 0; i < errors.count; i++)
		REQUIRE(errors.lines[i][0] != '\0');
	if (errors.count == 0)
		check_config(&config, &errors);
	if (errors.count == 0)
		for (i = 0; i < config.service_count; i++)
			REQUIRE(config.services[i].values.listen.count > 0);
	config_errors_free(&errors);
	config_clear(&config);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char program[] = "multihomed";
	char *argv[ARGUMENTS + 2] = { program };
	char *text = malloc(size + 1), *at = text;
	int argc = 1;

	if (text == NULL)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	while (at != NULL && argc <= ARGUMENTS)
		argv[argc++] = fuzz_line(&at);
	parse(argc, argv);
	free(text);
	return 0;
}
