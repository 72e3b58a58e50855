/* SPDX-License-Identifier: ISC */
/*
 * src/ctl/ask.c: what is printed where, and the exit code, whatever pieces the
 * answer comes in.
 */
#include "ctl/ask.h"

#include "platform/localsocket.h"
#include "unit/ctl/suites.h"

#include <string.h>

/* The daemon. */
static const char *const *pieces; /* ended by NULL */
static const char *refusal;       /* NULL: it can be connected to */
static char asked[REQUEST_MAX];
static int patience;

bool
host_localsocket_ask(const char *path,
    const struct host_localsocket_request *request,
    char why[HOST_LOCALSOCKET_WHY])
{
	ck_assert_str_eq(path, "/socket");
	snprintf(asked, sizeof(asked), "%s", request->text);
	patience = request->patience;
	if (refusal != NULL) {
		snprintf(why, HOST_LOCALSOCKET_WHY, "%s", refusal);
		return false;
	}
	while (*pieces != NULL &&
	    request->take(request->argument, *pieces, strlen(*pieces)))
		pieces++;
	return true;
}

static char printed[256], complained[256];

static void
read_back(FILE *file, char text[256])
{
	size_t n;

	rewind(file);
	n = fread(text, 1, 255, file);
	text[n] = '\0';
	fclose(file);
}

static int
ask(enum request_verb verb, bool is_json)
{
	const struct ctl_options options = { CTL_ASK, "/socket",
		{ .verb = verb, .is_json = is_json, .level = -1 } };
	FILE *out = tmpfile(), *error = tmpfile();
	int code;

	ck_assert(out != NULL && error != NULL);
	code = ctl_ask(&options, out, error);
	read_back(out, printed);
	read_back(error, complained);
	return code;
}

static void
setup(void)
{
	refusal = NULL;
}

static const struct {
	const char *pieces[6];
	bool is_json;
	int code;
	const char *out, *error;
} cases[] = {
	{ { "ok\nfine\n" }, false, 0, "fine\n", "" },
	{ { "o", "k", "\n", "fi", "ne\n" }, false, 0, "fine\n", "" },
	{ { "ok\n" }, false, 0, "", "" },
	{ { "error\nf:3: wrong\n" }, false, 1, "", "f:3: wrong\n" },
	{ { "er", "ror\n", "{}\n" }, true, 1, "{}\n", "" },
	{ { NULL }, false, 3, "",
	    "mhctl: the daemon has closed the connection\n" },
	{ { "ok" }, false, 3, "",
	    "mhctl: what answers there is not multihomed\n" },
	{ { "HTTP/1.1 400 Bad Request\r\n" }, false, 3, "",
	    "mhctl: what answers there is not multihomed\n" },
};

START_TEST(test_answers)
{
	pieces = cases[_i].pieces;
	ck_assert_int_eq(
	    ask(REQUEST_STATUS, cases[_i].is_json), cases[_i].code);
	ck_assert_str_eq(printed, cases[_i].out);
	ck_assert_str_eq(complained, cases[_i].error);
}
END_TEST

START_TEST(test_absent)
{
	refusal = "/socket: Connection refused";
	ck_assert_int_eq(ask(REQUEST_STATUS, false), 3);
	ck_assert_str_eq(complained, "mhctl: /socket: Connection refused\n");
	ck_assert_str_eq(asked, "mhctl/1 text status\n");
	ck_assert_int_eq(patience, 10000);
}
END_TEST

/* A reload is waited for. */
START_TEST(test_patience)
{
	refusal = "";
	ask(REQUEST_RELOAD, true);
	ck_assert_str_eq(asked, "mhctl/1 json reload\n");
	ck_assert_int_eq(patience, -1);
}
END_TEST

Suite *
ctl_ask_suite(void)
{
	Suite *suite = suite_create("ctl ask");
	TCase *tcase = tcase_create("ask");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_loop_test(tcase, test_answers, 0, LENGTH(cases));
	tcase_add_test(tcase, test_absent);
	tcase_add_test(tcase, test_patience);
	suite_add_tcase(suite, tcase);
	return suite;
}
