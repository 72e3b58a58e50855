/* SPDX-License-Identifier: ISC */
/*
 * Which file descriptors are the sockets that we care for.
 */
#include "run/preload/sockets.h"

#include "run/preload/ask.h"
#include "run/preload/clock.h"
#include "run/preload/real.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

/* Numbers from here on are never ours. */
#define DESCRIPTORS 65536u

/*
 * What is known of a descriptor, in a word: its kind; of one of ours also the
 * family, the place of its entry, the port and the lower half of the cookie;
 * of one that is not known, the process that put it there, or 0.
 */
enum { UNKNOWN, IGNORED, OURS };
#define KIND(word) ((word)&3)
#define IS_IPV6 UINT64_C(4)
#define PLACE(word) ((word) >> 3 & (ENTRIES - 1))
#define PORT(word) ((uint16_t)((word) >> 16))
#define HIGH(word) ((uint32_t)((word) >> 32)) /* cookie, or process */

_Static_assert(ENTRIES <= 1 << 12, "a place has 12 bits");

static struct {
	_Atomic uint64_t *words; /* NULL: not yet */
	struct entry *entries;
	const struct settings *settings;
	atomic_uint end; /* no descriptor from here on was ever set */
	atomic_int self; /* this process */
} state;

size_t
sockets_size(void)
{
	return DESCRIPTORS * sizeof(uint64_t);
}

static void
note_fork(void)
{
	atomic_store(&state.self, getpid());
}

void
sockets_init(void *own, struct entry *entries, const struct settings *settings)
{
	state.entries = entries;
	state.settings = settings;
	note_fork();
	pthread_atfork(NULL, NULL, note_fork);
	state.words = own;
}

static bool
is_tracked(int fd)
{
	return state.words != NULL && fd >= 0 && (unsigned int)fd < DESCRIPTORS;
}

static void
set_word(int fd, uint64_t word)
{
	unsigned int end = atomic_load(&state.end);

	if (!is_tracked(fd))
		return;
	while (end <= (unsigned int)fd &&
	    !atomic_compare_exchange_weak(
		&state.end, &end, (unsigned int)fd + 1))
		;
	atomic_store_explicit(&state.words[fd], word, memory_order_release);
}

/* Nobody else reads it, so perhaps nobody has it now: it is the first to go. */
static void
retire(int fd)
{
	uint64_t word;
	struct entry *entry;
	int reader;

	if (!is_tracked(fd))
		return;
	word = atomic_load_explicit(&state.words[fd], memory_order_acquire);
	entry = &state.entries[PLACE(word)];
	if (KIND(word) != OURS || (uint32_t)entry->cookie != HIGH(word))
		return;
	reader = atomic_load(&entry->reader);
	if (reader == 0 || reader == atomic_load(&state.self))
		entry_use(entry, 0);
}

void
sockets_forget(int fd)
{
	retire(fd);
	set_word(fd, UNKNOWN);
}

void
sockets_forget_range(unsigned int first, unsigned int last)
{
	unsigned int fd, end = atomic_load(&state.end);

	for (fd = first; fd < end && fd <= last; fd++)
		sockets_forget((int)fd);
}

void
sockets_put(int fd)
{
	/* Not the one of state: a child of vfork() has its parent's. */
	set_word(fd, UNKNOWN | (uint64_t)(uint32_t)getpid() << 32);
}

void
sockets_ignore(int fd)
{
	set_word(fd, IGNORED);
}

/* Have the socket report the local address, and note who wants that. */
static bool
request(int fd, struct entry *entry, enum ask_kind kind)
{
	uint32_t ours = kind == ASK_IPV4 ? ENTRY_IPV4_OURS : ENTRY_IPV6_OURS;
	uint32_t wanted =
	    kind == ASK_IPV4 ? ENTRY_IPV4_WANTED : ENTRY_IPV6_WANTED;

	if (ask_is_on(fd, kind)) {
		if ((entry_flags(entry) & ours) == 0)
			entry_set(entry, wanted);
		return true;
	}
	/* First: another thread may receive at once. */
	entry_set(entry, ours);
	if (ask_set(fd, kind, true))
		return true;
	entry_clear(entry, ours);
	return false;
}

static bool
request_all(int fd, struct entry *entry, bool is_ipv6, bool is_dual)
{
	bool done = false;

	if (is_ipv6)
		done = request(fd, entry, ASK_IPV6);
	if (!is_ipv6 || is_dual)
		done = request(fd, entry, ASK_IPV4) || done;
	return done;
}

