/* SPDX-License-Identifier: ISC */
/*
 * Requests over the control socket: whatever comes is understood or refused
 * with a reason, and what is understood can be said again, in one way.
 */
#include "fuzz.h"

#include "common/request.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct request request, again;
	char why[REQUEST_WHY] = "", line[REQUEST_MAX];
	char *text = malloc(size > 0 ? size : 1);
	bool is_good;

	/* In memory of exactly that size. */
	REQUIRE(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	(void)request_is_whole(text, size);
	is_good = request_parse(&request, text, size, why);
	free(text);
	if (!is_good) {
		REQUIRE(why[0] != '\0' && strchr(why, '\n') == NULL);
		return 0;
	}
	REQUIRE(request.verb < REQUEST_VERBS);
	request_format(&request, line);
	REQUIRE(request_is_whole(line, strlen(line)));
	REQUIRE(request_parse(&again, line, strlen(line), why));
	REQUIRE(again.verb == request.verb && again.level == request.level);
	REQUIRE(again.is_json == request.is_json);
	REQUIRE(mh_address_compare(&again.peer, &request.peer) == 0);
	return 0;
}
