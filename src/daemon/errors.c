/* SPDX-License-Identifier: ISC */
/*
 * From the pure code of src/daemon/config to the log.
 */
#include "daemon/errors.h"

#include "daemon/base/log.h"

void
errors_log(struct config_errors *errors)
{
	size_t i;

	for (i = 0; i < errors->count; i++)
		log_error("%s", errors->lines[i]);
	config_errors_free(errors);
}
