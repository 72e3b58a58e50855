/* SPDX-License-Identifier: ISC */
/*
 * From configured values to the tables that the datagram's way uses.  Files
 * that a service needs are read here; sockets are opened elsewhere.
 */
#include "daemon/config/plan.h"

#include "daemon/base/log.h"
#include "daemon/config/types.h"
#include "platform/file.h"
#include "platform/network.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The largest file for a service, far beyond any real one. */
#define FILE_MAX ((size_t)1 << 20)

/* Append a list of prefixes to the others, all with the same value. */
static void
append(struct prefix *all, size_t *count, const struct config_prefixes *list,
    int value)
{
	size_t i;

	for (i = 0; i < list->count; i++) {
		all[*count] = list->items[i];
		all[*count].value = value;
		++*count;
	}
}

/* A table of allowed and denied prefixes; NULL if both are empty.  Of equal
 * prefixes the denied one wins. */
static bool
make_table(struct prefix_table **table, const struct config_prefixes *allowed,
    const struct config_prefixes *denied)
{
	size_t total = allowed->count + denied->count, count = 0;
	struct prefix *all;

	*table = NULL;
	if (total == 0)
		return true;
	all = calloc(total, sizeof(*all));
	if (all == NULL)
		return false;
	append(all, &count, allowed, GUARD_ALLOW);
	append(all, &count, denied, GUARD_DENY);
	*table = prefix_table_new(all, count);
	free(all);
	return *table != NULL;
}

/* The prefixes in trust, and whether the word "local" is. */
static bool
make_trust(struct guard_rules *rules, const struct config_prefixes *trust)
{
	static const struct config_prefixes none = { NULL, 0 };
	struct config_prefixes named = { .count = 0 };
	bool made;
	size_t i;

	named.items = calloc(trust->count + 1, sizeof(*named.items));
	if (named.items == NULL)
		return false;
	for (i = 0; i < trust->count; i++)
		if (trust->items[i].address.family == MH_FAMILY_NONE)
			rules->trust_local = true;
		else
			named.items[named.count++] = trust->items[i];
	made = make_table(&rules->trust, &named, &none);
	free(named.items);
	return made;
}

/* What is to be done with replies, beyond sending them. */
static void
make_examination(struct plan_service *service)
{
	const struct service *descriptor = service->config->service;
	const struct fault_rules *faults = &service->config->values.faults;

	if (fault_any(faults))
		service->faults = faults;
	service->examines = service->faults != NULL ||
	    (descriptor->bound_ipv4 | descriptor->bound_ipv6) != 0;
}

static bool
make_rules(struct guard_rules *rules, const struct config_service *service,
    uint32_t number)
{
	static const struct config_prefixes none = { NULL, 0 };
	const struct config_values *values = &service->values;

	rules->distinct_replies = service->service->distinct_replies;
	rules->amplifies = service->service->amplifies;
	rules->bound_ipv4 = service->service->bound_ipv4;
	rules->bound_ipv6 = service->service->bound_ipv6;
	rules->max_amplification = values->max_amplification;
	rules->rate = values->rate;
	rules->number = number;
	rules->access_otherwise =
	    values->allow.count > 0 ? GUARD_DENY : GUARD_ALLOW;
	return make_table(&rules->serve, &values->serve, &none) &&
	    make_trust(rules, &values->trust) &&
	    make_table(&rules->access, &values->allow, &values->deny);
}

/* Read the files that the service's own keys name; false if one fails. */
static bool
read_files(const struct config_place *place, struct config_service *service,
    struct config_errors *errors)
{
	struct config_place at = *place;
	struct config_key key;
	struct service_file *file;
	char reason[SERVICE_WHY];
	bool good = true;
	size_t i;

	for (i = 0; i < service_key_count(service->service); i++) {
		key = keys_own(service->service, i);
		if (service->service->keys[i].type != SERVICE_FILE)
			continue;
		file = config_value(&service->values, &key);
		if (file->path == NULL)
			continue;
		free(file->text);
		file->text = host_file_read(file->path, FILE_MAX, &file->length,
		    reason, sizeof(reason));
		if (file->text != NULL)
			continue;
		good = false;
		at.key = key.name;
		config_error_at(
		    errors, &at, "cannot read %s: %s", file->path, reason);
	}
	return good;
}

/*
 * Substitute a placeholder for patterns that could not be parsed while the
 * service checks its settings: that error has been reported, and they must not
 * be reported as missing.
 */
static void
stand_in(struct config_service *service, bool begin)
{
	static const struct service_pattern unread[] = {
		{ .length = SERVICE_PATTERN_MAX + 1 },
		{ .length = SERVICE_PATTERN_MAX + 2 }
	};
	const struct service_pattern *pattern, *placeholder;
	struct config_key key;
	void *value;
	size_t i;

	for (i = 0; i < service_key_count(service->service); i++) {
		key = keys_own(service->service, i);
		if ((key.type != &types_pattern &&
			key.type != &types_wildcards) ||
		    !service->values.faulty[keys_number(&key)])
			continue;
		value = config_value(&service->values, &key);
		memcpy(&pattern, value, sizeof(pattern));
		placeholder = &unread[key.type == &types_pattern];
		/* A pattern may be set twice, which is an error, too. */
		if (pattern != (begin ? NULL : placeholder))
			continue;
		pattern = begin ? placeholder : NULL;
		memcpy(value, &pattern, sizeof(pattern));
	}
}

