/* SPDX-License-Identifier: ISC */
/*
 * The program as a service: platform/manager.h and platform/syslog.h for
 * Windows.  The Event Log is here, because the service has its handle.
 */
#include "platform/win32/service.h"

#include "platform/manager.h"
#include "platform/syslog.h"

#include <windows.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>

/* The one message of the program, "%1", in messages.mc. */
#define EVENT_LINE 1

/* Bytes of a line in there. */
#define EVENT_BYTES 2048

/* How long start and stop may take at most, for the service manager. */
#define START_MS 10000
#define STOP_MS 30000

/* The service; its functions are called without a context. */
static struct {
	struct command command;
	int (*body)(int argc, char *argv[]);
	int exit_code;
	SERVICE_STATUS_HANDLE status;
	HANDLE events;
} service;

static void
report(DWORD state, DWORD patience_ms)
{
	SERVICE_STATUS status = { .dwServiceType = SERVICE_WIN32_OWN_PROCESS,
		.dwCurrentState = state,
		.dwWaitHint = patience_ms };

	if (state == SERVICE_RUNNING)
		status.dwControlsAccepted =
		    SERVICE_ACCEPT_STOP | SERVICE_ACCEPT_SHUTDOWN;
	if (state == SERVICE_STOPPED && service.exit_code != 0) {
		status.dwWin32ExitCode = ERROR_SERVICE_SPECIFIC_ERROR;
		status.dwServiceSpecificExitCode = (DWORD)service.exit_code;
	}
	SetServiceStatus(service.status, &status);
}

static DWORD WINAPI
on_control(DWORD control, DWORD type, LPVOID data, LPVOID context)
{
	(void)type;
	(void)data;
	(void)context;
	switch (control) {
	case SERVICE_CONTROL_STOP:
	case SERVICE_CONTROL_SHUTDOWN:
		report(SERVICE_STOP_PENDING, STOP_MS);
		/* What others get by kill(1); host_signals has it. */
		raise(SIGTERM);
		return NO_ERROR;
	case SERVICE_CONTROL_INTERROGATE:
		return NO_ERROR;
	default:
		return ERROR_CALL_NOT_IMPLEMENTED;
	}
}

/*
 * A service lives on when a user logs off.  The C library makes SIGBREAK of
 * that event, as of the closing of a console, and to stop would be the end.
 */
bool
service_ignores(unsigned long event)
{
	return event == CTRL_LOGOFF_EVENT;
}

static BOOL WINAPI
on_console_event(DWORD event)
{
	return service_ignores(event);
}

/* The last handler is asked first, so that of the C library must be there. */
void
service_watch_console(void)
{
	signal(SIGBREAK, SIG_DFL);
	SetConsoleCtrlHandler(on_console_event, TRUE);
}

static VOID WINAPI
service_main(DWORD argc, LPSTR *argv)
{
	(void)argc;
	(void)argv;
	service.status = RegisterServiceCtrlHandlerExA(
	    service.command.name, on_control, NULL);
	if (service.status == NULL)
		return;
	service.events = RegisterEventSourceA(NULL, service.command.name);
	report(SERVICE_START_PENDING, START_MS);
	service_watch_console();
	service.exit_code =
	    service.body(service.command.argc, service.command.argv);
	if (service.events != NULL)
		DeregisterEventSource(service.events);
	service.events = NULL;
	report(SERVICE_STOPPED, 0);
}

int
service_run(const struct command *command, int (*body)(int argc, char *argv[]))
{
	char name[] = ""; /* not looked at: there is but one */
	const SERVICE_TABLE_ENTRYA table[] = { { name, service_main },
		{ NULL, NULL } };
	char text[256];

	service.command = *command;
	service.body = body;
	if (StartServiceCtrlDispatcherA(table))
		return service.exit_code;
	manage_error_text(GetLastError(), text, sizeof(text));
	fprintf(stderr,
	    "multihomed: error: --service run is for the service manager: "
	    "%s\n",
	    text);
	return SERVICE_USAGE;
}

void
host_notify(enum host_state state, const char *status)
{
	(void)status;
	if (service.status == NULL)
		return;
	if (state == HOST_READY)
		report(SERVICE_RUNNING, 0);
	else if (state == HOST_STOPPING)
		report(SERVICE_STOP_PENDING, STOP_MS);
}

uint64_t
host_watchdog(void)
{
	return 0;
}

/*
 * The Event Log.
 */

bool
host_log_wanted(void)
{
	return service.status != NULL;
}

void
host_log_open(void)
{
	if (service.events == NULL)
		service.events = RegisterEventSourceA(NULL, "multihomed");
}

void
service_event_text(const char *text, char *event, size_t size)
{
	static const char digits[] = "0123456789";
	size_t count, length = 0;

	for (; *text != '\0' && length + 1 < size; text++) {
		count = *text == '%' ? strspn(text + 1, digits) : 0;
		if (count > 0 && length + count + 4 > size)
			break;
		event[length++] = *text;
		if (count == 0)
			continue;
		event[length++] = '(';
		memcpy(event + length, text + 1, count);
		length += count;
		event[length++] = ')';
		text += count;
	}
	event[length] = '\0';
}

bool
host_log(unsigned int level, const char *text, bool wait)
{
	char event[EVENT_BYTES];
	LPCSTR strings[] = { event };

	static const WORD types[] = { EVENTLOG_ERROR_TYPE,
		EVENTLOG_WARNING_TYPE, EVENTLOG_INFORMATION_TYPE,
		EVENTLOG_INFORMATION_TYPE };

	(void)wait;
	if (service.events == NULL)
		return false;
	service_event_text(text, event, sizeof(event));
	return ReportEventA(service.events, types[level], 0, EVENT_LINE, NULL,
		   1, 0, strings, NULL) != 0;
}

bool
host_error_has_room(bool wait)
{
	(void)wait;
	return true;
}

int
host_log_priority(unsigned int level)
{
	(void)level;
	return -1;
}
