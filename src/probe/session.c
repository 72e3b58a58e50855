/* SPDX-License-Identifier: ISC */
/*
 * What belongs to one target: which request an answer belongs to, whether it
 * came from where it was asked, in time, in order, once.  It knows neither
 * sockets nor clocks.
 */
#include "probe/session.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How many requests there are to send; UINT32_MAX: no end. */
static uint32_t
total(const struct row_plan *plan)
{
	uint64_t requests = (uint64_t)plan->count * plan->paths;

	if (plan->count == 0 || plan->sweep_to != 0 || requests > UINT32_MAX)
		return UINT32_MAX;
	return (uint32_t)requests;
}

/* How many requests to remember: all that may wait, and as many late. */
static uint32_t
window(const struct row_plan *plan)
{
	int64_t many = 2 * (plan->timeout / plan->interval + 1);
	uint32_t shots = ROW_WINDOW;

	if (plan->sweep_to == 0 && many > shots)
		shots = many < ROW_WINDOW_MAX ? (uint32_t)many : ROW_WINDOW_MAX;
	return total(plan) < shots ? total(plan) : shots;
}

struct row *
row_new(const struct row_plan *plan, const struct mh_address *peer)
{
	uint32_t shots = window(plan);
	struct row *row =
	    calloc(1, sizeof(*row) + shots * sizeof(struct row_shot));

	if (row == NULL)
		return NULL;
	row->path_answered = calloc(plan->paths, sizeof(bool));
	if (row->path_answered == NULL) {
		free(row);
		return NULL;
	}
	row->name = "";
	row->peer = *peer;
	row->plan = plan;
	row->question.peer = *peer;
	row->question.size = -1;
	row->ttl = -1;
	row->shot_count = shots;
	if (plan->sweep_to != 0)
		sweep_start(&row->sweep, plan->sweep_from, plan->sweep_to);
	return row;
}

void
row_free(struct row *row)
{
	if (row == NULL)
		return;
	rtt_clear(&row->rtt);
	free(row->path_answered);
	free(row);
}

static struct row_shot *
shot_of(struct row *row, uint32_t sequence)
{
	return &row->shots[sequence % row->shot_count];
}

/* All that is to be sent was sent. */
static bool
all_sent(const struct row *row)
{
	if (row->plan->sweep_to != 0)
		return !sweep_goes_on(&row->sweep);
	return row->next == total(row->plan);
}

bool
row_is_done(const struct row *row)
{
	return all_sent(row) && row->waiting == 0;
}

bool
row_is_due(const struct row *row, int64_t now)
{
	/* One size after the other. */
	if (row->plan->sweep_to != 0 && row->waiting > 0)
		return false;
	return !all_sent(row) && row->next_at <= now;
}

int64_t
row_wake(const struct row *row)
{
	const struct row_shot *oldest =
	    &row->shots[row->oldest % row->shot_count];
	int64_t wake = INT64_MAX;

	if (row->waiting > 0)
		wake = oldest->sent_at + row->plan->timeout;
	if (!all_sent(row) && row->next_at < wake &&
	    !(row->plan->sweep_to != 0 && row->waiting > 0))
		wake = row->next_at;
	return wake;
}

uint32_t
row_path(const struct row *row)
{
	return row->next % row->plan->paths;
}

/*
 * Requests.
 */

int
row_build(struct row *row, uint8_t *request)
{
	if (row->plan->sweep_to != 0)
		row->question.size = (int)row->sweep.size;
	return row->plan->ask->build(&row->question, row->next, request);
}

/* Nothing more is expected of this one. */
static void
settle(struct row *row, struct row_shot *shot, enum row_fate fate)
{
	if (shot->fate == ROW_WAITING)
		row->waiting--;
	shot->fate = fate;
	while (row->oldest < row->next &&
	    shot_of(row, row->oldest)->fate != ROW_WAITING)
		row->oldest++;
}

static void
lose(struct row *row, struct row_shot *shot)
{
	row->lost++;
	settle(row, shot, ROW_LOST);
	if (row->plan->sweep_to != 0)
		sweep_fail(&row->sweep, row->plan->count);
}

void
row_sent(struct row *row, size_t length, int64_t now)
{
	struct row_shot *shot = shot_of(row, row->next);

	/* The ring is full of requests: the oldest has had its time. */
	if (row->next - row->oldest == row->shot_count)
		lose(row, shot);
	*shot = (struct row_shot){ now, (uint32_t)length, ROW_WAITING };
	row->next++;
	row->sent++;
	row->waiting++;
	row->next_at =
	    row->plan->sweep_to != 0 ? now : now + row->plan->interval;
}

void
row_unsent(struct row *row, const char *why, bool too_big, int64_t now)
{
	struct row_shot *shot = shot_of(row, row->next);

	if (row->next - row->oldest == row->shot_count)
		lose(row, shot);
	row->next_at = now + row->plan->interval;
	*shot = (struct row_shot){ now, 0, ROW_LOST };
	row->next++;
	if (row->waiting == 0)
		row->oldest = row->next;
	if (row->plan->sweep_to != 0) {
		row->next_at = now;
		sweep_fail(&row->sweep, too_big ? 0 : row->plan->count);
		if (too_big)
			return;
	}
	snprintf(row->error, sizeof(row->error), "%s", why);
}

