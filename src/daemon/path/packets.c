/* SPDX-License-Identifier: ISC */
/*
 * A line has everything about its datagram, so that one is enough to tell what
 * happened; how many are missing stands in the socket's next one.
 */
#include "daemon/path/packets.h"

#include "common/json.h"
#include "daemon/base/log.h"
#include "daemon/path/explain.h"
#include "platform/clock.h"

#include <inttypes.h>

#define SECOND INT64_C(1000000000)

/* Bytes of a line; its longest explanation takes the smaller number. */
#define LINE_SIZE 1024
#define WHY_SIZE 256

/* Marsaglia's xorshift; it would stay 0 for ever. */
static bool
is_in_sample(struct packets *packets, unsigned int sample)
{
	if (sample <= 1)
		return true;
	if (packets->random == 0)
		packets->random = (uint64_t)host_realtime_ns() | 1;
	packets->random ^= packets->random << 13;
	packets->random ^= packets->random >> 7;
	packets->random ^= packets->random << 17;
	return packets->random % sample == 0;
}

static bool
has_room(struct packets_budget *budget, unsigned int most, int64_t now)
{
	if (budget->began == 0 || now - budget->began >= SECOND)
		*budget = (struct packets_budget){ .began = now };
	return budget->lines < most;
}

bool
packets_choose(struct packets *packets, struct packets_socket *socket,
    const struct packets_rule *rule, int64_t now)
{
	if (log_get_level() < LOG_LEVEL_INFO ||
	    !is_in_sample(packets, rule->sample))
		return false;
	if (!has_room(&socket->budget, PACKETS_OF_SOCKET, now) ||
	    !has_room(&packets->budget, PACKETS_OF_THREAD, now)) {
		socket->unlogged++;
		return false;
	}
	socket->budget.lines++;
	packets->budget.lines++;
	return true;
}

static void
explain(struct strbuf *text, const struct packets_entry *entry)
{
	explain_reason(text, entry->verdict,
	    &(struct drops_entry){ .peer = entry->request->peer,
		.local = entry->request->local,
		.service = entry->service,
		.request = (uint32_t)entry->request->length,
		.reply = (uint32_t)entry->reply });
}

/*
 * As text.
 */

static void
put_bytes(struct strbuf *text, size_t bytes)
{
	strbuf_print(text, "%zu byte%s", bytes, bytes == 1 ? "" : "s");
}

static void
put_reply(struct strbuf *text, const struct packets_entry *entry)
{
	const struct mh_address *local = &entry->request->local;
	char from[MH_ADDRESS_TEXT];

	strbuf_print(text, "replied with ");
	put_bytes(text, entry->reply);
	if (entry->from.family != MH_FAMILY_NONE &&
	    (mh_address_compare(&entry->from, local) != 0 ||
		entry->from.port != local->port))
		strbuf_print(text, " from %s",
		    mh_endpoint_format(&entry->from, from, sizeof(from)));
	if (entry->to_port != 0)
		strbuf_print(text, " to port %u", (unsigned int)entry->to_port);
}

static void
put_outcome(struct strbuf *text, const struct packets_entry *entry)
{
	switch (entry->outcome) {
	case PACKETS_REPLIED:
		put_reply(text, entry);
		break;
	case PACKETS_SILENT:
		strbuf_print(text, "no reply");
		break;
	case PACKETS_HELD:
		strbuf_print(text, "a fault holds the reply of ");
		put_bytes(text, entry->reply);
		break;
	case PACKETS_DROPPED:
		strbuf_print(
		    text, "dropped (%s): ", verdict_name(entry->verdict));
		explain(text, entry);
	}
}

/* "packet: echo from 192.0.2.1:5000 to ...:7 via eth0, 4 bytes: replied ..." */
static void
put_text(
    struct strbuf *text, const struct packets_entry *entry, uint64_t unlogged)
{
	const struct mh_datagram *request = entry->request;
	char peer[MH_ADDRESS_TEXT], local[MH_ADDRESS_TEXT];

	strbuf_print(text, "packet: %s from %s to %s", entry->name,
	    mh_endpoint_format(&request->peer, peer, sizeof(peer)),
	    mh_endpoint_format(&request->local, local, sizeof(local)));
	if (entry->interface[0] != '\0')
		strbuf_print(text, " via %s", entry->interface);
	strbuf_print(text, ", ");
	put_bytes(text, request->length);
	strbuf_print(text, ": ");
	put_outcome(text, entry);
	if (unlogged > 0)
		strbuf_print(
		    text, " (%" PRIu64 " more were not logged)", unlogged);
}

/*
 * As JSON.
 */

static void
put_endpoint(
    struct strbuf *text, const char *name, const struct mh_address *endpoint)
{
	char address[MH_ADDRESS_TEXT];

	if (endpoint->family != MH_FAMILY_NONE)
		json_member(text, name,
		    mh_endpoint_format(endpoint, address, sizeof(address)));
}

static void
put_json(
    struct strbuf *text, const struct packets_entry *entry, uint64_t unlogged)
{
	static const char *const outcomes[] = {
		[PACKETS_REPLIED] = "replied",
		[PACKETS_SILENT] = "silent",
		[PACKETS_HELD] = "held",
		[PACKETS_DROPPED] = "dropped",
	};
	const int64_t utc = host_realtime_ns();
	char why[WHY_SIZE];
	struct strbuf explanation = strbuf_over(why, sizeof(why));

	strbuf_print(text, "{\"time\":%" PRId64 ".%06u", utc / SECOND,
	    (unsigned int)(utc % SECOND / 1000));
	json_member(text, "service", entry->name);
	put_endpoint(text, "peer", &entry->request->peer);
	put_endpoint(text, "local", &entry->request->local);
	if (entry->interface[0] != '\0')
		json_member(text, "interface", entry->interface);
	strbuf_print(text, ",\"request_bytes\":%zu", entry->request->length);
	json_member(text, "outcome", outcomes[entry->outcome]);
	if (entry->outcome == PACKETS_DROPPED) {
		explain(&explanation, entry);
		json_member(text, "reason", verdict_name(entry->verdict));
		json_member(text, "explanation", why);
	} else if (entry->outcome != PACKETS_SILENT) {
		strbuf_print(text, ",\"reply_bytes\":%zu", entry->reply);
		put_endpoint(text, "reply_from", &entry->from);
		if (entry->to_port != 0)
			strbuf_print(text, ",\"reply_to_port\":%u",
			    (unsigned int)entry->to_port);
	}
	strbuf_print(text, ",\"not_logged\":%" PRIu64 "}", unlogged);
}

void
packets_log(struct packets_socket *socket, const struct packets_rule *rule,
    const struct packets_entry *entry)
{
	char line[LINE_SIZE];
	struct strbuf text = strbuf_over(line, sizeof(line));

	if (rule->format == PACKETS_JSON)
		put_json(&text, entry, socket->unlogged);
	else
		put_text(&text, entry, socket->unlogged);
	socket->unlogged = 0;
	log_at_once(LOG_LEVEL_INFO, "%s", line);
}
