/* SPDX-License-Identifier: ISC */
/*
 * Datagrams that arrive at the fake system for the daemon: all that answering
 * on one socket needs, set up once for the tests of respond.c and listener.c.
 */
#ifndef UNIT_PATH_TRAFFIC_H
#define UNIT_PATH_TRAFFIC_H

#include "daemon/path/respond.h"
#include "platform/network.h"
#include "unit/fake_host.h"
#include "unit/fixture.h"

enum { TRAFFIC_SLOTS = 32 };

/*
 * The host: 192.0.2.1/24, 2001:db8::1 and fe80::1%2 on eth0 (2), loopback on
 * lo (1); one dual-stack socket on port 7.  Networks that are not routed in the
 * Internet are trusted.
 */
struct traffic {
	struct mh_socket *socket;
	struct mh_batch *batch;
	struct guard_policy policy;
	struct guard_rules rules;
	struct guard_own own;
	struct mh_source_policy source;
	struct host_network network;
	struct respond respond;
};

extern struct traffic traffic;

/* A test case on a new system with traffic set up. */
TCase *traffic_tcase(const char *name);

/* Open that socket anew, wanting that much (MH_CAN_*); nothing was sent yet. */
void traffic_reopen(unsigned int want);

/*
 * What arrives when peer asks that address of ours: "192.0.2.1", the name of a
 * group, "192.0.2.255"; "": the system does not report it.
 */
struct fake_incoming traffic_from(const char *peer, const char *asked);

/* Deliver count datagrams of 4 bytes, from ports first, first + 1, ... */
void traffic_deliver(unsigned int first, unsigned int count);

/* Were exactly these sent, to ports first, first + 1, ..., in this order? */
void traffic_assert_sent(
    unsigned int from, unsigned int first, unsigned int count);

/* Receive a batch and answer it. */
void traffic_respond(void);

/* Send what is queued; true if nothing is left. */
bool traffic_flush(void);

/* After this many replies, nothing can be sent. */
void traffic_block(unsigned int sent);

/* A counter; of datagrams dropped for that reason; dropped for any. */
uint64_t traffic_count(enum stats_counter counter);
uint64_t traffic_dropped(enum verdict verdict);
uint64_t traffic_dropped_all(void);

/*
 * received + taken over = answered + silent + dropped + handed over + queued.
 */
void traffic_assert_sum(uint64_t queued);

#endif
