/* SPDX-License-Identifier: ISC */
/*
 * What the rest of the library knows of a batch beyond multihome.h.
 */
#ifndef LIB_BATCH_H
#define LIB_BATCH_H

#include "lib/multihome.h"

/* Did mh_batch_release() give it back, though others were reserved after it? */
static inline bool
mh__batch_is_released(const struct mh_datagram *datagram)
{
	return datagram->peer.family == MH_FAMILY_NONE &&
	    datagram->status == MH_RELEASED;
}

#endif
