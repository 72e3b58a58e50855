/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/ops/httprequest.c: how a head is read, and what is refused with
 * which status.
 */
#include "daemon/ops/httprequest.h"

#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

/* From a copy that ends where the text does. */
static int
parse(const char *text, size_t length, struct httprequest *request)
{
	char *copy = malloc(length + 1);
	int status;

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, text, length);
	/* The spans are only compared with what stays. */
	status = httprequest_parse(copy, length, request);
	if (request->path.text != NULL && *request->path.text == '/' &&
	    request->path.text >= copy && request->path.text <= copy + length)
		request->path.text = text + (request->path.text - copy);
	if (request->host.text != NULL)
		request->host.text = text + (request->host.text - copy);
	free(copy);
	return status;
}

static const struct {
	const char *text;
	const char *path, *host; /* NULL: none */
	bool is_head;
} good[] = {
	{ "GET / HTTP/1.0\r\n\r\n", "/", NULL, false },
	{ "GET / HTTP/1.0\n\n", "/", NULL, false },
	{ "\r\nGET / HTTP/1.0\r\n\r\n", "/", NULL, false },
	{ "HEAD /a?b=c HTTP/1.1\r\nhOsT: x:80\r\n\r\n", "/a", "x:80", true },
	{ "GET //a HTTP/1.1\r\nHost:\r\n\r\n", "//a", "", false },
	{ "GET /? HTTP/1.1\r\nHost: \t a \t\r\n\r\n", "/", "a", false },
	{ "GET http://a/b?c HTTP/1.1\r\nHost: x\r\n\r\n", "/b", "a", false },
	{ "GET HTTP://a:80 HTTP/1.1\r\nHost: x\r\n\r\n", "/", "a:80", false },
	{ "GET http://a?b HTTP/1.0\r\n\r\n", "/", "a", false },
	{ "GET / HTTP/1.2\r\nHost: a\r\nA: \xc3\xa4\t\r\nB:\r\n\r\nGET /b", "/",
	    "a", false },
	{ "GET / HTTP/1.0\r\nContent-Length: 00\r\n\r\n", "/", NULL, false },
};

START_TEST(test_good)
{
	struct httprequest request;
	const char *text = good[_i].text;
	size_t i;

	ck_assert_int_eq(parse(text, strlen(text), &request), HTTPREQUEST_GOOD);
	ck_assert(httprequest_is(&request.path, good[_i].path));
	ck_assert_int_eq(request.is_head, good[_i].is_head);
	ck_assert_int_eq(request.host.text != NULL, good[_i].host != NULL);
	if (good[_i].host != NULL)
		ck_assert(httprequest_is(&request.host, good[_i].host));
	/* However it is cut, it is not wrong yet. */
	for (i = 0; parse(text, i, &request) != HTTPREQUEST_GOOD; i++)
		ck_assert_int_eq(
		    parse(text, i, &request), HTTPREQUEST_INCOMPLETE);
	ck_assert_ptr_null(strstr(text + i, "\r\n"));
}
END_TEST

