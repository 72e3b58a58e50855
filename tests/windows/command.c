/* SPDX-License-Identifier: ISC */
/*
 * src/platform/win32/command.c: what follows --service, and the command line of
 * the service, taken apart again by the system's own function.
 */
#include "windows/windows.h"

#include "platform/win32/service.h"

#include <windows.h>

#include <shellapi.h>
#include <string.h>

enum { ARGUMENTS_MAX = 8 };

static const struct parse_case {
	const char *arguments[ARGUMENTS_MAX]; /* after --service */
	bool good;
	enum command_verb verb;
	const char *name;    /* NULL: the default */
	const char *left[4]; /* for the program itself */
} parses[] = {
	{ { "install", "echo=:7" }, true, COMMAND_INSTALL, NULL,
	    { "echo=:7" } },
	{ { "install" }, true, COMMAND_INSTALL, NULL, { NULL } },
	{ { "install", "--service-name=lab", "--stack=two", "echo=:7" }, true,
	    COMMAND_INSTALL, "lab", { "--stack=two", "echo=:7" } },
	{ { "install", "--service-description=Two words",
	      "--service-name=two words", "echo" },
	    true, COMMAND_INSTALL, "two words", { "echo" } },
	/* After the first other argument they are not ours. */
	{ { "run", "echo", "--service-name=lab" }, true, COMMAND_RUN, NULL,
	    { "echo", "--service-name=lab" } },
	{ { "start" }, true, COMMAND_START, NULL, { NULL } },
	{ { "stop", "--service-name=lab" }, true, COMMAND_STOP, "lab",
	    { NULL } },
	{ { "uninstall" }, true, COMMAND_UNINSTALL, NULL, { NULL } },
	{ { NULL }, false, 0, NULL, { NULL } },
	{ { "" }, false, 0, NULL, { NULL } },
	{ { "restart" }, false, 0, NULL, { NULL } },
	{ { "Install" }, false, 0, NULL, { NULL } },
	{ { "start", "echo" }, false, 0, NULL, { NULL } },
	{ { "install", "--service-name=" }, false, 0, NULL, { NULL } },
	{ { "install", "--service-name=a/b" }, false, 0, NULL, { NULL } },
	{ { "install", "--service-name=a\\b" }, false, 0, NULL, { NULL } },
	{ { "install", "--service-name=a\"b" }, false, 0, NULL, { NULL } },
};

START_TEST(test_parse)
{
	const struct parse_case *row = &parses[_i];
	char program[] = "multihomed", option[] = "--service";
	char *argv[ARGUMENTS_MAX + 3] = { program, option };
	char why[COMMAND_WHY] = "";
	struct command command;
	int argc = 2, i;

	for (; row->arguments[argc - 2] != NULL; argc++)
		argv[argc] = strdup(row->arguments[argc - 2]);
	ck_assert_msg(command_parse(&command, argc, argv, why) == row->good,
	    "row %d: %s", _i, why);
	ck_assert_msg((why[0] == '\0') == row->good, "row %d: %s", _i, why);
	if (!row->good)
		return;
	ck_assert_int_eq(command.verb, row->verb);
	ck_assert_str_eq(
	    command.name, row->name != NULL ? row->name : "multihomed");
	ck_assert_str_eq(command.argv[0], "multihomed");
	for (i = 0; row->left[i] != NULL; i++)
		ck_assert_str_eq(command.argv[i + 1], row->left[i]);
	ck_assert_int_eq(command.argc, i + 1);
	ck_assert_ptr_null(command.argv[command.argc]);
}
END_TEST

/* Arguments that are hard to quote. */
static char hard[][20] = { "plain", "two words", "", "a\"b", "\"quoted\"",
	"back\\slash", "C:\\Program Files\\", "\\\\", "\\\"", "a\\\\\"b",
	"tab\there", "%PATH%", "--node=a b\\" };

START_TEST(test_line)
{
	static const char *const start[] = {
		"C:\\Program Files\\multihomed.exe", "--service", "run",
		"--service-name=two words"
	};
	char program[] = "multihomed", *argv[LENGTH(hard) + 1] = { program };
	struct command command = {
		.name = "two words", .argc = (int)LENGTH(argv), .argv = argv
	};
	wchar_t wide[COMMAND_LINE];
	char line[COMMAND_LINE], argument[COMMAND_LINE];
	LPWSTR *taken;
	int count, i;

	for (i = 0; i < (int)LENGTH(hard); i++)
		argv[i + 1] = hard[i];
	ck_assert(command_line(&command, start[0], line));
	MultiByteToWideChar(CP_UTF8, 0, line, -1, wide, COMMAND_LINE);
	taken = CommandLineToArgvW(wide, &count);
	ck_assert_ptr_nonnull(taken);
	ck_assert_int_eq(count, (int)(LENGTH(start) + LENGTH(hard)));
	for (i = 0; i < count; i++) {
		WideCharToMultiByte(CP_UTF8, 0, taken[i], -1, argument,
		    sizeof(argument), NULL, NULL);
		ck_assert_str_eq(argument,
		    i < (int)LENGTH(start) ? start[i]
					   : hard[i - (int)LENGTH(start)]);
	}
	LocalFree(taken);
}
END_TEST

START_TEST(test_line_too_long)
{
	static char argument[COMMAND_LINE];
	char name[] = "multihomed", line[COMMAND_LINE];
	char *argv[] = { name, argument };
	struct command command = { .name = name, .argc = 2, .argv = argv };

	memset(argument, 'a', sizeof(argument) - 1);
	ck_assert(!command_line(&command, name, line));
	argument[COMMAND_LINE - 100] = '\0';
	ck_assert(command_line(&command, name, line));
}
END_TEST

Suite *
windows_command_suite(void)
{
	Suite *suite = suite_create("command");
	TCase *tcase = tcase_create("command");

	tcase_add_loop_test(tcase, test_parse, 0, LENGTH(parses));
	tcase_add_test(tcase, test_line);
	tcase_add_test(tcase, test_line_too_long);
	suite_add_tcase(suite, tcase);
	return suite;
}
