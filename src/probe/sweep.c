/* SPDX-License-Identifier: ISC */
/*
 * A binary search: what passes at one size passes at all smaller ones.
 */
#include "probe/sweep.h"

static void
choose(struct sweep *sweep)
{
	sweep->tries = 0;
	sweep->size = 0;
	if (sweep->failed - sweep->passed > 1)
		sweep->size =
		    sweep->passed + (sweep->failed - sweep->passed) / 2;
}

void
sweep_start(struct sweep *sweep, uint32_t from, uint32_t to)
{
	*sweep = (struct sweep){
		.from = from,
		.to = to,
		.passed = from - 1,
		.failed = to + 1,
		.size = to,
	};
}

void
sweep_pass(struct sweep *sweep, uint32_t size)
{
	if (size <= sweep->passed)
		return;
	sweep->passed = size;
	/* An answer that was given up, and came after all. */
	if (size >= sweep->failed)
		sweep->failed = size + 1;
	choose(sweep);
}

void
sweep_fail(struct sweep *sweep, unsigned int tries)
{
	if (sweep->size == 0 || ++sweep->tries < tries)
		return;
	sweep->failed = sweep->size;
	choose(sweep);
}

bool
sweep_goes_on(const struct sweep *sweep)
{
	return sweep->size != 0;
}
