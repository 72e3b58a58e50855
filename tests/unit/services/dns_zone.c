/* SPDX-License-Identifier: ISC */
/*
 * src/services/dns_zone.c: names as people write them, and which zone has a
 * name.  Pure.
 */
#include "services/dns_zone.h"
#include "unit/services/ask.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *text;
	size_t count;
	const char *last; /* on the wire, in hexadecimal */
} good[] = {
	{ "whoami", 1, "0677686f616d6900" },
	{ "whoami.", 1, "0677686f616d6900" },
	{ "WhoAmI.Test", 1, "0677686f616d69047465737400" },
	{ ".", 1, "00" },
	{ " a , b-2.c_d. ,", 2, "03622d3203635f6400" },
	{ "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p", 16, "017000" },
};

START_TEST(test_reads)
{
	struct dns_zones zones;
	uint8_t bytes[300];
	size_t size = ask_hex(good[_i].last, bytes, sizeof(bytes));
	char why[SERVICE_WHY] = "";

	ck_assert_msg(dns_zones_read(&zones, good[_i].text, why), "%s", why);
	ck_assert_uint_eq(zones.count, good[_i].count);
	ck_assert_uint_eq(zones.items[zones.count - 1].size, size);
	ck_assert_mem_eq(zones.items[zones.count - 1].bytes, bytes, size);
}
END_TEST

static const struct {
	const char *text, *why;
} bad[] = {
	{ "", "is empty" },
	{ " ,", "is empty" },
	{ "a..b", "has \"a..b\", which is not a domain name" },
	{ ".a", "has \".a\", which is not a domain name" },
	{ "..", "has \"..\", which is not a domain name" },
	{ "a\\.b", "has \"a\\.b\", which is not a domain name" },
	{ "caf\xc3\xa9", "has \"caf\xc3\xa9\", which is not a domain name" },
	{ "a, b, A.", "has \"A.\" twice" },
	{ "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q", "has more than 16 names" },
};

START_TEST(test_refuses)
{
	struct dns_zones zones;
	char why[SERVICE_WHY] = "";

	ck_assert(!dns_zones_read(&zones, bad[_i].text, why));
	ck_assert_str_eq(why, bad[_i].why);
}
END_TEST

/* RFC 1035: 63 octets of a label, 255 of a name. */
START_TEST(test_limits)
{
	struct dns_zones zones;
	char text[300], why[SERVICE_WHY];

	snprintf(text, sizeof(text), "%063d", 0);
	ck_assert(dns_zones_read(&zones, text, why));
	snprintf(text, sizeof(text), "%064d", 0);
	ck_assert(!dns_zones_read(&zones, text, why));
	snprintf(text, sizeof(text), "%063d.%063d.%063d.%061d", 0, 0, 0, 0);
	ck_assert(dns_zones_read(&zones, text, why));
	ck_assert_uint_eq(zones.items[0].size, DNS_NAME_MAX);
	snprintf(text, sizeof(text), "%063d.%063d.%063d.%062d", 0, 0, 0, 0);
	ck_assert(!dns_zones_read(&zones, text, why));
}
END_TEST

static const struct {
	const char *zones, *name; /* on the wire */
	int zone;                 /* -1: none */
	size_t at;
} finds[] = {
	{ "whoami", "0677686f616d6900", 0, 0 },
	{ "whoami", "017800", -1, 0 },
	{ "whoami", "00", -1, 0 },
	{ "whoami", "01780677686f616d6900", 0, 2 },
	/* The end of a label only looks like it. */
	{ "whoami", "0978790677686f616d6900", -1, 0 },
	{ "whoami", "0777686f616d6979 00", -1, 0 },
	{ ".", "00", 0, 0 },
	{ ".", "017800", 0, 2 },
	/* The longest one, whatever their order. */
	{ "c, b.c, a.b.c", "01610162016300", 2, 0 },
	{ "a.b.c, b.c, c", "01780162016300", 1, 2 },
	{ "a.b.c, ., b.c", "017800", 1, 2 },
};

START_TEST(test_finds)
{
	struct dns_zones zones;
	struct dns_name name;
	char why[SERVICE_WHY];
	const struct dns_name *zone;
	size_t at = 0;

	ck_assert(dns_zones_read(&zones, finds[_i].zones, why));
	name.size = ask_hex(finds[_i].name, name.bytes, sizeof(name.bytes));
	zone = dns_zones_find(&zones, &name, &at);
	ck_assert_int_eq(
	    zone != NULL ? (int)(zone - zones.items) : -1, finds[_i].zone);
	ck_assert_uint_eq(at, finds[_i].at);
}
END_TEST

Suite *
dns_zone_suite(void)
{
	Suite *suite = suite_create("dns_zone");
	TCase *tcase = tcase_create("dns_zone");

	tcase_add_loop_test(tcase, test_reads, 0, LENGTH(good));
	tcase_add_loop_test(tcase, test_refuses, 0, LENGTH(bad));
	tcase_add_test(tcase, test_limits);
	tcase_add_loop_test(tcase, test_finds, 0, LENGTH(finds));
	suite_add_tcase(suite, tcase);
	return suite;
}
