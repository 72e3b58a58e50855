/* SPDX-License-Identifier: ISC */
/*
 * Installing, removing, starting and stopping the service: a client of the
 * service manager, and the Event Log's entry in the registry.
 */
#include "platform/win32/service.h"

#include <windows.h>

#include <stdio.h>
#include <string.h>

/* Where the Event Log looks up who its sources are. */
#define EVENT_SOURCES                                     \
	"SYSTEM\\CurrentControlSet\\Services\\EventLog\\" \
	"Application\\"

/* How long a start or a stop may take. */
#define PATIENCE_MS 30000
#define POLL_MS 50

void
manage_error_text(unsigned long error, char *text, size_t size)
{
	DWORD length = FormatMessageA(FORMAT_MESSAGE_FROM_SYSTEM |
		FORMAT_MESSAGE_IGNORE_INSERTS | FORMAT_MESSAGE_MAX_WIDTH_MASK,
	    NULL, error, 0, text, (DWORD)size - 32, NULL);

	while (
	    length > 0 && (text[length - 1] == ' ' || text[length - 1] == '.'))
		length--;
	snprintf(text + length, size - length, " (error %lu)", error);
}

/* What could not be done, and the exit code. */
static int
fail(const struct command *command, const char *what, DWORD error)
{
	char text[256];

	manage_error_text(error, text, sizeof(text));
	fprintf(stderr, "multihomed: error: service %s: %s: %s%s\n",
	    command->name, what, text,
	    error == ERROR_ACCESS_DENIED ? "; this takes an administrator"
					 : "");
	return error == ERROR_ACCESS_DENIED ? SERVICE_NOPERM
					    : SERVICE_UNAVAILABLE;
}

/* What an installed service can do without. */
static void
warn(const struct command *command, const char *what, DWORD error)
{
	char text[256];

	manage_error_text(error, text, sizeof(text));
	fprintf(stderr,
	    "multihomed: warning: service %s: its %s could not be set: %s\n",
	    command->name, what, text);
}

/*
 * The Event Log.
 */

static bool
source_key(const struct command *command, char *key, size_t size)
{
	return (size_t)snprintf(key, size, EVENT_SOURCES "%s", command->name) <
	    size;
}

/* The messages are in the program itself. */
static DWORD
add_source(const struct command *command, const char *program)
{
	const DWORD types = EVENTLOG_ERROR_TYPE | EVENTLOG_WARNING_TYPE |
	    EVENTLOG_INFORMATION_TYPE;
	char name[256];
	LSTATUS error;
	HKEY key;

	if (!source_key(command, name, sizeof(name)))
		return ERROR_INVALID_NAME;
	error = RegCreateKeyExA(HKEY_LOCAL_MACHINE, name, 0, NULL, 0,
	    KEY_SET_VALUE, NULL, &key, NULL);
	if (error != ERROR_SUCCESS)
		return (DWORD)error;
	error = RegSetValueExA(key, "EventMessageFile", 0, REG_SZ,
	    (const BYTE *)program, (DWORD)strlen(program) + 1);
	if (error == ERROR_SUCCESS)
		error = RegSetValueExA(key, "TypesSupported", 0, REG_DWORD,
		    (const BYTE *)&types, sizeof(types));
	RegCloseKey(key);
	return (DWORD)error;
}

static void
remove_source(const struct command *command)
{
	char name[256];

	if (source_key(command, name, sizeof(name)))
		RegDeleteKeyA(HKEY_LOCAL_MACHINE, name);
}

/*
 * The service manager.
 */

static void
describe(SC_HANDLE service, const struct command *command)
{
	SC_ACTION actions[] = { { SC_ACTION_RESTART, 1000 },
		{ SC_ACTION_RESTART, 10000 }, { SC_ACTION_RESTART, 60000 } };
	char description[512], privileges[] = "SeChangeNotifyPrivilege\0";
	SERVICE_DESCRIPTIONA text = { description };
	SERVICE_FAILURE_ACTIONSA failure = { .dwResetPeriod = 24 * 60 * 60,
		.cActions = sizeof(actions) / sizeof(actions[0]),
		.lpsaActions = actions };
	/* Restart also when it ends with an error, not only when it dies. */
	SERVICE_FAILURE_ACTIONS_FLAG errors_too = { TRUE };
	/* It needs no privilege but the one that everybody has. */
	SERVICE_REQUIRED_PRIVILEGES_INFOA needs = { privileges };
	const struct {
		DWORD level;
		void *info;
		const char *what;
	} settings[] = {
		{ SERVICE_CONFIG_DESCRIPTION, &text, "description" },
		{ SERVICE_CONFIG_FAILURE_ACTIONS, &failure, "recovery action" },
		{ SERVICE_CONFIG_FAILURE_ACTIONS_FLAG, &errors_too,
		    "recovery after errors" },
		{ SERVICE_CONFIG_REQUIRED_PRIVILEGES_INFO, &needs,
		    "list of privileges" },
	};
	size_t i;

	snprintf(description, sizeof(description), "%s", command->description);
	for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		if (!ChangeServiceConfig2A(
			service, settings[i].level, settings[i].info))
			warn(command, settings[i].what, GetLastError());
}

