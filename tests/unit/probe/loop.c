/* SPDX-License-Identifier: ISC */
/*
 * src/probe/loop.c: which session begins when, and when all is over.  What a
 * session does, how names are looked up and what is shown is simulated, so this
 * is a program of its own: its active.c, resolve.c and screen.c do as a test
 * says.  The loop is real, the clock is the test's.
 */
#include "probe/loop.h"

#include "unit/fake_host.h"
#include "unit/fixture.h"
#include "unit/probe/keyboard.h"
#include "unit/probe/suites.h"
#include "unit/scratch.h"
#include "probe/active.h"
#include "probe/resolve.h"
#include "probe/screen.h"
#include "platform/program.h"

#include <event2/event.h>
#include <signal.h>
#include <string.h>

#define MS INT64_C(1000000)
#define HOUR (3600 * 1000 * MS)

enum { ACTIVE_MAX = 1024, TARGETS_MAX = 8, BURSTS_MAX = 64 };

/* One that is active. */
struct active {
	struct session *session;
	unsigned int steps;
	bool is_open;
};

/* Sessions that began at the same time. */
struct burst {
	int64_t at;
	unsigned int count;
};

static struct {
	/* What the others do; NULL: they start, take a step, and are over. */
	enum active_started (*start)(const struct session *session);
	int64_t (*step)(struct active *active);
	void (*look_up)(size_t number);
	int64_t (*show)(const struct screen_progress *progress);
	int64_t delay;
	bool no_resolve, no_look_up, live;

	/* What happened. */
	struct active active[ACTIVE_MAX];
	const struct active_place *place;
	unsigned int asked, started, running, most, finished;
	struct burst bursts[BURSTS_MAX];
	unsigned int burst_count;
	struct event_base *base;
	const struct resolve_owner *owner;
	size_t names, pending;
	char looked_up[256];
	unsigned int interrupted, freed, shown;
	char result[8192];
	char notes[256]; /* of the last session */
} scene;

static struct options options;
static struct target targets[TARGETS_MAX];

/*
 * The others.
 */

static void
note_burst(void)
{
	struct burst *burst = &scene.bursts[scene.burst_count];

	if (scene.burst_count == 0 || burst[-1].at != fake_host.monotonic_ns) {
		ck_assert_uint_lt(scene.burst_count, BURSTS_MAX);
		*burst = (struct burst){ .at = fake_host.monotonic_ns };
		scene.burst_count++;
	}
	scene.bursts[scene.burst_count - 1].count++;
}

enum active_started
active_start(struct active **active, const struct active_place *place,
    struct session *session)
{
	enum active_started result = ACTIVE_STARTED;

	scene.place = place;
	scene.asked++;
	/* As probe_open() does. */
	if (session->error[0] != '\0')
		return ACTIVE_REFUSED;
	if (scene.start != NULL)
		result = scene.start(session);
	if (result == ACTIVE_NO_SOCKETS)
		strcpy(session->error, "no sockets");
	if (result != ACTIVE_STARTED)
		return result;
	ck_assert_uint_lt(scene.started, ACTIVE_MAX);
	note_burst();
	*active = &scene.active[scene.started++];
	**active = (struct active){ .session = session, .is_open = true };
	if (++scene.running > scene.most)
		scene.most = scene.running;
	return result;
}

int64_t
active_step(struct active *active)
{
	ck_assert(active->is_open);
	active->steps++;
	return scene.step != NULL ? scene.step(active) : ACTIVE_OVER;
}

void
active_finish(struct active *active)
{
	ck_assert(active->is_open);
	active->is_open = false;
	scene.running--;
	scene.finished++;
}

struct resolve *
resolve_new(
    struct event_base *base, size_t count, const struct resolve_owner *owner)
{
	static char resolve;

	scene.base = base;
	scene.names = count;
	scene.owner = owner;
	return scene.no_resolve ? NULL : (struct resolve *)&resolve;
}

void
resolve_free(struct resolve *resolve)
{
	scene.freed += resolve != NULL;
}

