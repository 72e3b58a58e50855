/* SPDX-License-Identifier: ISC */
/*
 * Which form of output is written where and when.
 */
#include "probe/screen.h"

#include "probe/json.h"
#include "probe/layout.h"
#include "probe/nagios.h"
#include "probe/order.h"
#include "probe/remedy.h"
#include "probe/table.h"
#include "platform/clock.h"
#include "platform/terminal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#define MILLISECOND INT64_C(1000000)
#define SECOND (1000 * MILLISECOND)

/* Runs longer than this show their progress, this often. */
#define PROGRESS_AFTER (2 * SECOND)
#define PROGRESS_EVERY (200 * MILLISECOND)

/* Of a terminal that does not say. */
#define USUAL_ROWS 24

/* Back to the beginning of the line, or of the screen, and all of it empty. */
#define CLEAR_LINE "\r\033[K"
#define CLEAR_SCREEN "\033[H\033[2J"

void
screen_init(struct screen *screen, const struct options *options)
{
	struct host_terminal ignored;

	*screen = (struct screen){
		.options = options,
		.output = stdout,
		.errors = stderr,
		.is_terminal = host_terminal(HOST_OUTPUT, &ignored),
		.errors_is_terminal = host_terminal(HOST_ERROR, &ignored),
		.started_at = host_monotonic_ns(),
	};
}

int64_t
screen_delay(const struct screen *screen)
{
	if (screen->options->watch)
		return screen->options->interval;
	return screen->errors_is_terminal ? PROGRESS_AFTER : -1;
}

static bool
is_shown(const struct screen *screen, const struct session *session)
{
	return !screen->options->quiet ||
	    session_verdict(session) != SESSION_OK;
}

static void
print_lines(
    struct screen *screen, struct session *const *sessions, size_t count)
{
	time_t now = (time_t)(host_realtime_ns() / SECOND);
	const struct tm *utc = gmtime(&now);
	char text[32] = "";
	size_t i;

	if (utc != NULL)
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", utc);
	for (i = 0; i < count; i++)
		if (is_shown(screen, sessions[i]))
			table_print_line(screen->output, text, sessions[i]);
}

static bool
wants_colour(const struct screen *screen)
{
	const char *no_colour = getenv("NO_COLOR");

	return screen->is_terminal && (no_colour == NULL || *no_colour == '\0');
}

/* For paper, or as much as the screen has room for. */
static void
print_table(struct screen *screen, struct session *const *sessions,
    size_t count, const struct host_terminal *room)
{
	/* Heading, summary, "... more" and the cursor need a line each. */
	const bool is_low = room->rows > 0 && room->rows < 5;
	const unsigned int others = is_low ? 2 : 4;
	const struct table_style style = {
		.colour = wants_colour(screen),
		.quiet = screen->options->quiet,
		.rows =
		    room->rows > others ? room->rows - others : room->rows > 0,
		.columns = room->columns,
		.is_low = is_low,
	};

	table_print(screen->output, sessions, count, &style);
}

static void
show_watch(struct screen *screen, const struct screen_progress *progress)
{
	struct session **sorted;
	struct host_terminal room;

	if (!screen->is_terminal) {
		print_lines(screen, progress->sessions, progress->count);
		return;
	}
	/* It may have another size by now. */
	host_terminal(HOST_OUTPUT, &room);
	if (room.rows == 0)
		room.rows = USUAL_ROWS;
	/* It may become narrower while this is written. */
	fputs(CLEAR_SCREEN "\033[?7l", screen->output);
	sorted = order_worst_first(progress->sessions, progress->count);
	print_table(screen, sorted != NULL ? sorted : progress->sessions,
	    progress->count, &room);
	free(sorted);
	fputs("\033[?7h", screen->output);
}

/* On one line, without its last column: there, some terminals wrap. */
static void
show_progress(struct screen *screen, const struct screen_progress *progress)
{
	struct host_terminal room;
	struct layout_line line;

	host_terminal(HOST_ERROR, &room);
	line = layout_line_begin(
	    screen->errors, room.columns > 1 ? room.columns - 1 : 0);
	fputc('\r', screen->errors);
	layout_line_add(&line,
	    "%zu of %zu targets done, %zu names to look up, %" PRId64 " s",
	    progress->done, progress->count, progress->lookups,
	    (host_monotonic_ns() - screen->started_at) / SECOND);
	fputs("\033[K", screen->errors);
	fflush(screen->errors);
	screen->progress_shown = true;
}

bool
screen_is_live(const struct screen *screen)
{
	return screen->options->watch && screen->is_terminal;
}

int64_t
screen_show(struct screen *screen, const struct screen_progress *progress)
{
	if (!screen->options->watch) {
		show_progress(screen, progress);
		return PROGRESS_EVERY;
	}
	show_watch(screen, progress);
	/* What was too much for the buffer failed before. */
	if (fflush(screen->output) != 0 || ferror(screen->output) != 0)
		return -1;
	return screen->options->interval;
}

void
screen_result(
    struct screen *screen, struct session *const *sessions, size_t count)
{
	static const struct host_terminal paper = { .rows = 0 };
	const struct options *options = screen->options;
	size_t i;

	if (screen->progress_shown)
		fputs(CLEAR_LINE, screen->errors);
	if (screen_is_live(screen))
		fputs(CLEAR_SCREEN, screen->output);
	if (options->nagios)
		nagios_print(screen->output, options, sessions, count);
	else if (!options->json) {
		print_table(screen, sessions, count, &paper);
		if (screen->is_terminal)
			remedy_print(screen->output, options, sessions, count);
	} else
		for (i = 0; i < count; i++)
			if (is_shown(screen, sessions[i]))
				json_print(screen->output, sessions[i]);
}
