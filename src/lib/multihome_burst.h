/* SPDX-License-Identifier: ISC */
/*
 * libmultihome: bursts, several datagrams that one peer sent to one address of
 * ours, received as one.  multihome.h, which see, has all else.
 *
 * A socket receives them only if options->want has MH_CAN_BURSTS and the system
 * can: mh_socket_info.can.  Then a received mh_datagram with a segment other
 * than 0 is a burst: its data is datagrams of that many bytes, end to end, the
 * last one of the rest.  They have all else in common, as the system merges
 * only what is alike: peer, local, if_index, ttl and tos.  arrived_ns is that
 * of the burst, once it was complete.  One with segment 0 is no burst, as
 * before; of length 0 is only such a one.
 *
 *  - The batch needs slots of MH_SLOT_SIZE: a burst that is longer than a slot
 *    is cut off, and all that is after the cut is lost.  It has MH_TRUNCATED,
 *    which may mean several datagrams then.
 *  - What counts or limits datagrams must count those in a burst.
 *  - To send it back as it is, set the reply's data, length and segment to the
 *    burst's.  Replies made for each one are sent as one anyway if they are
 *    alike, see mh_socket_options.unsegmented.
 *  - It pays where a peer sends many at once: with bursts of 32 over loopback,
 *    an echo server takes 0.62 of the processor time.  With many peers that
 *    send one at a time and wait it changes nothing.
 *
 * Linux since 5.0: UDP_GRO.  Windows: not supported yet.
 */
#ifndef MULTIHOME_BURST_H
#define MULTIHOME_BURST_H

#include "multihome_address.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

struct mh_datagram;

/*
 * Step through the datagrams of a received one, which is a burst or not:
 *
 *	struct mh_datagram one = { .data = NULL };
 *
 *	while (mh_burst_next(&one, &batch->received[i]))
 *		...
 *
 * *one becomes the next one: with all that they have in common, data that
 * points into the burst's, its own length, segment 0, and MH_TRUNCATED only if
 * it is the last of those that were cut off.  Its data NULL: the first.
 * Leave data and length as they are meanwhile.  False after the last.  Pure;
 * any thread.
 */
bool mh_burst_next(struct mh_datagram *one, const struct mh_datagram *received);

#ifdef __cplusplus
}
#endif

#endif
