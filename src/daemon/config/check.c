/* SPDX-License-Identifier: ISC */
/*
 * The configuration as a whole, once all of it has been read: services inherit
 * values, and conflicts between them are reported.
 */
#include "daemon/config/check.h"

#include "daemon/config/overlap.h"
#include "daemon/config/types.h"

#include <stdlib.h>
#include <string.h>

#define BOTH (CONFIG_DAEMON | CONFIG_SERVICE)

/* One key that the service does not set itself. */
static bool
inherit_key(struct config_values *values, const struct config_values *from,
    const struct config_key *key)
{
	const size_t number = keys_number(key);

	if (values->origin[number] != CONFIG_INITIAL)
		return true;
	values->origin[number] = CONFIG_INHERITED;
	values->file[number] = from->file[number];
	values->line[number] = from->line[number];
	values->faulty[number] = from->faulty[number];
	return key->type->copy(
	    config_value(values, key), config_value_in(from, key));
}

/*
 * One of the service's own keys.  --SERVICE-KEY names the service, and so it
 * overrides the service's section, too.
 */
static bool
inherit_own(struct config_values *values, const struct config_values *from,
    const struct config_key *key)
{
	const size_t number = keys_number(key);

	if (from->origin[number] == CONFIG_SERVICE_OPTION &&
	    values->origin[number] != CONFIG_INITIAL) {
		config_clear_value(values, key);
		values->origin[number] = CONFIG_INITIAL;
	}
	return inherit_key(values, from, key);
}

/* What the service does not set, it inherits from [daemon]. */
static bool
inherit(const struct config *config, struct config_service *service)
{
	const struct config_key *key;
	struct config_key own;
	size_t i, row = 0;

	for (key = keys_table; key->name != NULL; key++)
		if ((key->scope & BOTH) == BOTH &&
		    !inherit_key(&service->values, &config->daemon, key))
			return false;
	while (service_table[row] != service->service)
		row++;
	for (i = 0; i < service_key_count(service->service); i++) {
		own = keys_own(service->service, i);
		if (!inherit_own(
			&service->values, &config->defaults[row], &own))
			return false;
	}
	return true;
}

/* Without an endpoint a service listens on its registered port. */
static void
default_endpoint(const struct config *config, struct config_service *service,
    struct config_errors *errors)
{
	const struct config_place place = { config, service, "listen" };
	struct config_endpoints *listen = &service->values.listen;

	if (service->service->port == 0 && service->values.section != 0) {
		config_error_at(errors, &place,
		    "no registered port: set one, as in listen = :7008");
		return;
	}
	if (service->service->port == 0) {
		config_error(errors,
		    "%s has no registered port: add one, as in %s=:7008",
		    service->name, service->name);
		return;
	}
	listen->items = calloc(1, sizeof(*listen->items));
	if (listen->items == NULL) {
		config_error(errors, "out of memory");
		return;
	}
	listen->items[0].port = service->service->port;
	listen->count = 1;
}

/* For each endpoint, the one with the service's other port. */
static void
other_endpoints(struct config_service *service, struct config_errors *errors)
{
	const struct service *descriptor = service->service;
	const struct config_endpoints *listen = &service->values.listen;
	struct config_endpoints *others = &service->others;
	uint16_t port;
	size_t i;

	if (descriptor->other_port == NULL)
		return;
	others->items = calloc(listen->count + 1, sizeof(*others->items));
	if (others->items == NULL) {
		config_error(errors, "out of memory");
		return;
	}
	for (i = 0; i < listen->count; i++) {
		port = listen->items[i].port;
		others->items[i] = listen->items[i];
		/* If any port will do, so it will for the other one. */
		if (port == 0)
			continue;
		others->items[i].port =
		    descriptor->other_port(service->values.own, port);
		if (others->items[i].port == 0)
			return; /* none for these settings */
	}
	others->count = listen->count;
}

/* Another service listens on the endpoint, or on a part of it. */
static void
report_overlap(const struct config_place *place,
    const struct overlap_entry *other, const struct mh_address *wanted,
    struct config_errors *errors)
{
	char text[MH_ADDRESS_TEXT], had[MH_ADDRESS_TEXT];

