/* SPDX-License-Identifier: ISC */
/*
 * src/platform/linux/privileges.c, with and without privileges to give up.  A
 * whole start as root: tests/net/test_rights.c.
 */
#include "unit/platform/suites.h"

#include "unit/platform/child.h"
#include "unit/unit.h"
#include "lib/multihome.h"
#include "platform/privileges.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NOBODY "mh-no-such-user"

START_TEST(test_check)
{
	const struct passwd *entry = getpwuid(0);

	ck_assert_ptr_nonnull(entry);
	ck_assert_int_eq(host_user_check(entry->pw_name), 0);
	ck_assert_int_eq(host_user_check(NOBODY), MH_EADDRESS);
}
END_TEST

static const struct {
	const char *user;
	int code;
} numbers[] = {
	{ "0", 0 },
	{ "65532", 0 },
	{ "4294967294", 0 },
	{ "4294967295", MH_EADDRESS }, /* (uid_t)-1 */
	{ "4294967296", MH_EADDRESS },
	{ "99999999999999999999", MH_EADDRESS },
	{ "-1", MH_EADDRESS },
	{ "+1", MH_EADDRESS },
	{ " 1", MH_EADDRESS },
	{ "1x", MH_EADDRESS },
	{ "65532:65532", MH_EADDRESS },
	{ "", MH_EADDRESS },
};

START_TEST(test_number)
{
	ck_assert_int_eq(host_user_check(numbers[_i].user), numbers[_i].code);
}
END_TEST

START_TEST(test_no_such_user)
{
	uid_t before = geteuid();

	ck_assert_int_eq(host_switch_user(NOBODY), MH_EADDRESS);
	ck_assert_uint_eq(geteuid(), before);
}
END_TEST

/* A user who is not root; NULL: this host has none. */
static struct passwd *
some_user(void)
{
	struct passwd *entry;

	setpwent();
	do
		entry = getpwent();
	while (entry != NULL && entry->pw_uid == 0);
	endpwent();
	return entry;
}

/* Does everything in this process belong to the user now? */
static const char *
check_user(uid_t user, gid_t group)
{
	uid_t users[3];
	gid_t groups[3];
	int i;

	if (getresuid(&users[0], &users[1], &users[2]) < 0 ||
	    getresgid(&groups[0], &groups[1], &groups[2]) < 0)
		return "getresuid";
	for (i = 0; i < 3; i++)
		if (users[i] != user || groups[i] != group)
			return "an id is another's";
	return setuid(0) < 0 ? NULL : "there is a way back";
}

/* What a program could get, and what it would have at once. */
static bool
is_bounded(void)
{
	unsigned long i;

	for (i = 0; prctl(PR_CAPBSET_READ, i, 0, 0, 0) >= 0; i++)
		if (prctl(PR_CAPBSET_READ, i, 0, 0, 0) != 0 ||
		    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, i, 0, 0) != 0)
			return false;
	return i > CAP_SYSLOG;
}

static const char *
switch_user(void)
{
	const struct passwd *entry = some_user();
	gid_t groups[64];
	int i, count, error;
	char name[64];
	bool is_root;
	uid_t user;
	gid_t group;

	if (entry == NULL)
		return "no user but root";
	snprintf(name, sizeof(name), "%s", entry->pw_name);
	user = entry->pw_uid;
	group = entry->pw_gid;
	is_root = geteuid() == 0;
	error = host_switch_user(name);
	if (is_root && !is_bounded())
		return "a program could have rights";
	if (geteuid() != 0 && error == 1)
		return NULL; /* nor was it root before */
	if (error != 0)
		return mh_strerror(error);
	count = getgroups(64, groups);
	for (i = 0; i < count; i++)
		if (groups[i] == 0 && group != 0)
			return "root's group is kept";
	return check_user(user, group);
}

START_TEST(test_switch)
{
	child_run(switch_user);
}
END_TEST

/* Who is not root stays who he is, as when a service manager chose the user. */
static const char *
switch_as_nobody(void)
{
	const struct passwd *entry = some_user();
	char name[64];

	if (entry == NULL)
		return "no user but root";
	snprintf(name, sizeof(name), "%s", entry->pw_name);
	if (geteuid() == 0 && setresuid(54321, 54321, 54321) < 0)
		return "cannot be somebody else";
	if (host_switch_user(name) != 1)
		return "it does not say so";
	return geteuid() != entry->pw_uid ? NULL : "switched";
}

START_TEST(test_switch_as_nobody)
{
	child_run(switch_as_nobody);
}
END_TEST

