/* SPDX-License-Identifier: ISC */
/*
 * The keys, and how the values of [daemon] and of each service come together.
 */
#include "daemon/config/config.h"

#include "daemon/config/types.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AT(member) offsetof(struct config_values, member)
#define BOTH (CONFIG_DAEMON | CONFIG_SERVICE)
#define LASTING (CONFIG_DAEMON | CONFIG_LASTING)

#define LOCAL_NETWORKS                                             \
	"127.0.0.0/8, 169.254.0.0/16, 10.0.0.0/8, 172.16.0.0/12, " \
	"192.168.0.0/16, ::1, fe80::/10, fc00::/7"

/* The ports of services that answer anything: CVE-2024-2169 and kin. */
#define RESPONDERS                                                          \
	"7, 9, 11, 13, 17, 19, 37, 53, 69, 111, 123, 137, 161, 389, 1900, " \
	"5353, 11211"

const struct config_key config_keys[] = {
	{ "config", 'c', CONFIG_OPTION, NULL, 0, "FILE", NULL,
	    "read this file as well", 0 },
	{ "test-config", 't', CONFIG_OPTION, NULL, 0, NULL, NULL,
	    "read the configuration, name all errors, stop", 0 },
	{ "dump-config", 0, CONFIG_OPTION, NULL, 0, NULL, NULL,
	    "print the whole configuration as a file, stop", 0 },
	{ "self-test", 0, CONFIG_OPTION, NULL, 0, NULL, NULL,
	    "does this host answer from the address asked?", 0 },
	{ "verbose", 'v', CONFIG_OPTION, NULL, 0, NULL, NULL,
	    "log more: debugging", 0 },
	{ "quiet", 'q', CONFIG_OPTION, NULL, 0, NULL, NULL,
	    "log less: warnings; twice: errors", 0 },
	{ "version", 'V', CONFIG_OPTION, NULL, 0, NULL, NULL,
	    "version, features and build", 0 },
	{ "help", 'h', CONFIG_OPTION, NULL, 0, NULL, NULL, "this text", 0 },

	{ "listen", 0, BOTH, &types_endpoints, AT(listen), "ENDPOINT,...", NULL,
	    "where a service listens; else on its registered port", 0 },
	{ "stack", 0, LASTING, &types_choice, AT(stack), "dual|two|ipv4|ipv6",
	    "dual", "sockets for an endpoint of every address", 0 },
	{ "source", 0, CONFIG_DAEMON, &types_choice, AT(source),
	    "strict|relaxed", "strict",
	    "answer from the address asked or not at all; or from any", 0 },
	{ "reply-interface", 0, CONFIG_DAEMON, &types_choice,
	    AT(reply_interface), "route|arrival", "route",
	    "who picks the interface of a reply", 0 },
	{ "answer-broadcast", 0, CONFIG_DAEMON, &types_bool,
	    AT(answer_broadcast), "yes|no", "no",
	    "answer what was sent to broadcast and multicast", 0 },
	{ "freebind", 0, LASTING, &types_bool, AT(freebind), "yes|no", "no",
	    "use addresses that are not (yet) on this host", 0 },
	{ "unsegmented", 0, LASTING, &types_bool, AT(unsegmented), "yes|no",
	    "no", "send every reply by itself, none cut from a larger one", 0 },
	{ "rcvbuf", 0, LASTING, &types_bytes, AT(receive_buffer), "BYTES", "0",
	    "receive buffer of each socket; 0: the system's default", 0 },
	{ "sndbuf", 0, LASTING, &types_bytes, AT(send_buffer), "BYTES", "0",
	    "send buffer of each socket; 0: the system's default", 0 },
	{ "batch", 0, LASTING, &types_number, AT(batch), "1-1024", "32",
	    "datagrams to take and answer in one go", 0 },
	{ "busy-poll", 0, CONFIG_DAEMON, &types_number, AT(busy_poll),
	    "0-10000", "0", "microseconds to look for more before sleeping",
	    0 },

	{ "serve", 0, BOTH, &types_prefixes, AT(serve), "PREFIX,...", NULL,
	    "local addresses that answer; else all", 0 },
	{ "allow", 0, BOTH, &types_prefixes, AT(allow), "PREFIX,...", NULL,
	    "peers to answer; else all", 0 },
	{ "deny", 0, BOTH, &types_prefixes, AT(deny), "PREFIX,...", NULL,
	    "peers not to answer; the longest prefix decides", 0 },
	{ "trust", 0, BOTH, &types_prefixes, AT(trust), "PREFIX,...",
	    LOCAL_NETWORKS, "peers free of max-amplification and rate limits",
	    0 },
	{ "refuse-ports", 0, CONFIG_DAEMON, &types_ports, AT(refuse_ports),
	    "PORT,...", RESPONDERS, "source ports never to answer: loops", 0 },
	{ "mark-replies", 0, LASTING, &types_bool, AT(mark_replies), "yes|no",
	    "yes", "send replies with TTL 191, and answer nothing that has it",
	    0 },
	{ "max-amplification", 0, BOTH, &types_ratio, AT(max_amplification),
	    "RATIO", "1.00", "bytes of reply for a byte of request", 0 },
	{ "rate", 0, BOTH, &types_rate, AT(rate), "RATE", "1000/s burst 20000",
	    "from each source prefix", 0 },
	{ "rate-total", 0, CONFIG_DAEMON, &types_rate, AT(rate_total), "RATE",
	    "none", "from all sources that are not trusted together", 0 },
	{ "rate-prefix-v4", 0, LASTING, &types_number, AT(rate_prefix_v4),
	    "1-32", "32", "bits of IPv4 that are one source", 0 },
	{ "rate-prefix-v6", 0, LASTING, &types_number, AT(rate_prefix_v6),
	    "1-128", "64", "bits of IPv6 that are one source", 0 },
	{ "rate-buckets", 0, LASTING, &types_number, AT(rate_buckets),
	    "1024-16777216", "65536", "size of the table of rates", 0 },

	{ "file", 0, BOTH, &types_text, AT(file), "FILE", NULL,
	    "qotd: the quotes", SERVICE_FILE },
	{ "request", 0, BOTH, &types_wildcards, AT(request), "PATTERN", NULL,
	    "fixed: what to wait for", SERVICE_PATTERNS },
	{ "reply", 0, BOTH, &types_pattern, AT(reply), "BYTES", NULL,
	    "fixed: what to answer", SERVICE_PATTERNS },

	{ "workers", 'w', LASTING, &types_workers, AT(workers), "NUMBER|auto",
	    "1", "threads that answer", 0 },
	{ "cpu-affinity", 0, LASTING, &types_bool, AT(cpu_affinity), "yes|no",
	    "no", "a processor for each worker, and what arrives there", 0 },
	{ "user", 'u', LASTING, &types_text, AT(user), "NAME", NULL,
	    "become this user when the sockets are open", 0 },
	{ "sandbox", 0, LASTING, &types_bool, AT(sandbox), "yes|no", "yes",
	    "forbid system calls that answering does not need", 0 },
	{ "port-file", 0, LASTING, &types_text, AT(port_file), "FILE", NULL,
	    "write services and real ports there when ready", 0 },
	{ "node", 0, CONFIG_DAEMON, &types_text, AT(node), "NAME", NULL,
	    "what whoami calls this host; else the host's name", 0 },
	{ "http", 0, LASTING, &types_endpoints, AT(http), "ENDPOINT", NULL,
	    "serve /metrics, /healthz, /readyz and / there", 0 },
	{ "http-allow", 0, CONFIG_DAEMON, &types_prefixes, AT(http_allow),
	    "PREFIX,...", NULL, "who may ask, beyond loopback", 0 },
	{ "probe-interval", 0, CONFIG_DAEMON, &types_seconds,
	    AT(probe_interval), "SECONDS", "5s",
	    "how often to ask our own sockets, for /healthz", 0 },
	{ "drain-time", 0, CONFIG_DAEMON, &types_seconds, AT(drain_time),
	    "SECONDS", "0s", "answer on for so long when told to stop", 0 },
	{ "log", 0, CONFIG_DAEMON, &types_choice, AT(log), "stderr|syslog",
	    "stderr", "where to log", 0 },
	{ "log-level", 0, CONFIG_DAEMON, &types_choice, AT(log_level),
	    "error|warning|info|debug", "info", "what to log", 0 },
	{ .name = NULL },
};

