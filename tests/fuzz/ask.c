/* SPDX-License-Identifier: ISC */
/*
 * Answers that mhprobe may get: the first byte picks the service, the rest is
 * the datagram.  What is taken for an answer has sane fields, and what is told
 * of it is printable.
 */
#include "fuzz.h"

#include "probe/protocols/protocol.h"

#include <string.h>

static size_t
count_services(void)
{
	size_t count = 0;

	while (ask_table[count] != NULL)
		count++;
	return count;
}

static void
check(const struct ask_answer *answer)
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
	struct ask_question question = {
		.name = ".", .size = -1, .secret = "0123456789abcde"
	};
	struct ask_answer answer = { .bits = 0 };
	const struct ask *ask;

	if (size == 0)
		return 0;
	ask = ask_table[data[0] % count_services()];
	/* Half of the time dns asks for a text. */
	if (data[0] >= 128)
		question.name = "id.server";
	if (ask->recognise(&question, data + 1, size - 1, &answer))
		check(&answer);
	return 0;
}