bool
resolve_start(struct resolve *resolve, size_t number, const char *name,
    unsigned int family)
{
	size_t length = strlen(scene.looked_up);

	(void)resolve;
	if (scene.no_look_up)
		return false;
	snprintf(scene.looked_up + length, sizeof(scene.looked_up) - length,
	    "%zu %s %u\n", number, name, family);
	if (scene.look_up != NULL)
		scene.look_up(number);
	return true;
}

size_t
resolve_pending(const struct resolve *resolve)
{
	(void)resolve;
	return scene.pending;
}

void
resolve_interrupt(struct resolve *resolve)
{
	(void)resolve;
	scene.interrupted++;
}

void
screen_init(struct screen *screen, const struct options *of)
{
	ck_assert_ptr_eq(of, &options);
	*screen = (struct screen){ .options = of };
}

int64_t
screen_delay(const struct screen *screen)
{
	ck_assert_ptr_eq(screen->options, &options);
	return scene.delay;
}

bool
screen_is_live(const struct screen *screen)
{
	ck_assert_ptr_eq(screen->options, &options);
	return scene.live;
}

int64_t
screen_show(struct screen *screen, const struct screen_progress *progress)
{
	(void)screen;
	scene.shown++;
	return scene.show(progress);
}

void
screen_result(
    struct screen *screen, struct session *const *sessions, size_t count)
{
	size_t i, length = 0;

	(void)screen;
	for (i = 0; i < count && length < sizeof(scene.result); i++)
		length += (size_t)snprintf(scene.result + length,
		    sizeof(scene.result) - length, "%s%s%s\n",
		    unit_text(&sessions[i]->peer),
		    sessions[i]->error[0] != '\0' ? ": " : "",
		    sessions[i]->error);
	if (count > 0)
		strcpy(scene.notes, sessions[count - 1]->note);
}

/*
 * What a test says.
 */

static void
setup(void)
{
	fake_host_reset();
	memset(&scene, 0, sizeof(scene));
	keyboard = (struct keyboard){ .exists = true };
	scene.delay = -1;
	options = (struct options){ .protocol = &protocol_echo,
		.targets = targets,
		.count = 1,
		.interval = 1,
		.timeout = MS,
		.size = -1 };
	scratch_log_begin();
}

/* Nothing is left of all that has begun. */
static void
teardown(void)
{
	ck_assert_uint_eq(scene.running, 0);
	ck_assert_uint_eq(scene.finished, scene.started);
	/* And the terminal is as it was. */
	ck_assert_uint_le(keyboard.opened, keyboard.closed);
	scratch_remove();
}

static void
target(const char *text)
{
	char why[TARGET_WHY];

	ck_assert_uint_lt(options.target_count, TARGETS_MAX);
	ck_assert_msg(target_parse(&targets[options.target_count++], text, why),
	    "%s", why);
}

/* The answer comes from elsewhere. */
static int64_t
answered_from_elsewhere(struct active *active)
{
	active->session->wrong = 1;
	return ACTIVE_OVER;
}

static void
expect_message(const char *text)
{
	ck_assert_str_eq(scratch_log(), text);
	ck_assert_str_eq(scene.result, "");
}

/*
 * When sessions begin.
 */

/* All in turn, 32 at a time, so that no burst is lost on its way. */
START_TEST(test_bursts)
{
	static const unsigned int counts[] = { 32, 32, 32, 32, 1 };
	unsigned int i;

	fake_host.step = 3 * MS / 10;
	target("192.0.2.0/25");
	target("198.51.100.0/30");
	target("203.0.113.1");
	ck_assert_int_eq(loop_run(&options), OPTIONS_EXIT_SILENT);
	ck_assert_uint_eq(scene.burst_count, LENGTH(counts));
	for (i = 0; i < LENGTH(counts); i++) {
		ck_assert_uint_eq(scene.bursts[i].count, counts[i]);
		if (i > 0)
			ck_assert_int_ge(
			    scene.bursts[i].at, scene.bursts[i - 1].at + MS);
	}
	ck_assert_uint_eq(scene.asked, scene.started);
	for (i = 0; i < scene.started; i++)
		ck_assert_uint_eq(scene.active[i].steps, 1);
	ck_assert_uint_eq(scene.most, 32);
	ck_assert_ptr_nonnull(strstr(scene.result, "192.0.2.126"));
}
END_TEST

