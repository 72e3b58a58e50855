/* SPDX-License-Identifier: ISC */
/*
 * Patterns from text: what is refused has a reason and changes nothing; what
 * is taken reads the same when it is written as hexadecimal digits.
 */
#include "fuzz.h"

#include "services/service.h"

#include <stdio.h>
#include <string.h>

static void
there_and_back(const struct service_pattern *pattern)
{
	char text[3 * SERVICE_PATTERN_MAX + 3] = "\"\"", why[SERVICE_WHY];
	struct service_pattern again;
	size_t i;

	for (i = 0; i < pattern->length; i++) {
		REQUIRE(pattern->mask[i] == 0xff ||
		    (pattern->mask[i] == 0 && pattern->bytes[i] == 0));
		if (pattern->mask[i] == 0)
			strcpy(text + 3 * i, "?? ");
		else
			sprintf(text + 3 * i, "%02x ",
			    (unsigned int)pattern->bytes[i]);
	}
	REQUIRE(service_pattern_parse(&again, text, true, why));
	REQUIRE(memcmp(pattern, &again, sizeof(again)) == 0);
}

static void
parse(const char *text, bool wildcards)
{
	struct service_pattern pattern, before;
	char why[SERVICE_WHY];
	size_t i;

	memset(why, 0x7f, sizeof(why));
	memset(&pattern, 0xa5, sizeof(pattern));
	before = pattern;
	if (!service_pattern_parse(&pattern, text, wildcards, why)) {
		REQUIRE(memchr(why, '\0', sizeof(why)) != NULL);
		REQUIRE(why[0] != '\0');
		REQUIRE(memcmp(&pattern, &before, sizeof(pattern)) == 0);
		return;
	}
	REQUIRE(pattern.length <= SERVICE_PATTERN_MAX);
	for (i = 0; !wildcards && i < pattern.length; i++)
		REQUIRE(pattern.mask[i] == 0xff);
	there_and_back(&pattern);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);

	parse(text, true);
	parse(text, false);
	free(text);
	return 0;
}