	mh_endpoint_format(wanted, text, sizeof(text));
	mh_endpoint_format(other->endpoint, had, sizeof(had));
	if (strcmp(had, text) == 0)
		config_error_at(errors, place, "%s already listens on %s",
		    other->service->name, had);
	else
		config_error_at(errors, place,
		    "%s already listens on %s, which overlaps %s",
		    other->service->name, had, text);
}

static void
check_endpoint(const struct config_place *place, struct overlap *earlier,
    const struct mh_address *wanted, struct config_errors *errors)
{
	const struct overlap_entry *other = overlap_find(earlier, wanted);

	if (other != NULL)
		report_overlap(place, other, wanted, errors);
	/* Later ones are compared with this one. */
	if (!overlap_add(earlier, place->service, wanted))
		config_error(errors, "out of memory");
}

/* Can all endpoints of a service be served? */
static void
check_endpoints(const struct config *config, struct config_service *service,
    struct overlap *earlier, struct config_errors *errors)
{
	const struct config_place place = { config, service, "listen" };
	const unsigned int stack = config->daemon.stack;
	const struct config_endpoints *listen = &service->values.listen;
	char text[MH_ADDRESS_TEXT];
	size_t i;

	for (i = 0; i < listen->count; i++) {
		if ((stack == MH_STACK_IPV4 &&
			listen->items[i].family == MH_FAMILY_IPV6) ||
		    (stack == MH_STACK_IPV6 &&
			listen->items[i].family == MH_FAMILY_IPV4))
			config_error_at(errors, &place,
			    "%s is of the family that the key \"stack\" "
			    "excludes",
			    mh_endpoint_format(
				&listen->items[i], text, sizeof(text)));
		check_endpoint(&place, earlier, &listen->items[i], errors);
	}
	for (i = 0; i < service->others.count; i++)
		check_endpoint(
		    &place, earlier, &service->others.items[i], errors);
}

static void
check_service(struct config *config, struct config_service *service,
    struct overlap *earlier, struct config_errors *errors)
{
	if (!inherit(config, service)) {
		config_error(errors, "out of memory");
		return;
	}
	if (service->values.listen.count == 0)
		default_endpoint(config, service, errors);
	other_endpoints(service, errors);
	check_endpoints(config, service, earlier, errors);
}

/* Over TCP, :: is of both families whatever the stack is. */
static void
check_http(const struct config *config, struct config_errors *errors)
{
	const struct config_place place = { config, NULL, "http" };
	const struct config_values *values = &config->daemon;
	struct overlap earlier = { .stack = MH_STACK_DUAL };
	const struct mh_address *endpoint = values->http.items;
	char text[MH_ADDRESS_TEXT];
	size_t i;

	for (i = 0; i < values->http.count; i++, endpoint++) {
		if (values->http_allow.count == 0 &&
		    mh_address_class(endpoint) != MH_CLASS_LOOPBACK)
			config_error_at(errors, &place,
			    "must be on loopback, such as 127.0.0.1:9853, "
			    "unless http-allow is set");
		if (overlap_find(&earlier, endpoint) != NULL)
			config_error_at(errors, &place,
			    "%s overlaps one before it",
			    mh_endpoint_format(endpoint, text, sizeof(text)));
		if (!overlap_add(&earlier, NULL, endpoint))
			config_error(errors, "out of memory");
	}
	overlap_clear(&earlier);
}

void
check_config(struct config *config, struct config_errors *errors)
{
	const struct config_place node = { config, NULL, "node" };
	const struct config_place ports = { config, NULL, "port-file" };
	const struct config_values *values = &config->daemon;
	struct overlap endpoints = { .stack = values->stack };
	size_t i;

	for (i = 0; i < config->service_count; i++)
		check_service(config, &config->services[i], &endpoints, errors);
	overlap_clear(&endpoints);
	if (values->node != NULL && strlen(values->node) > CONFIG_NODE_MAX)
		config_error_at(
		    errors, &node, "is longer than %d bytes", CONFIG_NODE_MAX);
	for (i = 0; values->port_file != NULL && i < config->file_count; i++)
		if (strcmp(config->files[i].name, values->port_file) == 0)
			config_error_at(errors, &ports,
			    "is the configuration file, which would be "
			    "overwritten");
	check_http(config, errors);
}