/* A burst is due every millisecond, no later. */
START_TEST(test_next_burst)
{
	fake_host.step = MS;
	target("192.0.2.0/26");
	loop_run(&options);
	ck_assert_uint_eq(scene.burst_count, 2);
	ck_assert_int_le(scene.bursts[1].at, scene.bursts[0].at + 4 * MS);
}
END_TEST

/* Each continues until all that can have begun. */
static unsigned int crowd;

static int64_t
stay(struct active *active)
{
	(void)active;
	return scene.started < crowd ? fake_host.monotonic_ns : ACTIVE_OVER;
}

static const struct {
	unsigned int ports; /* source ports, so sockets, of each */
	unsigned int most;  /* sessions at a time */
} rooms[] = { { 0, 768 }, { 1, 768 }, { 16, 48 }, { 256, 3 }, { 300, 2 } };

/* Most systems allow a program 1024 files. */
START_TEST(test_room)
{
	fake_host.step = MS / 2;
	crowd = rooms[_i].most;
	scene.step = stay;
	options.sweep_ports = rooms[_i].ports;
	target("10.0.0.0/22");
	targets[0].count = crowd + 10;
	loop_run(&options);
	ck_assert_uint_eq(scene.most, crowd);
	ck_assert_uint_eq(scene.started, crowd + 10);
}
END_TEST

static enum active_started
room_for_two(const struct session *session)
{
	(void)session;
	return scene.running < 2 ? ACTIVE_STARTED : ACTIVE_NO_SOCKETS;
}

/* The system has fewer: the others wait, and do not report it. */
START_TEST(test_waits_for_sockets)
{
	fake_host.step = MS / 2;
	scene.start = room_for_two;
	target("192.0.2.0/29");
	ck_assert_int_eq(loop_run(&options), OPTIONS_EXIT_SILENT);
	ck_assert_uint_eq(scene.started, 6);
	ck_assert_uint_eq(scene.most, 2);
	/* It is not tried in vain again. */
	ck_assert_uint_eq(scene.asked, 7);
	ck_assert_ptr_null(strstr(scene.result, "no sockets"));
}
END_TEST

static enum active_started
no_sockets(const struct session *session)
{
	(void)session;
	return ACTIVE_NO_SOCKETS;
}

/* There is nobody to wait for. */
START_TEST(test_no_sockets)
{
	scene.start = no_sockets;
	target("192.0.2.1:7");
	target("192.0.2.2:7");
	ck_assert_int_eq(loop_run(&options), OPTIONS_EXIT_ERROR);
	ck_assert_uint_eq(scene.asked, 2);
	ck_assert_str_eq(
	    scene.result, "192.0.2.1:7: no sockets\n192.0.2.2:7: no sockets\n");
}
END_TEST

static enum active_started
refuse_first(const struct session *session)
{
	return session->order[0] == 0 ? ACTIVE_REFUSED : ACTIVE_STARTED;
}

/* One that cannot be asked delays nobody; the exit code is the worst. */
START_TEST(test_refused)
{
	scene.start = refuse_first;
	scene.step = answered_from_elsewhere;
	target("192.0.2.1");
	target("192.0.2.2");
	ck_assert_int_eq(loop_run(&options), OPTIONS_EXIT_SILENT);
	ck_assert_uint_eq(scene.asked, 2);
	ck_assert_uint_eq(scene.started, 1);
}
END_TEST

