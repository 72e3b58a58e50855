/* SPDX-License-Identifier: ISC */
/*
 * src/probe/keyfile.c: a key from a file, and what is said if there is none.
 */
#include "probe/keyfile.h"

#include "unit/probe/suites.h"
#include "unit/scratch.h"

#include <stdio.h>
#include <string.h>

static struct options options;
static char why[TARGET_WHY];

static void
teardown(void)
{
	options_clear(&options);
	scratch_remove();
}

static bool
read_file(const char *text)
{
	FILE *file = fopen(SCRATCH_FILE, "w");

	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	ck_assert_int_eq(fclose(file), 0);
	options.key_file = SCRATCH_FILE;
	why[0] = '\0';
	return keyfile_read(&options, why);
}

START_TEST(test_none_is_good)
{
	ck_assert(keyfile_read(&options, why));
	ck_assert_ptr_null(options.key);
}
END_TEST

START_TEST(test_reads)
{
	uint8_t a[MAC_SIZE], b[MAC_SIZE];
	struct mac_key expected;

	if (!mac_is_available()) {
		ck_assert(!read_file("0123456789abcdef\n"));
		return;
	}
	ck_assert_msg(read_file("0123456789abcdef\n"), "%s", why);
	mac_set_key(&expected, (const uint8_t *)"0123456789abcdef", 16);
	ck_assert_ptr_nonnull(options.key);
	/* Of the same key the same digest. */
	mac_digest(&expected, NULL, "", 0, a);
	mac_digest(options.key, NULL, "", 0, b);
	ck_assert_int_eq(memcmp(a, b, MAC_SIZE), 0);
}
END_TEST

/* The reason, and never what stands in the file. */
START_TEST(test_refuses)
{
	ck_assert(!read_file("too secret\n"));
	ck_assert_ptr_null(options.key);
	ck_assert_ptr_nonnull(strstr(why, "--key: "));
	ck_assert_ptr_null(strstr(why, "secret"));
	if (mac_is_available())
		ck_assert_str_eq(why,
		    "--key: " SCRATCH_FILE
		    ": line 1 has a key of less than 16 bytes; expected HEX: "
		    "and 32 to 128 hexadecimal digits, upper or lower case, or "
		    "16 to 64 characters");
	scratch_remove();
	ck_assert(!keyfile_read(&options, why));
	ck_assert_ptr_nonnull(strstr(why, "--key: cannot read "));
}
END_TEST

Suite *
keyfile_suite(void)
{
	Suite *suite = suite_create("keyfile");
	TCase *tcase = tcase_create("keyfile");

	tcase_add_checked_fixture(tcase, NULL, teardown);
	tcase_add_test(tcase, test_none_is_good);
	tcase_add_test(tcase, test_reads);
	tcase_add_test(tcase, test_refuses);
	suite_add_tcase(suite, tcase);
	return suite;
}
