/* SPDX-License-Identifier: ISC */
/*
 * See messages.h.
 */
#include "unit/platform/messages.h"

#include "unit/unit.h"

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <string.h>

static void
put(struct messages *messages, const void *data, size_t size)
{
	ck_assert_uint_le(
	    messages->length + NLMSG_ALIGN(size), sizeof(messages->bytes));
	if (size > 0)
		memcpy(messages->bytes + messages->length, data, size);
	messages->length += NLMSG_ALIGN(size);
}

struct nlmsghdr *
messages_begin(struct messages *messages, unsigned short type,
    const void *header, size_t size)
{
	struct nlmsghdr *message = (void *)(messages->bytes + messages->length);
	const struct nlmsghdr start = {
		.nlmsg_len = (uint32_t)NLMSG_SPACE(size), .nlmsg_type = type
	};

	put(messages, &start, sizeof(start));
	put(messages, header, size);
	return message;
}

void
messages_attribute(struct messages *messages, struct nlmsghdr *message,
    unsigned short type, const void *data, size_t size)
{
	const struct rtattr header = {
		.rta_len = (unsigned short)RTA_LENGTH(size), .rta_type = type
	};

	put(messages, &header, sizeof(header));
	put(messages, data, size);
	message->nlmsg_len += (uint32_t)RTA_SPACE(size);
}

void
messages_link(struct messages *messages, int index, const char *kind)
{
	const struct ifinfomsg link = { .ifi_index = index };
	struct messages info = { .length = 0 };
	struct nlmsghdr *message, ignored = { .nlmsg_len = 0 };

	message = messages_begin(messages, RTM_NEWLINK, &link, sizeof(link));
	messages_attribute(messages, message, IFLA_IFNAME, "some0", 6);
	if (kind == NULL)
		return;
	messages_attribute(&info, &ignored, IFLA_INFO_KIND, "dummy", 6);
	messages_attribute(
	    &info, &ignored, IFLA_INFO_SLAVE_KIND, kind, strlen(kind) + 1);
	messages_attribute(messages, message, IFLA_LINKINFO | NLA_F_NESTED,
	    info.bytes, info.length);
}

void
messages_address(struct messages *messages, unsigned short type,
    const char *text, unsigned int index)
{
	const struct ifaddrmsg header = {
		.ifa_family = AF_INET, .ifa_prefixlen = 24, .ifa_index = index
	};
	struct nlmsghdr *message =
	    messages_begin(messages, type, &header, sizeof(header));
	struct in_addr ip;

	ck_assert_int_eq(inet_pton(AF_INET, text, &ip), 1);
	messages_attribute(messages, message, IFA_LOCAL, &ip, sizeof(ip));
	messages_attribute(messages, message, IFA_ADDRESS, &ip, sizeof(ip));
}

void
messages_end(struct messages *messages, unsigned short type)
{
	const int error = 0;

	messages_begin(messages, type, &error, sizeof(error));
}