static const struct {
	bool no_sockets; /* for more than two */
	const char *result;
} crowds[] = {
	{ false,
	    "192.0.2.1:7\n192.0.2.2:7\n192.0.2.3:7\n"
	    "192.0.2.4:7: too many targets for --watch: at most 3\n"
	    ":0: cannot look up: gone\n" },
	{ true,
	    "192.0.2.1:7\n192.0.2.2:7\n"
	    "192.0.2.3:7: too many targets for --watch: at most 2\n"
	    "192.0.2.4:7: too many targets for --watch: at most 2\n"
	    ":0: cannot look up: gone\n" },
};

static void
fail_name(size_t number)
{
	scene.owner->failed(scene.owner->self, number, MH_FAMILY_NONE, "gone");
}

/* Those that are asked forever never make room: the others report that. */
START_TEST(test_watch)
{
	options.watch = true;
	options.count = 0;
	options.sweep_ports = 256;
	scene.start = crowds[_i].no_sockets ? room_for_two : NULL;
	scene.look_up = fail_name;
	target("192.0.2.1:7");
	target("192.0.2.2:7");
	target("192.0.2.3:7");
	target("192.0.2.4:7");
	target("gone.example");
	ck_assert_int_eq(loop_run(&options), OPTIONS_EXIT_ERROR);
	ck_assert_str_eq(scene.result, crowds[_i].result);
	ck_assert_uint_eq(scene.started, _i == 0 ? 3 : 2);
}
END_TEST

/* When they are woken up. */

/* How long until the loop wakes by itself, in seconds; -1: it does not. */
static long
wakes_in(void)
{
	struct timeval at, now;

	if (!evtimer_pending(scene.place->wake, &at))
		return -1;
	evutil_gettimeofday(&now, NULL);
	return (long)(at.tv_sec - now.tv_sec);
}

static long found_wake;

static void
on_look(evutil_socket_t fd, short events, void *argument)
{
	static const struct timeval at_once = { 0, 0 };

	(void)fd;
	(void)events;
	(void)argument;
	found_wake = wakes_in();
	event_add(scene.place->wake, &at_once);
}

static const struct {
	int64_t first, second; /* when they want to be called; -1: never */
	long wake;             /* hours */
} wakes[] = {
	{ HOUR, 2 * HOUR, 1 },
	{ 3 * HOUR, 2 * HOUR, 2 },
	{ -1, 4 * HOUR, 4 },
	{ 5 * HOUR, -1, 5 },
	{ -1, -1, -1 },
};

static unsigned int wake_case;

/* The first step says when to call again; the second ends. */
static int64_t
say_when(struct active *active)
{
	static const struct timeval at_once = { 0, 0 };
	bool is_first = active->session->order[0] == 0;
	int64_t in =
	    is_first ? wakes[wake_case].first : wakes[wake_case].second;

	if (active->steps > 1)
		return ACTIVE_OVER;
	if (is_first)
		ck_assert_int_eq(event_base_once(scene.base, -1, EV_TIMEOUT,
				     on_look, NULL, &at_once),
		    0);
	return in < 0 ? INT64_MAX : fake_host.monotonic_ns + in;
}

/* It sleeps until the first of them wants something. */
START_TEST(test_wakes)
{
	long wanted = wakes[_i].wake;

	wake_case = (unsigned int)_i;
	scene.step = say_when;
	target("192.0.2.1");
	target("192.0.2.2");
	loop_run(&options);
	if (wanted < 0)
		ck_assert_int_eq(found_wake, -1);
	else
		ck_assert_msg(found_wake > wanted * 3600 - 600 &&
			found_wake <= wanted * 3600 + 1,
		    "%ld s", found_wake);
	ck_assert_uint_eq(scene.active[0].steps, 2);
	ck_assert_uint_eq(scene.active[1].steps, 2);
}
END_TEST

/* One in the middle is over: the others are stepped as before. */
static int64_t
first_is_over(struct active *active)
{
	unsigned int last = active->session->order[0] == 0 ? 1 : 3;

	return active->steps < last ? fake_host.monotonic_ns : ACTIVE_OVER;
}

