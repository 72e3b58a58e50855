/* SPDX-License-Identifier: ISC */
/*
 * src/lib/address.c: parse, format, compare, classify.  Runs over the fake
 * system and over the real one; one part needs the real one.
 */
#include "unit/unit.h"

#include <string.h>

/*
 * Parse.
 */

static const struct {
	const char *text;
	struct mh_address address;
} good_addresses[] = {
	{ "192.0.2.1", { .family = 4, .ip = { 192, 0, 2, 1 } } },
	{ "0.0.0.0", { .family = 4 } },
	{ "255.255.255.255", { .family = 4, .ip = { 255, 255, 255, 255 } } },
	{ "::", { .family = 6 } },
	{ "::1", { .family = 6, .ip = { [15] = 1 } } },
	{ "2001:db8::1",
	    { .family = 6, .ip = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 } } },
	{ "2001:0DB8:0:0:0:0:0:A",
	    { .family = 6, .ip = { 0x20, 0x01, 0x0d, 0xb8, [15] = 10 } } },
	{ "1:2:3:4:5:6:7:8",
	    { .family = 6,
		.ip = { 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8 } } },
	{ "64:ff9b::192.0.2.1",
	    { .family = 6,
		.ip = { 0, 0x64, 0xff, 0x9b, [12] = 192, 0, 2, 1 } } },
	/* v4-mapped is plain IPv4, however it is written; others are not. */
	{ "::ffff:192.0.2.1", { .family = 4, .ip = { 192, 0, 2, 1 } } },
	{ "::FFFF:c000:201", { .family = 4, .ip = { 192, 0, 2, 1 } } },
	{ "0:0:0:0:0:ffff:0:0", { .family = 4 } },
	{ "::fffe:192.0.2.1",
	    { .family = 6, .ip = { [10] = 0xff, 0xfe, 192, 0, 2, 1 } } },
	{ "1::ffff:192.0.2.1",
	    { .family = 6, .ip = { 0, 1, [10] = 0xff, 0xff, 192, 0, 2, 1 } } },
	{ "::192.0.2.1", { .family = 6, .ip = { [12] = 192, 0, 2, 1 } } },
	/* Scopes. */
	{ "fe80::1", { .family = 6, .ip = { 0xfe, 0x80, [15] = 1 } } },
	{ "fe80::1%2",
	    { .family = 6, .ip = { 0xfe, 0x80, [15] = 1 }, .scope = 2 } },
	{ "febf::1%4294967295",
	    { .family = 6,
		.ip = { 0xfe, 0xbf, [15] = 1 },
		.scope = 4294967295 } },
	{ "ff02::fb%3",
	    { .family = 6, .ip = { 0xff, 2, [15] = 0xfb }, .scope = 3 } },
};

START_TEST(test_parse_address)
{
	const char *text = good_addresses[_i].text;
	struct mh_address got;

	memset(&got, 0xa5, sizeof(got));
	ck_assert_msg(mh_address_parse(&got, text) == 0, "%s: refused", text);
	ck_assert_msg(
	    memcmp(&got, &good_addresses[_i].address, sizeof(got)) == 0,
	    "%s: read as %s, family %d", text, unit_text(&got), got.family);
}
END_TEST

static const struct {
	const char *text;
	struct mh_address endpoint;
} good_endpoints[] = {
	{ ":7", { .port = 7 } },
	{ ":0", { .port = 0 } },
	{ ":65535", { .port = 65535 } },
	{ "0.0.0.0:7", { .family = 4, .port = 7 } },
	{ "192.0.2.1:7", { .family = 4, .ip = { 192, 0, 2, 1 }, .port = 7 } },
	{ "[::]:7", { .family = 6, .port = 7 } },
	{ "[2001:db8::1]:7",
	    { .family = 6,
		.ip = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 },
		.port = 7 } },
	{ "[::ffff:192.0.2.1]:7",
	    { .family = 4, .ip = { 192, 0, 2, 1 }, .port = 7 } },
	{ "[fe80::1%2]:7007",
	    { .family = 6,
		.ip = { 0xfe, 0x80, [15] = 1 },
		.scope = 2,
		.port = 7007 } },
};

