/* SPDX-License-Identifier: ISC */
/*
 * src/platform/linux/file.c without a privileged helper; with one:
 * tests/net.
 */
#include "unit/unit.h"

#include "unit/platform/suites.h"

#include "platform/file.h"
#include "platform/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "platform-file-XXXXXX";
static char path[64], beside[64], reason[64];

static void
setup(void)
{
	strcpy(folder, "platform-file-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/file", folder);
	snprintf(beside, sizeof(beside), "%s/file.new", folder);
	reason[0] = '\0';
}

static void
teardown(void)
{
	unlink(path);
	unlink(beside);
	rmdir(folder);
}

static void
assert_text(const char *expected)
{
	size_t length = 0;
	char *text = host_file_read(path, 100, &length, reason, sizeof(reason));

	ck_assert_msg(text != NULL, "%s", reason);
	ck_assert_uint_eq(length, strlen(expected));
	ck_assert_str_eq(text, expected);
	free(text);
}

static bool
write_text(const char *text)
{
	return host_file_write(
	    path, text, strlen(text), reason, sizeof(reason));
}

/* Written in place of the old file, with nothing left beside it. */
START_TEST(test_write)
{
	ck_assert(write_text("a longer text"));
	assert_text("a longer text");
	ck_assert(write_text("new"));
	assert_text("new");
	ck_assert(write_text(""));
	assert_text("");
	ck_assert_int_eq(access(beside, F_OK), -1);
}
END_TEST

/* A link that somebody put there is not followed. */
START_TEST(test_link)
{
	ck_assert(write_text("old"));
	ck_assert_int_eq(symlink("file", beside), 0);
	ck_assert(write_text("new"));
	assert_text("new");
	ck_assert_int_eq(access(beside, F_OK), -1);
}
END_TEST

/* If writing fails, the old file stays, and no remains are left. */
START_TEST(test_write_failed)
{
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert(!write_text("new"));
	ck_assert_str_eq(reason, "what is there is not a regular file");
	ck_assert_int_eq(access(beside, F_OK), -1);
	ck_assert_int_eq(rmdir(path), 0);
	strcpy(path, "platform-file-none/file");
	ck_assert(!write_text("new"));
	ck_assert_str_eq(reason, strerror(ENOENT));
}
END_TEST

/* As much as is allowed, and not a byte more. */
START_TEST(test_max)
{
	size_t length = 0;
	char *text;

	ck_assert(write_text("12345"));
	text = host_file_read(path, 5, &length, reason, sizeof(reason));
	ck_assert_ptr_nonnull(text);
	ck_assert_str_eq(text, "12345");
	free(text);
	ck_assert_ptr_null(
	    host_file_read(path, 4, &length, reason, sizeof(reason)));
	ck_assert_str_eq(reason, "it has more than 4 bytes");
}
END_TEST

/* What others read from it later is none of its business. */
START_TEST(test_input)
{
	int ends[2], input = dup(STDIN_FILENO);
	size_t length = 0;
	char *text;

	ck_assert_int_eq(pipe(ends), 0);
	dup2(ends[0], STDIN_FILENO);
	ck_assert_int_eq(write(ends[1], "12345", 5), 5);
	close(ends[0]);
	close(ends[1]);
	text = host_input_read(5, &length, reason, sizeof(reason));
	ck_assert_msg(text != NULL, "%s", reason);
	ck_assert_str_eq(text, "12345");
	free(text);
	/* It is still open. */
	ck_assert_int_ge(fcntl(STDIN_FILENO, F_GETFD), 0);
	close(STDIN_FILENO);
	ck_assert_ptr_null(host_input_read(5, &length, reason, sizeof(reason)));
	ck_assert_str_eq(reason, strerror(EBADF));
	dup2(input, STDIN_FILENO);
	close(input);
}
END_TEST

/* Nobody ever writes to that pipe: reading it would take forever. */
START_TEST(test_pipe)
{
	size_t length = 0;

	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_ptr_null(
	    host_file_read(path, 100, &length, reason, sizeof(reason)));
	ck_assert_str_eq(reason, "it is not a regular file");
}
END_TEST

static void
feed(void *argument)
{
	int fd = open(argument, O_WRONLY);

	ck_assert_int_eq(write(fd, "text", 4), 4);
	close(fd);
}

