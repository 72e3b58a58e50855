/* SPDX-License-Identifier: ISC */
/*
 * What mhrun tells libmhrun.so, which finds it in the environment.  Pure.
 */
#ifndef RUN_PRELOAD_SETTINGS_H
#define RUN_PRELOAD_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The variable that has it. */
#define SETTINGS_VARIABLE "MHRUN_OPTIONS"

#define SETTINGS_PORTS_MAX 64

/* Bytes that hold any settings as text. */
#define SETTINGS_TEXT 512

struct settings {
	uint32_t entries;
	uint32_t idle; /* seconds */
	bool verbose;
	unsigned int port_count; /* 0: every port */
	uint16_t ports[SETTINGS_PORTS_MAX];
};

/* As if mhrun had no options. */
void settings_default(struct settings *settings);

/*
 * Write them as text, as in "entries=16384 idle=300 verbose port=53,853".
 * Returns text.
 */
char *settings_format(
    const struct settings *settings, char text[SETTINGS_TEXT]);

/*
 * Read what settings_format() wrote; NULL is the default.  What makes no sense
 * is passed over: this runs in somebody else's program.
 */
void settings_parse(struct settings *settings, const char *text);

/* Are servers on that port meant? */
bool settings_allow(const struct settings *settings, uint16_t port);

#endif
