/* SPDX-License-Identifier: ISC */
/*
 * Text that the code under test writes.  Plain C, so for every system.
 */
#include "unit/scratch.h"

#include <check.h>
#include <stdio.h>

const char *
scratch_read(const char *path)
{
	static char text[65536];
	FILE *file = fopen(path, "r");
	size_t length = 0;

	if (file != NULL) {
		length = fread(text, 1, sizeof(text) - 1, file);
		fclose(file);
	}
	text[length] = '\0';
	return text;
}

void
scratch_log_begin(void)
{
	/* Never closed: where standard error went before is not known. */
	ck_assert_ptr_nonnull(freopen(SCRATCH_FILE, "w", stderr));
}

const char *
scratch_log(void)
{
	const char *text;

	fflush(stderr);
	text = scratch_read(SCRATCH_FILE);
	scratch_log_begin();
	return text;
}

void
scratch_remove(void)
{
	remove(SCRATCH_FILE);
}
