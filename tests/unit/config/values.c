/* SPDX-License-Identifier: ISC */
/*
 * A configuration, its values as text.
 */
#include "unit/config/values.h"

#include "daemon/config/types.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct config config;
struct config_errors errors;

static void
setup(void)
{
	ck_assert(config_init(&config, &errors));
}

static void
teardown(void)
{
	config_clear(&config);
	config_errors_free(&errors);
}

TCase *
values_tcase(const char *name)
{
	TCase *tcase = tcase_create(name);

	tcase_add_checked_fixture(tcase, setup, teardown);
	return tcase;
}

void
values_reset(void)
{
	teardown();
	setup();
}

const char *
values_written(const struct config_values *values, const struct config_key *key)
{
	static char copy[1024];
	struct strbuf text = { .text = NULL };

	key->type->write(config_value_in(values, key), key->argument, &text);
	snprintf(copy, sizeof(copy), "%s", text.text ? text.text : "");
	free(text.text);
	return copy;
}

const char *
written(const struct config_values *values, const char *name)
{
	const struct config_key *key = keys_find(name);

	ck_assert_msg(key != NULL, "a test names a bad key: %s", name);
	return values_written(values, key);
}

bool
set(struct config_values *values, const char *name, enum config_origin origin,
    const char *text)
{
	struct config_errors ignored = { .lines = NULL };
	const struct config_sink sink = { &ignored, "" };
	const struct config_source source = { origin, 0, text, &sink, 0 };
	bool good = config_set(values, keys_find(name), &source);

	config_errors_free(&ignored);
	return good;
}

/* A copy of the value reads the same, and is independent. */
static void
check_copy(const struct config_key *key, const char *text)
{
	union {
		max_align_t aligned;
		char space[256];
	} copy = { .space = { 0 } };
	struct strbuf found = { .text = NULL };

	ck_assert(key->type->copy(&copy, config_value_in(&config.daemon, key)));
	key->type->write(&copy, key->argument, &found);
	ck_assert_str_eq(found.text != NULL ? found.text : "", text);
	free(found.text);
	if (key->type->clear != NULL)
		key->type->clear(&copy);
	ck_assert_str_eq(values_written(&config.daemon, key), text);
}

void
values_check(const struct values_row *row)
{
	const struct config_key *key = keys_find(row->key);
	const struct config_sink sink = { &errors, "" };
	const struct config_source source = { CONFIG_COMMAND_LINE, 0, row->text,
		&sink, 0 };
	char before[1024];
	bool good;

	snprintf(
	    before, sizeof(before), "%s", written(&config.daemon, row->key));
	good = config_set(&config.daemon, key, &source);
	ck_assert_msg(good == (row->written != NULL), "%s = %s: %s", row->key,
	    row->text, good ? "accepted" : errors.lines[0]);
	ck_assert_uint_eq(errors.count, !good);
	if (good) {
		ck_assert_str_eq(
		    written(&config.daemon, row->key), row->written);
		check_copy(key, row->written);
	} else
		ck_assert_str_eq(errors.lines[0], row->why);
	/* What is refused changes nothing. */
	if (!good && !key->type->is_list)
		ck_assert_str_eq(written(&config.daemon, row->key), before);
}