_Static_assert(sizeof(config_keys) / sizeof(config_keys[0]) <= CONFIG_KEYS_MAX,
    "CONFIG_KEYS_MAX is too small");

const struct config_key *
config_key_find(const char *name)
{
	const struct config_key *key;

	for (key = config_keys; key->name != NULL; key++)
		if (strcmp(key->name, name) == 0)
			return key;
	return NULL;
}

/*
 * Errors.
 */

void
config_error(struct config_errors *errors, const char *format, ...)
{
	char line[1024];
	va_list arguments;
	char **grown;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	grown = realloc(errors->lines, (errors->count + 1) * sizeof(*grown));
	if (grown == NULL)
		return;
	errors->lines = grown;
	grown[errors->count] = strdup(line);
	errors->count += grown[errors->count] != NULL;
}

void
config_errors_free(struct config_errors *errors)
{
	size_t i;

	for (i = 0; i < errors->count; i++)
		free(errors->lines[i]);
	free(errors->lines);
	*errors = (struct config_errors){ .lines = NULL };
}

void
config_error_at(struct config_errors *errors, const struct config_place *place,
    const char *format, ...)
{
	const struct config_service *service = place->service;
	const struct config_values *values =
	    service != NULL ? &service->values : &place->config->daemon;
	const ptrdiff_t key = config_key_find(place->key) - config_keys;
	unsigned int line = values->line[key];
	char why[400];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(why, sizeof(why), format, arguments);
	va_end(arguments);
	if (line == 0)
		line = values->section;
	if (values->faulty[key])
		return;
	if (line != 0)
		config_error(errors, "%s:%u: [%s] %s: %s", place->config->path,
		    line, service != NULL ? service->name : "daemon",
		    place->key, why);
	else if (service != NULL)
		config_error(
		    errors, "%s: %s: %s", service->name, place->key, why);
	else
		config_error(errors, "--%s: %s", place->key, why);
}

