/* SPDX-License-Identifier: ISC */
/*
 * The lines of the port file.  The platform makes sure that it is written whole
 * or not at all.
 */
#include "daemon/ops/portfile.h"

#include "daemon/base/log.h"
#include "platform/file.h"

void
portfile_add(
    struct strbuf *text, const char *service, const struct mh_address *endpoint)
{
	char address[MH_ADDRESS_TEXT];

	strbuf_print(text, "%s %s\n", service,
	    mh_endpoint_format(endpoint, address, sizeof(address)));
}

bool
portfile_write(const char *path, const struct strbuf *text)
{
	char reason[128] = "out of memory";

	if (!text->lost &&
	    host_file_write(
		path, text->text, text->length, reason, sizeof(reason)))
		return true;
	log_error("cannot write port file %s: %s", path, reason);
	return false;
}
