/* SPDX-License-Identifier: ISC */
/*
 * platform/memory.h for Windows, whose heap returns memory by itself.
 */
#include "platform/memory.h"

void
host_memory_economise(void)
{
}

void
host_memory_trim(void)
{
}
