/* SPDX-License-Identifier: ISC */
/*
 * TTL, DSCP and ECN of answers.
 */
#include "probe/marks.h"

#include <stdio.h>

const char *const marks_ecn_names[MARKS_ECNS] = {
	[MARKS_NOT_ECT] = "not-ect",
	[MARKS_ECT1] = "ect1",
	[MARKS_ECT0] = "ect0",
	[MARKS_CE] = "ce",
};

const struct marks marks_none = { .ttl = -1, .tos = -1 };

void
marks_take(struct marks *marks, const struct mh_datagram *answer)
{
	marks->ttl = answer->ttl;
	marks->tos = answer->tos;
	if (answer->tos >= 0 && (answer->tos & 3) == MARKS_CE)
		marks->congested++;
}

char *
marks_format(unsigned int tos, char text[MARKS_TEXT])
{
	snprintf(text, MARKS_TEXT, "DSCP %u ECN %s", tos >> 2 & 63,
	    marks_ecn_names[tos & 3]);
	return text;
}
