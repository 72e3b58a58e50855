/* SPDX-License-Identifier: ISC */
/*
 * src/services/dns_cookie.c: the vectors of RFC 9018, appendix A, and what is
 * good for how long.  Pure.
 */
#include "services/dns_cookie.h"
#include "unit/services/ask.h"

#include "common/bytes.h"
#include "common/siphash.h"

#include <string.h>

#define KEY1 "e5e973e5a6b2a43f48e7dc849e37bfcf"
#define KEY2 "dd3bdf9344b678b185a6f5cb60fca715"
#define KEY3 "445536bcd2513298075a5d379663c962"
#define PEER6 "[2001:db8:220:1:59de:d0f4:8769:82b8]:1"

static const struct vector {
	const char *secret, *peer;
	uint32_t time;
	const char *cookie;
	bool made; /* as we make it; else its reserved octets are not 0 */
} vectors[] = {
	{ KEY1, "198.51.100.100:1", 0x5cf79f11,
	    "2464c4abcf10c957 01000000 5cf79f11 1f8130c3eee29480", true },
	{ KEY1, "198.51.100.100:2", 0x5cf7a871,
	    "2464c4abcf10c957 01000000 5cf7a871 d4a564a1442aca77", true },
	{ KEY1, "203.0.113.203:1", 0x5cf78f71,
	    "fc93fc62807ddb86 01abcdef 5cf78f71 a314227b6679ebf5", false },
	{ KEY1, "203.0.113.203:1", 0x5cf7a9ac,
	    "fc93fc62807ddb86 01000000 5cf7a9ac f73a7810aca2381e", true },
	{ KEY2, PEER6, 0x5cf7c579,
	    "22681ab97d52c298 01000000 5cf7c579 26556bd0934c72f8", true },
	{ KEY3, PEER6, 0x5cf7c609,
	    "22681ab97d52c298 01000000 5cf7c609 a6bb79d16625507a", true },
};

static void
set_secrets(struct dns_secrets *secrets, const char *text)
{
	const char *why = "";

	ck_assert_msg(
	    dns_secrets_read(secrets, text, strlen(text), &why), "%s", why);
}

START_TEST(test_vectors)
{
	const struct vector *v = &vectors[_i];
	const struct mh_address peer = unit_address(v->peer);
	struct dns_secrets secrets;
	uint8_t cookie[DNS_COOKIE_SIZE], made[DNS_COOKIE_SIZE];
	size_t i;

	set_secrets(&secrets, v->secret);
	ck_assert_uint_eq(
	    ask_hex(v->cookie, cookie, sizeof(cookie)), sizeof(cookie));
	ck_assert(dns_cookie_is_good(
	    &secrets, &peer, v->time, cookie, sizeof(cookie)));
	dns_cookie_make(&secrets, &peer, v->time, cookie, made);
	ck_assert((memcmp(made, cookie, sizeof(made)) == 0) == v->made);
	/* Each bit of it counts. */
	for (i = 0; i < 8 * sizeof(cookie); i++) {
		cookie[i / 8] ^= (uint8_t)(1u << i % 8);
		ck_assert_msg(!dns_cookie_is_good(&secrets, &peer, v->time,
				  cookie, sizeof(cookie)),
		    "bit %zu", i);
		cookie[i / 8] ^= (uint8_t)(1u << i % 8);
	}
}
END_TEST

START_TEST(test_siphash_is_little_endian)
{
	uint8_t bytes[16];
	size_t i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	ck_assert_uint_eq(
	    siphash(bytes, bytes, 15), UINT64_C(0xa129ca6149be45e5));
}
END_TEST

/* Seconds from when it was made to now. */
static const struct {
	uint32_t made, now;
	bool good;
} ages[] = {
	{ 1000000, 1000000, true },
	{ 1000000, 1003600, true },
	{ 1000000, 1003601, false },
	{ 1000300, 1000000, true },
	{ 1000301, 1000000, false },
	{ 0xffffff00, 100, true },
	{ 100, 0xffffffff, true },
	{ 1000000, 0x80000000, false },
};

