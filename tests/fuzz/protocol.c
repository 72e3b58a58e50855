/* SPDX-License-Identifier: ISC */
/*
 * Answers that mhprobe may get: the first byte picks the service, the rest is
 * the datagram.  What is accepted as an answer has sane fields, and what is
 * reported about it is printable.
 */
#include "fuzz.h"

#include "probe/protocols/protocol.h"

#include <limits.h>
#include <string.h>

static size_t
count_services(void)
{
	size_t count = 0;

	while (protocol_table[count] != NULL)
		count++;
	return count;
}

static void
check(const struct protocol_answer *answer)
{
	const char *at;

	REQUIRE(answer->bits <= 32);
	REQUIRE(memchr(answer->detail, '\0', sizeof(answer->detail)) != NULL);
	for (at = answer->detail; *at != '\0'; at++)
		REQUIRE(*at >= ' ' && *at <= '~');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct protocol_query query = {
		.name = ".", .size = -1, .secret = "0123456789abcde"
	};
	struct protocol_answer answer = { .bits = 0 };
	const struct protocol *protocol;

	if (size == 0)
		return 0;
	protocol = protocol_table[data[0] % 128 % count_services()];
	/* Half of the time dns asks for a text, and stamp for all there is. */
	if (data[0] >= 128) {
		query.name = "id.server";
		query.tlvs = UINT_MAX;
	}
	if (protocol->match(&query, data + 1, size - 1, &answer))
		check(&answer);
	return 0;
}
