/* SPDX-License-Identifier: ISC */
/*
 * src/run/group/cgroup.c: where the groups are, from what the kernel says.
 */
#include "run/group/cgroup.h"

#include "unit/run/group/suites.h"
#include "unit/unit.h"

#include <string.h>

#define ROOT_LINE "22 1 254:0 / / rw,relatime - ext4 disk rw\n"

static const struct {
	const char *text, *point, *root; /* no point: there is none */
} mounts[] = {
	{ "", NULL, NULL },
	{ ROOT_LINE, NULL, NULL },
	{ ROOT_LINE "30 22 0:26 / /cg rw,nosuid shared:4 - cgroup2 "
		    "cgroup2 rw,nsdelegate\n",
	    "/cg", "/" },
	/* Hybrid: the controllers of version 1 come first. */
	{ "31 22 0:27 / /cg/cpu rw - cgroup cgroup rw,cpu\n"
	  "32 22 0:28 / /cg/unified rw - cgroup2 cgroup2 rw\n",
	    "/cg/unified", "/" },
	/* A container without a namespace of its own; and odd names. */
	{ "33 22 0:28 /docker/a\\040b /m/c\\134d ro - cgroup2 cgroup rw\n",
	    "/m/c\\d", "/docker/a b" },
	{ "34 22 0:28 / /a\\04x ro - cgroup2 cgroup rw", "/a\\04x", "/" },
	/* The name of a mount, not its type. */
	{ "35 22 0:28 / /m rw - tmpfs cgroup2 rw\n", NULL, NULL },
	{ "36 22 0:28 / /m rw - tmpfs none rw\n"
	  "37 22 0:28 / /other rw - cgroup2 none rw\n",
	    "/other", "/" },
};

START_TEST(test_mount)
{
	char point[PATH_MAX], root[PATH_MAX];

	if (mounts[_i].point == NULL) {
		ck_assert(!cgroup_find_mount(mounts[_i].text, point, root));
		return;
	}
	ck_assert(cgroup_find_mount(mounts[_i].text, point, root));
	ck_assert_str_eq(point, mounts[_i].point);
	ck_assert_str_eq(root, mounts[_i].root);
}
END_TEST

START_TEST(test_mount_too_long)
{
	char point[PATH_MAX], root[PATH_MAX], text[2 * PATH_MAX];

	memset(text, 'x', sizeof(text));
	memcpy(text, "1 2 3 / /", 9);
	strcpy(text + PATH_MAX + 8, " rw - cgroup2 none rw\n");
	ck_assert(!cgroup_find_mount(text, point, root));
	strcpy(text + PATH_MAX + 7, " rw - cgroup2 none rw\n");
	ck_assert(cgroup_find_mount(text, point, root));
	ck_assert_uint_eq(strlen(point), PATH_MAX - 1);
}
END_TEST

static const struct {
	const char *text, *point, *root, *folder; /* no folder: not seen */
} owns[] = {
	{ "0::/\n", "/cg", "/", "/cg" },
	{ "0::/system.slice/nsd.service\n", "/cg", "/",
	    "/cg/system.slice/nsd.service" },
	{ "9:name=systemd:/a\n4:memory:/b\n0::/c\n", "/u", "/", "/u/c" },
	{ "0::/docker/abc\n", "/u", "/docker/abc", "/u" },
	{ "0::/docker/abc/d\n", "/u", "/docker/abc", "/u/d" },
	{ "0::/docker/abcd\n", "/u", "/docker/abc", NULL },
	{ "0::/docker\n", "/u", "/docker/abc", NULL },
	/* Outside of what this cgroup namespace sees. */
	{ "0::/../other\n", "/u", "/", NULL },
	{ "4:memory:/b\n", "/u", "/", NULL },
	{ "10::/x\n", "/u", "/", NULL },
	{ "", "/u", "/", NULL },
};

START_TEST(test_own)
{
	char folder[PATH_MAX];

	if (owns[_i].folder == NULL) {
		ck_assert(!cgroup_find_own(
		    folder, owns[_i].text, owns[_i].point, owns[_i].root));
		return;
	}
	ck_assert(cgroup_find_own(
	    folder, owns[_i].text, owns[_i].point, owns[_i].root));
	ck_assert_str_eq(folder, owns[_i].folder);
}
END_TEST

Suite *
cgroup_suite(void)
{
	Suite *suite = suite_create("cgroup");
	TCase *tcase = tcase_create("cgroup");

	tcase_add_loop_test(tcase, test_mount, 0, LENGTH(mounts));
	tcase_add_test(tcase, test_mount_too_long);
	tcase_add_loop_test(tcase, test_own, 0, LENGTH(owns));
	suite_add_tcase(suite, tcase);
	return suite;
}
