/* SPDX-License-Identifier: ISC */
/*
 * platform/clock.h for Windows.
 */
#include "platform/win32/clock.h"

#include <windows.h>

#include <string.h>

/* From 1601, where Windows starts to count, to 1970; in 100 ns. */
#define EPOCH INT64_C(116444736000000000)

/* Windows 8 and later have one that is exact to less than 1 ms. */
static VOID(WINAPI *read_clock)(FILETIME *) = GetSystemTimeAsFileTime;

void
clock_init(void)
{
	FARPROC precise = GetProcAddress(
	    GetModuleHandleA("kernel32.dll"), "GetSystemTimePreciseAsFileTime");

	if (precise != NULL)
		memcpy(&read_clock, &precise, sizeof(read_clock));
}

int64_t
host_realtime_ns(void)
{
	ULARGE_INTEGER time;
	FILETIME file_time;

	read_clock(&file_time);
	time.LowPart = file_time.dwLowDateTime;
	time.HighPart = file_time.dwHighDateTime;
	return ((int64_t)time.QuadPart - EPOCH) * 100;
}

int64_t
host_monotonic_ns(void)
{
	LARGE_INTEGER frequency, count;

	QueryPerformanceFrequency(&frequency);
	QueryPerformanceCounter(&count);
	return count.QuadPart / frequency.QuadPart * 1000000000 +
	    count.QuadPart % frequency.QuadPart * 1000000000 /
	    frequency.QuadPart;
}

/* Ticks of 100 ns: 2^-23 seconds. */
#define PRECISION (-23)

void
host_clock_quality(struct host_clock_quality *quality)
{
	*quality = (struct host_clock_quality){ .precision = PRECISION,
		.dispersion_us = UINT32_MAX };
}