START_TEST(test_over)
{
	unsigned int i;

	scene.step = first_is_over;
	target("192.0.2.1");
	target("192.0.2.2");
	target("192.0.2.3");
	loop_run(&options);
	for (i = 0; i < 3; i++)
		ck_assert_uint_eq(scene.active[i].steps, i == 0 ? 1 : 3);
}
END_TEST

/*
 * Names.
 */

static const struct {
	bool only_ipv4, only_ipv6;
	const char *from;
	const char *looked_up;
} families[] = {
	{ false, false, "", "1 a 0\n" },
	{ true, false, "", "1 a 4\n" },
	{ false, true, "", "1 a 6\n" },
	{ false, false, "127.0.0.1", "1 a 4\n" },
	{ false, false, "::1", "1 a 6\n" },
};

/* Nobody looks up what the user does not want. */
START_TEST(test_families)
{
	options.only_ipv4 = families[_i].only_ipv4;
	options.only_ipv6 = families[_i].only_ipv6;
	options.from = unit_address(families[_i].from);
	target("192.0.2.1");
	target("a");
	loop_run(&options);
	ck_assert_str_eq(scene.looked_up, families[_i].looked_up);
	ck_assert_uint_eq(scene.names, 2);
}
END_TEST

static bool
found(size_t number, const char *text)
{
	struct mh_address address = unit_address(text);

	return scene.owner->found(scene.owner->self, number, &address);
}

static void
find_many(size_t number)
{
	ck_assert(found(number, "192.0.2.1"));
	ck_assert(!found(number, "2001:db8::1"));
	ck_assert(found(number, "192.0.2.2"));
	ck_assert(found(number, "224.0.0.1"));
}

static void
find_link_local(size_t number)
{
	ck_assert(found(number, "fe80::1"));
	ck_assert(found(number, "fe80::1%1"));
}

/* One from the hosts file, which may include the interface. */
START_TEST(test_found_link_local)
{
	scene.look_up = find_link_local;
	target("a.example:7");
	ck_assert_int_eq(loop_run(&options), OPTIONS_EXIT_ERROR);
	ck_assert_str_eq(scene.result,
	    "[fe80::1]:7: a link-local address needs its interface: ask "
	    "fe80::1%eth0 or the like, not the name\n"
	    "[fe80::1%1]:7\n");
	ck_assert_uint_eq(scene.started, 1);
}
END_TEST

/* Each address of the wanted family is asked, if any answer can come. */
START_TEST(test_found)
{
	options.only_ipv4 = true;
	scene.look_up = find_many;
	target("a.example:7");
	ck_assert_int_eq(loop_run(&options), OPTIONS_EXIT_ERROR);
	ck_assert_str_eq(scene.result,
	    "192.0.2.1:7\n192.0.2.2:7\n"
	    "224.0.0.1:7: no answer can come from 224.0.0.1\n");
	ck_assert_uint_eq(scene.started, 2);
}
END_TEST

/* The same address twice: name servers say what they like. */
static void
find_twice(size_t number)
{
	ck_assert(found(number, "192.0.2.1"));
	ck_assert(!found(number, "192.0.2.1"));
}

START_TEST(test_twice)
{
	scene.look_up = find_twice;
	target("a.example");
	target("b.example");
	loop_run(&options);
	ck_assert_uint_eq(scene.started, 2); /* one for each name */
}
END_TEST

/* What was found is asked; the family that was not is a row of its own. */
static void
find_half(size_t number)
{
	const bool ipv6 = options.only_ipv6;

	ck_assert(found(number, ipv6 ? "2001:db8::1" : "192.0.2.1"));
	scene.owner->failed(scene.owner->self, number,
	    ipv6 ? MH_FAMILY_IPV4 : MH_FAMILY_IPV6, "gone");
}

