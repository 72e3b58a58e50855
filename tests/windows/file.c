/* SPDX-License-Identifier: ISC */
/*
 * src/platform/win32/file.c.
 */
#include "windows/windows.h"

#include "platform/file.h"

#include <windows.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The name of a fresh file in the folder for such files. */
static void
file_name(char path[MAX_PATH])
{
	char folder[MAX_PATH];

	ck_assert_uint_ne(GetTempPathA(sizeof(folder), folder), 0);
	ck_assert_uint_ne(GetTempFileNameA(folder, "mh", 0, path), 0);
}

/* Written in place of what was there, and read back to the byte. */
START_TEST(test_files)
{
	static const char written[] = "one\ntwo\r\nthree \x1a four\n";
	char path[MAX_PATH], reason[64] = "", *text;
	size_t length = 0;

	file_name(path);
	ck_assert(host_file_write(path, "old", 3, reason, sizeof(reason)));
	ck_assert(host_file_write(
	    path, written, strlen(written), reason, sizeof(reason)));
	text = host_file_read(path, 100, &length, reason, sizeof(reason));
	ck_assert_ptr_nonnull(text);
	ck_assert_uint_eq(length, strlen(written));
	ck_assert_str_eq(text, written);
	free(text);
	text = host_file_read(path, length, &length, reason, sizeof(reason));
	ck_assert_ptr_nonnull(text);
	free(text);
	ck_assert_str_eq(reason, "");
	ck_assert_ptr_null(
	    host_file_read(path, length - 1, &length, reason, sizeof(reason)));
	ck_assert_str_eq(reason, "it has more than 21 bytes");
	remove(path);
	ck_assert_ptr_null(
	    host_file_read(path, 100, &length, reason, sizeof(reason)));
	ck_assert_str_eq(reason, strerror(ENOENT));
}
END_TEST

/* Sorted; a name alone, and what is hidden the way of others, is not found. */
START_TEST(test_match)
{
	char path[MAX_PATH], one[MAX_PATH + 8], two[MAX_PATH + 8];
	char pattern[MAX_PATH + 8], reason[64] = "", *list;
	size_t length = 0;

	file_name(path);
	snprintf(one, sizeof(one), "%s.1.part", path);
	snprintf(two, sizeof(two), "%s.2.part", path);
	snprintf(pattern, sizeof(pattern), "%s.*.part", path);
	ck_assert(host_file_write(two, "", 0, reason, sizeof(reason)));
	ck_assert(host_file_write(one, "", 0, reason, sizeof(reason)));
	list = host_file_match(pattern, 1000, &length, reason, sizeof(reason));
	ck_assert_msg(list != NULL, "%s", reason);
	ck_assert_uint_eq(length, strlen(one) + strlen(two) + 2);
	ck_assert_str_eq(list, one);
	ck_assert_str_eq(list + strlen(one) + 1, two);
	free(list);
	ck_assert_ptr_null(
	    host_file_match(pattern, 20, &length, reason, sizeof(reason)));
	ck_assert_str_eq(reason, "too many files");
	remove(one);
	remove(two);
	list = host_file_match(pattern, 1000, &length, reason, sizeof(reason));
	ck_assert_msg(list != NULL, "%s", reason);
	ck_assert_uint_eq(length, 0);
	free(list);
	remove(path);
	list = host_file_match(
	    "none-of-that/*", 1000, &length, reason, sizeof(reason));
	ck_assert_msg(list != NULL, "%s", reason);
	ck_assert_uint_eq(length, 0);
	free(list);
	ck_assert_ptr_null(
	    host_file_match("*/x.part", 1000, &length, reason, sizeof(reason)));
	ck_assert_str_eq(
	    reason, "* and ? may be in the last part of a path alone");
}
END_TEST

static const struct {
	const char *file, *path, *beside;
} besides[] = {
	{ "C:\\data\\m.conf", "d\\a", "C:\\data\\d\\a" },
	{ "C:/data/m.conf", "d/a", "C:/data/d/a" },
	{ "C:\\data\\m.conf", "D:\\a", "D:\\a" },
	{ "C:\\data\\m.conf", "\\\\host\\a", "\\\\host\\a" },
	{ "C:m.conf", "a", "C:a" },
	{ "m.conf", "a", "a" },
};

START_TEST(test_beside)
{
	char *found = host_path_beside(besides[_i].file, besides[_i].path);

	ck_assert_str_eq(found, besides[_i].beside);
	free(found);
}
END_TEST

/* A file that somebody has open stays, and no other is left beside it. */
START_TEST(test_file_in_use)
{
	char path[MAX_PATH], beside[MAX_PATH + 4], reason[64] = "";
	HANDLE user;

	file_name(path);
	snprintf(beside, sizeof(beside), "%s.new", path);
	user = CreateFileA(
	    path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
	ck_assert(user != INVALID_HANDLE_VALUE);
	ck_assert(!host_file_write(path, "new", 3, reason, sizeof(reason)));
	ck_assert_str_ne(reason, "");
	ck_assert_uint_eq(GetFileAttributesA(beside), INVALID_FILE_ATTRIBUTES);
	CloseHandle(user);
	remove(path);
}
END_TEST

Suite *
windows_file_suite(void)
{
	Suite *suite = suite_create("file");
	TCase *tcase = tcase_create("file");

	tcase_add_test(tcase, test_files);
	tcase_add_test(tcase, test_file_in_use);
	tcase_add_test(tcase, test_match);
	tcase_add_loop_test(
	    tcase, test_beside, 0, sizeof(besides) / sizeof(besides[0]));
	suite_add_tcase(suite, tcase);
	return suite;
}
