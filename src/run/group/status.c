/* SPDX-License-Identifier: ISC */
/*
 * From a program to its maps, from there to numbers, and from those to text.
 */
#include "run/group/status.h"

#include "common/number.h"
#include "run/group/loader.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define POSSIBLE "/sys/devices/system/cpu/possible"

/* More than Linux can be made for. */
#define PROCESSORS_MAX 65536

static const struct {
	const char *name;
	size_t offset;
} counters[] = {
#define COUNTER(name)                                        \
	{                                                    \
#name, offsetof(struct group_counters, name) \
	}
	COUNTER(learned),
	COUNTER(ignored),
	COUNTER(sourced),
	COUNTER(chosen),
	COUNTER(unasked),
	COUNTER(expired),
	COUNTER(unclear),
};

#define COUNTERS (sizeof(counters) / sizeof(counters[0]))

_Static_assert(sizeof(struct group_counters) == COUNTERS * sizeof(__u64),
    "each is printed");

static bool
is_on(const struct group_settings *settings, unsigned int port)
{
	return (settings->ports[port / 64] >> port % 64 & 1) != 0;
}

static void
print_ports(struct strbuf *text, const struct group_settings *settings)
{
	unsigned int port, count = 0;

	for (port = 1; port <= UINT16_MAX; port++)
		count += is_on(settings, port);
	if (count == UINT16_MAX) {
		strbuf_print(text, "all ports");
		return;
	}
	strbuf_print(text, count == 1 ? "port" : "ports");
	for (port = 1; port <= UINT16_MAX; port++)
		if (is_on(settings, port))
			strbuf_print(text, " %u", port);
}

void
status_print(struct strbuf *text, const struct status *status)
{
	const char *base = (const char *)&status->counters;
	uint64_t value;
	size_t i;

	strbuf_print(text, "%s: %u of %u peers, idle %llu s, ", status->place,
	    status->peers, status->entries,
	    (unsigned long long)status->settings.idle / 1000000000);
	print_ports(text, &status->settings);
	strbuf_print(text, "\n");
	for (i = 0; i < COUNTERS; i++) {
		memcpy(&value, base + counters[i].offset, sizeof(value));
		strbuf_print(text, "  %s %llu\n", counters[i].name,
		    (unsigned long long)value);
	}
}

unsigned int
status_processors(const char *text)
{
	uint64_t last;

	for (;;) {
		if (!number_scan(&text, PROCESSORS_MAX - 1, &last))
			return 0;
		if (*text == '\n' || *text == '\0')
			return (unsigned int)last + 1;
		if (*text != '-' && *text != ',')
			return 0;
		text++;
	}
}

static unsigned int
count_processors(void)
{
	FILE *file = fopen(POSSIBLE, "re");
	char line[4096] = "";

	if (file == NULL)
		return 0;
	if (fgets(line, sizeof(line), file) == NULL)
		line[0] = '\0';
	fclose(file);
	return status_processors(line);
}

/* The sum of what each processor has counted. */
static int
read_counters(struct group_counters *sum, int map)
{
	unsigned int i, processors = count_processors();
	uint32_t zero = 0;
	uint64_t *values;
	int error;

	if (processors == 0)
		return -EIO;
	values = calloc(processors, sizeof(*sum));
	if (values == NULL)
		return -ENOMEM;
	error = bpf_map_get(map, &zero, values);
	memset(sum, 0, sizeof(*sum));
	for (i = 0; error == 0 && i < processors * COUNTERS; i++)
		((uint64_t *)sum)[i % COUNTERS] += values[i];
	free(values);
	return error;
}

/* While others learn and forget, it may begin anew: never more than fit. */
static uint32_t
count_peers(int map, uint32_t entries)
{
	struct group_peer peer;
	const void *from = NULL;
	uint32_t count;

	for (count = 0; count < entries; count++) {
		if (bpf_map_next(map, from, &peer) < 0)
			break;
		from = &peer;
	}
	return count;
}

/* Read one of its maps, if it is one of ours. */
static int
read_map(struct status *status, int map)
{
	struct bpf_map_info info;
	uint32_t zero = 0;
	int error;

	memset(&info, 0, sizeof(info));
	error = bpf_map_info(map, &info);
	if (error < 0)
		return error;
	if (strcmp(info.name, loader_map_names[GROUP_MAP_SETTINGS]) == 0 &&
	    info.value_size == sizeof(status->settings))
		return bpf_map_get(map, &zero, &status->settings);
	if (strcmp(info.name, loader_map_names[GROUP_MAP_COUNTERS]) == 0 &&
	    info.value_size == sizeof(status->counters))
		return read_counters(&status->counters, map);
	if (strcmp(info.name, loader_map_names[GROUP_MAP_PEERS]) != 0 ||
	    info.key_size != sizeof(struct group_peer))
		return -EPROTO;
	status->entries = info.max_entries;
	status->peers = count_peers(map, info.max_entries);
	return 0;
}

/* The maps of a program, in any order. */
static int
read_maps(struct status *status, int program)
{
	uint32_t i, ids[GROUP_MAPS];
	struct bpf_prog_info info;
	int map, error;

	memset(&info, 0, sizeof(info));
	info.nr_map_ids = GROUP_MAPS;
	info.map_ids = (uint64_t)(uintptr_t)ids;
	error = bpf_program_info(program, &info);
	if (error == 0 && info.nr_map_ids != GROUP_MAPS)
		error = -EPROTO;
	for (i = 0; error == 0 && i < GROUP_MAPS; i++) {
		map = bpf_map_open(ids[i]);
		if (map < 0)
			return map;
		error = read_map(status, map);
		close(map);
	}
	return error;
}

bool
status_read(struct status *status, int program, char why[RUN_WHY])
{
	int error = read_maps(status, program);

	if (error == -EPROTO)
		snprintf(why, RUN_WHY, "%.150s: of another version of mhrun",
		    status->place);
	else if (error < 0)
		snprintf(why, RUN_WHY, "%.150s: %s", status->place,
		    strerror(-error));
	return error == 0;
}