/* A pipe is read to its end, however late somebody writes to it. */
START_TEST(test_stream)
{
	struct host_thread *thread;
	size_t length = 0;
	char *text;

	ck_assert_int_eq(mkfifo(path, 0600), 0);
	thread = host_thread_start(feed, path);
	ck_assert_ptr_nonnull(thread);
	text = host_stream_read(path, 100, &length, reason, sizeof(reason));
	host_thread_join(thread);
	ck_assert_msg(text != NULL, "%s", reason);
	ck_assert_str_eq(text, "text");
	ck_assert_uint_eq(length, 4);
	free(text);
}
END_TEST

START_TEST(test_missing)
{
	size_t length = 0;

	ck_assert_ptr_null(
	    host_file_read(path, 100, &length, reason, sizeof(reason)));
	ck_assert_str_eq(reason, strerror(ENOENT));
	ck_assert_ptr_null(
	    host_stream_read(path, 100, &length, reason, sizeof(reason)));
	ck_assert_str_eq(reason, strerror(ENOENT));
}
END_TEST

static void
create(const char *name)
{
	char where[96];
	int fd;

	snprintf(where, sizeof(where), "%s/%s", folder, name);
	fd = open(where, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	ck_assert_int_ge(fd, 0);
	close(fd);
}

static void
discard(const char *name)
{
	char where[96];

	snprintf(where, sizeof(where), "%s/%s", folder, name);
	ck_assert_int_eq(remove(where), 0);
}

/* What host_file_match() finds in the folder, with a blank after each. */
static const char *
matches(const char *pattern, size_t max)
{
	static char found[256];
	size_t length = 0, i;
	char whole[96], *list;

	snprintf(whole, sizeof(whole), "%s/%s", folder, pattern);
	list = host_file_match(whole, max, &length, reason, sizeof(reason));
	if (list == NULL)
		return NULL;
	ck_assert_uint_lt(length, sizeof(found));
	found[0] = '\0';
	for (i = 0; i < length; i += strlen(list + i) + 1) {
		ck_assert(strncmp(list + i, folder, strlen(folder)) == 0);
		strcat(found, list + i + strlen(folder) + 1);
		strcat(found, " ");
	}
	free(list);
	return found;
}

/* Sorted, and without what is hidden or does not end so. */
START_TEST(test_match)
{
	static const char *const names[] = { "b.conf", "a.conf", "B.conf",
		".c.conf", "a.conf~", "a.conf.dpkg-old" };
	size_t i;

	for (i = 0; i < LENGTH(names); i++)
		create(names[i]);
	ck_assert_str_eq(matches("*.conf", 200), "B.conf a.conf b.conf ");
	ck_assert_str_eq(matches("[ab].con?", 200), "a.conf b.conf ");
	ck_assert_str_eq(matches("*.none", 200), "");
	ck_assert_str_eq(matches("none/*", 200), "");
	ck_assert_str_eq(matches("a.conf/*", 200), "");
	ck_assert_ptr_null(matches("*.conf", 40));
	ck_assert_str_eq(reason, "too many files");
	for (i = 0; i < LENGTH(names); i++)
		discard(names[i]);
}
END_TEST

/* The path is a link to itself, which is not the same as no folder. */
START_TEST(test_no_match)
{
	ck_assert_int_eq(symlink("file", path), 0);
	ck_assert_ptr_null(matches("file/*", 100));
	ck_assert_str_eq(reason, strerror(ELOOP));
}
END_TEST

static const struct {
	const char *file, *path, *beside;
} besides[] = {
	{ "/etc/m.conf", "d/a", "/etc/d/a" },
	{ "/etc/m.conf", "/d/a", "/d/a" },
	{ "m.conf", "d/a", "d/a" },
	{ "../m.conf", "a", "../a" },
	{ "/m", "*", "/*" },
};

START_TEST(test_beside)
{
	char *found = host_path_beside(besides[_i].file, besides[_i].path);

	ck_assert_str_eq(found, besides[_i].beside);
	free(found);
}
END_TEST

Suite *
platform_file_suite(void)
{
	Suite *suite = suite_create("file");
	TCase *tcase = tcase_create("file");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_write);
	tcase_add_test(tcase, test_link);
	tcase_add_test(tcase, test_write_failed);
	tcase_add_test(tcase, test_max);
	tcase_add_test(tcase, test_input);
	tcase_add_test(tcase, test_pipe);
	tcase_add_test(tcase, test_stream);
	tcase_add_test(tcase, test_missing);
	tcase_add_test(tcase, test_match);
	tcase_add_test(tcase, test_no_match);
	tcase_add_loop_test(tcase, test_beside, 0, LENGTH(besides));
	suite_add_tcase(suite, tcase);
	return suite;
}
