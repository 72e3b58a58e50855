/* SPDX-License-Identifier: ISC */
/*
 * The actions of the command line: run the daemon, or print something.
 */
#include "daemon/startup.h"

#include "daemon/app.h"
#include "daemon/config/dump.h"
#include "daemon/base/log.h"
#include "daemon/config/options.h"
#include "daemon/config/plan.h"
#include "daemon/errors.h"
#include "daemon/faults.h"
#include "daemon/inherited.h"
#include "daemon/ops/selftest.h"
#include "platform/file.h"
#include "platform/privileges.h"

#include <stdlib.h>

/* Do everything that a start does, except opening sockets. */
static int
test_config(struct config *config)
{
	struct config_errors errors = { .lines = NULL };
	struct strbuf faults = { .text = NULL };
	struct plan *plan = plan_new(config, NULL, &errors);

	errors_log(&errors);
	if (plan == NULL)
		return CONFIG_EXIT_CONFIG;
	printf("%s: the configuration is valid\n",
	    plan->config.path != NULL ? plan->config.path : "multihomed");
	faults_describe(plan, &faults);
	if (faults.text != NULL)
		fputs(faults.text, stdout);
	free(faults.text);
	plan_free(plan);
	return 0;
}

static int
print_config(struct config *config)
{
	char *text = dump_config(config);

	config_clear(config);
	if (text == NULL) {
		log_error("out of memory");
		return CONFIG_EXIT_OSERR;
	}
	fputs(text, stdout);
	free(text);
	return 0;
}

static int
run_action(struct config *config, const struct command_line *command)
{
	enum mh_stack stack;

	switch (config->action) {
	case CONFIG_HELP:
		options_print_help(stdout);
		break;
	case CONFIG_VERSION:
		options_print_version(stdout);
		break;
	case CONFIG_SELF_TEST:
		stack = config->daemon.stack;
		config_clear(config);
		return selftest_print(stack);
	case CONFIG_TEST:
		return test_config(config);
	case CONFIG_DUMP:
		return print_config(config);
	case CONFIG_RUN:
		log_open(config->daemon.log_level, config->daemon.log != 0);
		return app_run(config, command);
	}
	config_clear(config);
	return 0;
}

/*
 * Check what only a start can: a reload runs in the sandbox.  Returns 0, or the
 * exit code for the error.
 */
static int
check_user(const struct config *config, struct config_errors *errors)
{
	const struct config_place place = { config, NULL, "user" };
	const char *user = config->daemon.user;
	int error;

	if ((config->action != CONFIG_RUN && config->action != CONFIG_TEST) ||
	    user == NULL)
		return 0;
	error = host_user_check(user);
	if (error == 0)
		return 0;
	config_error_at(errors, &place, "cannot switch to user %.100s: %s",
	    user, error == MH_EADDRESS ? "no such user" : mh_strerror(error));
	return CONFIG_EXIT_NOUSER;
}

/* The same for a port file that must not be replaced, least of all by root. */
static int
check_port_file(const struct config *config, struct config_errors *errors)
{
	const struct config_place place = { config, NULL, "port-file" };
	const char *path = config->daemon.port_file;

	if ((config->action != CONFIG_RUN && config->action != CONFIG_TEST) ||
	    path == NULL || host_file_may_write(path))
		return 0;
	config_error_at(errors, &place,
	    "%s exists and is not a regular file: choose another name", path);
	return CONFIG_EXIT_CONFIG;
}

/* The same for sockets that would be ignored.  config: free of errors. */
static int
check_inherited(const struct config *config, struct config_errors *errors)
{
	if (config->action != CONFIG_RUN && config->action != CONFIG_TEST)
		return 0;
	return inherited_check(config, errors) ? 0 : CONFIG_EXIT_CONFIG;
}

int
startup(const struct command_line *command)
{
	struct config_errors errors = { .lines = NULL };
	struct config config;
	int status = load_config(&config, command, &errors);
	int user = check_user(&config, &errors);
	int port_file = check_port_file(&config, &errors);
	int inherited = status == 0 ? check_inherited(&config, &errors) : 0;

	if (status == 0)
		status = user != 0 ? user : port_file;
	if (status == 0)
		status = inherited;
	if (status == 0)
		return run_action(&config, command);
	errors_log(&errors);
	config_clear(&config);
	if (status == CONFIG_EXIT_USAGE)
		options_print_usage(stderr);
	return status;
}
