/* SPDX-License-Identifier: ISC */
/*
 * src/platform/linux/privsep_stream.c: requests, and files from messages.
 */
#include "platform/linux/privsep_stream.h"

#include "unit/platform/suites.h"
#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

static struct privsep_message message;
static struct privsep_files files;

static size_t
make(unsigned int kind, const char *data, size_t length)
{
	message.sequence = 1;
	message.kind = kind;
	if (length > 0)
		memcpy(message.data, data, length);
	return PRIVSEP_SIZE(length);
}

static const struct {
	unsigned int kind;
	size_t length;
	bool is;
} requests[] = {
	{ PRIVSEP_READ, 0, true },
	{ PRIVSEP_READ, 1, false },
	{ PRIVSEP_WRITE, 0, true },
	{ PRIVSEP_WRITE, PRIVSEP_DATA, true },
	{ PRIVSEP_FILE, 1, false },
	{ PRIVSEP_DONE, 0, false },
	{ 0, 0, false },
	{ 99, 0, false },
};

START_TEST(test_request)
{
	size_t size = make(requests[_i].kind, NULL, 0) + requests[_i].length;

	ck_assert_int_eq(privsep_is_request(&message, size), requests[_i].is);
	ck_assert(!privsep_is_request(&message, PRIVSEP_SIZE(0) - 1));
	ck_assert(!privsep_is_request(&message, sizeof(message) + 1));
}
END_TEST

static enum privsep_progress
add(unsigned int kind, const char *data)
{
	return privsep_files_add(
	    &files, &message, make(kind, data, strlen(data)));
}

static void
teardown(void)
{
	privsep_files_clear(&files);
}

START_TEST(test_files)
{
	const struct privsep_file *file;

	ck_assert_int_eq(add(PRIVSEP_FILE, "a"), PRIVSEP_MORE);
	ck_assert_int_eq(add(PRIVSEP_TEXT, "12"), PRIVSEP_MORE);
	ck_assert_int_eq(add(PRIVSEP_TEXT, "345"), PRIVSEP_MORE);
	ck_assert_int_eq(add(PRIVSEP_FILE, "none"), PRIVSEP_MORE);
	ck_assert_int_eq(add(PRIVSEP_ERROR, "not there"), PRIVSEP_MORE);
	ck_assert_int_eq(add(PRIVSEP_FILE, "empty"), PRIVSEP_MORE);
	ck_assert_int_eq(add(PRIVSEP_DONE, ""), PRIVSEP_END);
	/* In the order of arrival, and in any other. */
	file = privsep_files_find(&files, "a");
	ck_assert_str_eq(file->text, "12345");
	ck_assert_uint_eq(file->length, 5);
	ck_assert_ptr_null(file->error);
	file = privsep_files_find(&files, "empty");
	ck_assert_uint_eq(file->length, 0);
	file = privsep_files_find(&files, "none");
	ck_assert_str_eq(file->error, "not there");
	ck_assert_ptr_eq(privsep_files_find(&files, "a"), &files.items[0]);
	ck_assert_ptr_null(privsep_files_find(&files, "b"));
}
END_TEST

static const struct {
	struct {
		unsigned int kind;
		const char *data;
	} steps[3]; /* the last one is broken */
} broken[] = {
	{ { { PRIVSEP_TEXT, "x" } } },
	{ { { PRIVSEP_ERROR, "x" } } },
	{ { { PRIVSEP_FILE, "" } } },
	{ { { PRIVSEP_READ, "" } } },
	{ { { PRIVSEP_DONE, "x" } } },
	{ { { 99, "x" } } },
	{ { { PRIVSEP_FILE, "a" }, { PRIVSEP_TEXT, "" } } },
	{ { { PRIVSEP_FILE, "a" }, { PRIVSEP_ERROR, "" } } },
	{ { { PRIVSEP_FILE, "a" }, { PRIVSEP_ERROR, "x" },
	    { PRIVSEP_TEXT, "y" } } },
	{ { { PRIVSEP_FILE, "a" }, { PRIVSEP_ERROR, "x" },
	    { PRIVSEP_ERROR, "y" } } },
};

START_TEST(test_broken)
{
	int i;

	for (i = 0; i < 2 && broken[_i].steps[i + 1].data != NULL; i++)
		ck_assert_int_eq(
		    add(broken[_i].steps[i].kind, broken[_i].steps[i].data),
		    PRIVSEP_MORE);
	ck_assert_int_eq(
	    add(broken[_i].steps[i].kind, broken[_i].steps[i].data),
	    PRIVSEP_BROKEN);
}
END_TEST

/* A path, a file and a message have their maximum, and not a byte more. */
START_TEST(test_bounds)
{
	static char bytes[PRIVSEP_DATA];
	size_t i, pieces = PRIVSEP_FILE_MAX / PRIVSEP_DATA;

	memset(bytes, 'x', sizeof(bytes));
	ck_assert_int_eq(privsep_files_add(&files, &message,
			     make(PRIVSEP_FILE, bytes, PRIVSEP_PATH)),
	    PRIVSEP_BROKEN);
	ck_assert_int_eq(
	    privsep_files_add(&files, &message, make(PRIVSEP_FILE, "a\0b", 3)),
	    PRIVSEP_BROKEN);
	ck_assert_int_eq(privsep_files_add(&files, &message,
			     make(PRIVSEP_FILE, bytes, PRIVSEP_PATH - 1)),
	    PRIVSEP_MORE);
	for (i = 0; i < pieces; i++)
		ck_assert_int_eq(privsep_files_add(&files, &message,
				     make(PRIVSEP_TEXT, bytes, PRIVSEP_DATA)),
		    PRIVSEP_MORE);
	ck_assert_int_eq(add(PRIVSEP_TEXT, "x"), PRIVSEP_BROKEN);
	ck_assert_int_eq(
	    privsep_files_add(&files, &message, PRIVSEP_SIZE(0) - 1),
	    PRIVSEP_BROKEN);
	ck_assert_int_eq(
	    privsep_files_add(&files, &message, sizeof(message) + 1),
	    PRIVSEP_BROKEN);
}
END_TEST

Suite *
platform_privsep_stream_suite(void)
{
	Suite *suite = suite_create("privsep_stream");
	TCase *tcase = tcase_create("privsep_stream");

	tcase_add_checked_fixture(tcase, NULL, teardown);
	tcase_add_loop_test(tcase, test_request, 0, LENGTH(requests));
	tcase_add_test(tcase, test_files);
	tcase_add_loop_test(tcase, test_broken, 0, LENGTH(broken));
	tcase_add_test(tcase, test_bounds);
	suite_add_tcase(suite, tcase);
	return suite;
}
