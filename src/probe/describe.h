/* SPDX-License-Identifier: ISC */
/*
 * A session in words, for people: what every form of output shows of it.
 */
#ifndef PROBE_DESCRIBE_H
#define PROBE_DESCRIBE_H

#include "probe/session.h"

/* Bytes that hold any text below. */
#define DESCRIBE_TEXT 600

/* "example.net [2001:db8::1%eth0]:7"; returns text. */
char *describe_label(const struct session *session, char text[DESCRIBE_TEXT]);

/* "ok", "WRONG 192.0.2.1", "port unreachable", ...; returns text. */
char *describe_source(const struct session *session, char text[DESCRIBE_TEXT]);

/* What else there is to say: duplicates, sizes, details; or "". */
char *describe_notes(const struct session *session, char text[DESCRIBE_TEXT]);

#endif
