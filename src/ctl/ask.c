/* SPDX-License-Identifier: ISC */
/*
 * The first line of the answer says whether it is one; the rest is printed as
 * it comes.
 */
#include "ctl/ask.h"

#include "platform/localsocket.h"

#include <string.h>

/* How long the daemon may be silent, in ms; it answers at once. */
#define PATIENCE 10000

/* An answer as it comes. */
struct answer {
	char head[sizeof(REQUEST_ERROR)]; /* the first line, with newline */
	size_t length;                    /* of it, so far */
	bool has_head;
	bool is_ok;
	FILE *out, *error;
	const struct request *request;
};

/* A byte of the first line; false if it is none of ours. */
static bool
take_head(struct answer *answer, char byte)
{
	if (answer->length + 1 == sizeof(answer->head))
		return false;
	answer->head[answer->length++] = byte;
	answer->head[answer->length] = '\0';
	answer->is_ok = strcmp(answer->head, REQUEST_OK) == 0;
	answer->has_head =
	    answer->is_ok || strcmp(answer->head, REQUEST_ERROR) == 0;
	return true;
}

static bool
take(void *argument, const char *piece, size_t length)
{
	struct answer *answer = argument;
	size_t n = 0;

	while (n < length && !answer->has_head)
		if (!take_head(answer, piece[n++]))
			return false;
	fwrite(piece + n, 1, length - n,
	    answer->is_ok || answer->request->is_json ? answer->out
						      : answer->error);
	return true;
}

static int
fail(FILE *error, const char *why)
{
	fprintf(error, "mhctl: %s\n", why);
	return CTL_EXIT_ABSENT;
}

int
ctl_ask(const struct ctl_options *options, FILE *out, FILE *error)
{
	struct answer answer = {
		.out = out, .error = error, .request = &options->request
	};
	char line[REQUEST_MAX], why[HOST_LOCALSOCKET_WHY];
	const struct host_localsocket_request request = {
		.text = line,
		/* A reload takes as long as it takes. */
		.patience =
		    options->request.verb == REQUEST_RELOAD ? -1 : PATIENCE,
		.take = take,
		.argument = &answer,
	};

	request_format(&options->request, line);
	if (!host_localsocket_ask(options->socket, &request, why))
		return fail(error, why);
	if (!answer.has_head)
		return fail(error,
		    answer.length == 0
			? "the daemon has closed the connection"
			: "what answers there is not multihomed");
	if (fflush(out) != 0)
		return fail(error, "cannot write the answer");
	return answer.is_ok ? CTL_EXIT_OK : CTL_EXIT_REFUSED;
}
