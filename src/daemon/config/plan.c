/* SPDX-License-Identifier: ISC */
/*
 * From configured values to the tables that the datagram's way reads.  Files
 * that a service needs are read here, sockets are opened elsewhere.
 */
#include "daemon/config/plan.h"

#include "platform/file.h"
#include "platform/network.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The largest file for a service; far more than anybody needs. */
#define FILE_MAX ((size_t)1 << 20)

/* Copy a list of prefixes behind the others, all with that value. */
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

/* A table of allowed and denied prefixes: either may be empty, both gives
 * NULL.  Of equal prefixes the denied one counts. */
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

static bool
make_rules(struct guard_rules *rules, const struct config_values *values,
    uint32_t number)
{
	static const struct config_prefixes none = { NULL, 0 };

	rules->max_amplification = values->max_amplification;
	rules->rate = values->rate;
	rules->number = number;
	rules->access_otherwise =
	    values->allow.count > 0 ? GUARD_DENY : GUARD_ALLOW;
	return make_table(&rules->serve, &values->serve, &none) &&
	    make_table(&rules->trust, &values->trust, &none) &&
	    make_table(&rules->access, &values->allow, &values->deny);
}

/* Was it given, but could not be read? */
static bool
is_faulty(const struct config_values *values, const char *key)
{
	return values->faulty[config_key_find(key) - config_keys];
}

/* What cannot be read is there all the same, and never fits the other. */
static void
make_patterns(
    struct service_settings *settings, const struct config_values *values)
{
	static const struct service_pattern
	    request = { .length = SERVICE_PATTERN_MAX + 1 },
	    reply = { .length = 0 };

	settings->request =
	    is_faulty(values, "request") ? &request : values->request;
	settings->reply = is_faulty(values, "reply") ? &reply : values->reply;
}

/* Once, so that no request has to look through the text. */
static bool
make_index(struct plan_service *service)
{
	const struct service *descriptor = service->config->service;
	struct service_settings *settings = &service->settings;
	size_t count;

	if (descriptor->index == NULL)
		return true;
	count = descriptor->index(settings, NULL, 0);
	service->parts = calloc(count + 1, sizeof(*service->parts));
	if (service->parts == NULL)
		return false;
	descriptor->index(settings, service->parts, count);
	settings->parts = service->parts;
	settings->part_count = count;
	return true;
}

static void
make_settings(const struct config *config, struct plan_service *service,
    struct config_errors *errors)
{
	const struct config_values *values = &service->config->values;
	struct service_settings *settings = &service->settings;
	const struct service *descriptor = service->config->service;
	struct config_place place = { config, service->config, "file" };
	char reason[SERVICE_WHY];

	make_patterns(settings, values);
	if ((descriptor->flags & SERVICE_FILE) != 0 && values->file != NULL) {
		service->text = host_file_read(values->file, FILE_MAX,
		    &settings->text_length, reason, sizeof(reason));
		settings->text = service->text;
		if (service->text == NULL) {
			config_error_at(errors, &place, "cannot read %s: %s",
			    values->file, reason);
			return;
		}
	}
	place.key = descriptor->check == NULL
	    ? NULL
	    : descriptor->check(settings, reason);
	if (place.key != NULL)
		config_error_at(errors, &place, "%s", reason);
	else if (!make_index(service))
		config_error(errors, "out of memory");
}

void
plan_check(const struct config *config, struct config_errors *errors)
{
	size_t i;

	for (i = 0; i < config->service_count; i++) {
		struct plan_service service = { .config =
						    &config->services[i] };

		make_settings(config, &service, errors);
		free(service.text);
		free(service.parts);
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
	for (i = 0; i < values->refuse_ports.count; i++)
		guard_ports_add(
		    &plan->policy.refused, values->refuse_ports.items[i]);
	plan->reply.relaxed = values->source != 0;
	plan->reply.arrival = values->reply_interface != 0;
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
		make_settings(&plan->config, service, errors);
		if (!make_rules(
			&service->rules, &service->config->values, (uint32_t)i))
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

void
plan_free(struct plan *plan)
{
	size_t i;

	if (plan == NULL)
		return;
	for (i = 0; i < plan->service_count; i++) {
		guard_rules_clear(&plan->services[i].rules);
		free(plan->services[i].text);
		free(plan->services[i].parts);
	}
	free(plan->services);
	config_clear(&plan->config);
	free(plan);
}
