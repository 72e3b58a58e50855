/* SPDX-License-Identifier: ISC */
/*
 * The table of services, in its own file so that a test can replace it.
 */
#include "services/table.h"

#define SERVICE_ENTRY(name) &service_##name,

const struct service *const service_table[] = { SERVICES(SERVICE_ENTRY) NULL };
