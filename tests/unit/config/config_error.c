/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/config/config_error.c: where an error says that it is.
 */
#include "daemon/config/config.h"

#include "unit/config/values.h"

#include <string.h>

/* What is reported of that key; NULL: nothing. */
static const char *
report(const struct config_service *service, const char *key)
{
	const struct config_place place = { &config, service, key };

	config_errors_free(&errors);
	config_error_at(&errors, &place, "%s is %d", "it", 7);
	return errors.count == 1 ? errors.lines[0] : NULL;
}

/* A value of a file that counts, by its line; or else its section's. */
START_TEST(test_of_a_file)
{
	char why[CONFIG_WHY];
	struct config_service *service =
	    config_service_named(&config, "qotd:a", why);
	const struct config_key *key = keys_find("rate");

	ck_assert_ptr_nonnull(service);
	ck_assert(config_add_file(&config, "f.conf"));
	ck_assert(config_add_file(&config, "g.conf"));
	service->values.section = 3;
	ck_assert_str_eq(
	    report(service, "rate"), "f.conf:3: [qotd:a] rate: it is 7");
	service->values.line[keys_number(key)] = 5;
	ck_assert_str_eq(
	    report(service, "rate"), "f.conf:5: [qotd:a] rate: it is 7");
	/* One of its own keys. */
	ck_assert_str_eq(
	    report(service, "file"), "f.conf:3: [qotd:a] file: it is 7");
	config.daemon.line[keys_number(key)] = 1;
	ck_assert_str_eq(
	    report(NULL, "rate"), "f.conf:1: [daemon] rate: it is 7");
	config.daemon.file[keys_number(key)] = 1;
	ck_assert_str_eq(
	    report(NULL, "rate"), "g.conf:1: [daemon] rate: it is 7");
	/* It could not be read, which has been reported. */
	service->values.faulty[keys_number(key)] = true;
	ck_assert_ptr_null(report(service, "rate"));
}
END_TEST

START_TEST(test_of_the_command_line)
{
	char why[CONFIG_WHY];
	struct config_service *service =
	    config_service_named(&config, "echo", why);

	ck_assert_str_eq(report(service, "rate"), "echo: rate: it is 7");
	ck_assert_str_eq(report(NULL, "rate"), "--rate: it is 7");
}
END_TEST

START_TEST(test_all_are_kept)
{
	config_error(&errors, "%d", 1);
	config_error(&errors, "%d", 2);
	ck_assert_uint_eq(errors.count, 2);
	ck_assert_str_eq(errors.lines[0], "1");
	ck_assert_str_eq(errors.lines[1], "2");
	config_errors_free(&errors);
	ck_assert_uint_eq(errors.count, 0);
}
END_TEST

Suite *
config_error_suite(void)
{
	Suite *suite = suite_create("config/errors");
	TCase *tcase = values_tcase("errors");

	tcase_add_test(tcase, test_of_a_file);
	tcase_add_test(tcase, test_of_the_command_line);
	tcase_add_test(tcase, test_all_are_kept);
	suite_add_tcase(suite, tcase);
	return suite;
}
