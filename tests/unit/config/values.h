/* SPDX-License-Identifier: ISC */
/*
 * A configuration for a test to set values in.
 */
#ifndef UNIT_CONFIG_VALUES_H
#define UNIT_CONFIG_VALUES_H

#include "daemon/config/config.h"
#include "unit/unit.h"

/* The test's configuration, and the errors in it. */
extern struct config config;
extern struct config_errors errors;

/* A test case in which they are new and empty. */
TCase *values_tcase(const char *name);

/* Start over in the middle of a test. */
void values_reset(void);

/* A value in the form of the file; good until the next call. */
const char *values_written(
    const struct config_values *values, const struct config_key *key);

/* The same, by the name of one of the daemon's keys. */
const char *written(const struct config_values *values, const char *name);

/* Set one of the daemon's keys; errors are discarded. */
bool set(struct config_values *values, const char *name,
    enum config_origin origin, const char *text);

/* A value of a key, and what it is written as. */
struct values_row {
	const char *key;
	const char *text;
	const char *written; /* NULL: it is wrong */
	const char *why;
};

#define GOOD(key, text, written)         \
	{                                \
		key, text, written, NULL \
	}
#define BAD(key, text, why)                               \
	{                                                 \
		key, text, NULL, why ", not \"" text "\"" \
	}

/* Set it on the command line: is it written so, or refused for that reason? */
void values_check(const struct values_row *row);

#endif
