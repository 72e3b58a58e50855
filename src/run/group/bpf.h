/* SPDX-License-Identifier: ISC */
/*
 * bpf(2), a function for each of the commands that mhrun needs.  What they
 * make is closed on exec.  All return 0, or a descriptor, or a number as said
 * here, or a negative errno.
 */
#ifndef RUN_GROUP_BPF_H
#define RUN_GROUP_BPF_H

#include <linux/bpf.h>
#include <stddef.h>
#include <stdint.h>

struct bpf_map_shape {
	enum bpf_map_type type;
	uint32_t key, value; /* bytes */
	uint32_t entries;
};

/* A new map.  The name has at most 15 bytes. */
int bpf_map_make(const struct bpf_map_shape *shape, const char *name);

/* Its values. */
int bpf_map_set(int map, const void *key, const void *value);
int bpf_map_get(int map, const void *key, void *value);
int bpf_map_delete(int map, const void *key);

/* The key after this one; NULL: the first.  -ENOENT: there is none. */
int bpf_map_next(int map, const void *key, void *next);

struct bpf_code {
	const struct bpf_insn *instructions;
	uint32_t count;
	enum bpf_prog_type type;
	enum bpf_attach_type place; /* where it will be attached */
};

/*
 * Load a program.  The kernel's reasons go to the log, NULL if nobody wants
 * them.
 */
int bpf_program_load(
    const struct bpf_code *code, const char *name, char *log, size_t size);

/* Put a program into a control group, besides others; and take it away. */
int bpf_attach(int group, int program, enum bpf_attach_type place);
int bpf_detach(int group, int program, enum bpf_attach_type place);

/* The ids of the programs in this very group; returns how many, at most max. */
int bpf_attached(
    int group, enum bpf_attach_type place, uint32_t *ids, uint32_t max);

/* Descriptors of what has this id. */
int bpf_program_open(uint32_t id);
int bpf_map_open(uint32_t id);

/* What the kernel knows of a program, or of a map. */
int bpf_program_info(int program, struct bpf_prog_info *info);
int bpf_map_info(int map, struct bpf_map_info *info);

/* Give it a name in a BPF file system; and open what has one. */
int bpf_pin(int fd, const char *path);
int bpf_pinned(const char *path);

#endif