/* The service's own preparations, so that no request waits for them. */
static bool
prepare_service(struct plan_service *service)
{
	const struct service *descriptor = service->config->service;
	const void *settings = service->config->values.own;
	size_t size;

	if (descriptor->prepare == NULL)
		return true;
	size = descriptor->prepare(settings, NULL, 0);
	service->prepared = calloc(1, size + 1);
	if (service->prepared == NULL)
		return false;
	descriptor->prepare(settings, service->prepared, size);
	return true;
}

/* Files, then the service's own checks, then its preparations. */
static void
make_service(const struct config *config, struct plan_service *service,
    struct config_errors *errors)
{
	const struct service *descriptor = service->config->service;
	struct config_place place = { config, service->config, NULL };
	char reason[SERVICE_WHY];

	if (!read_files(&place, service->config, errors))
		return;
	stand_in(service->config, true);
	if (descriptor->check != NULL)
		place.key =
		    descriptor->check(service->config->values.own, reason);
	stand_in(service->config, false);
	if (place.key != NULL)
		config_error_at(errors, &place, "%s", reason);
	else if (!prepare_service(service))
		config_error(errors, "out of memory");
}

void
plan_check(struct config *config, struct config_errors *errors)
{
	size_t i;

	for (i = 0; i < config->service_count; i++) {
		struct plan_service service = { .config =
						    &config->services[i] };

		make_service(config, &service, errors);
		free(service.prepared);
	}
}

static void
make_policy(struct plan *plan, struct limit *limit)
{
	const struct config_values *values = &plan->config.daemon;
	size_t i;

	plan->policy.answer_broadcast = values->answer_broadcast;
	plan->policy.mark_replies = values->mark_replies;
	plan->policy.rate_total = values->rate_total;
	plan->policy.limit = limit;
	if (limit != NULL)
		limit_derive(limit, plan->policy.seed);
	for (i = 0; i < values->refuse_ports.count; i++)
		guard_ports_add(
		    &plan->policy.refused, values->refuse_ports.items[i]);
	plan->policy_of_others = plan->policy;
	plan->policy_of_others.answer_broadcast = false;
	plan->source.relaxed = values->source != 0;
	plan->source.arrival = values->reply_interface != 0;
	plan->strict_source = plan->source;
	plan->strict_source.relaxed = false;
	if (values->node != NULL)
		snprintf(plan->node, sizeof(plan->node), "%s", values->node);
	else
		host_name(plan->node, sizeof(plan->node));
}

struct plan *
plan_new(
    struct config *config, struct limit *limit, struct config_errors *errors)
{
	struct plan *plan = calloc(1, sizeof(*plan));
	size_t i, before = errors->count;

	if (plan == NULL) {
		config_clear(config);
		config_error(errors, "out of memory");
		return NULL;
	}
	plan->config = *config;
	*config = (struct config){ .action = CONFIG_RUN };
	plan->services =
	    calloc(plan->config.service_count + 1, sizeof(*plan->services));
	for (i = 0; plan->services != NULL && i < plan->config.service_count;
	     i++) {
		struct plan_service *service = &plan->services[i];

		service->config = &plan->config.services[i];
		plan->service_count++;
		make_service(&plan->config, service, errors);
		make_examination(service);
		if (!make_rules(&service->rules, service->config, (uint32_t)i))
			config_error(errors, "out of memory");
	}
	if (plan->services == NULL)
		config_error(errors, "out of memory");
	make_policy(plan, limit);
	if (errors->count == before)
		return plan;
	plan_free(plan);
	return NULL;
}

const struct guard_policy *
plan_policy(const struct plan *plan, unsigned int worker,
    const struct mh_address *bound)
{
	return worker == 0 || mh_address_class(bound) == MH_CLASS_MULTICAST
	    ? &plan->policy
	    : &plan->policy_of_others;
}

const struct mh_source_policy *
plan_source(const struct plan *plan, const struct service *service)
{
	return (service->wants & SERVICE_WANTS_ENDS) != 0 ? &plan->strict_source
							  : &plan->source;
}

void
plan_free(struct plan *plan)
{
	size_t i;

	if (plan == NULL)
		return;
	for (i = 0; i < plan->service_count; i++) {
		guard_rules_clear(&plan->services[i].rules);
		free(plan->services[i].prepared);
	}
	free(plan->services);
	config_clear(&plan->config);
	free(plan);
}

struct path_memory
plan_memory(const struct plan *plan, const struct path_memory *memory)
{
	const struct config_values *values = &plan->config.daemon;
	struct path_memory wanted = *memory;

	if (values->control != NULL)
		return wanted;
	wanted.top = NULL;
	if (values->log_level != LOG_LEVEL_DEBUG)
		wanted.drops = NULL;
	return wanted;
}
