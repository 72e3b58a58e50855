/* SPDX-License-Identifier: ISC */
/*
 * bpf(2): one call, see bpf.h.  It knows nothing of what the programs do.
 */
#include "run/group/bpf.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int
call(enum bpf_cmd command, union bpf_attr *attributes)
{
	long result =
	    syscall(SYS_bpf, command, attributes, sizeof(*attributes));

	return result < 0 ? -errno : (int)result;
}

static uint64_t
pointer(const void *memory)
{
	return (uint64_t)(uintptr_t)memory;
}

/* All of it 0, also where it has holes: the kernel looks there. */
static union bpf_attr
nothing(void)
{
	union bpf_attr attributes;

	memset(&attributes, 0, sizeof(attributes));
	return attributes;
}

int
bpf_map_make(const struct bpf_map_shape *shape, const char *name)
{
	union bpf_attr attributes = nothing();

	attributes.map_type = shape->type;
	attributes.key_size = shape->key;
	attributes.value_size = shape->value;
	attributes.max_entries = shape->entries;
	strncpy(attributes.map_name, name, sizeof(attributes.map_name) - 1);
	return call(BPF_MAP_CREATE, &attributes);
}

int
bpf_map_set(int map, const void *key, const void *value)
{
	union bpf_attr attributes = nothing();

	attributes.map_fd = (uint32_t)map;
	attributes.key = pointer(key);
	attributes.value = pointer(value);
	return call(BPF_MAP_UPDATE_ELEM, &attributes);
}

int
bpf_map_get(int map, const void *key, void *value)
{
	union bpf_attr attributes = nothing();

	attributes.map_fd = (uint32_t)map;
	attributes.key = pointer(key);
	attributes.value = pointer(value);
	return call(BPF_MAP_LOOKUP_ELEM, &attributes);
}

int
bpf_map_delete(int map, const void *key)
{
	union bpf_attr attributes = nothing();

	attributes.map_fd = (uint32_t)map;
	attributes.key = pointer(key);
	return call(BPF_MAP_DELETE_ELEM, &attributes);
}

int
bpf_map_next(int map, const void *key, void *next)
{
	union bpf_attr attributes = nothing();

	attributes.map_fd = (uint32_t)map;
	attributes.key = pointer(key);
	attributes.next_key = pointer(next);
	return call(BPF_MAP_GET_NEXT_KEY, &attributes);
}

int
bpf_program_load(
    const struct bpf_code *code, const char *name, char *log, size_t size)
{
	union bpf_attr attributes = nothing();

	attributes.prog_type = code->type;
	attributes.expected_attach_type = code->place;
	attributes.insns = pointer(code->instructions);
	attributes.insn_cnt = code->count;
	/* None of the functions that they call is for the GPL alone. */
	attributes.license = pointer("ISC");
	strncpy(attributes.prog_name, name, sizeof(attributes.prog_name) - 1);
	if (log != NULL) {
		attributes.log_level = 1;
		attributes.log_buf = pointer(log);
		attributes.log_size = (uint32_t)size;
	}
	return call(BPF_PROG_LOAD, &attributes);
}

int
bpf_attach(int group, int program, enum bpf_attach_type place)
{
	union bpf_attr attributes = nothing();

	attributes.target_fd = (uint32_t)group;
	attributes.attach_bpf_fd = (uint32_t)program;
	attributes.attach_type = place;
	/* Those of the groups above and below run, too. */
	attributes.attach_flags = BPF_F_ALLOW_MULTI;
	return call(BPF_PROG_ATTACH, &attributes);
}

int
bpf_detach(int group, int program, enum bpf_attach_type place)
{
	union bpf_attr attributes = nothing();

	attributes.target_fd = (uint32_t)group;
	attributes.attach_bpf_fd = (uint32_t)program;
	attributes.attach_type = place;
	return call(BPF_PROG_DETACH, &attributes);
}

int
bpf_attached(int group, enum bpf_attach_type place, uint32_t *ids, uint32_t max)
{
	union bpf_attr attributes = nothing();
	int error;

	attributes.query.target_fd = (uint32_t)group;
	attributes.query.attach_type = place;
	attributes.query.prog_ids = pointer(ids);
	attributes.query.prog_cnt = max;
	error = call(BPF_PROG_QUERY, &attributes);
	return error < 0 ? error : (int)attributes.query.prog_cnt;
}

int
bpf_program_open(uint32_t id)
{
	union bpf_attr attributes = nothing();

	attributes.prog_id = id;
	return call(BPF_PROG_GET_FD_BY_ID, &attributes);
}

int
bpf_map_open(uint32_t id)
{
	union bpf_attr attributes = nothing();

	attributes.map_id = id;
	return call(BPF_MAP_GET_FD_BY_ID, &attributes);
}

static int
get_info(int fd, void *info, size_t size)
{
	union bpf_attr attributes = nothing();

	attributes.info.bpf_fd = (uint32_t)fd;
	attributes.info.info_len = (uint32_t)size;
	attributes.info.info = pointer(info);
	return call(BPF_OBJ_GET_INFO_BY_FD, &attributes);
}

int
bpf_program_info(int program, struct bpf_prog_info *info)
{
	return get_info(program, info, sizeof(*info));
}

int
bpf_map_info(int map, struct bpf_map_info *info)
{
	return get_info(map, info, sizeof(*info));
}

int
bpf_pin(int fd, const char *path)
{
	union bpf_attr attributes = nothing();

	attributes.bpf_fd = (uint32_t)fd;
	attributes.pathname = pointer(path);
	return call(BPF_OBJ_PIN, &attributes);
}

int
bpf_pinned(const char *path)
{
	union bpf_attr attributes = nothing();

	attributes.pathname = pointer(path);
	return call(BPF_OBJ_GET, &attributes);
}
