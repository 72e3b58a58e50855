/* SPDX-License-Identifier: ISC */
/*
 * platform/terminal.h for Windows: the console.
 */
#include "platform/terminal.h"

#include <windows.h>

/* Consoles interpret escape sequences since Windows 10, once it is enabled. */
#ifndef ENABLE_VIRTUAL_TERMINAL_PROCESSING
#define ENABLE_VIRTUAL_TERMINAL_PROCESSING 0x0004
#endif

bool
host_terminal(enum host_stream stream, struct host_terminal *terminal)
{
	HANDLE handle = GetStdHandle(
	    stream == HOST_OUTPUT ? STD_OUTPUT_HANDLE : STD_ERROR_HANDLE);
	CONSOLE_SCREEN_BUFFER_INFO info;
	DWORD mode;

	*terminal = (struct host_terminal){ .columns = 0 };
	if (!GetConsoleMode(handle, &mode) ||
	    !SetConsoleMode(handle, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING))
		return false;
	if (GetConsoleScreenBufferInfo(handle, &info)) {
		terminal->columns = (unsigned int)(info.srWindow.Right -
		    info.srWindow.Left + 1);
		terminal->rows = (unsigned int)(info.srWindow.Bottom -
		    info.srWindow.Top + 1);
	}
	return true;
}

bool
host_output_is_open(void)
{
	/* Not by the C library: it says of a console of Windows 7 that it has
	 * no place, as it does of what is closed. */
	return GetFileType(GetStdHandle(STD_OUTPUT_HANDLE)) !=
	    FILE_TYPE_UNKNOWN;
}