START_TEST(test_parse_endpoint)
{
	const char *text = good_endpoints[_i].text;
	struct mh_address got;

	memset(&got, 0xa5, sizeof(got));
	ck_assert_msg(mh_endpoint_parse(&got, text) == 0, "%s: refused", text);
	ck_assert_msg(
	    memcmp(&got, &good_endpoints[_i].endpoint, sizeof(got)) == 0,
	    "%s: read as %s, family %d", text, unit_text(&got), got.family);
}
END_TEST

static const struct {
	const char *text;
	int code;
} bad_addresses[] = {
	{ "", MH_ESYNTAX },
	{ " ", MH_ESYNTAX },
	{ "*", MH_ESYNTAX },
	{ "localhost", MH_ESYNTAX },
	{ "192.0.2", MH_ESYNTAX },
	{ "192.0.2.", MH_ESYNTAX },
	{ "192.0.2.1.", MH_ESYNTAX },
	{ "192.0.2.1.1", MH_ESYNTAX },
	{ "192.0..1", MH_ESYNTAX },
	{ ".192.0.2.1", MH_ESYNTAX },
	{ "192.0.2.256", MH_ESYNTAX },
	{ "192.0.2.-1", MH_ESYNTAX },
	{ "192.0.2.1 ", MH_ESYNTAX },
	{ "192.0.2.1\n", MH_ESYNTAX },
	{ "192.0.2.1a", MH_ESYNTAX },
	{ "192.0.2.1/24", MH_ESYNTAX },
	{ "192.0.2.1:7", MH_ESYNTAX },
	{ ":", MH_ESYNTAX },
	{ ":::", MH_ESYNTAX },
	{ "1::2::3", MH_ESYNTAX },
	{ "2001:db8", MH_ESYNTAX },
	{ "2001:db8:", MH_ESYNTAX },
	{ ":2001::1", MH_ESYNTAX },
	{ "12345::1", MH_ESYNTAX },
	{ "::g", MH_ESYNTAX },
	{ "1:2:3:4:5:6:7", MH_ESYNTAX },
	{ "1:2:3:4:5:6:7:8:9", MH_ESYNTAX },
	{ "::ffff:192.0.2.256", MH_ESYNTAX },
	{ "::192.0.2.1:1", MH_ESYNTAX },
	{ "[::1]", MH_ESYNTAX },
	{ "::1/128", MH_ESYNTAX },
	{ "%1", MH_ESYNTAX },
	{ "fe80::1%", MH_ESYNTAX },
	{ "::1%1", MH_ESYNTAX },
	{ "2001:db8::1%1", MH_ESYNTAX },
	{ "fec0::1%1", MH_ESYNTAX },
	{ "192.0.2.1%1", MH_ESYNTAX },
	{ "169.254.0.1%1", MH_ESYNTAX },
	{ "224.0.0.1%1", MH_ESYNTAX },
	{ "::ffff:169.254.0.1%1", MH_ESYNTAX },
	{ "fe80::1%0", MH_EZONE },
	{ "fe80::1%nosuch0", MH_EZONE },
	{ "fe80::1% 1", MH_EZONE },
	{ "fe80::1%-1", MH_EZONE },
	{ "fe80::1%1x", MH_EZONE },
	{ "fe80::1%1%1", MH_EZONE },
	{ "fe80::1%4294967296", MH_EZONE },
	{ "fe80::1%18446744073709551617", MH_EZONE },
	{ "11111111111111111111111111111111111111111111111111111111111111111111"
	  "11111111111111111111111111111111111111111111111111111111111111111",
	    MH_ESYNTAX },
};