/*
 * Values.
 */

static void *
value_of(struct config_values *values, const struct config_key *key)
{
	return (char *)values + key->offset;
}

static const void *
value_in(const struct config_values *values, const struct config_key *key)
{
	return (const char *)values + key->offset;
}

static void
values_clear(struct config_values *values)
{
	const struct config_key *key;

	for (key = config_keys; key->name != NULL; key++)
		if (key->type != NULL && key->type->clear != NULL)
			key->type->clear(value_of(values, key));
}

static bool
tell(const struct config_teller *teller, const char *why)
{
	config_error(teller->errors, "%s%s", teller->prefix, why);
	return false;
}

/*
 * A list is read item by item, and each that is wrong is told; blanks around
 * the commas do not count.
 */
static bool
read_list(void *value, const struct config_key *key, const char *text,
    const struct config_teller *teller)
{
	char item[CONFIG_WHY], why[CONFIG_WHY];
	size_t length, trimmed;
	bool good = true;

	for (;;) {
		text += strspn(text, " \t");
		if (*text == '\0')
			return good; /* the list goes on in the next line */
		length = strcspn(text, ",");
		trimmed = length;
		while (trimmed > 0 && strchr(" \t", text[trimmed - 1]) != NULL)
			trimmed--;
		if (trimmed >= sizeof(item))
			trimmed = sizeof(item) - 1;
		memcpy(item, text, trimmed);
		item[trimmed] = '\0';
		if (!key->type->read(value, key, item, why))
			good = tell(teller, why);
		if (text[length] == '\0')
			return good;
		text += length + 1;
	}
}

