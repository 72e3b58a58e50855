/* SPDX-License-Identifier: ISC */
/*
 * The programs and their maps, from the instructions in programs.h into the
 * kernel.
 */
#ifndef RUN_GROUP_LOADER_H
#define RUN_GROUP_LOADER_H

#include "run/group/bpf.h"
#include "run/group/table.h"
#include "run/options.h"

/* What there is if the command line does not say. */
#define LOADER_ENTRIES 65536
#define LOADER_IDLE 300 /* seconds */

#define LOADER_PROGRAMS 3

struct loader_program {
	const char *name; /* in the kernel */
	const char *pin;  /* in a BPF file system, and for systemd */
	struct bpf_code code;
};

extern const struct loader_program loader_programs[LOADER_PROGRAMS];

/* By enum group_map: their names in the kernel. */
extern const char *const loader_map_names[GROUP_MAPS];

/* Descriptors; -1: none. */
struct loader {
	int maps[GROUP_MAPS];
	int programs[LOADER_PROGRAMS];
};

/*
 * Load all of it.  False, with nothing left and the reason in why, if one is
 * refused.  loader_close() forgets what is in use nowhere else.
 */
bool loader_load(struct loader *loader, const struct run_options *options,
    char why[RUN_WHY]);
void loader_close(struct loader *loader);

/*
 * Copy instructions with the descriptors of these maps instead of their
 * numbers.  False if one is for a map that does not exist.  Pure.
 */
bool loader_fill(struct bpf_insn *to, const struct bpf_code *from,
    const int maps[GROUP_MAPS]);

/* What the command line says, for the programs.  Pure. */
void loader_settings(
    struct group_settings *settings, const struct run_options *options);

/*
 * The last line of a log of the kernel's that says something about the program,
 * not about the work of finding out.  It is in the log, which is cut there.
 * Pure.
 */
const char *loader_reason(char *log);

#endif