static const struct {
	const char *text;
	int code;
} bad_endpoints[] = {
	{ "", MH_ESYNTAX },
	{ "7", MH_ESYNTAX },
	{ ":", MH_ESYNTAX },
	{ "::", MH_ESYNTAX },
	{ ":::7", MH_ESYNTAX },
	{ ":65536", MH_ESYNTAX },
	{ ":4294967303", MH_ESYNTAX },
	{ ":18446744073709551623", MH_ESYNTAX },
	{ ":-1", MH_ESYNTAX },
	{ "[192.0.2.1]:7", MH_ESYNTAX },
	{ ":+7", MH_ESYNTAX },
	{ ": 7", MH_ESYNTAX },
	{ ":7 ", MH_ESYNTAX },
	{ " :7", MH_ESYNTAX },
	{ ":0x7", MH_ESYNTAX },
	{ ":7a", MH_ESYNTAX },
	{ ":echo", MH_ESYNTAX },
	{ "*:7", MH_ESYNTAX },
	{ "localhost:7", MH_ESYNTAX },
	{ "192.0.2.1", MH_ESYNTAX },
	{ "192.0.2.1:", MH_ESYNTAX },
	{ "192.0.2.1:7:8", MH_ESYNTAX },
	{ "192.0.2:7", MH_ESYNTAX },
	{ "192.0.2.1 :7", MH_ESYNTAX },
	{ "192.0.2.1%1:7", MH_ESYNTAX },
	{ "2001:db8::1", MH_ESYNTAX },
	{ "2001:db8::1:7", MH_ESYNTAX },
	{ "1:2:3:4:5:6:7:8:9", MH_ESYNTAX },
	{ "::1:7", MH_ESYNTAX },
	{ "[::1]", MH_ESYNTAX },
	{ "[::1]7", MH_ESYNTAX },
	{ "[::1]:", MH_ESYNTAX },
	{ "[::1]:7:", MH_ESYNTAX },
	{ "[::1] :7", MH_ESYNTAX },
	{ "[::1:7", MH_ESYNTAX },
	{ "::1]:7", MH_ESYNTAX },
	{ "[]:7", MH_ESYNTAX },
	{ "[:7", MH_ESYNTAX },
	{ "]:7", MH_ESYNTAX },
	{ "[::1]]:7", MH_ESYNTAX },
	{ "[[::1]]:7", MH_ESYNTAX },
	{ "[ ::1]:7", MH_ESYNTAX },
	{ "[::1%1]:7", MH_ESYNTAX },
	{ "[fe80::1%]:7", MH_ESYNTAX },
	{ "[fe80::1]%2:7", MH_ESYNTAX },
	{ "[fe80::1%nosuch0]:7", MH_EZONE },
	{ "[fe80::1%0]:7", MH_EZONE },
};

/* Refused with that code, and the address is unchanged. */
static void
assert_refused(
    int (*parse)(struct mh_address *, const char *), const char *text, int code)
{
	struct mh_address before, after;
	int error;

	memset(&before, 0xa5, sizeof(before));
	after = before;
	error = parse(&after, text);
	ck_assert_msg(error == code, "\"%s\": %d instead of %d (%s)", text,
	    error, code, unit_text(&after));
	ck_assert_msg(memcmp(&after, &before, sizeof(after)) == 0,
	    "\"%s\": the address was changed", text);
}

START_TEST(test_refuse_address)
{
	assert_refused(
	    mh_address_parse, bad_addresses[_i].text, bad_addresses[_i].code);
}
END_TEST

START_TEST(test_refuse_endpoint)
{
	assert_refused(
	    mh_endpoint_parse, bad_endpoints[_i].text, bad_endpoints[_i].code);
}
END_TEST

/* Longer than any address, up to a size where a buffer may end. */
START_TEST(test_refuse_long)
{
	char text[300];

	memset(text, '1', sizeof(text));
	text[_i] = '\0';
	assert_refused(mh_address_parse, text, MH_ESYNTAX);
	text[0] = '[';
	text[_i - 3] = ']';
	text[_i - 2] = ':';
	assert_refused(mh_endpoint_parse, text, MH_ESYNTAX);
}
END_TEST

