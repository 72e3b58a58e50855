/* SPDX-License-Identifier: ISC */
/*
 * Ask a service, without any network.
 */
#ifndef UNIT_SERVICES_ASK_H
#define UNIT_SERVICES_ASK_H

#include "services/service.h"

#include "unit/unit.h"

#define SECOND INT64_C(1000000000)
#define DAY (86400 * SECOND)

/* As much as a trusted peer may be sent. */
#define ALLOWED_ANY 65507

/*
 * What the service makes of that request: the length of the reply, or
 * SERVICE_SILENT.  *reply: the reply, ended by a 0; good until the next one.
 * A reply outside of its slot fails the test.
 */
int ask(const struct service *service, const struct service_context *context,
    const struct mh_datagram *request, const char **reply);

/* The same with those bytes as request. */
int ask_bytes(const struct service *service,
    const struct service_context *context, const void *bytes, size_t length,
    const char **reply);

/* Have the service index the text of its settings; good until the next one. */
void ask_index(
    const struct service *service, struct service_settings *settings);

#endif
