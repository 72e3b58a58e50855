/* SPDX-License-Identifier: ISC */
/*
 * A configuration, its values as text.
 */
#include "unit/config/values.h"

#include "daemon/config/types.h"

#include <stdio.h>
#include <stdlib.h>

struct config config;
struct config_errors errors;

static void
setup(void)
{
	ck_assert(config_init(&config));
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
	const struct config_source source = { origin, 0, text, &sink };
	bool good = config_set(values, keys_find(name), &source);

	config_errors_free(&ignored);
	return good;
}
