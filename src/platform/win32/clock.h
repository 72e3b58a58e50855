/* SPDX-License-Identifier: ISC */
/*
 * The clock's start.
 */
#ifndef PLATFORM_WIN32_CLOCK_H
#define PLATFORM_WIN32_CLOCK_H

#include "platform/clock.h"

/* Find the best clock for host_realtime_ns(); once, before threads. */
void clock_init(void);

#endif