START_TEST(test_half)
{
	static const char *const results[] = {
		"192.0.2.1:0\n:0: cannot look up IPv6 addresses: gone\n",
		"[2001:db8::1]:0\n:0: cannot look up IPv4 addresses: gone\n"
	};

	options.only_ipv6 = _i == 1;
	scene.look_up = find_half;
	target("a.example");
	ck_assert_int_eq(loop_run(&options), OPTIONS_EXIT_ERROR);
	ck_assert_str_eq(scene.result, results[_i]);
	ck_assert_uint_eq(scene.started, 1);
}
END_TEST

START_TEST(test_failed)
{
	scene.look_up = fail_name;
	target("a.example");
	ck_assert_int_eq(loop_run(&options), OPTIONS_EXIT_ERROR);
	ck_assert_str_eq(scene.result, ":0: cannot look up: gone\n");
	ck_assert_uint_eq(scene.started, 0);
}
END_TEST

/* The name server takes its time. */
static void
on_answer(evutil_socket_t fd, short events, void *argument)
{
	(void)fd;
	(void)events;
	(void)argument;
	/* All that had begun is over; that is no reason to end. */
	ck_assert_uint_eq(scene.finished, 1);
	scene.pending = 0;
	ck_assert(found(0, "192.0.2.1"));
}

static int64_t
then_answer(struct active *active)
{
	static const struct timeval at_once = { 0, 0 };

	if (active->session->order[0] == 1)
		ck_assert_int_eq(event_base_once(scene.base, -1, EV_TIMEOUT,
				     on_answer, NULL, &at_once),
		    0);
	return ACTIVE_OVER;
}

static void
is_pending(size_t number)
{
	(void)number;
	scene.pending = 1;
}

/* It is waited for, and takes its place in the order of the command line. */
START_TEST(test_found_later)
{
	scene.look_up = is_pending;
	scene.step = then_answer;
	fake_host.step = MS;
	target("a.example:7");
	target("192.0.2.9:7");
	loop_run(&options);
	ck_assert_uint_eq(scene.started, 2);
	ck_assert_str_eq(scene.result, "192.0.2.1:7\n192.0.2.9:7\n");
}
END_TEST

/*
 * The addresses of this host.
 */

START_TEST(test_local)
{
	const struct host_address ours[] = {
		{ .address = unit_address("127.0.0.1") },
		{ .address = unit_address("127.0.0.2") },
	};

	options.local = true;
	options.local_port = 7;
	fake_host.addresses = ours;
	fake_host.address_count = LENGTH(ours);
	loop_run(&options);
	ck_assert_str_eq(scene.result, "127.0.0.1:7\n127.0.0.2:7\n");
}
END_TEST

START_TEST(test_no_local)
{
	options.local = true;
	ck_assert_int_eq(loop_run(&options), OPTIONS_EXIT_ERROR);
	expect_message("mhprobe: --local: this host has no address to ask\n");
}
END_TEST

/* Nothing begins. */
START_TEST(test_from_elsewhere)
{
	options.from = unit_address("192.0.2.99");
	target("192.0.2.1");
	ck_assert_int_eq(loop_run(&options), OPTIONS_EXIT_ERROR);
	expect_message(
	    "mhprobe: --from: 192.0.2.99 is not an address of this host\n");
	ck_assert_uint_eq(scene.asked, 0);
}
END_TEST

START_TEST(test_from)
{
	options.from = unit_address("127.0.0.2");
	scene.step = answered_from_elsewhere;
	target("127.0.0.1");
	ck_assert_int_eq(loop_run(&options), OPTIONS_EXIT_ELSEWHERE);
	ck_assert_str_eq(scratch_log(), "");
}
END_TEST

/*
 * The end.
 */

static int64_t
go_on(struct active *active)
{
	(void)active;
	return fake_host.monotonic_ns;
}

static int
count_signals(
    const struct event_base *base, const struct event *event, void *argument)
{
	unsigned int i, *count = argument;

	(void)base;
	if ((event_get_events(event) & EV_SIGNAL) == 0)
		return 0;
	for (i = 0; host_signals[i].number != event_get_signal(event); i++)
		ck_assert_int_ne(host_signals[i].number, 0);
	ck_assert_int_eq(host_signals[i].action, HOST_STOP);
	++*count;
	return 0;
}