static const struct {
	const char *text;
	int status;
} bad[] = {
	{ "\x16\x03", 400 },
	{ "GET /\r\n", 400 },
	{ "GET  / HTTP/1.0\r\n", 400 },
	{ "GET / HTTP/1.0 \r\n", 400 },
	{ "GET / http/1.0\r\n", 400 },
	{ "GET / HTTP/1\r\n", 400 },
	{ "GET / HTTP/1.x\r\n", 400 },
	{ "G\tT / HTTP/1.0\r\n", 400 },
	{ "GET /\x01 HTTP/1.0\r\n", 400 },
	{ "GET /\x80 HTTP/1.0\r\n", 400 },
	{ "GET /#a HTTP/1.0\r\n", 400 },
	{ "GET a HTTP/1.0\r\n", 400 },
	{ "GET * HTTP/1.0\r\n", 400 },
	{ "GET https://a/ HTTP/1.0\r\n", 400 },
	{ "GET http:// HTTP/1.0\r\n", 400 },
	{ "GET http:///a HTTP/1.0\r\n", 400 },
	{ "GET http://localhost@evil/ HTTP/1.0\r\n", 400 },
	{ "\r\n\r\n", 400 },
	{ "GET / HTTP/2.0\r\n", 505 },
	{ "GET / HTTP/0.9\r\n", 505 },
	{ "GET / HTTP/1.1\r\n\r\n", 400 },
	{ "GET http://a/ HTTP/1.1\r\n\r\n", 400 },
	{ "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n", 400 },
	{ "GET / HTTP/1.0\r\nA: b\r\n c\r\n", 400 },
	{ "GET / HTTP/1.0\r\nHost : a\r\n", 400 },
	{ "GET / HTTP/1.0\r\nA\r\n", 400 },
	{ "GET / HTTP/1.0\r\n: a\r\n", 400 },
	{ "GET / HTTP/1.0\r\nA: \x7f\r\n", 400 },
	{ "GET / HTTP/1.0\r\nA: b\rc\r\n", 400 },
	{ "GET / HTTP/1.0\r\nContent-Length: -1\r\n", 400 },
	{ "GET / HTTP/1.0\r\nContent-Length:\r\n", 400 },
	{ "GET / HTTP/1.0\r\nContent-Length: 01\r\n\r\n", 413 },
	{ "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 413 },
	{ "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n", 405 },
	{ "get / HTTP/1.0\r\n\r\n", 405 },
	{ "CONNECT a:1 HTTP/1.0\r\n\r\n", 405 },
	{ "OPTIONS * HTTP/1.0\r\n\r\n", 405 },
};

START_TEST(test_bad)
{
	struct httprequest request;

	ck_assert_int_eq(parse(bad[_i].text, strlen(bad[_i].text), &request),
	    bad[_i].status);
}
END_TEST

/* A NUL byte does not end anything. */
START_TEST(test_nul)
{
	static const char text[] = "GET / HTTP/1.0\r\nA: b\0c\r\n\r\n";
	static const char line[] = "GET /\0 HTTP/1.0\r\n\r\n";
	struct httprequest request;

	ck_assert_int_eq(parse(text, sizeof(text) - 1, &request), 400);
	ck_assert_int_eq(parse(line, sizeof(line) - 1, &request), 400);
	ck_assert_int_eq(parse("\0", 1, &request), 400);
}
END_TEST

/* A head is known to be too long once there is no room for more. */
START_TEST(test_too_long)
{
	static char text[HTTPREQUEST_MAX];
	struct httprequest request;

	memset(text, 'a', sizeof(text));
	memcpy(text, "GET /", 5);
	ck_assert_int_eq(
	    parse(text, sizeof(text) - 1, &request), HTTPREQUEST_INCOMPLETE);
	ck_assert_int_eq(parse(text, sizeof(text), &request), 414);
	memcpy(text, "GET / HTTP/1.0\r\nA:", 18);
	ck_assert_int_eq(
	    parse(text, sizeof(text) - 1, &request), HTTPREQUEST_INCOMPLETE);
	ck_assert_int_eq(parse(text, sizeof(text), &request), 431);
	memcpy(text + sizeof(text) - 4, "\r\n\r\n", 4);
	ck_assert_int_eq(parse(text, sizeof(text), &request), HTTPREQUEST_GOOD);
}
END_TEST

START_TEST(test_names)
{
	const struct httprequest_span span = { "HoSt", 4 };

	ck_assert(httprequest_is_name(&span, "hOsT"));
	ck_assert(!httprequest_is_name(&span, "hos"));
	ck_assert(!httprequest_is_name(&span, "hosts"));
	ck_assert(!httprequest_is_name(&span, "hosu"));
	ck_assert(httprequest_is(&span, "HoSt"));
	ck_assert(!httprequest_is(&span, "Host"));
}
END_TEST

Suite *
httprequest_suite(void)
{
	Suite *suite = suite_create("httprequest");
	TCase *tcase = tcase_create("httprequest");

	tcase_add_loop_test(tcase, test_good, 0, LENGTH(good));
	tcase_add_loop_test(tcase, test_bad, 0, LENGTH(bad));
	tcase_add_test(tcase, test_nul);
	tcase_add_test(tcase, test_too_long);
	tcase_add_test(tcase, test_names);
	suite_add_tcase(suite, tcase);
	return suite;
}
