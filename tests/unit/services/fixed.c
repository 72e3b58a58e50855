/* SPDX-License-Identifier: ISC */
/*
 * src/services/fixed.c: the request and nothing like it.  Pure.
 */
#include "unit/services/ask.h"

#include <string.h>

static struct service_pattern
pattern_of(const char *text, bool wildcards)
{
	char why[SERVICE_WHY] = "";
	struct service_pattern pattern;

	ck_assert_msg(service_pattern_parse(&pattern, text, wildcards, why),
	    "a test names a bad pattern: %s %s", text, why);
	return pattern;
}

/* Room for the settings of the service. */
static _Alignas(max_align_t) uint8_t settings[64];

/* Set the patterns, which may be NULL. */
static void
set(struct service_pattern *request, struct service_pattern *reply)
{
	ck_assert_uint_le(service_fixed.settings_size, sizeof(settings));
	memcpy(ask_setting(&service_fixed, settings, "request"), &request,
	    sizeof(request));
	memcpy(ask_setting(&service_fixed, settings, "reply"), &reply,
	    sizeof(reply));
}

static const struct {
	const char *request;
	const char *asked; /* the same form, without wildcards */
	bool answered;
} cases[] = {
	{ "\"PING\"", "\"PING\"", true },
	{ "\"PING\"", "\"PINH\"", false },
	{ "\"PING\"", "\"QING\"", false },
	{ "\"PING\"", "\"ping\"", false },
	{ "\"PING\"", "\"PIN\"", false },
	{ "\"PING\"", "\"PING\\n\"", false },
	{ "\"PING\"", "\"PING\\0\"", false },
	{ "\"PING\"", "\"\"", false },
	{ "\"\"", "\"\"", true },
	{ "\"\"", "\"\\0\"", false },
	{ "ff ?? 00", "ff 00 00", true },
	{ "ff ?? 00", "ff ff 00", true },
	{ "ff ?? 00", "ff ff 01", false },
	{ "ff ?? 00", "fe ff 00", false },
	{ "ff ?? 00", "ff 00", false },
	{ "ff ??", "ff", false },
	{ "ff ??", "ff ff ff", false },
	{ "\"id=\" ????", "\"id=1234\"", true },
	{ "\"id=\" ????", "\"id=123\"", false },
};

START_TEST(test_answers_the_request_alone)
{
	struct service_pattern request = pattern_of(cases[_i].request, true);
	struct service_pattern asked = pattern_of(cases[_i].asked, false);
	struct service_pattern answer = pattern_of("\"yes \\0 sir\"", false);
	struct service_context context = { .settings = settings };
	char why[SERVICE_WHY] = "";
	const char *reply;
	int length;

	set(&request, &answer);
	ck_assert_msg(service_fixed.check(settings, why) == NULL, "%s", why);
	length = ask_bytes(
	    &service_fixed, &context, asked.bytes, asked.length, &reply);
	ck_assert_msg(length == (cases[_i].answered ? 9 : -SERVICE_NOT_REQUEST),
	    "%s asked %s: %d", cases[_i].request, cases[_i].asked, length);
	if (length > 0)
		ck_assert_mem_eq(reply, "yes \0 sir", 9);
}
END_TEST

START_TEST(test_may_say_nothing_or_much)
{
	static struct service_pattern much = { .length = SERVICE_PATTERN_MAX };
	struct service_pattern request = pattern_of("\"x\"", true);
	struct service_pattern nothing = pattern_of("\"\"", false);
	struct service_context context = { .settings = settings };
	const char *reply;

	set(&request, &nothing);
	ck_assert_int_eq(
	    ask_bytes(&service_fixed, &context, "x", 1, &reply), 0);
	set(&request, &much);
	ask_room = 512;
	ck_assert_int_eq(
	    ask_bytes(&service_fixed, &context, "x", 1, &reply), 512);
	ask_room = 511;
	ck_assert_int_eq(ask_bytes(&service_fixed, &context, "x", 1, &reply),
	    -SERVICE_NO_ROOM);
}
END_TEST

static const struct {
	const char *request;
	const char *reply;
	const char *key;
	const char *why;
} bad[] = {
	{ NULL, NULL, "request", "is missing, and so is reply" },
	{ NULL, "\"PONG\"", "request", "is missing" },
	{ "\"PING\"", NULL, "reply", "is missing" },
	{ "\"PING\"", "\"PING\"", "reply",
	    "is also a request: two such servers would answer each other "
	    "forever" },
	{ "????????", "\"PONG\"", "reply",
	    "is also a request: two such servers would answer each other "
	    "forever" },
	{ "\"\"", "\"\"", "reply",
	    "is also a request: two such servers would answer each other "
	    "forever" },
};

START_TEST(test_refuses)
{
	struct service_pattern request, reply;
	char why[SERVICE_WHY] = "";

	if (bad[_i].request != NULL)
		request = pattern_of(bad[_i].request, true);
	if (bad[_i].reply != NULL)
		reply = pattern_of(bad[_i].reply, false);
	set(bad[_i].request != NULL ? &request : NULL,
	    bad[_i].reply != NULL ? &reply : NULL);
	ck_assert_pstr_eq(service_fixed.check(settings, why), bad[_i].key);
	ck_assert_str_eq(why, bad[_i].why);
}
END_TEST

Suite *
fixed_suite(void)
{
	Suite *suite = suite_create("fixed");
	TCase *tcase = ask_tcase("fixed");

	tcase_add_loop_test(
	    tcase, test_answers_the_request_alone, 0, LENGTH(cases));
	tcase_add_test(tcase, test_may_say_nothing_or_much);
	tcase_add_loop_test(tcase, test_refuses, 0, LENGTH(bad));
	suite_add_tcase(suite, tcase);
	return suite;
}