bool
config_set(struct config_values *values, const struct config_key *key,
    enum config_origin origin, const char *text,
    const struct config_teller *teller)
{
	uint8_t *from = &values->origin[key - config_keys];
	void *value = value_of(values, key);
	char why[CONFIG_WHY];

	if (*from > origin)
		return true; /* the command line has the last word */
	if (!key->type->is_list) {
		if (*from == origin && origin == CONFIG_FILE)
			return tell(teller, "is given twice");
		*from = (uint8_t)origin;
		return key->type->read(value, key, text, why) ||
		    tell(teller, why);
	}
	if (*from != origin)
		key->type->clear(value);
	*from = (uint8_t)origin;
	/* An empty list is a list: it overrides. */
	return *text == '\0' || read_list(value, key, text, teller);
}

bool
config_init(struct config *config)
{
	struct config_errors errors = { .lines = NULL };
	const struct config_teller teller = { &errors, "" };
	const struct config_key *key;
	bool good = true;

	*config = (struct config){ .action = CONFIG_RUN };
	for (key = config_keys; good && key->name != NULL; key++)
		good = key->initial == NULL ||
		    config_set(&config->daemon, key, CONFIG_INITIAL,
			key->initial, &teller);
	config_errors_free(&errors);
	return good;
}

void
config_clear(struct config *config)
{
	size_t i;

	for (i = 0; i < config->service_count; i++) {
		values_clear(&config->services[i].values);
		free(config->services[i].name);
	}
	free(config->services);
	values_clear(&config->daemon);
	free(config->path);
	*config = (struct config){ .action = CONFIG_RUN };
}

static char *
value_text_of(const struct config_values *values, const struct config_key *key)
{
	struct strbuf text = { .text = NULL };

	strbuf_print(&text, "%s", "");
	key->type->write(value_in(values, key), key, &text);
	return text.text;
}

bool
config_keep(struct config_values *values, const struct config_values *from,
    const struct config_key *key)
{
	char *fresh = value_text_of(values, key);
	char *kept = value_text_of(from, key);
	bool differ = fresh == NULL || kept == NULL || strcmp(fresh, kept) != 0;

	free(fresh);
	free(kept);
	if (!differ)
		return false;
	if (key->type->clear != NULL)
		key->type->clear(value_of(values, key));
	key->type->copy(value_of(values, key), value_in(from, key));
	return true;
}

/*
 * Services.
 */

/* What may stand in port files, metrics and pages as it is. */
#define LABEL                                                  \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" \
	"0123456789._-"

/* The service before the colon of "echo:lab"; NULL if there is none. */
static const struct service *
service_of(const char *name)
{
	size_t length = strcspn(name, ":");
	char plain[32];

	if (length >= sizeof(plain) ||
	    (name[length] == ':' && name[length + 1] == '\0'))
		return NULL;
	memcpy(plain, name, length);
	plain[length] = '\0';
	return service_find(plain);
}

struct config_service *
config_service_named(
    struct config *config, const char *name, char why[CONFIG_WHY])
{
	const struct service *service = service_of(name);
	const char *label = strchr(name, ':');
	struct config_service *grown;
	size_t i;

	for (i = 0; i < config->service_count; i++)
		if (strcmp(config->services[i].name, name) == 0)
			return &config->services[i];
	if (service == NULL) {
		snprintf(
		    why, CONFIG_WHY, "there is no service \"%.100s\"", name);
		return NULL;
	}
	if (strlen(name) >= CONFIG_NAME) {
		snprintf(why, CONFIG_WHY,
		    "\"%.100s\": a name has at most %d characters", name,
		    CONFIG_NAME - 1);
		return NULL;
	}
	if (label != NULL && label[1 + strspn(label + 1, LABEL)] != '\0') {
		snprintf(why, CONFIG_WHY,
		    "\"%.100s\": a label has letters, digits, \".\", \"_\" and "
		    "\"-\"",
		    name);
		return NULL;
	}
	grown = realloc(
	    config->services, (config->service_count + 1) * sizeof(*grown));
	if (grown != NULL) {
		config->services = grown;
		grown += config->service_count;
		memset(grown, 0, sizeof(*grown));
		grown->service = service;
		grown->name = strdup(name);
	}
	if (grown == NULL || grown->name == NULL) {
		snprintf(why, CONFIG_WHY, "out of memory");
		return NULL;
	}
	config->service_count++;
	return grown;
}

