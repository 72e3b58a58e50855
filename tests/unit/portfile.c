/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/portfile.c: whole or not at all.
 */
#include "daemon/portfile.h"

#include "unit/scratch.h"
#include "unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void
add(struct portfile *portfile, const char *service, const char *endpoint)
{
	struct mh_address address = unit_address(endpoint);

	portfile_add(portfile, service, &address);
}

static struct portfile *
begin(const char *path)
{
	struct portfile *portfile = portfile_open(path);

	ck_assert_msg(portfile != NULL, "%s: %s", path, strerror(errno));
	return portfile;
}

static void
assert_no_other_file(void)
{
	FILE *left = fopen(SCRATCH_FILE ".new", "r");

	ck_assert_msg(left == NULL, "the temporary file is left");
}

START_TEST(writes_a_line_each)
{
	struct portfile *portfile = begin(SCRATCH_FILE);

	add(portfile, "echo", "[::]:7007");
	add(portfile, "echo", "192.0.2.1:7");
	add(portfile, "whoami", "[fe80::1%2]:65535");
	/* Nobody sees half of it. */
	ck_assert_str_eq(scratch_read(SCRATCH_FILE), "");
	ck_assert(portfile_commit(portfile));
	ck_assert_str_eq(scratch_read(SCRATCH_FILE),
	    "echo [::]:7007\n"
	    "echo 192.0.2.1:7\n"
	    "whoami [fe80::1%2]:65535\n");
	assert_no_other_file();
}
END_TEST

START_TEST(takes_the_place_of_an_older_one)
{
	struct portfile *portfile = begin(SCRATCH_FILE);

	add(portfile, "echo", "[::]:1");
	ck_assert(portfile_commit(portfile));
	portfile = begin(SCRATCH_FILE);
	add(portfile, "echo", "[::]:2");
	ck_assert_str_eq(scratch_read(SCRATCH_FILE), "echo [::]:1\n");
	ck_assert(portfile_commit(portfile));
	ck_assert_str_eq(scratch_read(SCRATCH_FILE), "echo [::]:2\n");
	assert_no_other_file();
}
END_TEST

START_TEST(says_why_not)
{
	errno = 0;
	ck_assert_ptr_null(portfile_open("no-such-folder/ports"));
	ck_assert_int_eq(errno, ENOENT);
}
END_TEST

Suite *
portfile_suite(void)
{
	Suite *suite = suite_create("portfile");
	TCase *tcase = tcase_create("portfile");

	tcase_add_checked_fixture(tcase, NULL, scratch_remove);
	tcase_add_test(tcase, writes_a_line_each);
	tcase_add_test(tcase, takes_the_place_of_an_older_one);
	tcase_add_test(tcase, says_why_not);
	suite_add_tcase(suite, tcase);
	return suite;
}
