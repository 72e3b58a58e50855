/* SPDX-License-Identifier: ISC */
/*
 * All that there is to say is put together each time, and what was not said
 * before is logged.
 */
#include "daemon/others.h"

#include "daemon/base/log.h"
#include "daemon/faults.h"
#include "daemon/siblings.h"
#include "common/strbuf.h"

#include <stdlib.h>
#include <string.h>

/* What is known of a service's addresses of a family. */
struct scope {
	const struct bindings *bindings;
	const struct localnet *localnet;
	size_t number;       /* of the service */
	const char *service; /* its name */
	const char *family;
	struct ends ends;
	const struct ends_option *public, *private; /* two each */
	bool everywhere; /* it has a socket for all addresses */
	struct guard_own own;
};

static bool
is_in_scope(
    const struct scope *scope, const struct binding *binding, unsigned int can)
{
	return binding->service == scope->number && !binding->is_other &&
	    (binding->can & can) != 0;
}

/* Can it be another one's other address?  Loopback's, if there is no better. */
static bool
is_candidate(
    const struct scope *scope, const struct mh_address *bound, bool routable)
{
	return routable
	    ? ends_is_routable(bound) && guard_is_own(&scope->own, bound)
	    : mh_address_class(bound) == MH_CLASS_LOOPBACK;
}

/*
 * The addresses that have a socket of their own; or whether there is a socket
 * for all.  False if the family has none.
 */
static bool
gather(struct scope *scope, unsigned int can, struct ends_candidates *bound)
{
	const struct binding *at = scope->bindings->items;
	const struct binding *end = at + scope->bindings->count;
	bool any = false, routable = false;

	scope->everywhere = false;
	*bound = (struct ends_candidates){ .count = 0 };
	bound->items =
	    calloc(scope->bindings->count + 1, sizeof(*bound->items));
	for (; bound->items != NULL && at < end; at++) {
		if (!is_in_scope(scope, at, can))
			continue;
		any = true;
		routable |= ends_is_routable(&at->bound);
		scope->everywhere |=
		    mh_address_class(&at->bound) == MH_CLASS_UNSPECIFIED;
	}
	for (at = scope->bindings->items; any && at < end; at++)
		if (is_in_scope(scope, at, can) &&
		    is_candidate(scope, &at->bound, routable))
			bound->items[bound->count++] = at->bound;
	return any;
}

static void
add_address(struct strbuf *text, const struct ends_option *option)
{
	char address[MH_ADDRESS_TEXT];

	strbuf_print(text, "%s",
	    mh_address_format(&option->address, address, sizeof(address)));
}

/* What counts only if it is there, too. */
static const char *
limit_of(const struct scope *scope)
{
	return scope->ends.serve != NULL ? "in serve " : "";
}

static bool
is_there(const struct ends_option *option)
{
	return option->address.family != MH_FAMILY_NONE;
}

/* The other address of each address in a zone that has two. */
static void
add_two(struct strbuf *text, const struct scope *scope,
    const struct ends_option *two, const char *kind)
{
	strbuf_print(text, "%s: other %s%s address: ", scope->service, kind,
	    scope->family);
	add_address(text, &two[0]);
	strbuf_print(text, ", and ");
	add_address(text, &two[1]);
	strbuf_print(text, " for requests to the former\n");
}

/* Why requests to its addresses have none. */
static void
add_none(struct strbuf *text, const struct scope *scope,
    const struct ends_option *only)
{
	strbuf_print(
	    text, "%s: no other %s address: ", scope->service, scope->family);
	if (!is_there(only)) {
		strbuf_print(text, "%s has none %sthat other hosts can reach\n",
		    scope->everywhere ? "this host" : "the service",
		    limit_of(scope));
		return;
	}
	add_address(text, only);
	strbuf_print(text, " is the only one %sthat %s\n", limit_of(scope),
	    scope->everywhere ? "other hosts can reach" : "it listens on");
}

static void
add_pair(struct strbuf *text, const struct scope *scope,
    const struct ends_option *two)
{
	if (is_there(&two[1]))
		add_two(text, scope, two, "");
	else
		add_none(text, scope, &two[0]);
}