/* The endpoints behind the = of an argument. */
static bool
add_endpoints(struct config_service *service, const char *text,
    struct config_errors *errors)
{
	char prefix[CONFIG_NAME + sizeof(": an endpoint ")];
	const struct config_teller teller = { errors, prefix };

	if (*text == '\0') {
		config_error(errors,
		    "%s=: there is no endpoint behind the =", service->name);
		return false;
	}
	snprintf(prefix, sizeof(prefix), "%s: an endpoint ", service->name);
	return config_set(&service->values, config_key_find("listen"),
	    CONFIG_COMMAND_LINE, text, &teller);
}

bool
config_add(
    struct config *config, const char *text, struct config_errors *errors)
{
	const size_t length = strcspn(text, "=");
	struct config_service *service = NULL;
	char *name = strdup(text), why[CONFIG_WHY] = "out of memory";

	if (name != NULL) {
		name[length] = '\0';
		service = config_service_named(config, name, why);
	}
	free(name);
	if (service == NULL) {
		config_error(errors, "%s", why);
		return false;
	}
	return text[length] == '\0' ||
	    add_endpoints(service, text + length + 1, errors);
}

/*
 * The whole.
 */

/* What the service does not say, the daemon does. */
static bool
inherit(struct config_values *values, const struct config_values *from)
{
	const struct config_key *key;
	uint8_t *origin;

	for (key = config_keys; key->name != NULL; key++) {
		origin = &values->origin[key - config_keys];
		if ((key->scope & BOTH) != BOTH || *origin != CONFIG_INITIAL)
			continue;
		*origin = CONFIG_INHERITED;
		values->line[key - config_keys] = from->line[key - config_keys];
		values->faulty[key - config_keys] =
		    from->faulty[key - config_keys];
		if (!key->type->copy(
			value_of(values, key), value_in(from, key)))
			return false;
	}
	return true;
}

static void
finish_service(const struct config *config, struct config_service *service,
    struct config_errors *errors)
{
	const struct config_place place = { config, service, "listen" };
	struct config_endpoints *listen = &service->values.listen;
	struct mh_address *registered;

	if (listen->count > 0)
		return;
	if (service->service->port == 0 && service->values.section != 0) {
		config_error_at(errors, &place,
		    "there is no registered port: give it one, as in listen = "
		    ":7008");
		return;
	}
	if (service->service->port == 0) {
		config_error(errors,
		    "%s has no registered port: give it one, as in %s=:7008",
		    service->name, service->name);
		return;
	}
	registered = calloc(1, sizeof(*registered));
	if (registered == NULL) {
		config_error(errors, "out of memory");
		return;
	}
	registered->port = service->service->port;
	listen->items = registered;
	listen->count = 1;
}

enum { WITH_IPV4 = 1 << 0, WITH_IPV6 = 1 << 1 };

static bool
is_any(const struct mh_address *endpoint)
{
	return endpoint->family == MH_FAMILY_NONE ||
	    mh_address_class(endpoint) == MH_CLASS_UNSPECIFIED;
}

/* The families in which an endpoint is listened on. */
static unsigned int
families(const struct mh_address *endpoint, unsigned int stack)
{
	static const unsigned int of_wildcards[] = {
		[MH_STACK_DUAL] = WITH_IPV4 | WITH_IPV6,
		[MH_STACK_TWO] = WITH_IPV4 | WITH_IPV6,
		[MH_STACK_IPV4] = WITH_IPV4,
		[MH_STACK_IPV6] = WITH_IPV6,
	};

	if (endpoint->family == MH_FAMILY_IPV4)
		return WITH_IPV4;
	if (is_any(endpoint))
		return of_wildcards[stack];
	return WITH_IPV6;
}

/*
 * Would the system bind to both?  With several workers it would, and deal the
 * datagrams out to one and the other.
 */
static bool
overlap(const struct mh_address *one, const struct mh_address *other,
    unsigned int stack)
{
	return one->port != 0 && one->port == other->port &&
	    (families(one, stack) & families(other, stack)) != 0 &&
	    (is_any(one) || is_any(other) ||
		mh_address_compare(one, other) == 0);
}