/* What some systems read as a number; we never do. */
static const char *const bad_numbers[] = { "127.1", "2130706433", "0x7f000001",
	"0x7f.0.0.1", "0177.0.0.1", "192.0.2.01", "192.0.2.+1", "192.0.2. 1",
	" 192.0.2.1", "192.0.2.1\t", "::ffff:127.1", "::+1", "::0x1",
	"0::00001" };

START_TEST(test_refuse_number)
{
	assert_refused(mh_address_parse, bad_numbers[_i], MH_ESYNTAX);
}
END_TEST

/*
 * Format.
 */

static const struct {
	const char *address; /* as unit_address() reads it */
	const char *text;
	const char *endpoint;
} formats[] = {
	{ "", "*", ":0" },
	{ ":7", "*", ":7" },
	{ "0.0.0.0:65535", "0.0.0.0", "0.0.0.0:65535" },
	{ "192.0.2.1:7", "192.0.2.1", "192.0.2.1:7" },
	{ "255.255.255.255:10", "255.255.255.255", "255.255.255.255:10" },
	{ "[::ffff:192.0.2.1]:7", "192.0.2.1", "192.0.2.1:7" },
	{ "[::]:7", "::", "[::]:7" },
	{ "[::1]:0", "::1", "[::1]:0" },
	/* RFC 5952, 4.1 to 4.3. */
	{ "[2001:0DB8:0:0:0:0:0:000A]:7", "2001:db8::a", "[2001:db8::a]:7" },
	{ "[2001:db8:0:1:1:1:1:1]:7", "2001:db8:0:1:1:1:1:1",
	    "[2001:db8:0:1:1:1:1:1]:7" },
	{ "[2001:0:0:1:0:0:0:1]:7", "2001:0:0:1::1", "[2001:0:0:1::1]:7" },
	{ "[2001:db8:0:0:1:0:0:1]:7", "2001:db8::1:0:0:1",
	    "[2001:db8::1:0:0:1]:7" },
	{ "[fe80::1%2]:7", "fe80::1%2", "[fe80::1%2]:7" },
	{ "[feff::1]:7", "feff::1", "[feff::1]:7" },
	{ "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff%4294967295]:65535",
	    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff%4294967295",
	    "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff%4294967295]:65535" },
};

START_TEST(test_format)
{
	struct mh_address address = unit_address(formats[_i].address), again;
	char text[MH_ADDRESS_TEXT];

	ck_assert_ptr_eq(mh_address_format(&address, text, sizeof(text)), text);
	ck_assert_str_eq(text, formats[_i].text);
	ck_assert_ptr_eq(
	    mh_endpoint_format(&address, text, sizeof(text)), text);
	ck_assert_str_eq(text, formats[_i].endpoint);
	ck_assert_msg(mh_endpoint_parse(&again, text) == 0 &&
		memcmp(&again, &address, sizeof(again)) == 0,
	    "%s: written as %s", formats[_i].address, text);
}
END_TEST

static void
assert_cut(char *(*format)(const struct mh_address *, char *, size_t),
    const struct mh_address *address, const char *whole)
{
	char text[MH_ADDRESS_TEXT];
	size_t size;

	for (size = 1; size <= strlen(whole) + 1; size++) {
		memset(text, '#', sizeof(text));
		format(address, text, size);
		ck_assert_msg(strlen(text) == size - 1 &&
			strncmp(text, whole, size - 1) == 0,
		    "%s in %zu bytes: %s", whole, size, text);
		ck_assert_msg(text[size] == '#',
		    "%s in %zu bytes: writes beyond", whole, size);
	}
}

START_TEST(test_format_cut)
{
	struct mh_address address = unit_address(formats[_i].address);

	assert_cut(mh_address_format, &address, formats[_i].text);
	assert_cut(mh_endpoint_format, &address, formats[_i].endpoint);
}
END_TEST

