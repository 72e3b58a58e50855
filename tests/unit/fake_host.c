/* SPDX-License-Identifier: ISC */
/*
 * A host whose clocks a test winds.
 */
#include "unit/fake_host.h"

struct fake_host fake_host;

void
fake_host_reset(void)
{
	fake_host.now = INT64_C(1000000000) * 1000000000;
	fake_host.ticks = INT64_C(1000000) * 1000000000;
}

int64_t
host_now(void)
{
	return fake_host.now;
}

int64_t
host_ticks(void)
{
	return fake_host.ticks;
}