/* The operator has named some: are they there? */
static bool
add_named(struct strbuf *text, const struct scope *scope, unsigned int family)
{
	const struct service_others *said = scope->ends.others;
	const struct ends_option *two = scope->public;

	if (!ends_are_named(&scope->ends, family))
		return false;
	if (is_there(&two[0]) && two[0].rank < said->named_count)
		add_pair(text, scope, two);
	else
		strbuf_print(text,
		    "%s: no other %s address: %s none of other-address\n",
		    scope->service, scope->family,
		    scope->everywhere ? "this host has" : "it listens on");
	return true;
}

static void
add_chosen(struct strbuf *text, const struct scope *scope)
{
	if (is_there(&scope->private[1]))
		add_two(text, scope, scope->private, "private ");
	if (is_there(&scope->public[0]))
		add_pair(text, scope, scope->public);
	else if (!is_there(&scope->private[1]))
		add_none(text, scope, &scope->private[0]);
}

static void
add_family(struct strbuf *text, struct scope *scope, bool ipv6)
{
	const unsigned int family = ipv6 ? MH_FAMILY_IPV6 : MH_FAMILY_IPV4;
	struct ends_candidates bound;

	scope->family = ipv6 ? "IPv6" : "IPv4";
	if (gather(scope, ipv6 ? MH_CAN_IPV6 : MH_CAN_IPV4, &bound)) {
		ends_learn(&scope->ends,
		    scope->everywhere ? &scope->localnet->candidates : &bound,
		    NULL);
		scope->public = ends_options(&scope->ends, family, ENDS_PUBLIC);
		scope->private =
		    ends_options(&scope->ends, family, ENDS_PRIVATE);
		if (!add_named(text, scope, family))
			add_chosen(text, scope);
	}
	ends_candidates_clear(&bound);
}

/* Why CHANGE-REQUEST cannot have a port either: all endpoints or none. */
static void
add_port(struct strbuf *text, const struct config_service *config)
{
	if (config->service->other_port != NULL && config->others.count == 0)
		strbuf_print(text, "%s: no other port: an endpoint has %s\n",
		    config->name, "other-port itself, or the highest port");
}

/* All that there is to say, a line for each. */
static struct strbuf
describe(const struct plan *plan, const struct bindings *bindings,
    const struct localnet *localnet)
{
	struct strbuf text = { .text = NULL };
	const struct plan_service *service;
	struct scope scope;
	size_t i;

	strbuf_print(&text, "\n");
	for (i = 0; i < plan->service_count; i++) {
		service = &plan->services[i];
		if ((service->config->service->wants & SERVICE_WANTS_ENDS) == 0)
			continue;
		scope = (struct scope){ .bindings = bindings,
			.localnet = localnet,
			.number = i,
			.service = service->config->name,
			.own.network = localnet->guard };
		siblings_heed(&scope.ends, service);
		add_family(&text, &scope, false);
		add_family(&text, &scope, true);
		add_port(&text, service->config);
	}
	faults_find_impossible(plan, bindings, localnet, &text);
	return text;
}

/* Is the line, with the newlines around it, in the text? */
static bool
is_logged(const char *logged, const char *line, size_t length)
{
	for (; logged != NULL && (logged = strchr(logged, '\n')) != NULL;
	     logged++)
		if (strncmp(logged, line, length) == 0)
			return true;
	return false;
}

void
others_follow(struct others *others, const struct plan *plan,
    const struct bindings *bindings, const struct localnet *localnet)
{
	struct strbuf text = describe(plan, bindings, localnet);
	const char *line = text.text, *end;

	if (text.lost) {
		free(text.text);
		return;
	}
	for (; (end = strchr(line + 1, '\n')) != NULL; line = end)
		if (!is_logged(others->logged, line, (size_t)(end - line) + 1))
			log_info("%.*s", (int)(end - line - 1), line + 1);
	free(others->logged);
	others->logged = text.text;
}

void
others_clear(struct others *others)
{
	free(others->logged);
	*others = (struct others){ .logged = NULL };
}