/* A number that no host knows: its group is the same, and the only one. */
static const char *
switch_to_number(void)
{
	const uid_t stranger = 4000000321u;
	gid_t group;
	int error = host_switch_user("4000000321");

	if (geteuid() != 0 && error == 1)
		return NULL; /* nor was it root before */
	if (error != 0)
		return mh_strerror(error);
	if (getgroups(1, &group) != 1 || group != stranger)
		return "other groups are kept";
	return check_user(stranger, stranger);
}

START_TEST(test_switch_to_number)
{
	child_run(switch_to_number);
}
END_TEST

/* Are these the only capabilities, and in use? */
static bool
has_only(uint32_t low)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	return syscall(SYS_capget, &header, data) == 0 &&
	    data[0].permitted == low && data[0].effective == low &&
	    data[0].inheritable == 0 && data[1].permitted == 0 &&
	    data[1].effective == 0 && data[1].inheritable == 0;
}

/* Root keeps low ports, for reloads; nobody keeps anything else. */
static const char *
drop(void)
{
	bool is_root = geteuid() == 0;
	uint32_t left = geteuid() == 0 ? 1u << CAP_NET_BIND_SERVICE : 0;

	if (host_drop_capabilities() != 0)
		return "not dropped";
	if (!has_only(left))
		return "other rights are left, or none";
	if (is_root && !is_bounded())
		return "a program could have rights";
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1
	    ? NULL
	    : "a program could get new ones";
}

START_TEST(test_drop)
{
	child_run(drop);
}
END_TEST

/* As a service manager's filter may do: no more capset(). */
static bool
forbid_capset(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_capset, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { LENGTH(filter), filter };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/* These capabilities, of the lower half, to use and to pass on. */
static bool
take_only(uint32_t low)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {
		{ .effective = low, .permitted = low, .inheritable = low },
	};

	return syscall(SYS_capset, &header, data) == 0;
}

/* The manager has left the right to bind to low ports: that will do. */
static const char *
filtered_with_one(void)
{
	uint32_t low = geteuid() == 0 ? 1u << CAP_NET_BIND_SERVICE : 0;
	bool is_ambient = low != 0;

	if (!take_only(low))
		return "capset";
	if (is_ambient &&
	    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_BIND_SERVICE, 0,
		0) < 0)
		return "not ambient";
	if (!forbid_capset())
		return "no filter";
	if (host_drop_capabilities() != 0)
		return "one right is too many";
	return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET,
		   CAP_NET_BIND_SERVICE, 0, 0) == 0
	    ? NULL
	    : "a program would get it";
}

/* It has left others, in either half, that we cannot give up. */
static const char *
filtered_with_more(void)
{
	int wanted = geteuid() == 0 ? MH_ESYSTEM : 0;

	if (wanted != 0 && !take_only(1u << CAP_CHOWN))
		return "capset";
	if (!forbid_capset())
		return "no filter";
	return host_drop_capabilities() == wanted ? NULL : "kept in silence";
}

static const char *
filtered_with_upper(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {
		{ .permitted = 0 },
		{ .permitted = CAP_TO_MASK(CAP_SYSLOG) },
	};
	int wanted = geteuid() == 0 ? MH_ESYSTEM : 0;

	if (wanted != 0 && syscall(SYS_capset, &header, data) < 0)
		return "capset";
	if (!forbid_capset())
		return "no filter";
	return host_drop_capabilities() == wanted ? NULL : "kept in silence";
}

static const char *(*const filtered[])(void) = {
	filtered_with_one,
	filtered_with_more,
	filtered_with_upper,
};

START_TEST(test_filtered)
{
	child_run(filtered[_i]);
}
END_TEST

Suite *
platform_privileges_suite(void)
{
	Suite *suite = suite_create("privileges");
	TCase *tcase = tcase_create("privileges");
	TCase *filter = tcase_create("filter");

	tcase_add_test(tcase, test_check);
	tcase_add_test(tcase, test_no_such_user);
	tcase_add_loop_test(tcase, test_number, 0, LENGTH(numbers));
	tcase_add_test(tcase, test_switch);
	tcase_add_test(tcase, test_switch_as_nobody);
	tcase_add_test(tcase, test_switch_to_number);
	tcase_add_test(tcase, test_drop);
	suite_add_tcase(suite, tcase);
	/* valgrind knows no seccomp(2). */
	tcase_set_tags(filter, "seccomp");
	tcase_add_loop_test(filter, test_filtered, 0, LENGTH(filtered));
	suite_add_tcase(suite, filter);
	return suite;
}
