/* SPDX-License-Identifier: ISC */
/*
 * platform/program.h for Windows: on a console or by the service manager.
 */
#include "platform/program.h"

#include "platform/win32/clock.h"
#include "platform/win32/service.h"

#include <windows.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>

/*
 * Ctrl-C is SIGINT; Ctrl-Break, the end of the session and the closing of the
 * console are SIGBREAK, but for a service: see service.c, which raises SIGTERM.
 */
const struct host_signal host_signals[] = {
	{ SIGTERM, HOST_STOP },
	{ SIGINT, HOST_STOP },
	{ SIGBREAK, HOST_STOP },
	{ 0, HOST_STOP },
};

const char host_usage[] =
    "\n"
    "Windows service, as the first arguments:\n"
    "  --service install [OPTIONS] SERVICE[=ENDPOINT]...\n"
    "  --service start|stop|uninstall\n"
    "followed by these if you like:\n"
    "  --service-name=NAME           not \"multihomed\"\n"
    "  --service-description=TEXT    what the service manager shows\n";

const char host_port_advice[] = "see netstat -abn; or Windows keeps it: "
				"see netsh int ipv4 show excludedportrange udp";

/*
 * From here on DLLs come from the system's folder alone, not from where the
 * program lies or was started.  Not in the first Windows versions that we run
 * on.
 */
static void
narrow_dll_search(void)
{
	BOOL(WINAPI * set)(DWORD);
	FARPROC found = GetProcAddress(
	    GetModuleHandleA("kernel32.dll"), "SetDefaultDllDirectories");

	if (found == NULL)
		return;
	memcpy(&set, &found, sizeof(set));
	set(LOAD_LIBRARY_SEARCH_SYSTEM32);
}

int
host_main(int argc, char *argv[], int (*body)(int argc, char *argv[]))
{
	struct command command;
	char why[COMMAND_WHY];

	narrow_dll_search();
	clock_init();
	if (argc < 2 || strcmp(argv[1], "--service") != 0)
		return body(argc, argv);
	if (!command_parse(&command, argc, argv, why)) {
		fprintf(stderr, "multihomed: error: %s\n", why);
		return SERVICE_USAGE;
	}
	return command.verb == COMMAND_RUN ? service_run(&command, body)
					   : manage(&command);
}

uint64_t
host_raise_limits(void)
{
	return 0;
}

void
host_signals_release(void)
{
}