static int
install(SC_HANDLE manager, const struct command *command)
{
	char program[MAX_PATH], line[COMMAND_LINE];
	DWORD length = GetModuleFileNameA(NULL, program, sizeof(program));
	SC_HANDLE service;
	DWORD error;

	if (length == 0 || length == sizeof(program) ||
	    !command_line(command, program, line))
		return fail(
		    command, "command line", ERROR_FILENAME_EXCED_RANGE);
	service = CreateServiceA(manager, command->name, command->name,
	    SERVICE_CHANGE_CONFIG | SERVICE_START, SERVICE_WIN32_OWN_PROCESS,
	    SERVICE_AUTO_START, SERVICE_ERROR_NORMAL, line, NULL, NULL, NULL,
	    "NT AUTHORITY\\LocalService", NULL);
	if (service == NULL)
		return fail(command, "cannot install", GetLastError());
	describe(service, command);
	CloseServiceHandle(service);
	error = add_source(command, program);
	if (error != ERROR_SUCCESS)
		warn(command, "source in the Event Log", error);
	printf("service %s installed, to be started as\n  %s\n", command->name,
	    line);
	return 0;
}

/* Wait while it is in a state; what it is in then, or that one still. */
static DWORD
wait_while(SC_HANDLE service, DWORD state, SERVICE_STATUS *status)
{
	unsigned int waited;

	for (waited = 0; waited < PATIENCE_MS; waited += POLL_MS) {
		if (!QueryServiceStatus(service, status) ||
		    status->dwCurrentState != state)
			break;
		Sleep(POLL_MS);
	}
	return status->dwCurrentState;
}

/*
 * Who may not start services was refused before: it is the program that Local
 * Service may not read, as in a folder of a user.
 */
static int
fail_to_start(const struct command *command, DWORD error)
{
	if (error != ERROR_ACCESS_DENIED)
		return fail(command, "cannot start", error);
	fprintf(stderr,
	    "multihomed: error: service %s: cannot start: Local Service may "
	    "not run the program: install it from a folder that all may read, "
	    "as in C:\\Program Files\n",
	    command->name);
	return SERVICE_UNAVAILABLE;
}

static int
start(SC_HANDLE service, const struct command *command)
{
	SERVICE_STATUS status = { .dwCurrentState = SERVICE_START_PENDING };

	if (!StartServiceA(service, 0, NULL))
		return fail_to_start(command, GetLastError());
	if (wait_while(service, SERVICE_START_PENDING, &status) ==
	    SERVICE_RUNNING) {
		printf("service %s started\n", command->name);
		return 0;
	}
	fprintf(stderr,
	    "multihomed: error: service %s: it did not start (exit code %lu); "
	    "see the Event Log\n",
	    command->name,
	    status.dwWin32ExitCode == ERROR_SERVICE_SPECIFIC_ERROR
		? status.dwServiceSpecificExitCode
		: status.dwWin32ExitCode);
	return SERVICE_UNAVAILABLE;
}

static int
stop(SC_HANDLE service, const struct command *command)
{
	SERVICE_STATUS status = { .dwCurrentState = SERVICE_STOP_PENDING };

	if (!ControlService(service, SERVICE_CONTROL_STOP, &status)) {
		if (GetLastError() == ERROR_SERVICE_NOT_ACTIVE)
			return 0;
		return fail(command, "cannot stop", GetLastError());
	}
	if (wait_while(service, SERVICE_STOP_PENDING, &status) !=
	    SERVICE_STOPPED)
		return fail(command, "it does not stop", ERROR_TIMEOUT);
	printf("service %s stopped\n", command->name);
	return 0;
}

static int
uninstall(SC_HANDLE service, const struct command *command)
{
	int status = stop(service, command);

	if (!DeleteService(service))
		return fail(command, "cannot uninstall", GetLastError());
	remove_source(command);
	printf("service %s uninstalled\n", command->name);
	return status;
}

/* Find the service and do that to it. */
static int
with_service(SC_HANDLE manager, const struct command *command, DWORD access,
    int (*control)(SC_HANDLE service, const struct command *command))
{
	SC_HANDLE service =
	    OpenServiceA(manager, command->name, access | SERVICE_QUERY_STATUS);
	int status;

	if (service == NULL)
		return fail(command, "cannot open", GetLastError());
	status = control(service, command);
	CloseServiceHandle(service);
	return status;
}

int
manage(const struct command *command)
{
	SC_HANDLE manager = OpenSCManagerA(NULL, NULL,
	    SC_MANAGER_CONNECT |
		(command->verb == COMMAND_INSTALL ? SC_MANAGER_CREATE_SERVICE
						  : 0));
	int status = SERVICE_USAGE;

	if (manager == NULL)
		return fail(command, "service manager", GetLastError());
	switch (command->verb) {
	case COMMAND_INSTALL:
		status = install(manager, command);
		break;
	case COMMAND_UNINSTALL:
		status = with_service(
		    manager, command, DELETE | SERVICE_STOP, uninstall);
		break;
	case COMMAND_START:
		status = with_service(manager, command, SERVICE_START, start);
		break;
	case COMMAND_STOP:
		status = with_service(manager, command, SERVICE_STOP, stop);
		break;
	case COMMAND_RUN:
		break;
	}
	CloseServiceHandle(manager);
	return status;
}
