/* SPDX-License-Identifier: ISC */
/*
 * The table of keys.  A new key of the daemon is a line here; a service's own
 * keys are in its descriptor and need nothing here.
 */
#include "daemon/config/keys.h"

#include "daemon/config/types.h"
#include "daemon/config/values.h"

#include <string.h>

#define BOTH (CONFIG_DAEMON | CONFIG_SERVICE)
#define LASTING (CONFIG_DAEMON | CONFIG_LASTING)

/* Ports of services that answer anything: CVE-2024-2169 and the like. */
#define RESPONDERS                                                         \
	"7, 9, 11, 13, 17, 19, 37, 53, 69, 111, 123, 137, 161, 177, 389, " \
	"500, 862, 1900, 3478, 3702, 5060, 5353, 5683, 10001, 11211, 27015"

/* A key without and with a short option. */
#define KEY(name, scope, type, member, argument, initial, help) \
	KEY_LETTER(name, 0, scope, type, member, argument, initial, help)
#define KEY_LETTER(name, letter, scope, type, member, argument, initial, help) \
	{                                                                      \
		name, letter, scope, &type,                                    \
		    offsetof(struct config_values, member), argument, initial, \
		    help, NULL, 0                                              \
	}

/* An option that is not a key. */
#define OPTION(name, letter, argument, help)                                \
	{                                                                   \
		name, letter, CONFIG_OPTION, NULL, 0, argument, NULL, help, \
		    NULL, 0                                                 \
	}

const struct config_key keys_table[] = {
	OPTION("config", 'c', "FILE", "read this file as well"),
	OPTION("test-config", 't', NULL,
	    "check the configuration, report all errors, exit"),
	OPTION("dump-config", 0, NULL,
	    "print the whole configuration as a file, exit"),
	OPTION("self-test", 0, NULL,
	    "does this host answer from the address asked?"),
	OPTION("verbose", 'v', NULL, "log more: debugging"),
	OPTION("quiet", 'q', NULL, "log less: warnings; twice: errors"),
	OPTION("version", 'V', NULL, "version, features and build"),
	OPTION("help", 'h', NULL, "this text"),

	KEY("listen", BOTH, types_endpoints, listen, "ENDPOINT,...", NULL,
	    "where a service listens; default: its registered port"),
	KEY("stack", LASTING, types_choice, stack, "dual|two|ipv4|ipv6", "dual",
	    "sockets for endpoints without an address"),
	KEY("source", CONFIG_DAEMON, types_choice, source, "strict|relaxed",
	    "strict",
	    "answer from the address asked or not at all; or from any"),
	KEY("reply-interface", CONFIG_DAEMON, types_choice, reply_interface,
	    "route|arrival", "route", "what selects the interface of a reply"),
	KEY("reply-dscp", LASTING, types_dscp, reply_dscp, "NUMBER|copy", "0",
	    "DSCP of replies; copy: that of the request"),
	KEY("answer-broadcast", CONFIG_DAEMON, types_bool, answer_broadcast,
	    "yes|no", "no", "answer what was sent to broadcast and multicast"),
	KEY("freebind", LASTING, types_bool, freebind, "yes|no", "no",
	    "bind to addresses that this host does not have (yet)"),
	KEY("unsegmented", LASTING, types_bool, unsegmented, "yes|no", "no",
	    "send every reply on its own: no segmentation offload"),
	KEY("rcvbuf", LASTING, types_bytes, receive_buffer, "BYTES", "0",
	    "receive buffer of each socket; 0: the system's default"),
	KEY("sndbuf", LASTING, types_bytes, send_buffer, "BYTES", "0",
	    "send buffer of each socket; 0: the system's default"),
	KEY("batch", LASTING, types_number, batch, "1-1024", "32",
	    "datagrams to receive and answer at a time"),
	KEY("busy-poll", CONFIG_DAEMON, types_number, busy_poll, "0-10000", "0",
	    "microseconds to poll for more before sleeping"),

	KEY("serve", BOTH, types_prefixes, serve, "PREFIX,...", NULL,
	    "local addresses that answer; default: all"),
	KEY("allow", BOTH, types_prefixes, allow, "PREFIX,...", NULL,
	    "peers to answer; default: all"),
	KEY("deny", BOTH, types_prefixes, deny, "PREFIX,...", NULL,
	    "peers not to answer; the longest prefix decides"),
	KEY("trust", BOTH, types_trust, trust, "local|PREFIX,...", "local",
	    "peers exempt from max-amplification and rate limits"),
	KEY("refuse-ports", CONFIG_DAEMON, types_ports, refuse_ports,
	    "PORT,...", RESPONDERS, "source ports never answered: loops"),
	KEY("mark-replies", LASTING, types_bool, mark_replies, "yes|no", "yes",
	    "send replies with TTL 191, and answer nothing that has it"),
	KEY("max-amplification", BOTH, types_ratio, max_amplification, "RATIO",
	    "1.00", "bytes of reply per byte of request"),
	KEY("rate", BOTH, types_rate, rate, "RATE", "1000/s burst 2000",
	    "limit for each source prefix"),
	KEY("fault-drop", BOTH, types_fault, faults.kinds[FAULT_DROP], "WHEN",
	    "none", "replies to peers in trust that are never sent"),
	KEY("fault-delay", BOTH, types_fault_delay, faults.kinds[FAULT_DELAY],
	    "TIME[-TIME] [WHEN]", "none", "those that are sent later"),
	KEY("fault-duplicate", BOTH, types_fault, faults.kinds[FAULT_DUPLICATE],
	    "WHEN", "none", "those that are sent twice"),
	KEY("fault-reorder", BOTH, types_fault, faults.kinds[FAULT_REORDER],
	    "WHEN", "none", "those that are sent after the next one"),
	KEY("fault-truncate", BOTH, types_fault_truncate,
	    faults.kinds[FAULT_TRUNCATE], "WHEN [to BYTES]", "none",
	    "those that are cut off"),
	KEY("fault-source", BOTH, types_fault, faults.kinds[FAULT_SOURCE],
	    "WHEN", "none", "those that come from another address"),
	KEY("fault-seed", BOTH, types_number, faults.seed, "0-4294967295", "1",
	    "which replies these are; the same again with the same seed"),
	KEY("rate-total", CONFIG_DAEMON, types_rate, rate_total, "RATE", "none",
	    "limit for all untrusted sources together"),
	KEY("rate-prefix-v4", LASTING, types_number, rate_prefix_v4, "1-32",
	    "32", "prefix length of one source, IPv4"),
	KEY("rate-prefix-v6", LASTING, types_number, rate_prefix_v6, "1-128",
	    "64", "prefix length of one source, IPv6"),
	KEY("rate-buckets", LASTING, types_number, rate_buckets,
	    "1024-16777216", "65536", "size of the rate table"),

	KEY_LETTER("workers", 'w', LASTING, types_workers, workers,
	    "NUMBER|auto", "1", "threads that answer"),
	KEY("cpu-affinity", LASTING, types_bool, cpu_affinity, "yes|no", "no",
	    "pin each worker to a processor and its datagrams"),
	KEY_LETTER("user", 'u', LASTING, types_text, user, "NAME|UID", NULL,
	    "switch to this user once the sockets are open"),
	KEY("sandbox", LASTING, types_bool, sandbox, "yes|no", "yes",
	    "forbid system calls that answering does not need"),
	KEY("port-file", LASTING, types_path, port_file, "FILE", NULL,
	    "write services and real ports there when ready"),
	KEY("node", CONFIG_DAEMON, types_text, node, "NAME", NULL,
	    "name of this host in whoami; default: the host name"),
	KEY("http", LASTING, types_endpoints, http, "ENDPOINT,...", NULL,
	    "serve /metrics, /healthz, /readyz and / there"),
	KEY("http-allow", CONFIG_DAEMON, types_prefixes, http_allow,
	    "PREFIX,...", NULL, "HTTP clients allowed besides loopback"),
	KEY("http-host", CONFIG_DAEMON, types_names, http_host, "NAME,...",
	    NULL, "names that HTTP clients may call this host by"),
	KEY("control", LASTING, types_path, control, "FILE", NULL,
	    "socket for mhctl, which controls this daemon"),
	KEY("control-owner", LASTING, types_text, control_owner, "USER[:GROUP]",
	    NULL, "whose it is; default: who starts it"),
	KEY("control-mode", LASTING, types_mode, control_mode, "MODE", "0660",
	    "who may use it, as for chmod: 0660 or 0600"),
	KEY("probe-interval", CONFIG_DAEMON, types_seconds, probe_interval,
	    "SECONDS", "5s",
	    "how often to query our own sockets, for /healthz"),
	KEY("health-unasked", CONFIG_DAEMON, types_choice, health_unasked,
	    "fail|pass", "pass",
	    "what /healthz says of sockets that cannot be queried"),
	KEY("drain-time", CONFIG_DAEMON, types_seconds, drain_time, "SECONDS",
	    "0s", "how long to keep answering after a stop signal"),
	KEY("log", CONFIG_DAEMON, types_choice, log, "stderr|syslog", "stderr",
	    "where to log"),
	KEY("log-level", CONFIG_DAEMON, types_choice, log_level,
	    "error|warning|info|debug", "info", "what to log"),
	KEY("log-packets", BOTH, types_choice, packets.format, "no|text|json",
	    "no", "log what is asked and what becomes of it"),
	KEY("log-packets-sample", BOTH, types_number, packets.sample,
	    "1-1000000000", "1", "log one datagram in this many, at random"),
	{ .name = NULL },
};

