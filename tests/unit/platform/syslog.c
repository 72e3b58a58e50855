/* SPDX-License-Identifier: ISC */
/*
 * src/platform/linux/syslog.c, as far as standard error is concerned.  A system
 * log that listens: tests/net/test_manager.c.
 */
#include "unit/platform/suites.h"

#include "unit/unit.h"
#include "platform/syslog.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int saved, reader;

/* Standard error is a pipe, as under a service manager. */
static void
setup(void)
{
	int ends[2];

	saved = dup(STDERR_FILENO);
	ck_assert_int_ge(saved, 0);
	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_ge(dup2(ends[1], STDERR_FILENO), 0);
	close(ends[1]);
	reader = ends[0];
}

static void
teardown(void)
{
	close(reader);
	dup2(saved, STDERR_FILENO);
	close(saved);
	unsetenv("JOURNAL_STREAM");
}

/* The journal claims to read this file. */
static void
journal_reads(unsigned long long device, unsigned long long inode)
{
	char text[64];

	snprintf(text, sizeof(text), "%llu:%llu", device, inode);
	ck_assert_int_eq(setenv("JOURNAL_STREAM", text, 1), 0);
}

static const int priorities[] = { 3, 4, 6, 7 };

/* As of syslog(3): error, warning, information, debugging. */
START_TEST(test_priority)
{
	struct stat status;

	ck_assert_int_eq(fstat(STDERR_FILENO, &status), 0);
	journal_reads(status.st_dev, status.st_ino);
	ck_assert_int_eq(host_log_priority((unsigned int)_i), priorities[_i]);
}
END_TEST

/* Standard error has been redirected since, perhaps to a file. */
START_TEST(test_other_stream)
{
	struct stat status;

	ck_assert_int_eq(fstat(STDERR_FILENO, &status), 0);
	journal_reads(status.st_dev, status.st_ino + 1);
	ck_assert_int_eq(host_log_priority(0), -1);
	journal_reads(status.st_dev + 1, status.st_ino);
	ck_assert_int_eq(host_log_priority(0), -1);
}
END_TEST

static const char *const none[] = { NULL, "", "x", "1", "1:", "1:x" };

START_TEST(test_no_journal)
{
	if (none[_i] != NULL)
		ck_assert_int_eq(setenv("JOURNAL_STREAM", none[_i], 1), 0);
	ck_assert_int_eq(host_log_priority(0), -1);
}
END_TEST

/* Standard error is closed. */
START_TEST(test_no_stream)
{
	struct stat status;

	ck_assert_int_eq(fstat(STDERR_FILENO, &status), 0);
	journal_reads(status.st_dev, status.st_ino);
	close(STDERR_FILENO);
	ck_assert_int_eq(host_log_priority(0), -1);
}
END_TEST

/* Until nobody reads. */
START_TEST(test_room)
{
	static char page[4096];

	ck_assert(host_error_has_room(false));
	ck_assert(host_error_has_room(true));
	ck_assert_int_eq(fcntl(STDERR_FILENO, F_SETFL, O_NONBLOCK), 0);
	while (write(STDERR_FILENO, page, sizeof(page)) > 0)
		;
	ck_assert(!host_error_has_room(false));
	ck_assert(!host_error_has_room(true));
	ck_assert_int_eq(read(reader, page, sizeof(page)), sizeof(page));
	ck_assert(host_error_has_room(false));
}
END_TEST

/* The configuration says where lines go. */
START_TEST(test_wanted)
{
	ck_assert(!host_log_wanted());
}
END_TEST

Suite *
platform_syslog_suite(void)
{
	Suite *suite = suite_create("syslog");
	TCase *tcase = tcase_create("syslog");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_priority, 0, LENGTH(priorities));
	tcase_add_test(tcase, test_other_stream);
	tcase_add_loop_test(tcase, test_no_journal, 0, LENGTH(none));
	tcase_add_test(tcase, test_no_stream);
	tcase_add_test(tcase, test_room);
	tcase_add_test(tcase, test_wanted);
	suite_add_tcase(suite, tcase);
	return suite;
}
