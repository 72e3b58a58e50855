/* SPDX-License-Identifier: ISC */
/*
 * As much of src/platform/host.h as answering datagrams takes: the clocks.
 * They stand still until a test moves them.
 */
#ifndef UNIT_FAKE_HOST_H
#define UNIT_FAKE_HOST_H

#include "platform/host.h"

struct fake_host {
	int64_t now;   /* host_now() */
	int64_t ticks; /* host_ticks() */
};

extern struct fake_host fake_host;

/* Some day, and a long time after the start. */
void fake_host_reset(void);

#endif