void
row_expire(struct row *row, int64_t now)
{
	struct row_shot *shot;

	while (row->waiting > 0) {
		shot = shot_of(row, row->oldest);
		if (shot->sent_at + row->plan->timeout > now)
			return;
		lose(row, shot);
	}
}

/*
 * Answers.
 */

/*
 * The request of this path that an answer without a number is for: the newest
 * that waits, else the last.  The oldest would be wrong ever after one is lost.
 * false: there was none.
 */
static bool
guess(struct row *row, uint32_t path, uint32_t *sequence)
{
	uint32_t paths = row->plan->paths, at;

	if (row->next <= path)
		return false;
	*sequence = row->next - 1 - (row->next - 1 - path) % paths;
	for (at = *sequence; at >= row->oldest; at -= paths) {
		if (shot_of(row, at)->fate == ROW_WAITING) {
			*sequence = at;
			break;
		}
		if (at < paths)
			break;
	}
	return true;
}

/* The number of the request that the answer names; false: there is none. */
static bool
look_back(
    const struct row *row, const struct ask_answer *answer, uint32_t *sequence)
{
	uint32_t last = row->next - 1, back = last - answer->sequence;

	if (answer->bits < 32)
		back &= ((uint32_t)1 << answer->bits) - 1;
	*sequence = last - back;
	return row->next > 0 && back <= last && back < row->shot_count;
}

/*
 * The request that the answer belongs to; NULL if there was none by the path
 * that it came.
 */
static struct row_shot *
find_shot(struct row *row, const struct ask_answer *answer, uint32_t path,
    uint32_t *sequence)
{
	struct row_shot *shot;

	if (answer->bits == 0 ? !guess(row, path, sequence)
			      : !look_back(row, answer, sequence))
		return NULL;
	if (*sequence % row->plan->paths != path)
		return NULL;
	shot = shot_of(row, *sequence);
	if (answer->request_size != 0 && answer->request_size != shot->size)
		return NULL;
	return shot;
}

/*
 * The scope does not count: this host's own link-local addresses answer by way
 * of the loopback interface.
 */
static bool
same_address(struct mh_address a, const struct mh_address *b)
{
	a.scope = b->scope;
	return mh_address_compare(&a, b) == 0;
}

static void
check_source(struct row *row, const struct mh_address *source)
{
	if (!same_address(*source, &row->peer)) {
		/* The first one stays, but an address is worse than a port. */
		if (row->wrong++ == 0)
			row->wrong_from = *source;
	} else if (source->port != row->peer.port) {
		if (row->wrong_port++ == 0 && row->wrong == 0)
			row->wrong_from = *source;
	}
}

static void
check_order(struct row *row, uint32_t sequence)
{
	if (sequence < row->highest)
		row->reordered++;
	else
		row->highest = sequence + 1;
}

/* The first answer to this request, in time. */
static void
take_answer(struct row *row, struct row_shot *shot, uint32_t sequence,
    const struct mh_datagram *datagram, int64_t now)
{
	uint32_t path = sequence % row->plan->paths;

	row->received++;
	rtt_add(&row->rtt, now - shot->sent_at);
	settle(row, shot, ROW_ANSWERED);
	if (!row->path_answered[path])
		row->paths_answered++;
	row->path_answered[path] = true;
	if (shot->size > row->largest_request)
		row->largest_request = shot->size;
	if (datagram->length > row->largest_answer)
		row->largest_answer = (uint32_t)datagram->length;
	if (row->plan->sweep_to != 0)
		sweep_pass(&row->sweep, shot->size);
}

void
row_receive(struct row *row, const struct mh_datagram *datagram, uint32_t path,
    int64_t now)
{
	struct ask_answer answer = { .bits = 0 };
	struct row_shot *shot = NULL;
	uint32_t sequence;

	if (row->plan->ask->recognise(
		&row->question, datagram->data, datagram->length, &answer))
		shot = find_shot(row, &answer, path, &sequence);
	if (shot == NULL) {
		row->stray++;
		return;
	}
	check_source(row, &datagram->peer);
	row->ttl = datagram->ttl;
	memcpy(row->detail, answer.detail, sizeof(row->detail));
	switch (shot->fate) {
	case ROW_ANSWERED:
		row->duplicates++;
		break;
	case ROW_LOST:
		row->late++;
		shot->fate = ROW_ANSWERED;
		break;
	case ROW_WAITING:
	case ROW_REFUSED:
		/* Without a number nobody knows the order. */
		if (answer.bits > 0)
			check_order(row, sequence);
		take_answer(row, shot, sequence, datagram, now);
		break;
	}
}

void
row_refuse(struct row *row, const struct mh_icmp_error *error, uint32_t path)
{
	struct row_shot *shot;
	uint32_t at;

	row->icmp[error->kind]++;
	row->reporter = error->reporter;
	/* It does not say for which one: for the path's first, most likely. */
	for (at = row->oldest; at < row->next; at++) {
		shot = shot_of(row, at);
		if (at % row->plan->paths != path || shot->fate != ROW_WAITING)
			continue;
		settle(row, shot, ROW_REFUSED);
		if (row->plan->sweep_to != 0)
			sweep_fail(&row->sweep, 0);
		return;
	}
}

