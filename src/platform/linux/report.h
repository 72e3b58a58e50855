/* SPDX-License-Identifier: ISC */
/*
 * What comes back by the error queue of a socket: when a datagram left, and
 * ICMP errors.
 *
 * The kernel numbers the datagrams that it is to report on (SOF_TIMESTAMPING_
 * OPT_ID): we count along.  Since Linux 6.13 the number is ours to choose
 * (SCM_TS_OPT_ID).  Before, a send that fails may use one up or not, depending
 * on where it fails and on the version, even of a stable series (hold_tskey in
 * __ip_append_data()).  From then on there is doubt, until one datagram, the
 * pilot, was sent and reported on while no other one could be: its number is
 * known to be the next one or few, so whatever comes in that range is it.
 */
#ifndef PLATFORM_LINUX_REPORT_H
#define PLATFORM_LINUX_REPORT_H

#include "platform/udp.h"

/* The most that may lie in the error queue of a socket: below 1 KB each. */
#define REPORTS_MAX 64

/* Nothing waits in the kernel for that long: a neighbour has 3 s.  ns. */
#define PILOT_PATIENCE (60 * INT64_C(1000000000))

/*
 * Turn on what MH__SEND_TIME or MH__RECV_HARDWARE_TIME needs; reports that lie
 * there, as of a previous owner, are discarded.  0, or why not: MH_EUNSUPPORTED
 * also for Linux before 4.13.
 */
int mh__report_enable(struct mh__udp *udp, enum mh__option option);

/*
 * The next datagram, after udp->reports.requested others of this call, wants a
 * report: the control messages for it are written after length bytes.  *id:
 * that of the report; 0, and nothing is written, if there will be none.
 * Returns the exact length of all.
 */
size_t mh__report_request(
    struct mh__udp *udp, void *control, size_t length, uint64_t *id);

/*
 * The call is over.  sent: how many of those that requested a report; failed:
 * was there one after them that was tried in vain?
 */
void mh__report_account(
    struct mh__reports *reports, unsigned int sent, bool failed);

/*
 * The sent_id of the report with this number, of a datagram that left at this
 * time; 0: it cannot be told.
 */
uint64_t mh__report_match(
    struct mh__reports *reports, uint32_t number, int64_t sent_ns);

/*
 * Nothing was there to receive.  Was it a report that woke the caller, and does
 * he never ask for them?  Discard them, or he will be woken forever.
 */
void mh__report_discard(struct mh__udp *udp);

#endif