static int
stop_signal(unsigned int number)
{
	unsigned int i;

	for (i = 0; host_signals[i].number != 0; i++)
		if (host_signals[i].action == HOST_STOP && number-- == 0)
			return host_signals[i].number;
	return 0;
}

static int64_t
then_stop(struct active *active)
{
	unsigned int count = 0, stops = 0;

	while (stop_signal(stops) != 0)
		stops++;
	event_base_foreach_event(scene.base, count_signals, &count);
	ck_assert_uint_eq(count, stops);
	active->session->next = 1;
	if (active->steps == 3)
		ck_assert_int_eq(raise(stop_signal(stops - 1)), 0);
	return fake_host.monotonic_ns;
}

/* A user who presses Ctrl-C has seen enough, and gets the results so far. */
START_TEST(test_signal)
{
	scene.step = then_stop;
	target("192.0.2.1:7");
	ck_assert_int_eq(loop_run(&options), OPTIONS_EXIT_SILENT);
	ck_assert_str_eq(scene.result, "192.0.2.1:7\n");
	ck_assert_uint_eq(scene.interrupted, 1);
	ck_assert_uint_eq(scene.freed, 1);
}
END_TEST

static enum active_started
only_first(const struct session *session)
{
	return session->order[0] == 0 ? ACTIVE_STARTED : ACTIVE_NO_SOCKETS;
}

/* What had to wait for its turn was not asked, and is no silence. */
START_TEST(test_signal_before)
{
	scene.start = only_first;
	scene.step = then_stop;
	target("192.0.2.1:7");
	target("192.0.2.2:7");
	ck_assert_int_eq(loop_run(&options), OPTIONS_EXIT_ERROR);
	ck_assert_str_eq(scene.result,
	    "192.0.2.1:7\n192.0.2.2:7: interrupted before it was asked\n");
}
END_TEST

static const struct {
	bool tracks;
	const char *note;
} firewalls[] = { { false, "" },
	{ true, "a firewall of this host may hide an answer from elsewhere" } };

/* Why nothing came, where that may be the reason. */
START_TEST(test_firewall)
{
	fake_host.tracks_connections = firewalls[_i].tracks;
	target("192.0.2.1:7");
	ck_assert_int_eq(loop_run(&options), OPTIONS_EXIT_SILENT);
	ck_assert_str_eq(scene.notes, firewalls[_i].note);
}
END_TEST

/* The progress: what is over, not what has begun. */
static int64_t
check_progress(const struct screen_progress *progress)
{
	ck_assert_uint_eq(
	    progress->done, scene.finished + (scene.asked - scene.started));
	ck_assert_uint_eq(progress->count, 3);
	ck_assert_uint_eq(progress->lookups, scene.pending);
	ck_assert_uint_eq(progress->sessions[2]->order[0], 2);
	if (scene.shown == 3)
		scene.pending = 0;
	return scene.shown < 9 ? 0 : -1;
}

START_TEST(test_progress)
{
	scene.delay = 0;
	scene.show = check_progress;
	scene.start = refuse_first;
	scene.step = go_on;
	scene.pending = 2;
	target("192.0.2.1");
	target("192.0.2.2");
	target("192.0.2.3");
	loop_run(&options);
	/* When nobody can see it any more, it ends. */
	ck_assert_uint_eq(scene.shown, 9);
}
END_TEST

static const struct {
	bool live;
	const char *file;
	bool keys;
} screens[] = {
	{ true, NULL, true },
	{ true, "targets", true },
	{ true, "-", false },
	{ false, NULL, false },
};

/* On a live screen, unless standard input is for targets. */
START_TEST(test_keys)
{
	scene.live = screens[_i].live;
	options.target_file = screens[_i].file;
	target("192.0.2.1");
	loop_run(&options);
	ck_assert_uint_eq(keyboard.opened, screens[_i].keys);
}
END_TEST