/*
 * Words.
 */

enum row_verdict
row_verdict(const struct row *row)
{
	unsigned int i;

	if (row->wrong > 0)
		return ROW_WRONG;
	if (row->wrong_port > 0)
		return ROW_WRONG_PORT;
	if (row->received > 0 && row->paths_answered == row->plan->paths)
		return ROW_OK;
	if (row->received == 0)
		for (i = 0; i < ROW_ICMP_KINDS; i++)
			if (row->icmp[i] > 0)
				return ROW_UNREACHABLE;
	return row->error[0] != '\0' ? ROW_ERROR : ROW_SILENT;
}

/* Text that is added to as long as there is room. */
__attribute__((format(printf, 2, 3))) static void
add(char text[ROW_TEXT], const char *format, ...)
{
	size_t length = strlen(text);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text + length, ROW_TEXT - length, format, arguments);
	va_end(arguments);
}

char *
row_label(const struct row *row, char text[ROW_TEXT])
{
	struct mh_address peer = row->peer;
	char address[MH_ADDRESS_TEXT];

	text[0] = '\0';
	add(text, "%s", row->name);
	if (peer.family == MH_FAMILY_NONE)
		return text;
	peer.scope = 0;
	mh_address_format(&peer, address, sizeof(address));
	add(text, row->name[0] != '\0' ? " " : "");
	if (peer.family == MH_FAMILY_IPV6)
		add(text, "[%s%s]:%u", address, row->zone, peer.port);
	else
		add(text, "%s%s:%u", address, row->zone, peer.port);
	return text;
}

/* The kind of ICMP error that came most often. */
static enum mh_icmp_kind
main_kind(const struct row *row)
{
	unsigned int i, most = 0;

	for (i = 1; i < ROW_ICMP_KINDS; i++)
		if (row->icmp[i] > row->icmp[most])
			most = i;
	return (enum mh_icmp_kind)most;
}

char *
row_source(const struct row *row, char text[ROW_TEXT])
{
	char address[MH_ADDRESS_TEXT];

	text[0] = '\0';
	switch (row_verdict(row)) {
	case ROW_OK:
		add(text, "ok");
		break;
	case ROW_WRONG:
		add(text, "WRONG %s",
		    mh_address_format(
			&row->wrong_from, address, sizeof(address)));
		break;
	case ROW_WRONG_PORT:
		add(text, "WRONG PORT %u", row->wrong_from.port);
		break;
	case ROW_SILENT:
		add(text, "no answer");
		break;
	case ROW_UNREACHABLE:
		add(text, "%s", mh_icmp_text(main_kind(row)));
		break;
	case ROW_ERROR:
		add(text, "error");
		break;
	}
	return text;
}

static void
add_count(char text[ROW_TEXT], uint32_t count, const char *what)
{
	if (count > 0)
		add(text, "%s%" PRIu32 " %s", text[0] != '\0' ? ", " : "",
		    count, what);
}

static void
add_word(char text[ROW_TEXT], const char *word)
{
	if (word[0] != '\0')
		add(text, "%s%s", text[0] != '\0' ? ", " : "", word);
}

static void
add_icmp(const struct row *row, char text[ROW_TEXT])
{
	char address[MH_ADDRESS_TEXT];
	unsigned int i;
	bool any = false;

	for (i = 0; i < ROW_ICMP_KINDS; i++) {
		any = any || row->icmp[i] > 0;
		/* If it is all there is, the source column says so. */
		if (row_verdict(row) != ROW_UNREACHABLE || i != main_kind(row))
			add_count(text, row->icmp[i],
			    mh_icmp_text((enum mh_icmp_kind)i));
	}
	if (any && row->reporter.family != MH_FAMILY_NONE &&
	    !same_address(row->reporter, &row->peer)) {
		add_word(text, "says ");
		add(text, "%s",
		    mh_address_format(
			&row->reporter, address, sizeof(address)));
	}
}

char *
row_notes(const struct row *row, char text[ROW_TEXT])
{
	text[0] = '\0';
	add_word(text, row->error);
	if (row->plan->paths > 1) {
		add_count(text, row->paths_answered, "of ");
		if (row->paths_answered == 0)
			add_word(text, "0 of ");
		add(text, "%" PRIu32 " source ports answered",
		    row->plan->paths);
	}
	if (row->plan->sweep_to != 0 && row->received > 0) {
		add_count(text, row->largest_request, "bytes there");
		add_count(text, row->largest_answer, "bytes back");
	}
	if (row->wrong > 0 && row->wrong < row->received + row->duplicates)
		add_count(text, row->wrong, "from elsewhere");
	add_count(text, row->duplicates, "duplicate");
	add_count(text, row->reordered, "out of order");
	add_count(text, row->late, "late");
	add_count(text, row->stray, "not an answer");
	add_icmp(row, text);
	add_word(text, row->note);
	add_word(text, row->detail);
	return text;
}
