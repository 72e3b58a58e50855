/* SPDX-License-Identifier: ISC */
/*
 * src/platform/linux/fileio.c: a file is replaced whole or not at all, and no
 * pipe holds us up.
 */
#include "unit/platform/suites.h"

#include "platform/linux/fileio.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[32], path[64], beside[64], other[64];

static void
setup(void)
{
	strcpy(folder, "platform-fileio-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/file", folder);
	snprintf(beside, sizeof(beside), "%s/file.new", folder);
	snprintf(other, sizeof(other), "%s/other", folder);
}

static void
teardown(void)
{
	rmdir(path);
	unlink(path);
	unlink(beside);
	unlink(other);
	rmdir(folder);
}

static void
expect(const char *name, const char *text)
{
	char found[64] = "";
	int fd = fileio_open(name);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	ck_assert_int_eq(read(fd, found, sizeof(found)), (int)strlen(text));
	ck_assert_mem_eq(found, text, strlen(text));
	close(fd);
}

START_TEST(test_replaces)
{
	ck_assert(fileio_replace(path, "one, long", 9));
	expect(path, "one, long");
	ck_assert(fileio_replace(path, "two", 3));
	expect(path, "two");
	ck_assert(fileio_replace(path, "", 0));
	expect(path, "");
	ck_assert_int_ne(access(beside, F_OK), 0);
}
END_TEST

/* Whoever put a link in the way does not get another file overwritten. */
START_TEST(test_follows_no_link)
{
	ck_assert(fileio_replace(other, "theirs", 6));
	ck_assert_int_eq(symlink("other", beside), 0);
	ck_assert(fileio_replace(path, "ours", 4));
	expect(other, "theirs");
	expect(path, "ours");
}
END_TEST

/* A folder is in its place: the reason is given, and nothing is left. */
START_TEST(test_leaves_nothing)
{
	ck_assert_int_eq(mkdir(path, 0700), 0);
	errno = 0;
	ck_assert(!fileio_replace(path, "text", 4));
	ck_assert_int_eq(errno, FILEIO_NOT_REGULAR);
	ck_assert_int_ne(access(beside, F_OK), 0);
}
END_TEST

/* Nobody writes to it: opening it must not wait for a writer. */
START_TEST(test_opens_a_pipe_at_once)
{
	int fd;

	ck_assert_int_eq(mkfifo(path, 0600), 0);
	fd = fileio_open(path);
	ck_assert_int_ge(fd, 0);
	close(fd);
}
END_TEST

START_TEST(test_opens_none)
{
	ck_assert_int_lt(fileio_open(path), 0);
	ck_assert_int_eq(errno, ENOENT);
}
END_TEST

/* What is not a regular file stays, whoever asks: a pipe, a link, a device. */
START_TEST(test_replaces_regular_files_only)
{
	struct stat before, after;

	ck_assert(fileio_may_replace(path));
	switch (_i) {
	case 0:
		ck_assert_int_eq(mkfifo(path, 0600), 0);
		break;
	case 1:
		ck_assert_int_eq(symlink("other", path), 0);
		break;
	default:
		ck_assert_int_eq(mkfifo(beside, 0600), 0);
		break;
	}
	ck_assert_int_eq(lstat(_i < 2 ? path : beside, &before), 0);
	ck_assert(fileio_may_replace(path) == (_i == 2));
	ck_assert(!fileio_replace(path, "text", 4));
	ck_assert_int_eq(errno, FILEIO_NOT_REGULAR);
	ck_assert_int_eq(lstat(_i < 2 ? path : beside, &after), 0);
	ck_assert_uint_eq(before.st_ino, after.st_ino);
	ck_assert_uint_eq(before.st_mode, after.st_mode);
	ck_assert_int_ne(access(other, F_OK), 0);
}
END_TEST

/* At the end it is removed, but not another file that has replaced it. */
START_TEST(test_removes_its_own)
{
	ck_assert(fileio_replace(path, "one", 3));
	ck_assert(fileio_replace(path, "two", 3));
	fileio_remove(path);
	ck_assert_int_ne(access(path, F_OK), 0);
	ck_assert(fileio_replace(path, "ours", 4));
	ck_assert_int_eq(rename(path, other), 0);
	ck_assert_int_eq(link(other, beside), 0);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	fileio_remove(path);
	ck_assert_int_eq(access(path, F_OK), 0);
	/* Twice does no harm, and no second file is taken for ours. */
	fileio_remove(other);
	ck_assert_int_eq(access(other, F_OK), 0);
}
END_TEST

Suite *
platform_fileio_suite(void)
{
	Suite *suite = suite_create("platform fileio");
	TCase *tcase = tcase_create("fileio");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_replaces);
	tcase_add_test(tcase, test_follows_no_link);
	tcase_add_test(tcase, test_leaves_nothing);
	tcase_add_test(tcase, test_opens_a_pipe_at_once);
	tcase_add_test(tcase, test_opens_none);
	tcase_add_loop_test(tcase, test_replaces_regular_files_only, 0, 3);
	tcase_add_test(tcase, test_removes_its_own);
	suite_add_tcase(suite, tcase);
	return suite;
}