START_TEST(test_lasts_an_hour)
{
	const struct mh_address peer = unit_address("192.0.2.53:1");
	const uint8_t client[8] = { 1, 2, 3 };
	struct dns_secrets secrets;
	uint8_t cookie[DNS_COOKIE_SIZE];

	set_secrets(&secrets, KEY1);
	dns_cookie_make(&secrets, &peer, ages[_i].made, client, cookie);
	ck_assert(dns_cookie_is_good(&secrets, &peer, ages[_i].now, cookie,
		      sizeof(cookie)) == ages[_i].good);
}
END_TEST

/* It is the address's, from any port, and nobody else's. */
START_TEST(test_belongs_to_an_address)
{
	struct mh_address peer = unit_address("192.0.2.53:1");
	const uint8_t client[8] = { 1, 2, 3 };
	struct dns_secrets secrets;
	uint8_t cookie[DNS_COOKIE_MAX] = { 0 };

	set_secrets(&secrets, KEY1);
	dns_cookie_make(&secrets, &peer, 1000, client, cookie);
	peer.port = 2;
	ck_assert(dns_cookie_is_good(&secrets, &peer, 1000, cookie, 24));
	/* RFC 7873 lets others be longer or shorter. */
	ck_assert(!dns_cookie_is_good(&secrets, &peer, 1000, cookie, 8));
	ck_assert(!dns_cookie_is_good(&secrets, &peer, 1000, cookie, 23));
	ck_assert(!dns_cookie_is_good(&secrets, &peer, 1000, cookie, 25));
	peer.ip[3]++;
	ck_assert(!dns_cookie_is_good(&secrets, &peer, 1000, cookie, 24));
}
END_TEST

/* RFC 9018, section 5: first all learn the new one, then it becomes first. */
START_TEST(test_rolls_over)
{
	const struct mh_address peer = unit_address("192.0.2.53:1");
	const uint8_t client[8] = { 1, 2, 3 };
	struct dns_secrets old, both, other;
	uint8_t cookie[DNS_COOKIE_SIZE];

	set_secrets(&old, KEY1);
	set_secrets(&both, KEY2 "\n" KEY1 "\n");
	set_secrets(&other, KEY3 "\r\n" KEY2 "\r\n");
	dns_cookie_make(&old, &peer, 1000, client, cookie);
	ck_assert(dns_cookie_is_good(&both, &peer, 1000, cookie, 24));
	ck_assert(!dns_cookie_is_good(&other, &peer, 1000, cookie, 24));
	dns_cookie_make(&both, &peer, 1000, client, cookie);
	ck_assert(!dns_cookie_is_good(&old, &peer, 1000, cookie, 24));
	ck_assert(dns_cookie_is_good(&other, &peer, 1000, cookie, 24));
}
END_TEST

static const struct {
	const char *text, *why;
} bad[] = {
	{ "", "has no secret" },
	{ "\n", "has a line that is not 32 hexadecimal digits" },
	{ KEY1 "\n\n", "has a line that is not 32 hexadecimal digits" },
	{ KEY1 " ", "has a line that is not 32 hexadecimal digits" },
	{ KEY1 "0", "has a line that is not 32 hexadecimal digits" },
	{ "e5e973e5a6b2a43f48e7dc849e37bfc",
	    "has a line that is not 32 hexadecimal digits" },
	{ "e5e973e5a6b2a43f48e7dc849e37bfcx",
	    "has a line that is not 32 hexadecimal digits" },
	{ KEY1 "\n" KEY2 "\n" KEY3 "\n", "has more than two secrets" },
};

START_TEST(test_refuses_other_files)
{
	struct dns_secrets secrets;
	const char *why = "";

	ck_assert(!dns_secrets_read(
	    &secrets, bad[_i].text, strlen(bad[_i].text), &why));
	ck_assert_str_eq(why, bad[_i].why);
}
END_TEST

Suite *
dns_cookie_suite(void)
{
	Suite *suite = suite_create("dns_cookie");
	TCase *tcase = tcase_create("dns_cookie");

	tcase_add_loop_test(tcase, test_vectors, 0, LENGTH(vectors));
	tcase_add_test(tcase, test_siphash_is_little_endian);
	tcase_add_loop_test(tcase, test_lasts_an_hour, 0, LENGTH(ages));
	tcase_add_test(tcase, test_belongs_to_an_address);
	tcase_add_test(tcase, test_rolls_over);
	tcase_add_loop_test(tcase, test_refuses_other_files, 0, LENGTH(bad));
	suite_add_tcase(suite, tcase);
	return suite;
}