/* For a plugin, an answer from elsewhere is worse than a warning. */
START_TEST(test_nagios)
{
	options.nagios = _i == 0;
	scene.step = answered_from_elsewhere;
	target("192.0.2.1");
	ck_assert_int_eq(loop_run(&options), _i == 0 ? 2 : 1);
}
END_TEST

static enum active_started
no_memory_for_second(const struct session *session)
{
	return session->order[0] == 1 ? ACTIVE_NO_MEMORY : ACTIVE_STARTED;
}

/* No result is better than half a result. */
START_TEST(test_no_memory)
{
	scene.start = no_memory_for_second;
	scene.step = go_on;
	target("192.0.2.1");
	target("192.0.2.2");
	ck_assert_int_eq(loop_run(&options), OPTIONS_EXIT_ERROR);
	expect_message("mhprobe: out of memory\n");
	ck_assert_uint_eq(scene.started, 1);
}
END_TEST

START_TEST(test_no_memory_to_look_up)
{
	scene.no_look_up = true;
	target("a.example");
	ck_assert_int_eq(loop_run(&options), OPTIONS_EXIT_ERROR);
	expect_message("mhprobe: out of memory\n");
}
END_TEST

START_TEST(test_no_memory_to_begin)
{
	scene.no_resolve = _i == 0;
	fake_host.network_error = _i == 1 ? MH_ENOMEMORY : 0;
	target("192.0.2.1");
	ck_assert_int_eq(loop_run(&options), OPTIONS_EXIT_ERROR);
	expect_message("mhprobe: out of memory\n");
	ck_assert_uint_eq(scene.asked, 0);
}
END_TEST

static void
add_starts(Suite *suite)
{
	TCase *tcase = fixture_tcase("begin");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_bursts);
	tcase_add_test(tcase, test_next_burst);
	tcase_add_loop_test(tcase, test_room, 0, LENGTH(rooms));
	tcase_add_test(tcase, test_waits_for_sockets);
	tcase_add_test(tcase, test_no_sockets);
	tcase_add_test(tcase, test_refused);
	tcase_add_loop_test(tcase, test_watch, 0, LENGTH(crowds));
	tcase_add_loop_test(tcase, test_wakes, 0, LENGTH(wakes));
	tcase_add_test(tcase, test_over);
	suite_add_tcase(suite, tcase);
}

static void
add_names(Suite *suite)
{
	TCase *tcase = fixture_tcase("names");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_families, 0, LENGTH(families));
	tcase_add_test(tcase, test_found);
	tcase_add_test(tcase, test_found_link_local);
	tcase_add_test(tcase, test_twice);
	tcase_add_loop_test(tcase, test_half, 0, 2);
	tcase_add_test(tcase, test_failed);
	tcase_add_test(tcase, test_found_later);
	tcase_add_test(tcase, test_local);
	tcase_add_test(tcase, test_no_local);
	tcase_add_test(tcase, test_from_elsewhere);
	tcase_add_test(tcase, test_from);
	suite_add_tcase(suite, tcase);
}

static Suite *
loop_suite(void)
{
	Suite *suite = suite_create("loop");
	TCase *tcase = fixture_tcase("end");

	add_starts(suite);
	add_names(suite);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_signal);
	tcase_add_test(tcase, test_signal_before);
	tcase_add_loop_test(tcase, test_firewall, 0, LENGTH(firewalls));
	tcase_add_test(tcase, test_progress);
	tcase_add_loop_test(tcase, test_keys, 0, LENGTH(screens));
	tcase_add_loop_test(tcase, test_nagios, 0, 2);
	tcase_add_test(tcase, test_no_memory);
	tcase_add_test(tcase, test_no_memory_to_look_up);
	tcase_add_loop_test(tcase, test_no_memory_to_begin, 0, 2);
	suite_add_tcase(suite, tcase);
	return suite;
}

Suite *(*const unit_suites[])(void) = { loop_suite, probe_keys_suite, NULL };
