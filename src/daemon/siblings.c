/* SPDX-License-Identifier: ISC */
/*
 * Most services have no use for this; each of the others gets as much room as
 * it has sockets.
 */
#include "daemon/siblings.h"

#include <stdlib.h>

/* Can a request to the binding be answered by another one of its service? */
static bool
has_siblings(const struct plan *plan, const struct binding *binding)
{
	const struct plan_service *service = &plan->services[binding->service];

	return (service->config->service->wants & SERVICE_WANTS_ENDS) != 0;
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

struct ends *
siblings_new(const struct plan *plan, const struct bindings *bindings)
{
	const struct binding *binding = bindings->items;
	struct ends *ends = calloc(plan->service_count + 1, sizeof(*ends));
	size_t i;

	if (ends == NULL)
		return NULL;
	for (i = 0; i < bindings->count; i++, binding++)
		ends[binding->service].count += has_siblings(plan, binding);
	for (i = 0; i < plan->service_count; i++) {
		siblings_heed(&ends[i], &plan->services[i]);
		if (!make_room(&ends[i])) {
			siblings_free(ends, plan->service_count);
			return NULL;
		}
	}
	return ends;
}

void
siblings_join(struct ends *ends, const struct plan *plan,
    const struct bindings *bindings, struct listener *const *listeners)
{
	const struct binding *binding = bindings->items;
	struct ends_member *member;
	struct ends *own;
	size_t i;

	for (i = 0; i < bindings->count; i++, binding++) {
		if (listeners[i] == NULL || !has_siblings(plan, binding))
			continue;
		own = &ends[binding->service];
		member = &own->members[own->count++];
		*member = listener_end(listeners[i]);
		member->pair = binding->pair;
		member->is_other = binding->is_other;
	}
}

void
siblings_learn(struct ends *ends, size_t count, const struct localnet *localnet,
    const struct guard_own *own)
{
	size_t i;

	for (i = 0; localnet != NULL && i < count; i++)
		if (ends[i].members != NULL)
			ends_learn(&ends[i], &localnet->candidates, own);
}

void
siblings_free(struct ends *ends, size_t count)
{
	size_t i;

	for (i = 0; ends != NULL && i < count; i++)
		free(ends[i].members);
	free(ends);
}
