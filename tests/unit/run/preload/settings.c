/* SPDX-License-Identifier: ISC */
/*
 * src/run/preload/settings.c: what one program writes the other reads.
 */
#include "run/preload/settings.h"

#include "unit/run/suites.h"

#include <string.h>

START_TEST(test_there_and_back)
{
	struct settings settings, read;
	char text[SETTINGS_TEXT];
	unsigned int i;

	settings_default(&settings);
	ck_assert_str_eq(
	    settings_format(&settings, text), "entries=16384 idle=300");
	settings = (struct settings){ .entries = 1 << 20,
		.idle = 86400,
		.verbose = true,
		.port_count = SETTINGS_PORTS_MAX };
	for (i = 0; i < SETTINGS_PORTS_MAX; i++)
		settings.ports[i] = (uint16_t)(65535 - i);
	settings_parse(&read, settings_format(&settings, text));
	ck_assert_uint_eq(read.entries, settings.entries);
	ck_assert_uint_eq(read.idle, settings.idle);
	ck_assert(read.verbose);
	ck_assert_uint_eq(read.port_count, SETTINGS_PORTS_MAX);
	ck_assert_mem_eq(read.ports, settings.ports, sizeof(read.ports));
}
END_TEST

static const struct {
	const char *text;
	uint32_t entries, idle;
	unsigned int ports;
} odd[] = {
	{ NULL, 16384, 300, 0 },
	{ "", 16384, 300, 0 },
	{ "entries= idle=x port=", 16384, 300, 0 },
	{ "entries=0 idle=0", 16384, 300, 0 },
	{ "entries=99999999999 idle=5", 16384, 5, 0 },
	{ "  later=1 idle=7  port=1,,2 ", 16384, 7, 1 },
	{ "port=1,70000", 16384, 300, 1 },
};

START_TEST(test_odd)
{
	struct settings settings;

	settings_parse(&settings, odd[_i].text);
	ck_assert_uint_eq(settings.entries, odd[_i].entries);
	ck_assert_uint_eq(settings.idle, odd[_i].idle);
	ck_assert_uint_eq(settings.port_count, odd[_i].ports);
}
END_TEST

START_TEST(test_allow)
{
	struct settings settings;

	settings_parse(&settings, NULL);
	ck_assert(settings_allow(&settings, 53));
	settings_parse(&settings, "port=53,853");
	ck_assert(settings_allow(&settings, 53));
	ck_assert(settings_allow(&settings, 853));
	ck_assert(!settings_allow(&settings, 54));
}
END_TEST

Suite *
run_settings_suite(void)
{
	Suite *suite = suite_create("run settings");
	TCase *tcase = tcase_create("settings");

	tcase_add_test(tcase, test_there_and_back);
	tcase_add_loop_test(tcase, test_odd, 0, LENGTH(odd));
	tcase_add_test(tcase, test_allow);
	suite_add_tcase(suite, tcase);
	return suite;
}
