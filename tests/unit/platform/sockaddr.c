/* SPDX-License-Identifier: ISC */
/*
 * src/platform/sockaddr.c: each kind of address there and back, and names that
 * are none.  On both systems.
 */
#include "platform/sockaddr.h"

#include "lib/multihome_sockaddr.h"
#include "unit/platform/suites.h"
#include "unit/unit.h"

#include <string.h>

/* An address on a socket of some family: what a name has then. */
struct conversion {
	const char *address;
	enum mh_family socket;
	int family;
	const char *ip;
	uint32_t scope;
	const char *back;
};

static const struct conversion conversions[] = {
	{ "192.0.2.1:7", MH_FAMILY_NONE, AF_INET, "192.0.2.1", 0,
	    "192.0.2.1:7" },
	{ "192.0.2.1:7", MH_FAMILY_IPV4, AF_INET, "192.0.2.1", 0,
	    "192.0.2.1:7" },
	{ "192.0.2.1:7", MH_FAMILY_IPV6, AF_INET6, "::ffff:192.0.2.1", 0,
	    "192.0.2.1:7" },
	{ "0.0.0.0:0", MH_FAMILY_IPV6, AF_INET6, "::ffff:0.0.0.0", 0,
	    "0.0.0.0:0" },
	{ "[2001:db8::1]:65535", MH_FAMILY_NONE, AF_INET6, "2001:db8::1", 0,
	    "[2001:db8::1]:65535" },
	{ "[2001:db8::1]:7", MH_FAMILY_IPV6, AF_INET6, "2001:db8::1", 0,
	    "[2001:db8::1]:7" },
	{ "[fe80::1%3]:7", MH_FAMILY_IPV6, AF_INET6, "fe80::1", 3,
	    "[fe80::1%3]:7" },
	/* v4-compatible is not v4-mapped. */
	{ "[::192.0.2.1]:7", MH_FAMILY_IPV6, AF_INET6, "::192.0.2.1", 0,
	    "[::192.0.2.1]:7" },
	{ ":7", MH_FAMILY_IPV4, AF_INET, "0.0.0.0", 0, "0.0.0.0:7" },
	{ ":7", MH_FAMILY_IPV6, AF_INET6, "::", 0, "[::]:7" },
};

/* Of these there is no name, whatever numbers of families a caller makes up. */
static const struct {
	unsigned int address, socket;
} nameless[] = {
	{ MH_FAMILY_NONE, MH_FAMILY_NONE },
	{ MH_FAMILY_IPV6, MH_FAMILY_IPV4 },
	{ MH_FAMILY_IPV4, 1 },
	{ MH_FAMILY_IPV4, 5 },
	{ MH_FAMILY_IPV6, 10 }, /* AF_INET6 of Linux */
	{ MH_FAMILY_NONE, 2 },
	{ MH_FAMILY_NONE, 0xffff },
	{ 2, MH_FAMILY_NONE },
	{ 5, MH_FAMILY_IPV4 },
	{ 7, MH_FAMILY_IPV6 },
	{ 0xffff, MH_FAMILY_IPV6 },
};

START_TEST(test_nameless)
{
	const struct mh_address address = { .port = 7,
		.family = (uint16_t)nameless[_i].address };
	struct sockaddr_storage name, before;

	memset(&name, 0xa5, sizeof(name));
	before = name;
	ck_assert_uint_eq(mh_sockaddr_set(&name, &address,
			      (enum mh_family)nameless[_i].socket),
	    0);
	ck_assert_mem_eq(&name, &before, sizeof(name));
}
END_TEST

static void
assert_name(const struct conversion *row, const struct sockaddr_storage *name)
{
	const struct sockaddr_in6 *name6 = (const void *)name;
	const struct sockaddr_in *name4 = (const void *)name;
	uint16_t port = unit_address(row->address).port;
	uint8_t ip[16];

	ck_assert_int_eq(name->ss_family, row->family);
	ck_assert_int_eq(inet_pton(row->family, row->ip, ip), 1);
	if (row->family == AF_INET) {
		ck_assert_uint_eq(ntohs(name4->sin_port), port);
		ck_assert_mem_eq(&name4->sin_addr, ip, 4);
		return;
	}
	ck_assert_uint_eq(ntohs(name6->sin6_port), port);
	ck_assert_mem_eq(&name6->sin6_addr, ip, 16);
	ck_assert_uint_eq(name6->sin6_scope_id, row->scope);
	ck_assert_uint_eq(name6->sin6_flowinfo, 0);
}

START_TEST(test_there_and_back)
{
	const struct conversion *row = &conversions[_i];
	const struct mh_address address = unit_address(row->address);
	struct sockaddr_storage name, rest;
	struct mh_address back;
	unsigned int length, needed;

	memset(&name, 0xa5, sizeof(name));
	memset(&rest, 0, sizeof(rest));
	length = mh_sockaddr_set(&name, &address, row->socket);
	needed = row->family == AF_INET ? sizeof(struct sockaddr_in)
					: sizeof(struct sockaddr_in6);
	ck_assert_uint_eq(length, needed);
	assert_name(row, &name);
	ck_assert_mem_eq(
	    (const char *)&name + length, &rest, sizeof(name) - length);
	memset(&back, 0xa5, sizeof(back));
	ck_assert_int_eq(
	    mh_sockaddr_get(&back, (struct sockaddr *)&name, length), 0);
	unit_assert_address(&back, row->back, row->address);
}
END_TEST

/* Too short, of no family that we know, or at an odd place. */
START_TEST(test_names)
{
	static const char *const texts[] = { "192.0.2.1:7", "[::1]:7" };
	static const unsigned short strangers[] = { AF_UNSPEC, AF_UNIX, 99,
		0xffff };
	const struct mh_address address = unit_address(texts[_i]);
	struct mh_address got, before;
	struct sockaddr_storage name;
	char odd[sizeof(name) + 1];
	unsigned int length = mh_sockaddr_set(&name, &address, MH_FAMILY_NONE);
	unsigned int i;

	memset(&got, 0xa5, sizeof(got));
	before = got;
	for (i = 0; i < length; i++)
		ck_assert_int_eq(
		    mh_sockaddr_get(&got, (struct sockaddr *)&name, i),
		    MH_EINVALID);
	for (i = 0; i < LENGTH(strangers); i++) {
		name.ss_family = strangers[i];
		ck_assert_int_eq(mh_sockaddr_get(&got, (struct sockaddr *)&name,
				     sizeof(name)),
		    MH_EFAMILY);
	}
	ck_assert_mem_eq(&got, &before, sizeof(got));
	ck_assert_uint_eq(
	    mh_sockaddr_set(&name, &address, MH_FAMILY_NONE), length);
	memcpy(odd + 1, &name, length);
	ck_assert_int_eq(
	    mh_sockaddr_get(&got, (const void *)(odd + 1), length), 0);
	unit_assert_address(&got, texts[_i], "odd");
}
END_TEST

Suite *
platform_sockaddr_suite(void)
{
	Suite *suite = suite_create("sockaddr");
	TCase *tcase = tcase_create("sockaddr");

	tcase_add_loop_test(tcase, test_there_and_back, 0, LENGTH(conversions));
	tcase_add_loop_test(tcase, test_nameless, 0, LENGTH(nameless));
	tcase_add_loop_test(tcase, test_names, 0, 2);
	suite_add_tcase(suite, tcase);
	return suite;
}
