/* SPDX-License-Identifier: ISC */
/*
 * src/platform/win32/service.c, where there is no service.
 */
#include "windows/windows.h"

#include "platform/manager.h"
#include "platform/syslog.h"
#include "platform/win32/service.h"

#include <windows.h>

#include <stdint.h>
#include <string.h>

START_TEST(test_log)
{
	ck_assert(!host_log_wanted());
	ck_assert_int_eq(host_log_priority(0), -1);
	ck_assert_uint_eq(host_watchdog(), 0);
}
END_TEST

static const struct {
	const char *text, *event;
} lines[] = {
	{ "plain", "plain" },
	{ "", "" },
	{ "fe80::1%12 asks", "fe80::1%(12) asks" },
	{ "%1", "%(1)" },
	{ "%", "%" },
	{ "%%1%n", "%%(1)%n" },
	{ "fe80::1%eth0", "fe80::1%eth0" },
};

/* Nothing is left in there that the Event Log would put something else for. */
START_TEST(test_event_text)
{
	char event[64];

	service_event_text(lines[_i].text, event, sizeof(event));
	ck_assert_str_eq(event, lines[_i].event);
}
END_TEST

/* It is cut where it is full, and not in the middle of a number. */
START_TEST(test_event_text_cut)
{
	char event[64], text[64];
	size_t size;

	for (size = 8; size < sizeof(event); size++) {
		memset(event, 'x', sizeof(event));
		service_event_text(
		    "one fe80::1%12 two fe80::2%345 three", event, size);
		ck_assert_uint_lt(strlen(event), size);
		ck_assert_ptr_null(strstr(event, "%1"));
		ck_assert_ptr_null(strstr(event, "%3"));
	}
	service_event_text("one", text, sizeof(text));
	ck_assert_str_eq(text, "one");
}
END_TEST

/* The end of a session is not that of a service; all else is as it was. */
START_TEST(test_console_events)
{
	ck_assert(service_ignores(CTRL_LOGOFF_EVENT));
	ck_assert(!service_ignores(CTRL_SHUTDOWN_EVENT));
	ck_assert(!service_ignores(CTRL_C_EVENT));
	ck_assert(!service_ignores(CTRL_BREAK_EVENT));
	ck_assert(!service_ignores(CTRL_CLOSE_EVENT));
}
END_TEST

/*
 * The same by way of the system.  That is where an event comes in; Wine exports
 * it.
 */
static unsigned int passed_on;

static BOOL WINAPI
count_event(DWORD event)
{
	(void)event;
	passed_on++;
	return TRUE;
}

START_TEST(test_console_handler)
{
	DWORD(WINAPI * happen)(void *event);
	FARPROC found =
	    GetProcAddress(GetModuleHandleA("kernelbase.dll"), "CtrlRoutine");

	ck_assert(found != NULL);
	memcpy(&happen, &found, sizeof(happen));
	/* It was there before, as that of the C library is. */
	ck_assert(SetConsoleCtrlHandler(count_event, TRUE));
	service_watch_console();
	passed_on = 0;
	happen((void *)(uintptr_t)CTRL_LOGOFF_EVENT);
	ck_assert_uint_eq(passed_on, 0);
	happen((void *)(uintptr_t)CTRL_SHUTDOWN_EVENT);
	ck_assert_uint_eq(passed_on, 1);
	SetConsoleCtrlHandler(count_event, FALSE);
}
END_TEST

Suite *
windows_service_suite(void)
{
	Suite *suite = suite_create("service");
	TCase *tcase = tcase_create("service");

	tcase_add_test(tcase, test_log);
	tcase_add_loop_test(tcase, test_event_text, 0, LENGTH(lines));
	tcase_add_test(tcase, test_event_text_cut);
	tcase_add_test(tcase, test_console_events);
	if (windows_is_wine())
		tcase_add_test(tcase, test_console_handler);
	suite_add_tcase(suite, tcase);
	return suite;
}