_Static_assert(sizeof(keys_table) / sizeof(keys_table[0]) <= CONFIG_KEYS_MAX,
    "CONFIG_KEYS_MAX is too small");

const struct config_key *
keys_find(const char *name)
{
	const struct config_key *key;

	for (key = keys_table; key->name != NULL; key++)
		if (strcmp(key->name, name) == 0)
			return key;
	return NULL;
}

struct config_key
keys_own(const struct service *service, size_t i)
{
	static const struct config_type *const types[] = {
		[SERVICE_BOOL] = &types_bool,
		[SERVICE_CHOICE] = &types_choice,
		[SERVICE_NUMBER] = &types_number,
		[SERVICE_SECONDS] = &types_seconds,
		[SERVICE_TEXT] = &types_text,
		[SERVICE_FILE] = &types_file,
		[SERVICE_PATTERN] = &types_pattern,
		[SERVICE_WILDCARDS] = &types_wildcards,
	};
	const struct service_key *own = &service->keys[i];

	return (struct config_key){
		.name = own->name,
		.scope = CONFIG_DAEMON | CONFIG_SERVICE,
		.type = types[own->type],
		.offset = own->offset,
		.argument = own->argument,
		.initial = own->initial,
		.help = own->help,
		.service = service,
		.index = i,
	};
}

bool
keys_find_own(
    const struct service *service, const char *name, struct config_key *key)
{
	const struct service_key *own = service_key_find(service, name);

	if (own != NULL)
		*key = keys_own(service, (size_t)(own - service->keys));
	return own != NULL;
}

size_t
keys_number(const struct config_key *key)
{
	return key->service != NULL ? CONFIG_KEYS_MAX + key->index
				    : (size_t)(key - keys_table);
}
