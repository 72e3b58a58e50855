/* SPDX-License-Identifier: ISC */
/*
 * Targets as they are written: what is refused has a reason; what is taken has
 * addresses, or a name, but not both.
 */
#include "fuzz.h"

#include "probe/target.h"

#include <string.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), why[TARGET_WHY];
	struct mh_address first, last;
	struct target target;

	memcpy(text, data, size);
	text[size] = '\0';
	memset(why, 0x7f, sizeof(why));
	if (!target_parse(&target, text, why)) {
		REQUIRE(memchr(why, '\0', sizeof(why)) != NULL);
		REQUIRE(why[0] != '\0');
	} else if (target.name[0] != '\0') {
		REQUIRE(target.address.family == MH_FAMILY_NONE);
		REQUIRE(target.count == 1);
	} else {
		REQUIRE(target.count >= 1 && target.count <= TARGET_PREFIX_MAX);
		first = target_address(&target, 0);
		last = target_address(&target, target.count - 1);
		REQUIRE(first.family != MH_FAMILY_NONE);
		REQUIRE(mh_address_compare(&first, &last) <= 0);
	}
	free(text);
	return 0;
}
