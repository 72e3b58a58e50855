/* SPDX-License-Identifier: ISC */
/*
 * Each line has the service first, as in all that is logged about one.
 */
#include "daemon/faults.h"

#include "daemon/base/log.h"

#include <stdlib.h>
#include <string.h>

void
faults_describe(const struct plan *plan, struct strbuf *text)
{
	const struct config_service *config;
	size_t i;

	for (i = 0; i < plan->service_count; i++) {
		config = plan->services[i].config;
		if (!fault_any(&config->values.faults))
			continue;
		strbuf_print(text,
		    "%s: makes faults on purpose in its replies to peers in "
		    "trust: ",
		    config->name);
		fault_describe(&config->values.faults, text);
		strbuf_print(text, "\n");
	}
}

void
faults_log(const struct plan *plan, bool *any)
{
	struct strbuf text = { .text = NULL };
	const char *line, *end;

	faults_describe(plan, &text);
	for (line = text.text; line != NULL && *line != '\0'; line = end + 1) {
		end = strchr(line, '\n');
		if (end == NULL)
			break; /* out of memory */
		log_warning("%.*s", (int)(end - line), line);
	}
	if (*any && text.length == 0)
		log_info("no faults are made on purpose any more");
	*any = text.length != 0;
	free(text.text);
}

/* Does the service have a socket for requests to that address? */
static bool
is_served(const struct bindings *bindings, size_t service,
    const struct mh_address *address)
{
	const struct binding *at = bindings->items;
	const struct binding *end = at + bindings->count;
	const unsigned int can =
	    address->family == MH_FAMILY_IPV4 ? MH_CAN_IPV4 : MH_CAN_IPV6;

	for (; at < end; at++)
		if (at->service == service && (at->can & can) != 0 &&
		    (mh_address_class(&at->bound) == MH_CLASS_UNSPECIFIED ||
			mh_address_compare(&at->bound, address) == 0))
			return true;
	return false;
}

static void
add_impossible(struct strbuf *text, const struct plan *plan,
    const struct bindings *bindings, const struct localnet *localnet,
    size_t service)
{
	const struct guard_network *own = &localnet->guard;
	const struct mh_address *asked;
	struct mh_address source;
	char address[MH_ADDRESS_TEXT];
	size_t i;

	for (i = 0; i < own->address_count; i++) {
		asked = &own->addresses[i];
		if (!is_served(bindings, service, asked) ||
		    fault_source(
			&source, own->addresses, own->address_count, asked))
			continue;
		strbuf_print(text,
		    "%s: fault-source is not possible for requests to %s: "
		    "this host has no second %s address to answer from\n",
		    plan->services[service].config->name,
		    mh_address_format(asked, address, sizeof(address)),
		    asked->family == MH_FAMILY_IPV4 ? "IPv4" : "IPv6");
	}
}

void
faults_find_impossible(const struct plan *plan, const struct bindings *bindings,
    const struct localnet *localnet, struct strbuf *text)
{
	const struct fault_rules *rules;
	size_t i;

	for (i = 0; i < plan->service_count; i++) {
		rules = &plan->services[i].config->values.faults;
		if (fault_is_set(&rules->kinds[FAULT_SOURCE]))
			add_impossible(text, plan, bindings, localnet, i);
	}
}