/*
 * Compare.
 */

/* In their order. */
static const char *const sorted[] = { "", "0.0.0.0", "9.255.255.255",
	"10.0.0.0", "10.0.0.1", "10.0.0.2", "10.0.1.0", "192.0.2.1",
	"255.255.255.255", "::", "::1", "2001:db8::1", "2001:db8::2",
	"2001:db8:1::", "fe80::1", "fe80::1%1", "fe80::1%2",
	"fe80::1%2147483649", "fe80::2%1" };

START_TEST(test_compare)
{
	struct mh_address a = unit_address(sorted[_i]), b;
	int j, order, count = (int)LENGTH(sorted);

	a.port = 7;
	for (j = 0; j < count; j++) {
		b = unit_address(sorted[j]);
		order = mh_address_compare(&a, &b);
		ck_assert_msg((order > 0) - (order < 0) == (_i > j) - (_i < j),
		    "\"%s\" and \"%s\": %d", sorted[_i], sorted[j], order);
	}
}
END_TEST

/*
 * Classify.
 */

static const struct {
	const char *text;
	enum mh_class class;
} classes[] = {
	{ "", MH_CLASS_NONE },
	{ "0.0.0.0", MH_CLASS_UNSPECIFIED },
	{ "0.0.0.1", MH_CLASS_THIS_NETWORK },
	{ "0.0.1.0", MH_CLASS_THIS_NETWORK },
	{ "0.1.0.0", MH_CLASS_THIS_NETWORK },
	{ "0.255.255.255", MH_CLASS_THIS_NETWORK },
	{ "::ffff:0.1.2.3", MH_CLASS_THIS_NETWORK },
	{ "1.0.0.0", MH_CLASS_GLOBAL },
	{ "9.255.255.255", MH_CLASS_GLOBAL },
	{ "10.0.0.0", MH_CLASS_PRIVATE },
	{ "10.255.255.255", MH_CLASS_PRIVATE },
	{ "11.0.0.0", MH_CLASS_GLOBAL },
	{ "126.255.255.255", MH_CLASS_GLOBAL },
	{ "127.0.0.0", MH_CLASS_LOOPBACK },
	{ "127.0.0.1", MH_CLASS_LOOPBACK },
	{ "127.255.255.255", MH_CLASS_LOOPBACK },
	{ "128.0.0.0", MH_CLASS_GLOBAL },
	{ "169.253.255.255", MH_CLASS_GLOBAL },
	{ "169.254.0.0", MH_CLASS_LINK_LOCAL },
	{ "169.254.255.255", MH_CLASS_LINK_LOCAL },
	{ "169.255.0.0", MH_CLASS_GLOBAL },
	{ "172.15.255.255", MH_CLASS_GLOBAL },
	{ "172.16.0.0", MH_CLASS_PRIVATE },
	{ "172.31.255.255", MH_CLASS_PRIVATE },
	{ "172.32.0.0", MH_CLASS_GLOBAL },
	{ "192.0.2.1", MH_CLASS_GLOBAL },
	{ "192.167.255.255", MH_CLASS_GLOBAL },
	{ "192.168.0.0", MH_CLASS_PRIVATE },
	{ "192.168.255.255", MH_CLASS_PRIVATE },
	{ "192.169.0.0", MH_CLASS_GLOBAL },
	{ "223.255.255.255", MH_CLASS_GLOBAL },
	{ "224.0.0.0", MH_CLASS_MULTICAST },
	{ "239.255.255.255", MH_CLASS_MULTICAST },
	{ "240.0.0.0", MH_CLASS_GLOBAL },
	{ "254.255.255.255", MH_CLASS_GLOBAL },
	{ "255.0.255.255", MH_CLASS_GLOBAL },
	{ "255.255.0.255", MH_CLASS_GLOBAL },
	{ "255.255.255.254", MH_CLASS_GLOBAL },
	{ "255.255.255.255", MH_CLASS_BROADCAST },
	{ "::", MH_CLASS_UNSPECIFIED },
	{ "::1", MH_CLASS_LOOPBACK },
	{ "::2", MH_CLASS_GLOBAL },
	{ "100::1", MH_CLASS_GLOBAL },
	{ "2001:db8::1", MH_CLASS_GLOBAL },
	{ "fbff:ffff::", MH_CLASS_GLOBAL },
	{ "fc00::", MH_CLASS_UNIQUE_LOCAL },
	{ "fdff:ffff::1", MH_CLASS_UNIQUE_LOCAL },
	{ "fe00::", MH_CLASS_GLOBAL },
	{ "fe7f:ffff::", MH_CLASS_GLOBAL },
	{ "fe80::", MH_CLASS_LINK_LOCAL },
	{ "fe80::1%2", MH_CLASS_LINK_LOCAL },
	{ "febf:ffff::1", MH_CLASS_LINK_LOCAL },
	{ "fec0::", MH_CLASS_GLOBAL },
	{ "feff:ffff::", MH_CLASS_GLOBAL },
	{ "ff00::", MH_CLASS_MULTICAST },
	{ "ff02::1%2", MH_CLASS_MULTICAST },
	{ "ffff:ffff::", MH_CLASS_MULTICAST },
};

