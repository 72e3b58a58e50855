/* SPDX-License-Identifier: ISC */
/*
 * The result for programs: a JSON object (RFC 8259) for each target.
 */
#ifndef PROBE_JSON_H
#define PROBE_JSON_H

#include "probe/session.h"

#include <stdio.h>

/* One object and a newline.  Sorts the samples of the session. */
void json_print(FILE *file, struct session *session);

#endif
