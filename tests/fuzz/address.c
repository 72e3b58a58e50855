/* SPDX-License-Identifier: ISC */
/*
 * Addresses and endpoints from text: whatever can be read is written as text
 * that reads as the same, whatever cannot be read leaves the result alone.
 */
#include "fuzz.h"

#include "lib/multihome.h"

#include <string.h>

typedef int read_text(struct mh_address *, const char *);
typedef char *write_text(const struct mh_address *, char *, size_t);

static void
there_and_back(read_text *parse, write_text *format, const char *input)
{
	static const struct mh_address untouched = { .port = 4711 };
	struct mh_address first = untouched, second;
	char text[MH_ADDRESS_TEXT], again[MH_ADDRESS_TEXT];
	size_t size;

	if (parse(&first, input) != 0) {
		REQUIRE(memcmp(&first, &untouched, sizeof(first)) == 0);
		return;
	}
	REQUIRE(strlen(format(&first, text, sizeof(text))) < sizeof(text) - 1);
	REQUIRE(parse(&second, text) == 0);
	REQUIRE(memcmp(&first, &second, sizeof(first)) == 0);
	REQUIRE(mh_address_compare(&first, &second) == 0);
	REQUIRE(mh_address_class(&first) == mh_address_class(&second));
	for (size = 1; size <= strlen(text); size++) {
		format(&first, again, size);
		REQUIRE(strlen(again) == size - 1);
		REQUIRE(memcmp(again, text, size - 1) == 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);

	there_and_back(mh_address_parse, mh_address_format, text);
	there_and_back(mh_endpoint_parse, mh_endpoint_format, text);
	free(text);
	return 0;
}
