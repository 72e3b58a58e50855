/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/config/types_text.c: how texts, files and patterns are read and
 * written.
 */
#include "daemon/config/types.h"

#include "daemon/config/check.h"
#include "unit/config/values.h"

#include <string.h>

static const struct values_row values[] = {
	GOOD("user", "nobody", "nobody"),
	GOOD("port-file", "some file", "some file"),
	/* What could not be written to the file. */
	{ "node", "", NULL, "must not be empty" },
	{ "node", " ", NULL, "must not begin or end with a blank" },
	{ "node", "a ", NULL, "must not begin or end with a blank" },
	{ "node", " a", NULL, "must not begin or end with a blank" },
	{ "node", "a\nb = c", NULL, "must not contain control characters" },
	{ "node", "a\tb", NULL, "must not contain control characters" },
	{ "node", "a\x7f", NULL, "must not contain control characters" },
#define COMMENT                                             \
	"must not have a ; at its start or after a blank, " \
	"where a comment begins"
	{ "node", "a ;b", NULL, COMMENT },
	{ "node", ";", NULL, COMMENT },
	GOOD("node", "a;b #c = [d]: \"e\"", "a;b #c = [d]: \"e\""),
	GOOD("user", "#a", "#a"),
	GOOD("port-file", "= \xc3\xa4", "= \xc3\xa4"),
};

START_TEST(test_reads_and_writes)
{
	values_check(&values[_i]);
}
END_TEST

START_TEST(test_takes_no_endless_text)
{
	char value[4097];

	memset(value, 'z', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	ck_assert(!set(&config.daemon, "node", CONFIG_FILE, value));
	ck_assert(!set(&config.daemon, "port-file", CONFIG_FILE, value));
	value[4095] = '\0';
	ck_assert(set(&config.daemon, "node", CONFIG_COMMAND_LINE, value));
	ck_assert(set(&config.daemon, "port-file", CONFIG_COMMAND_LINE, value));
	check_config(&config, &errors);
	ck_assert_uint_eq(errors.count, 1);
	ck_assert_str_eq(errors.lines[0], "--node: is longer than 255 bytes");
}
END_TEST

/* The same for services' own keys. */
static const struct {
	const char *service, *key, *text;
	const char *written; /* NULL: it is wrong */
} owns[] = {
	{ "fixed", "request", "\"PING\"", "50494e47" },
	{ "fixed", "request", "50 ?? 4e 47", "50??4e47" },
	{ "fixed", "reply", "\"\"", "\"\"" },
	{ "fixed", "reply", "50 ??", NULL },
	{ "fixed", "request", "\"PING", NULL },
	{ "qotd", "file", "some file", "some file" },
	{ "qotd", "file", "", NULL },
	{ "qotd", "file", ";", NULL },
};

START_TEST(test_own_values)
{
	const struct service *service = service_find(owns[_i].service);
	const struct config_sink sink = { &errors, "" };
	const struct config_source source = { CONFIG_FILE, 3, owns[_i].text,
		&sink, 0 };
	struct config_values *defaults = config.defaults;
	struct config_key key;
	size_t row = 0;

	while (service_table[row] != service)
		row++;
	ck_assert(keys_find_own(service, owns[_i].key, &key));
	ck_assert(config_set_defaults(&config, service, key.name, &source));
	ck_assert_uint_eq(errors.count, owns[_i].written == NULL);
	ck_assert_uint_eq(
	    defaults[row].faulty[keys_number(&key)], owns[_i].written == NULL);
	ck_assert_uint_eq(defaults[row].line[keys_number(&key)], 3);
	ck_assert_str_eq(values_written(&defaults[row], &key),
	    owns[_i].written != NULL ? owns[_i].written : "");
}
END_TEST

Suite *
types_text_suite(void)
{
	Suite *suite = suite_create("types_text");
	TCase *tcase = values_tcase("types_text");

	tcase_add_loop_test(tcase, test_reads_and_writes, 0, LENGTH(values));
	tcase_add_test(tcase, test_takes_no_endless_text);
	tcase_add_loop_test(tcase, test_own_values, 0, LENGTH(owns));
	suite_add_tcase(suite, tcase);
	return suite;
}
