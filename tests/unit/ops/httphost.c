/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/ops/httphost.c: which hosts are ours, and that no other site can
 * have one of these names.
 */
#include "daemon/ops/httphost.h"

#include "unit/unit.h"

#include <string.h>

static struct config_name items[] = { { "gate" }, { "Gate.Example" } };
static const struct config_names names = { items, 2 };

static bool
is_ours(const char *text)
{
	const struct httprequest_span host = { text,
		text != NULL ? strlen(text) : 0 };

	return httphost_is_ours(&host, &names);
}

static const char *const ours[] = { NULL, "localhost", "LOCALHOST:9853",
	"localhost.", "127.0.0.1", "192.0.2.1:80", "192.0.2.1:", "[::1]",
	"[2001:db8::1]:9853", "[fe80::1%25eth0]", "[fe80::1%25eth0]:1",
	"[::ffff:192.0.2.1]", "gate", "GATE:9853", "gate.", "gate.example.:1",
	"gate.example" };

START_TEST(test_ours)
{
	ck_assert_msg(is_ours(ours[_i]), "%s", ours[_i]);
}
END_TEST

static const char *const others[] = { "", ":80", ".", "evil.example",
	"gate.evil.example", "localhost.evil.example", "gat", "gates",
	"gate.example.evil", "192.0.2.1.evil.example", "192.0.2.1a",
	"gate:80:80", "gate:x", "gate:-1", "gate..", "[gate]", "[192.0.2.1]",
	"[::1", "::1]", "[::1]x", "[::1]:x", "[]", "[]:80", "[::1].evil",
	"gate ", "fe80::1", "169.254.1.1%1", "@gate" };

START_TEST(test_others)
{
	ck_assert_msg(!is_ours(others[_i]), "%s", others[_i]);
}
END_TEST

START_TEST(test_odd)
{
	char text[1024];
	const struct httprequest_span nul = { "gate\0.evil", 10 };
	const struct config_names none = { NULL, 0 };
	struct httprequest_span host = { text, sizeof(text) };

	ck_assert(!httphost_is_ours(&nul, &names));
	memset(text, 'a', sizeof(text));
	for (; host.length > 0; host.length--)
		ck_assert(!httphost_is_ours(&host, &names));
	host = (struct httprequest_span){ "gate", 4 };
	ck_assert(!httphost_is_ours(&host, &none));
	host = (struct httprequest_span){ "localhost", 9 };
	ck_assert(httphost_is_ours(&host, &none));
}
END_TEST

Suite *
httphost_suite(void)
{
	Suite *suite = suite_create("httphost");
	TCase *tcase = tcase_create("httphost");

	tcase_add_loop_test(tcase, test_ours, 0, LENGTH(ours));
	tcase_add_loop_test(tcase, test_others, 0, LENGTH(others));
	tcase_add_test(tcase, test_odd);
	suite_add_tcase(suite, tcase);
	return suite;
}
