/* SPDX-License-Identifier: ISC */
/*
 * A token proves by itself that we made it for this client, so that an open
 * whose slot was taken is still good for a session.  A slot is where its token
 * says; once the token is used, the slot says so.
 */
#include "services/irtt_session.h"

#include "common/siphash.h"

#include <stdalign.h>
#include <string.h>

/* For each session. */
#define SLOTS 4

/* What a queue held back for this long may come all at once... */
#define BURST INT64_C(1000000000)
/* ...and this many packets in any case. */
#define BURST_LEAST 5

struct slot {
	uint64_t token; /* 0: none */
	bool is_spent;
	struct irtt_agreement agreement;
};

struct irtt_sessions {
	uint8_t seed[SERVICE_SEED];
	uint32_t slot_count;
	uint8_t opens; /* so far, modulo 256 */
	alignas(max_align_t) struct slot slots[];
	/* The table of sessions follows. */
};

_Static_assert(SLOTS * sizeof(struct slot) % alignof(max_align_t) == 0,
    "the table after the slots is aligned");

/*
 * Of a token's bits 7 are the layout, 8 tell those of a client apart, and the
 * others are a hash with a key that nobody else has.
 */
#define LAYOUT_BITS 7
#define LOW_BITS 15
#define LOW ((UINT64_C(1) << LOW_BITS) - 1)

static uint64_t
make_token(const struct irtt_sessions *table, const struct session_key *key,
    uint32_t low, int64_t epoch)
{
	const struct {
		struct session_key key;
		uint32_t low;
		int64_t epoch;
	} input = { *key, low, epoch };

	_Static_assert(sizeof(input) == 56, "padding is hashed");
	return (siphash(table->seed, (const uint8_t *)&input, sizeof(input)) &
		   ~LOW) |
	    low;
}

/* Did this client get that token from us, in this epoch or the last? */
static bool
is_ours(const struct irtt_sessions *table, const struct irtt_client *client)
{
	const uint32_t low = client->token & LOW;
	const int64_t epoch = client->now / client->timeout;

	return client->token == make_token(table, &client->key, low, epoch) ||
	    client->token == make_token(table, &client->key, low, epoch - 1);
}

static struct session_table *
table_of(struct irtt_sessions *table)
{
	return (void *)&table->slots[table->slot_count];
}

static struct slot *
slot_of(struct irtt_sessions *table, uint64_t token)
{
	return &table->slots[(token >> LOW_BITS) % table->slot_count];
}

struct session_table *
irtt_sessions_of(void *state, const void *settings)
{
	(void)settings;
	return table_of(state);
}

size_t
irtt_sessions_size(uint32_t sessions)
{
	return sizeof(struct irtt_sessions) +
	    sizeof(struct slot) * SLOTS * sessions +
	    session_table_size(sessions, sizeof(struct irtt_session));
}

void
irtt_sessions_init(struct irtt_sessions *table, uint32_t sessions,
    const uint8_t seed[SERVICE_SEED])
{
	*table = (struct irtt_sessions){ .slot_count = SLOTS * sessions };
	memcpy(table->seed, seed, SERVICE_SEED);
	memset(table->slots, 0, sizeof(struct slot) * table->slot_count);
	session_table_init(
	    table_of(table), sessions, sizeof(struct irtt_session), seed);
}

uint32_t
irtt_sessions_count(struct irtt_sessions *table)
{
	return session_count(table_of(table));
}

unsigned int
irtt_sessions_expire(
    struct irtt_sessions *table, const struct irtt_client *client)
{
	return session_expire(table_of(table), client->now, client->timeout);
}

uint64_t
irtt_sessions_agree(struct irtt_sessions *table,
    const struct irtt_client *client, unsigned int layout,
    const struct irtt_agreement *agreement)
{
	const uint32_t low = (uint32_t)table->opens++ << LAYOUT_BITS | layout;
	const uint64_t token =
	    make_token(table, &client->key, low, client->now / client->timeout);

	*slot_of(table, token) =
	    (struct slot){ .token = token, .agreement = *agreement };
	return token;
}

static struct irtt_session *
find_any(struct irtt_sessions *table, const struct irtt_client *client)
{
	return session_find(
	    table_of(table), &client->key, client->now, client->timeout);
}

struct irtt_session *
irtt_sessions_find(
    struct irtt_sessions *table, const struct irtt_client *client)
{
	struct irtt_session *session = find_any(table, client);

	return session != NULL && session->token == client->token ? session
								  : NULL;
}

/* May this token be used?  Then it has been. */
static bool
spend(struct irtt_sessions *table, const struct irtt_client *client,
    struct irtt_agreement *agreement)
{
	struct slot *slot = slot_of(table, client->token);

	if (!is_ours(table, client))
		return false;
	if (slot->token == client->token) {
		if (slot->is_spent)
			return false;
		*agreement = slot->agreement;
	}
	*slot = (struct slot){ .token = client->token, .is_spent = true };
	return true;
}

enum service_outcome
irtt_sessions_begin(struct irtt_sessions *table,
    const struct irtt_client *client, const struct irtt_agreement *otherwise,
    struct irtt_session **session)
{
	struct irtt_agreement agreement = *otherwise;

	*session = NULL;
	if (!spend(table, client, &agreement))
		return SERVICE_NO_SESSION;
	*session = find_any(table, client);
	if (*session == NULL)
		*session = session_add(table_of(table), &client->key,
		    client->share, client->now, client->timeout);
	if (*session == NULL)
		return SERVICE_NO_SPACE;
	**session = (struct irtt_session){ .token = client->token,
		.agreement = agreement };
	return SERVICE_REPLY;
}

bool
irtt_sessions_end(struct irtt_sessions *table, const struct irtt_client *client)
{
	struct irtt_session *session = irtt_sessions_find(table, client);
	struct irtt_agreement unused;

	if (session == NULL)
		return spend(table, client, &unused);
	session_end(table_of(table), session);
	return true;
}

uint64_t
irtt_session_follow(struct irtt_session *session, uint32_t sequence)
{
	const uint32_t ahead = sequence - session->highest;
	const uint32_t back = session->highest - sequence;

	if (session->received++ == 0) {
		session->window = 1;
		session->highest = sequence;
	} else if (ahead > INT32_MAX) {
		if (back < 64)
			session->window |= UINT64_C(1) << back;
		return 0;
	} else if (ahead != 0) {
		session->window = ahead < 64 ? session->window << ahead : 0;
		session->window |= 1;
		session->highest = sequence;
	}
	return session->window;
}

bool
irtt_session_keeps_pace(
    struct irtt_session *session, int64_t interval, int64_t arrived)
{
	const int64_t burst =
	    interval * BURST_LEAST > BURST ? interval * BURST_LEAST : BURST;

	if (session->received == 1)
		session->began = session->due = arrived;
	if (session->due - arrived > burst)
		return false;
	if (session->due < arrived)
		session->due = arrived;
	session->due += interval;
	return true;
}