/* Is the endpoint, or a part of it, a service's already? */
static void
check_endpoint(const struct config_place *place,
    const struct mh_address *wanted, struct config_errors *errors)
{
	const struct config *config = place->config;
	char text[MH_ADDRESS_TEXT], had[MH_ADDRESS_TEXT];
	const struct config_service *service = config->services;
	const struct config_endpoints *listen;
	size_t i;

	mh_endpoint_format(wanted, text, sizeof(text));
	for (;; service++) {
		listen = &service->values.listen;
		for (i = 0; i < listen->count; i++) {
			if (&listen->items[i] == wanted)
				return; /* what follows will look back */
			if (!overlap(&listen->items[i], wanted,
				config->daemon.stack))
				continue;
			mh_endpoint_format(&listen->items[i], had, sizeof(had));
			config_error_at(errors, place,
			    strcmp(had, text) == 0
				? "%s has %s already"
				: "%s has %s, which has a part in common "
				  "with %s",
			    service->name, had, text);
			return;
		}
	}
}

/* Can all endpoints of a service be served? */
static void
check_endpoints(const struct config *config, struct config_service *service,
    struct config_errors *errors)
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
			    "leaves out",
			    mh_endpoint_format(
				&listen->items[i], text, sizeof(text)));
		check_endpoint(&place, &listen->items[i], errors);
	}
}

void
config_finish(struct config *config, struct config_errors *errors)
{
	const struct config_place http = { config, NULL, "http" };
	const struct config_place node = { config, NULL, "node" };
	const struct config_place ports = { config, NULL, "port-file" };
	size_t i;

	for (i = 0; i < config->service_count; i++) {
		if (!inherit(&config->services[i].values, &config->daemon)) {
			config_error(errors, "out of memory");
			return;
		}
		finish_service(config, &config->services[i], errors);
		check_endpoints(config, &config->services[i], errors);
	}
	if (config->daemon.node != NULL &&
	    strlen(config->daemon.node) > CONFIG_NODE_MAX)
		config_error_at(
		    errors, &node, "is longer than %d bytes", CONFIG_NODE_MAX);
	if (config->path != NULL && config->daemon.port_file != NULL &&
	    strcmp(config->path, config->daemon.port_file) == 0)
		config_error_at(errors, &ports,
		    "is the configuration file, which would be overwritten");
	if (config->daemon.http.count > 1)
		config_error_at(errors, &http, "must be one endpoint");
	if (config->daemon.http.count == 1 &&
	    config->daemon.http_allow.count == 0 &&
	    mh_address_class(&config->daemon.http.items[0]) !=
		MH_CLASS_LOOPBACK)
		config_error_at(errors, &http,
		    "must be on loopback, as 127.0.0.1:9853, unless http-allow "
		    "says who may ask");
}

static void
dump_values(struct strbuf *text, const struct config_values *values,
    unsigned int scope, unsigned int flags)
{
	const struct config_key *key;
	size_t before;

	for (key = config_keys; key->name != NULL; key++) {
		if ((key->scope & scope) == 0 ||
		    (key->service_flag != 0 &&
			(key->service_flag & flags) == 0))
			continue;
		strbuf_print(text, "%s = ", key->name);
		before = text->length;
		key->type->write(value_in(values, key), key, text);
		/* An empty list is a value; other things are just not set. */
		if (text->length == before && !key->type->is_list) {
			text->length = before - strlen(key->name) - 3;
			strbuf_print(text, "; %s =", key->name);
		}
		strbuf_print(text, "\n");
	}
}

char *
config_dump(const struct config *config)
{
	struct strbuf text = { .text = NULL };
	const struct config_service *service;
	size_t i;

	strbuf_print(&text, "[daemon]\n");
	dump_values(&text, &config->daemon, CONFIG_DAEMON, 0);
	for (i = 0; i < config->service_count; i++) {
		service = &config->services[i];
		strbuf_print(&text, "\n[%s]\n", service->name);
		dump_values(&text, &service->values, CONFIG_SERVICE,
		    service->service->flags);
	}
	if (text.lost) {
		free(text.text);
		return NULL;
	}
	return text.text;
}
