/* SPDX-License-Identifier: ISC */
/*
 * Rates from text: whatever can be read is written as text that reads as the
 * same, makes sense, and grants its burst.
 */
#include "fuzz.h"

#include "daemon/path/limit.h"

#include <string.h>

/* At any time, as many as the burst pass at once. */
static void
use(const struct limit_rate *rate, int64_t now)
{
	const struct limit_options options = { .buckets = 1 };
	struct limit *limit = limit_new(&options);
	uint32_t i, asked = rate->burst < 100 ? rate->burst + 1 : 100;
	unsigned int passed = 0;

	if (limit == NULL)
		return;
	/* A bucket rests no later than at the first question. */
	limit_total(limit, rate, now);
	now = (int64_t)((uint64_t)now + (UINT64_C(1) << 62));
	for (i = 0; i < asked; i++)
		passed += limit_total(limit, rate, now);
	REQUIRE(passed ==
	    (rate->per_second == 0        ? asked
		    : rate->burst < asked ? rate->burst
					  : asked));
	limit_free(limit);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct limit_rate untouched = { 4711, 4712 };
	struct limit_rate rate = untouched, again;
	char *text = fuzz_text(data, size), written[LIMIT_TEXT];
	int64_t now = 0;

	if (limit_rate_parse(&rate, text) == 0) {
		REQUIRE(rate.burst >= 1);
		limit_rate_format(&rate, written);
		REQUIRE(limit_rate_parse(&again, written) == 0);
		REQUIRE(memcmp(&rate, &again, sizeof(rate)) == 0);
		if (size >= sizeof(now))
			memcpy(&now, data, sizeof(now));
		use(&rate, now);
	} else {
		REQUIRE(memcmp(&rate, &untouched, sizeof(rate)) == 0);
	}
	free(text);
	return 0;
}
