/* SPDX-License-Identifier: ISC */
/*
 * A slice of the work each time that the loop has looked for datagrams.
 */
#include "daemon/ops/render.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <stdlib.h>

/*
 * A turn: bindings to sum up, or bytes to print, in well under 100 us, which is
 * what a batch of datagrams takes.
 */
#define SLICE_BINDINGS 8
#define SLICE_BYTES 4096

struct render {
	const struct render_source *source;
	void (*done)(void *argument, struct evbuffer *text);
	void *argument;
	struct event *slice;
	bool is_busy;
	render_step *step;
	struct snapshot snapshot; /* with bindings of our own */
	size_t collected;         /* bindings */
	struct snapshot_cursor cursor;
	struct strbuf piece;   /* of this turn */
	struct evbuffer *text; /* the pieces: no large one ever moves */
};

static void
schedule(struct render *render)
{
	/* By way of a timer, as an active event would come before datagrams. */
	static const struct timeval soon = { .tv_sec = 0 };

	event_add(render->slice, &soon);
}

/* Give back the bindings and the text. */
static void
clear(struct render *render)
{
	free(render->snapshot.bindings);
	render->snapshot.bindings = NULL;
	if (render->text != NULL)
		evbuffer_free(render->text);
	render->text = NULL;
	render->is_busy = false;
}

static void
collect(struct render *render)
{
	struct snapshot *snapshot = &render->snapshot;
	unsigned int i;

	for (i = 0;
	     i < SLICE_BINDINGS && render->collected < snapshot->binding_count;
	     i++, render->collected++)
		render->source->collect(render->source->argument,
		    render->collected, &snapshot->bindings[render->collected]);
}

/* Print a piece; false at the end, or when out of memory. */
static bool
print(struct render *render)
{
	struct strbuf *piece = &render->piece;
	bool more = true;

	piece->length = 0;
	while (more && piece->length < SLICE_BYTES && !piece->lost)
		more = render->step(&render->snapshot, &render->cursor, piece);
	if (evbuffer_add(render->text, piece->text, piece->length) != 0)
		piece->lost = true;
	return more && !piece->lost;
}

static void
finish(struct render *render)
{
	struct evbuffer *text = NULL;

	if (!render->piece.lost) {
		text = render->text;
		render->text = NULL;
	}
	clear(render);
	render->done(render->argument, text);
}

static void
on_slice(evutil_socket_t fd, short events, void *argument)
{
	struct render *render = argument;

	(void)fd;
	(void)events;
	if (render->collected < render->snapshot.binding_count)
		collect(render);
	else if (!print(render)) {
		finish(render);
		return;
	}
	schedule(render);
}

bool
render_start(struct render *render, render_step *step,
    const uint64_t http[SNAPSHOT_HTTP_COUNT])
{
	const struct render_source *source = render->source;
	struct snapshot *snapshot = &render->snapshot;
	size_t i;

	*snapshot = (struct snapshot){ .bindings = NULL };
	source->state(source->argument, snapshot);
	for (i = 0; i < SNAPSHOT_HTTP_COUNT; i++)
		snapshot->http[i] = http[i];
	snapshot->bindings =
	    calloc(snapshot->binding_count + 1, sizeof(*snapshot->bindings));
	render->text = evbuffer_new();
	if (snapshot->bindings == NULL || render->text == NULL) {
		clear(render);
		return false;
	}
	render->piece.lost = false;
	render->step = step;
	render->collected = 0;
	render->cursor = (struct snapshot_cursor){ .part = 0 };
	render->is_busy = true;
	schedule(render);
	return true;
}

bool
render_is_busy(const struct render *render)
{
	return render->is_busy;
}

void
render_restart(struct render *render)
{
	uint64_t http[SNAPSHOT_HTTP_COUNT];
	size_t i;

	if (!render->is_busy)
		return;
	for (i = 0; i < SNAPSHOT_HTTP_COUNT; i++)
		http[i] = render->snapshot.http[i];
	event_del(render->slice);
	clear(render);
	if (!render_start(render, render->step, http))
		render->done(render->argument, NULL);
}

struct render *
render_new(struct event_base *base, const struct render_source *source,
    void (*done)(void *argument, struct evbuffer *text), void *argument)
{
	struct render *render = calloc(1, sizeof(*render));

	if (render == NULL)
		return NULL;
	render->source = source;
	render->done = done;
	render->argument = argument;
	render->slice = evtimer_new(base, on_slice, render);
	if (render->slice != NULL)
		return render;
	free(render);
	return NULL;
}

void
render_free(struct render *render)
{
	if (render == NULL)
		return;
	event_free(render->slice);
	clear(render);
	free(render->piece.text);
	free(render);
}
