/* SPDX-License-Identifier: ISC */
/*
 * Maps first, then the programs that refer to them.  What they do is in
 * programs.bpf.c; where they are attached is up to the caller.
 */
#include "run/group/loader.h"

#include "run/group/programs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NS_PER_S 1000000000ull
#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* No program may have more instructions than this. */
#define INSTRUCTIONS_MAX 1024

#define LOG_SIZE 65536

#define CODE(array, type, place)                 \
	{                                        \
		array, COUNT(array), type, place \
	}

const struct loader_program loader_programs[LOADER_PROGRAMS] = {
	{ "mhrun_ingress", "ingress",
	    CODE(group_ingress, BPF_PROG_TYPE_CGROUP_SKB,
		BPF_CGROUP_INET_INGRESS) },
	{ "mhrun_sendmsg4", "sendmsg4",
	    CODE(group_sendmsg4, BPF_PROG_TYPE_CGROUP_SOCK_ADDR,
		BPF_CGROUP_UDP4_SENDMSG) },
	{ "mhrun_sendmsg6", "sendmsg6",
	    CODE(group_sendmsg6, BPF_PROG_TYPE_CGROUP_SOCK_ADDR,
		BPF_CGROUP_UDP6_SENDMSG) },
};

_Static_assert(COUNT(group_ingress) <= INSTRUCTIONS_MAX, "too long");

const char *const loader_map_names[GROUP_MAPS] = {
	[GROUP_MAP_SETTINGS] = "mhrun_settings",
	[GROUP_MAP_COUNTERS] = "mhrun_counters",
	[GROUP_MAP_PEERS] = "mhrun_peers",
};

/* The entries of the peers are up to the command line. */
static const struct bpf_map_shape shapes[GROUP_MAPS] = {
	[GROUP_MAP_SETTINGS] = { BPF_MAP_TYPE_ARRAY, sizeof(uint32_t),
	    sizeof(struct group_settings), 1 },
	[GROUP_MAP_COUNTERS] = { BPF_MAP_TYPE_PERCPU_ARRAY, sizeof(uint32_t),
	    sizeof(struct group_counters), 1 },
	[GROUP_MAP_PEERS] = { BPF_MAP_TYPE_LRU_HASH, sizeof(struct group_peer),
	    sizeof(struct group_local), LOADER_ENTRIES },
};

bool
loader_fill(struct bpf_insn *to, const struct bpf_code *from,
    const int maps[GROUP_MAPS])
{
	uint32_t i;

	memcpy(to, from->instructions, from->count * sizeof(*to));
	for (i = 0; i < from->count; i++) {
		if (to[i].code != (BPF_LD | BPF_DW | BPF_IMM))
			continue;
		if (to[i].src_reg == BPF_PSEUDO_MAP_FD) {
			if (to[i].imm < 0 || to[i].imm >= GROUP_MAPS)
				return false;
			to[i].imm = maps[to[i].imm];
		}
		/* Its second half is an instruction in form only. */
		i++;
	}
	return true;
}

void
loader_settings(
    struct group_settings *settings, const struct run_options *options)
{
	uint32_t idle = options->idle == 0 ? LOADER_IDLE : options->idle;
	unsigned int i, port;

	memset(
	    settings, options->port_count == 0 ? 0xff : 0, sizeof(*settings));
	settings->idle = idle * NS_PER_S;
	for (i = 0; i < options->port_count; i++) {
		port = options->ports[i];
		settings->ports[port / 64] |= 1ull << port % 64;
	}
}

const char *
loader_reason(char *log)
{
	char *line, *next = NULL;
	const char *reason = "";

	for (line = strtok_r(log, "\n", &next); line != NULL;
	     line = strtok_r(NULL, "\n", &next))
		if (strncmp(line, "processed ", 10) != 0)
			reason = line;
	return reason;
}

static void
refuse(char why[RUN_WHY], const char *what, int error, const char *reason)
{
	if (error == -EPERM || error == -EACCES)
		snprintf(why, RUN_WHY,
		    "BPF %s: %s: this needs root, or CAP_BPF and CAP_NET_ADMIN,"
		    " on the host itself",
		    what, strerror(-error));
	else if (error == -ENOSYS || error == -EINVAL || error == -EOPNOTSUPP)
		snprintf(why, RUN_WHY,
		    "BPF %s: %s: this needs Linux 5.11 or later with "
		    "CONFIG_CGROUP_BPF%s%s",
		    what, strerror(-error), *reason == '\0' ? "" : ": ",
		    reason);
	else
		snprintf(why, RUN_WHY, "BPF %s: %s", what, strerror(-error));
}

static bool
make_maps(
    struct loader *loader, const struct run_options *options, char why[RUN_WHY])
{
	struct group_settings settings;
	struct bpf_map_shape shape;
	uint32_t zero = 0;
	int i, error;

	for (i = 0; i < GROUP_MAPS; i++) {
		shape = shapes[i];
		if (i == GROUP_MAP_PEERS && options->entries != 0)
			shape.entries = options->entries;
		loader->maps[i] = bpf_map_make(&shape, loader_map_names[i]);
		if (loader->maps[i] < 0) {
			refuse(why, loader_map_names[i], loader->maps[i], "");
			return false;
		}
	}
	loader_settings(&settings, options);
	error = bpf_map_set(loader->maps[GROUP_MAP_SETTINGS], &zero, &settings);
	if (error < 0)
		refuse(why, "settings", error, "");
	return error >= 0;
}

static int
load(const struct loader_program *program, const int maps[GROUP_MAPS],
    char why[RUN_WHY])
{
	struct bpf_insn instructions[INSTRUCTIONS_MAX];
	struct bpf_code code = program->code;
	char log[LOG_SIZE] = "";
	int fd;

	if (!loader_fill(instructions, &program->code, maps)) {
		refuse(why, program->name, -EINVAL, "no such map");
		return -EINVAL;
	}
	code.instructions = instructions;
	fd = bpf_program_load(&code, program->name, NULL, 0);
	if (fd >= 0)
		return fd;
	/* Once more, for the reason. */
	if (bpf_program_load(&code, program->name, log, sizeof(log)) >= 0)
		log[0] = '\0';
	refuse(why, program->name, fd, loader_reason(log));
	return fd;
}

bool
loader_load(
    struct loader *loader, const struct run_options *options, char why[RUN_WHY])
{
	int i;

	memset(loader, -1, sizeof(*loader));
	if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__) {
		snprintf(why, RUN_WHY,
		    "the BPF programs are for little-endian processors");
		return false;
	}
	if (!make_maps(loader, options, why))
		goto fail;
	for (i = 0; i < LOADER_PROGRAMS; i++) {
		loader->programs[i] =
		    load(&loader_programs[i], loader->maps, why);
		if (loader->programs[i] < 0)
			goto fail;
	}
	return true;
fail:
	loader_close(loader);
	return false;
}

static void
close_all(int *fds, int count)
{
	int i;

	for (i = 0; i < count; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
		fds[i] = -1;
	}
}

void
loader_close(struct loader *loader)
{
	close_all(loader->programs, LOADER_PROGRAMS);
	close_all(loader->maps, GROUP_MAPS);
}
