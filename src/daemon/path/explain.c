/* SPDX-License-Identifier: ISC */
/*
 * A sentence for each verdict; some have the numbers of the datagram.
 */
#include "daemon/path/explain.h"

#include <inttypes.h>

/* How often a reason is logged, in nanoseconds; and how many bytes it takes. */
#define LOG_INTERVAL INT64_C(1000000000)
#define LOG_SIZE 320

static const char *const reasons[VERDICT_COUNT] = {
	[PASS] = "it passed",
	[DROP_TRUNCATED] = "larger than any datagram can be",
	[DROP_SOURCE_PORT_0] = "it came from port 0, where no reply can go",
	[DROP_SOURCE_UNSPECIFIED] =
	    "its source is the address of no host, which is forged",
	[DROP_SOURCE_MULTICAST] =
	    "its source is a multicast group, which is forged",
	[DROP_SOURCE_BROADCAST] =
	    "its source is a broadcast address, which is forged",
	[DROP_SOURCE_LOOPBACK] =
	    "its source is loopback, which is forged from outside",
	[DROP_OWN_ENDPOINT] = "it came from one of our own sockets, so a reply "
			      "would loop",
	[DROP_RESPONDER] = "its TTL marks it as the reply of a multihomed: a "
			   "loop; if it is not, set mark-replies = no",
	[DROP_TO_BROADCAST] = "it was sent to a broadcast address, and "
			      "answer-broadcast is off",
	[DROP_TO_MULTICAST] = "it was sent to a multicast group, and "
			      "answer-broadcast is off",
	[DROP_NOT_SERVED] = "the address asked is not in serve",
	[DROP_NOT_ALLOWED] = "allow and deny exclude the peer",
	[DROP_LOOP] = "the same payload came again and again, which looks like "
		      "a loop: vary it",
	[DROP_RATE] = "more datagrams than rate allows: raise it, or put the "
		      "peer in trust",
	[DROP_RATE_TOTAL] = "all peers together send more than rate-total "
			    "allows",
	[DROP_UNRESOLVED] = "the peer has no neighbour entry, and too many "
			    "replies wait for one",
	[DROP_CONGESTED] = "too many replies wait in the queue of the "
			   "interface towards the peer",
	[DROP_SOURCE_UNKNOWN] = "no address to answer from: source = relaxed "
				"answers from any",
	[DROP_NOT_REQUEST] = "it is not a request of this service",
	[DROP_MALFORMED] = "the request violates the protocol",
	[DROP_NO_SESSION] = "its session does not exist, or not any more",
	[DROP_NO_SPACE] = "the session table is full, or the share of the "
			  "peer's network: raise sessions or "
			  "sessions-per-network",
	[DROP_NOT_AUTHENTIC] = "it is not signed with the key of this service",
	[DROP_FAULT] =
	    "fault-drop is set: replies to peers in trust are lost on "
	    "purpose",
	[DROP_SOURCE_GONE] = "the address asked has left this host",
	[DROP_UNREACHABLE] = "this host has no route to the peer",
	[DROP_SOURCE_REFUSED] = "the system does not send from the address "
				"asked to this peer",
	[DROP_NOT_PERMITTED] = "a firewall of this host does not let the reply "
			       "out",
	[DROP_NO_BUFFERS] = "the system had no buffer for the reply",
	[DROP_QUEUE_FULL] = "too many replies wait for the full socket",
	[DROP_QUEUE_EXPIRED] = "the socket was full for too long",
	[DROP_SEND_FAILED] = "the system could not send the reply",
	/* Of these there is more to say if the datagram is known. */
	[DROP_TOO_LONG] = "the reply is too long for the request: pad it, put "
			  "the peer in trust, or raise max-amplification",
	[DROP_REFUSED_PORT] = "the port it came from is in refuse-ports, as "
			      "other responders have it, or one of ours",
	[DROP_TOO_BIG] = "the reply is larger than the path to the peer "
			 "allows",
};

static void
put_bytes(struct strbuf *text, const char *what, uint32_t bytes)
{
	strbuf_print(
	    text, "%s of %u byte%s", what, bytes, bytes == 1 ? "" : "s");
}

static void
explain_length(struct strbuf *text, const struct drops_entry *entry)
{
	if (entry->reply != 0)
		put_bytes(text, "reply", entry->reply);
	else
		strbuf_print(text, "too long a reply");
	put_bytes(text, " to a request", entry->request);
	/* Of those that amplify, trusted peers get no more. */
	strbuf_print(text,
	    entry->service->amplifies ? ": pad it, or raise max-amplification"
				      : ": pad it, or put the peer in trust");
}

void
explain_reason(
    struct strbuf *text, enum verdict verdict, const struct drops_entry *entry)
{
	if (entry == NULL)
		strbuf_print(text, "%s", reasons[verdict]);
	else if (verdict == DROP_TOO_LONG)
		explain_length(text, entry);
	else if (verdict == DROP_REFUSED_PORT)
		strbuf_print(text,
		    "port %u is in refuse-ports, as other responders have it, "
		    "or one of ours: ask from another one",
		    (unsigned int)entry->peer.port);
	else if (verdict == DROP_TOO_BIG) {
		put_bytes(text, "a reply", entry->reply);
		strbuf_print(text,
		    " is larger than the path to the peer "
		    "allows");
	} else
		strbuf_print(text, "%s", reasons[verdict]);
}

void
explain_drop(
    struct strbuf *text, enum verdict verdict, const struct drops_entry *entry)
{
	char peer[MH_ADDRESS_TEXT];

	strbuf_print(text, "%s to %s: ", entry->service->name,
	    mh_endpoint_format(&entry->peer, peer, sizeof(peer)));
	explain_reason(text, verdict, entry);
}

static __attribute__((noinline)) void
log_drop(
    struct drops *drops, enum verdict verdict, const struct drops_entry *entry)
{
	char line[LOG_SIZE];
	struct strbuf text = strbuf_over(line, sizeof(line));
	uint64_t more;

	if (!log_limit_passes(
		&drops->limits[verdict], entry->last, LOG_INTERVAL, &more))
		return;
	explain_drop(&text, verdict, entry);
	if (more > 0)
		strbuf_print(&text, " (and %" PRIu64 " more such drops)", more);
	log_at_once(LOG_LEVEL_DEBUG, "%s", line);
}

void
explain_note(
    struct drops *drops, enum verdict verdict, const struct drops_entry *entry)
{
	drops_note(drops, verdict, entry);
	if (log_get_level() == LOG_LEVEL_DEBUG)
		log_drop(drops, verdict, entry);
}