static void
say(struct entry *entry, const struct ask_facts *facts)
{
	int error = errno;

	if (!state.settings->verbose || (entry_flags(entry) & ENTRY_SAID) != 0)
		return;
	entry_set(entry, ENTRY_SAID);
	dprintf(STDERR_FILENO,
	    "mhrun: port %u, %s: answers leave from the address asked\n",
	    facts->port,
	    facts->is_dual       ? "IPv6 and IPv4"
		: facts->is_ipv6 ? "IPv6"
				 : "IPv4");
	errno = error;
}

/* Look into a descriptor: its word. */
static uint64_t
look(int fd)
{
	struct ask_facts facts;
	struct entry *entry;

	if (!ask_socket(fd, &facts) || facts.port == 0 || facts.is_connected ||
	    !settings_allow(state.settings, facts.port))
		return IGNORED;
	entry = entries_claim(state.entries, facts.cookie, clock_seconds());
	if (!request_all(fd, entry, facts.is_ipv6, facts.is_dual))
		return IGNORED;
	entry_clear(entry, ENTRY_OFF);
	say(entry, &facts);
	return OURS | (facts.is_ipv6 ? IS_IPV6 : 0) |
	    (uint64_t)(entry - state.entries) << 3 |
	    (uint64_t)facts.port << 16 | facts.cookie << 32;
}

bool
sockets_find(int fd, struct sockets_known *known)
{
	uint64_t word;
	struct entry *entry;

	if (!is_tracked(fd))
		return false;
	word = atomic_load_explicit(&state.words[fd], memory_order_acquire);
	if (KIND(word) == IGNORED)
		return false;
	entry = &state.entries[PLACE(word)];
	/* Not looked into, or its entry has gone. */
	if (KIND(word) == UNKNOWN || (uint32_t)entry->cookie != HIGH(word)) {
		word = look(fd);
		set_word(fd, word);
		if (KIND(word) != OURS)
			return false;
		entry = &state.entries[PLACE(word)];
	}
	known->entry = entry;
	known->port = PORT(word);
	known->is_ipv6 = (word & IS_IPV6) != 0;
	return true;
}

struct entry *
sockets_entry(int fd)
{
	struct ask_facts facts;

	if (state.words == NULL || !ask_socket(fd, &facts))
		return NULL;
	return entries_claim(state.entries, facts.cookie, clock_seconds());
}

bool
sockets_find_to_read(int fd, struct sockets_known *known)
{
	int self = atomic_load_explicit(&state.self, memory_order_relaxed);
	struct entry *entry;

	if (!sockets_find(fd, known))
		return false;
	entry = known->entry;
	entry_use(entry, clock_seconds());
	if (atomic_load_explicit(&entry->reader, memory_order_relaxed) != self)
		atomic_store(&entry->reader, self);
	if ((entry_flags(entry) & ENTRY_OFF) == 0)
		return true;
	/* Another program had it, and may be done with it. */
	sockets_forget(fd);
	return sockets_find(fd, known);
}

/* Take back what the program did not ask for. */
static void
take_back(int fd, uint32_t flags)
{
	if ((flags & (ENTRY_IPV4_OURS | ENTRY_IPV4_WANTED)) == ENTRY_IPV4_OURS)
		ask_set(fd, ASK_IPV4, false);
	if ((flags & (ENTRY_IPV6_OURS | ENTRY_IPV6_WANTED)) == ENTRY_IPV6_OURS)
		ask_set(fd, ASK_IPV6, false);
}

void
sockets_release(int fd, const struct sockets_known *known)
{
	take_back(fd, entry_flags(known->entry));
	entries_free(known->entry);
	sockets_ignore(fd);
}

/* Will another program have this one, and it alone? */
static bool
is_handed_over(int fd, uint64_t word, const struct entry *entry, bool to_child)
{
	int flags = real()->fcntl(fd, F_GETFD);
	int reader = atomic_load(&entry->reader);

	/* What a child closes or duplicates first, we cannot see. */
	if (to_child)
		return flags >= 0 && reader == 0;
	if (flags < 0 || (flags & FD_CLOEXEC) != 0)
		return false;
	/* Others are only left open: who reads them goes on to. */
	return reader == 0 || reader == getpid() ||
	    (KIND(word) == UNKNOWN && (int)HIGH(word) == getpid());
}

void
sockets_hand_over(bool to_child)
{
	unsigned int fd, end = atomic_load(&state.end);
	int error = errno;
	struct ask_facts facts;
	struct entry *entry;
	uint64_t word;

	for (fd = 0; fd < end; fd++) {
		word = atomic_load(&state.words[fd]);
		if ((KIND(word) != OURS && HIGH(word) == 0) ||
		    !ask_socket((int)fd, &facts))
			continue;
		entry = entries_find(state.entries, facts.cookie);
		if (entry == NULL ||
		    !is_handed_over((int)fd, word, entry, to_child))
			continue;
		take_back((int)fd, entry_flags(entry));
		entry_set(entry, ENTRY_OFF);
	}
	errno = error;
}
