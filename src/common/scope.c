/* SPDX-License-Identifier: ISC */
/*
 * Which addresses need an interface.
 */
#include "common/scope.h"

/*
 * The scope of a multicast address: the last hexadecimal digit of its second
 * byte.
 */
enum { SCOPE_INTERFACE_LOCAL = 1, SCOPE_LINK_LOCAL = 2 };

bool
scope_is_missing(const struct mh_address *address)
{
	unsigned int scope = address->ip[1] & 0x0f;

	if (address->family != MH_FAMILY_IPV6 || address->scope != 0)
		return false;
	switch (mh_address_class(address)) {
	case MH_CLASS_LINK_LOCAL:
		return true;
	case MH_CLASS_MULTICAST:
		return scope == SCOPE_INTERFACE_LOCAL ||
		    scope == SCOPE_LINK_LOCAL;
	default:
		return false;
	}
}
