/* SPDX-License-Identifier: ISC */
/*
 * The datagrams of a burst, one after another.  Pure.
 */
#include "lib/multihome_burst.h"

#include "lib/multihome.h"

bool
mh_burst_next(struct mh_datagram *one, const struct mh_datagram *received)
{
	const uint8_t *end = (uint8_t *)received->data + received->length;
	uint8_t *at = received->data;
	size_t left;

	if (one->data != NULL) {
		at = (uint8_t *)one->data + one->length;
		if (at == end)
			return false;
	} else {
		*one = *received;
		one->segment = 0;
		one->flags &= ~(uint32_t)MH_TRUNCATED;
	}
	left = (size_t)(end - at);
	one->data = at;
	one->length = left;
	if (received->segment != 0 && received->segment < left)
		one->length = received->segment;
	else
		one->flags |= received->flags & MH_TRUNCATED;
	return true;
}
