/* SPDX-License-Identifier: ISC */
/*
 * Most services have no use for this, and none of it; each of the others gets
 * as much room as it has sockets.
 */
#include "daemon/siblings.h"

#include <stdlib.h>

/* Ends for each service that wants some; NULL when out of memory. */
static struct ends **
ends_of(const struct plan *plan)
{
	const struct service *service;
	struct ends **ends = calloc(plan->service_count + 1, sizeof(*ends));
	size_t i;

	for (i = 0; ends != NULL && i < plan->service_count; i++) {
		service = plan->services[i].config->service;
		if ((service->wants & SERVICE_WANTS_ENDS) == 0)
			continue;
		ends[i] = calloc(1, sizeof(**ends));
		if (ends[i] == NULL) {
			siblings_free(ends, i);
			return NULL;
		}
		siblings_heed(ends[i], &plan->services[i]);
	}
	return ends;
}

/* Room for as many members as ends->count says, of which there are none. */
static bool
make_room(struct ends *ends)
{
	if (ends->count > 0)
		ends->members = calloc(ends->count, sizeof(*ends->members));
	if (ends->count > 0 && ends->members == NULL)
		return false;
	ends->count = 0;
	return true;
}

void
siblings_heed(struct ends *ends, const struct plan_service *service)
{
	const struct service *descriptor = service->config->service;

	ends->serve = service->rules.serve;
	if (descriptor->others != NULL)
		ends->others = descriptor->others(service->prepared);
}

struct ends **
siblings_new(const struct plan *plan, const struct bindings *bindings)
{
	const struct binding *binding = bindings->items;
	struct ends **ends = ends_of(plan);
	size_t i;

	if (ends == NULL)
		return NULL;
	for (i = 0; i < bindings->count; i++, binding++)
		if (ends[binding->service] != NULL)
			ends[binding->service]->count++;
	for (i = 0; i < plan->service_count; i++)
		if (ends[i] != NULL && !make_room(ends[i])) {
			siblings_free(ends, plan->service_count);
			return NULL;
		}
	return ends;
}

void
siblings_join(struct ends *const *ends, const struct bindings *bindings,
    struct listener *const *listeners)
{
	const struct binding *binding = bindings->items;
	struct ends_member *member;
	struct ends *own;
	size_t i;

	for (i = 0; i < bindings->count; i++, binding++) {
		own = ends[binding->service];
		if (listeners[i] == NULL || own == NULL)
			continue;
		member = &own->members[own->count++];
		*member = listener_end(listeners[i]);
		member->pair = binding->pair;
		member->is_other = binding->is_other;
	}
}

void
siblings_learn(struct ends *const *ends, size_t count,
    const struct localnet *localnet, const struct guard_own *own)
{
	size_t i;

	for (i = 0; localnet != NULL && i < count; i++)
		if (ends[i] != NULL && ends[i]->members != NULL)
			ends_learn(ends[i], &localnet->candidates, own);
}

void
siblings_free(struct ends **ends, size_t count)
{
	size_t i;

	for (i = 0; ends != NULL && i < count; i++) {
		if (ends[i] != NULL)
			free(ends[i]->members);
		free(ends[i]);
	}
	free(ends);
}
