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

	for (i = 0; i < errors->kept; i++)
		log_error("%s", errors->lines[i]);
	if (errors->kept < errors->count)
		log_error("out of memory: errors not shown: %zu",
		    errors->count - errors->kept);
	config_errors_free(errors);
}
