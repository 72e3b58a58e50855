/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/ops/portfile.c: a line for each socket.  That the file is whole or
 * absent is up to platform/file.h.
 */
#include "daemon/ops/portfile.h"

#include "unit/fake_host.h"
#include "unit/scratch.h"
#include "unit/unit.h"

#include <stdlib.h>

static struct strbuf text;

static void
setup(void)
{
	fake_host_reset();
	scratch_log_begin();
}

static void
teardown(void)
{
	free(text.text);
	text = (struct strbuf){ .text = NULL };
	scratch_remove();
}

static void
add(const char *service, const char *endpoint)
{
	struct mh_address address = unit_address(endpoint);

	portfile_add(&text, service, &address);
}

START_TEST(test_writes_a_line_each)
{
	add("echo", "[::]:7007");
	add("echo:lab", "192.0.2.1:7");
	add("whoami", "[fe80::1%2]:65535");
	ck_assert(portfile_write("ports", &text));
	ck_assert_str_eq(fake_host.written,
	    "ports: echo [::]:7007\n"
	    "echo:lab 192.0.2.1:7\n"
	    "whoami [fe80::1%2]:65535\n");
	ck_assert_str_eq(scratch_log(), "");
}
END_TEST

START_TEST(test_says_why_not)
{
	add("echo", "[::]:7007");
	fake_host.read_only = true;
	ck_assert(!portfile_write("ports", &text));
	ck_assert_str_eq(scratch_log(),
	    "multihomed: error: cannot write port file ports: read-only\n");
}
END_TEST

/* Half a file is worse than none. */
START_TEST(test_writes_no_half)
{
	add("echo", "[::]:7007");
	text.lost = true;
	ck_assert(!portfile_write("ports", &text));
	ck_assert_str_eq(fake_host.written, "");
}
END_TEST

Suite *
portfile_suite(void)
{
	Suite *suite = suite_create("portfile");
	TCase *tcase = tcase_create("portfile");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_writes_a_line_each);
	tcase_add_test(tcase, test_says_why_not);
	tcase_add_test(tcase, test_writes_no_half);
	suite_add_tcase(suite, tcase);
	return suite;
}
