/* SPDX-License-Identifier: ISC */
/*
 * What the command line asks for: to run, or one of the things that print and
 * end.
 */
#include "daemon/startup.h"

#include "daemon/app.h"
#include "daemon/base/log.h"
#include "daemon/config/options.h"
#include "daemon/config/plan.h"
#include "daemon/ops/selftest.h"
#include "daemon/bindings.h"
#include "platform/inherited.h"
#include "platform/privileges.h"

#include <stdlib.h>

static void
log_errors(struct config_errors *errors)
{
	size_t i;

	for (i = 0; i < errors->count; i++)
		log_error("%s", errors->lines[i]);
	config_errors_free(errors);
}

/* Everything that a start would do but opening sockets. */
static int
test_config(struct config *config)
{
	struct config_errors errors = { .lines = NULL };
	struct plan *plan = plan_new(config, NULL, &errors);

	log_errors(&errors);
	if (plan == NULL)
		return CONFIG_EXIT_CONFIG;
	printf("%s: the configuration is good\n",
	    plan->config.path != NULL ? plan->config.path : "multihomed");
	plan_free(plan);
	return 0;
}

static int
dump_config(struct config *config)
{
	char *text = config_dump(config);

	config_clear(config);
	if (text == NULL) {
		log_error("out of memory");
		return CONFIG_EXIT_OSERR;
	}
	fputs(text, stdout);
	free(text);
	return 0;
}

/* Does a service have that socket of the service manager? */
static bool
is_claimed(const struct config *config, intptr_t handle)
{
	intptr_t handles[BINDINGS_INHERITED_MAX];
	unsigned int count, i;
	size_t service;

	for (service = 0; service < config->service_count; service++) {
		count = host_inherited(config->services[service].name, handles,
		    BINDINGS_INHERITED_MAX);
		for (i = 0; i < count; i++)
			if (handles[i] == handle)
				return true;
	}
	return false;
}

/* A socket that nobody reads holds its port, and says nothing. */
static void
warn_of_unclaimed(const struct config *config)
{
	intptr_t handle;
	unsigned int i;
	char name[256];

	for (i = 0; host_inherited_at(i, &handle, name, sizeof(name)); i++)
		if (!is_claimed(config, handle))
			log_warning("a socket that the service manager calls "
				    "\"%s\" (FileDescriptorName=) is not "
				    "used: that has to be the name of a "
				    "service, as echo or echo.label",
			    name);
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
		return dump_config(config);
	case CONFIG_RUN:
		log_open(config->daemon.log_level, config->daemon.log != 0);
		warn_of_unclaimed(config);
		return app_run(config, command);
	}
	config_clear(config);
	return 0;
}

/*
 * What only a start can look up: a reload is in the sandbox.  Returns 0, or
 * the exit code that fits.
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
	config_error_at(errors, &place, "cannot become user %.100s: %s", user,
	    error == MH_EADDRESS ? "there is no such user"
				 : mh_strerror(error));
	return CONFIG_EXIT_NOUSER;
}

int
startup(const struct command_line *command)
{
	struct config_errors errors = { .lines = NULL };
	struct config config;
	int status = load_config(&config, command, &errors);
	int user = check_user(&config, &errors);

	if (status == 0)
		status = user;
	if (status == 0)
		return run_action(&config, command);
	log_errors(&errors);
	config_clear(&config);
	if (status == CONFIG_EXIT_USAGE)
		options_print_usage(stderr);
	return status;
}
