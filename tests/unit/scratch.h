/* SPDX-License-Identifier: ISC */
/*
 * Text that the code under test writes: to a file, or to the log.
 */
#ifndef UNIT_SCRATCH_H
#define UNIT_SCRATCH_H

/* Programs run side by side: each has its own, named after its room. */
#ifndef UNIT_ROOM
#define UNIT_ROOM "scratch"
#endif

/* A file in the current directory, for one test at a time. */
#define SCRATCH_FILE "unit-" UNIT_ROOM ".tmp"

/* All of a text file; "" if it is not there.  Good until the next call. */
const char *scratch_read(const char *path);

/* From now on standard error, so the log, goes to SCRATCH_FILE. */
void scratch_log_begin(void);

/* The log since then; and start over. */
const char *scratch_log(void);

/* Remove the file; for a fixture's teardown. */
void scratch_remove(void);

#endif
