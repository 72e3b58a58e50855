/* SPDX-License-Identifier: ISC */
/*
 * A system that says of its clock what NET_CLOCK in the environment says:
 * "synchronised", "leap", which is that before a leap second, or anything else
 * for not synchronised.  To be preloaded.
 */
#include "build.h"

#include <stdlib.h>
#include <string.h>
#include <sys/timex.h>

#define EXPORT __attribute__((visibility("default")))

EXPORT int
adjtimex(struct timex *timex)
{
	const char *state = getenv("NET_CLOCK");

	*timex = (struct timex){ .maxerror = 2000 };
	if (state != NULL && strcmp(state, "synchronised") == 0)
		return TIME_OK;
	if (state != NULL && strcmp(state, "leap") == 0) {
		timex->status = STA_INS;
		return TIME_INS;
	}
	*timex = (struct timex){ .maxerror = 16000000, .status = STA_UNSYNC };
	return TIME_ERROR;
}
