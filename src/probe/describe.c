/* SPDX-License-Identifier: ISC */
/*
 * A session in words.  What is longer than there is room for is cut.
 */
#include "probe/describe.h"

#include "common/strbuf.h"

#include <inttypes.h>

/* Every link takes 1280 bytes in one piece (RFC 8200, section 5). */
#define DESCRIBE_ALWAYS_PASSES (1280u - 40 - 8)

char *
describe_label(const struct session *session, char text[DESCRIBE_TEXT])
{
	struct strbuf label = strbuf_over(text, DESCRIBE_TEXT);
	const char *zone = session->zone;
	struct mh_address peer = session->peer;
	char address[MH_ADDRESS_TEXT];

	strbuf_print(&label, "%s", session->name);
	if (peer.family == MH_FAMILY_NONE)
		return text;
	peer.scope = 0;
	mh_address_format(&peer, address, sizeof(address));
	if (label.length > 0)
		strbuf_print(&label, " ");
	strbuf_print(&label,
	    peer.family == MH_FAMILY_IPV6 ? "[%s%s]:%u" : "%s%s:%u", address,
	    zone, peer.port);
	return text;
}

/* The kind of ICMP error that came most often. */
static enum mh_icmp_kind
main_kind(const struct session *session)
{
	unsigned int i, most = 0;

	for (i = 1; i < SESSION_ICMP_KINDS; i++)
		if (session->icmp[i] > session->icmp[most])
			most = i;
	return (enum mh_icmp_kind)most;
}

char *
describe_source(const struct session *session, char text[DESCRIBE_TEXT])
{
	struct strbuf source = strbuf_over(text, DESCRIBE_TEXT);
	char address[MH_ADDRESS_TEXT];

	switch (session_verdict(session)) {
	case SESSION_OK:
		strbuf_print(&source, "ok");
		break;
	case SESSION_WRONG:
		strbuf_print(&source, "WRONG %s",
		    mh_address_format(
			&session->wrong_from, address, sizeof(address)));
		break;
	case SESSION_WRONG_PORT:
		strbuf_print(
		    &source, "WRONG PORT %u", session->wrong_from.port);
		break;
	case SESSION_SILENT:
		strbuf_print(&source, "no answer");
		break;
	case SESSION_UNREACHABLE:
		strbuf_print(&source, "%s", mh_icmp_text(main_kind(session)));
		break;
	case SESSION_ERROR:
		strbuf_print(&source, "error");
		break;
	}
	return text;
}

/* What separates the next note from those before it. */
static const char *
comma(const struct strbuf *notes)
{
	return notes->length > 0 ? ", " : "";
}

/* "3 late"; nothing of nothing. */
static void
add_count(struct strbuf *notes, uint32_t count, const char *what)
{
	if (count > 0)
		strbuf_print(
		    notes, "%s%" PRIu32 " %s", comma(notes), count, what);
}

static void
add_word(struct strbuf *notes, const char *word)
{
	if (word[0] != '\0')
		strbuf_print(notes, "%s%s", comma(notes), word);
}

static void
add_icmp(const struct session *session, struct strbuf *notes)
{
	const struct mh_address *reporter = &session->reporter;
	char address[MH_ADDRESS_TEXT];
	unsigned int i;
	bool any = false;

	for (i = 0; i < SESSION_ICMP_KINDS; i++) {
		any = any || session->icmp[i] > 0;
		/* If it is all there is, the source column says so. */
		if (session_verdict(session) != SESSION_UNREACHABLE ||
		    i != main_kind(session))
			add_count(notes, session->icmp[i],
			    mh_icmp_text((enum mh_icmp_kind)i));
	}
	if (any && reporter->family != MH_FAMILY_NONE &&
	    !session_is_peer(session, reporter))
		strbuf_print(notes, "%ssays %s", comma(notes),
		    mh_address_format(reporter, address, sizeof(address)));
}

/*
 * Over IPv6 nothing but the sender cuts a datagram, once it knows that it must:
 * is silence about its length?
 */
static bool
may_be_too_long(const struct session *session)
{
	const struct session_request *last =
	    &session->requests[(session->next - 1) % session->request_count];

	return session->peer.family == MH_FAMILY_IPV6 &&
	    !session->plan->dont_fragment && session->sent > 0 &&
	    session->received == 0 && session->late == 0 &&
	    last->size > DESCRIBE_ALWAYS_PASSES;
}

static void
add_delay(
    struct strbuf *notes, const char *way, const struct oneway_delay *delay)
{
	strbuf_print(notes, "%s%s %.3f/%.3f/%.3f ms", comma(notes), way,
	    (double)delay->min / 1e6, delay->mean / 1e6,
	    (double)delay->max / 1e6);
}

/* Delays are of two clocks, so they are not without what is said of those. */
static void
add_oneway(const struct session *session, struct strbuf *notes)
{
	const struct oneway *oneway = &session->oneway;
	uint32_t there, back;

	if (session->plan->paths == 1 && oneway_loss(oneway, &there, &back))
		strbuf_print(notes,
		    "%slost %" PRIu32 " there and %" PRIu32 " back",
		    comma(notes), there, back);
	if (oneway->count == 0)
		return;
	add_delay(notes, "there", &oneway->there);
	add_delay(notes, "back", &oneway->back);
	if (oneway->synchronised)
		strbuf_print(notes, ", its clock within %.3f ms",
		    (double)oneway->error_ns / 1e6);
	else
		strbuf_print(notes, ", its clock not synchronised");
}

/* What became of a class of service on the way back; a mark is always news. */
static void
add_marks(const struct session *session, struct strbuf *notes)
{
	const struct marks *marks = &session->marks;
	char text[MARKS_TEXT];

	if (session->plan->tos != 0 && marks->tos >= 0)
		strbuf_print(notes, "%sanswer with %s", comma(notes),
		    marks_format((unsigned int)marks->tos, text));
	add_count(notes, marks->congested, "congestion experienced");
}

char *
describe_notes(const struct session *session, char text[DESCRIBE_TEXT])
{
	struct strbuf notes = strbuf_over(text, DESCRIBE_TEXT);

	add_word(&notes, session->error);
	if (session->plan->paths > 1)
		strbuf_print(&notes,
		    "%s%" PRIu32 " of %" PRIu32 " source ports answered",
		    comma(&notes), session->paths_answered,
		    session->plan->paths);
	if (session->plan->sweep_to != 0 && session->received > 0) {
		add_count(&notes, session->largest_request, "bytes sent");
		add_count(&notes, session->largest_answer, "bytes received");
	}
	if (session->wrong > 0 &&
	    session->wrong < session->received + session->duplicates)
		add_count(&notes, session->wrong, "from elsewhere");
	add_count(&notes, session->duplicates, "duplicate");
	add_count(&notes, session->reordered, "out of order");
	add_count(&notes, session->late, "late");
	add_count(&notes, session->stray, "not an answer");
	add_icmp(session, &notes);
	if (session->path_mtu != 0)
		strbuf_print(&notes, "%spath MTU %" PRIu32, comma(&notes),
		    session->path_mtu);
	if (may_be_too_long(session))
		strbuf_print(&notes,
		    "%slong replies are lost until the server knows the path "
		    "MTU: compare with -s %u",
		    comma(&notes), DESCRIBE_ALWAYS_PASSES);
	add_marks(session, &notes);
	add_word(&notes, session->note);
	add_oneway(session, &notes);
	add_word(&notes, session->detail);
	return text;
}