START_TEST(test_class)
{
	struct mh_address address = unit_address(classes[_i].text);
	enum mh_class class = mh_address_class(&address);

	ck_assert_msg(class == classes[_i].class, "\"%s\": %d instead of %d",
	    classes[_i].text, class, classes[_i].class);
}
END_TEST

static const struct {
	const char *text;
	bool is_local;
} hosts[] = {
	{ "", false },
	{ "127.0.0.1", true },
	{ "127.0.0.1:7", true },
	{ "198.51.100.77", false },
	{ "2001:db8:77::77", false },
	/* Nobody has these, though one can bind() to them. */
	{ "0.0.0.0", false },
	{ "::", false },
	{ "224.0.0.1", false },
	{ "255.255.255.255", false },
	{ "ff02::1%1", false },
};

START_TEST(test_is_local)
{
	struct mh_address address = unit_address(hosts[_i].text);

	ck_assert_msg(mh_address_is_local(&address) == hosts[_i].is_local,
	    "\"%s\": %d", hosts[_i].text, !hosts[_i].is_local);
}
END_TEST

static void
add_loop(Suite *suite, const char *name, const TTest *test, size_t count)
{
	TCase *tcase = tcase_create(name);

	tcase_add_loop_test(tcase, test, 0, (int)count);
	suite_add_tcase(suite, tcase);
}

Suite *
address_suite(void)
{
	Suite *suite = suite_create("address");
	TCase *tcase;

	add_loop(
	    suite, "parse address", test_parse_address, LENGTH(good_addresses));
	add_loop(suite, "parse endpoint", test_parse_endpoint,
	    LENGTH(good_endpoints));
	add_loop(suite, "refuse address", test_refuse_address,
	    LENGTH(bad_addresses));
	add_loop(suite, "refuse endpoint", test_refuse_endpoint,
	    LENGTH(bad_endpoints));
	tcase = tcase_create("refuse long");
	tcase_add_loop_test(tcase, test_refuse_long, 70, 90);
	suite_add_tcase(suite, tcase);
	add_loop(suite, "format", test_format, LENGTH(formats));
	add_loop(suite, "format cut", test_format_cut, LENGTH(formats));
	add_loop(suite, "compare", test_compare, LENGTH(sorted));
	add_loop(suite, "class", test_class, LENGTH(classes));
	return suite;
}

Suite *
address_system_suite(void)
{
	Suite *suite = suite_create("address and system");

	add_loop(
	    suite, "refuse number", test_refuse_number, LENGTH(bad_numbers));
	return suite;
}

Suite *
address_local_suite(void)
{
	Suite *suite = suite_create("address and host");

	add_loop(suite, "is local", test_is_local, LENGTH(hosts));
	return suite;
}
