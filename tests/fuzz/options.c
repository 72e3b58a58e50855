/* SPDX-License-Identifier: ISC */
/*
 * Command lines, an argument per line.  What is refused has a reason; what is
 * taken makes sense, and its services read the same when they are written out.
 */
#include "fuzz.h"

#include "daemon/options.h"

#include <stdio.h>
#include <string.h>

#define ARGUMENTS 64

static void
add_again(const struct config_instance *instance)
{
	struct config config = { .action = CONFIG_RUN };
	char endpoint[MH_ADDRESS_TEXT], text[MH_ADDRESS_TEXT + 64];
	char why[CONFIG_WHY];

	mh_endpoint_format(&instance->endpoint, endpoint, sizeof(endpoint));
	snprintf(
	    text, sizeof(text), "%s=%s", instance->service->name, endpoint);
	REQUIRE(config_add(&config, text, why));
	REQUIRE(config.instance_count == 1);
	REQUIRE(config.instances[0].service == instance->service);
	REQUIRE(memcmp(&config.instances[0].endpoint, &instance->endpoint,
		    sizeof(instance->endpoint)) == 0);
	config_clear(&config);
}

static void
parse(int argc, char *argv[])
{
	struct config config = { .action = CONFIG_RUN };
	char why[CONFIG_WHY];
	size_t i;

	memset(why, 0x7f, sizeof(why));
	if (!options_parse(&config, argc, argv, why)) {
		REQUIRE(memchr(why, '\0', sizeof(why)) != NULL);
		REQUIRE(why[0] != '\0');
	} else {
		REQUIRE(
		    config.instance_count > 0 || config.action != CONFIG_RUN);
		REQUIRE(config.receive_buffer <= INT32_MAX);
		for (i = 0; i < config.instance_count; i++)
			add_again(&config.instances[i]);
	}
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
		argv[argc++] = strsep(&at, "\n");
	parse(argc, argv);
	free(text);
	return 0;
}
