/* SPDX-License-Identifier: ISC */
/*
 * The command line: options, SERVICE and TARGETs, and what goes together.
 */
#include "probe/arguments.h"

#include "common/number.h"

#include <stdio.h>
#include <stdlib.h>

static bool
complain(char why[TARGET_WHY], const char *text)
{
	snprintf(why, TARGET_WHY, "%s", text);
	return false;
}

static bool
read_local(
    struct options *options, int argc, char *argv[], char why[TARGET_WHY])
{
	uint64_t port = options->protocol->port;

	if (argc > 1)
		return complain(why, "--local: takes SERVICE and PORT only");
	if (argc == 1 && !number_parse(argv[0], 1, UINT16_MAX, &port)) {
		snprintf(
		    why, TARGET_WHY, "%.80s: a port is 1 to 65535", argv[0]);
		return false;
	}
	if (port == 0) {
		snprintf(why, TARGET_WHY,
		    "%s has no port of its own: give one, as in --local %s "
		    "7007",
		    options->protocol->name, options->protocol->name);
		return false;
	}
	options->local_port = (uint16_t)port;
	return true;
}

/* Room for one more: for 1, 2, 4, 8, ... */
static struct target *
reserve_target(struct options *options)
{
	size_t count = options->target_count;
	struct target *grown = options->targets;

	if ((count & (count - 1)) == 0)
		grown = realloc(
		    grown, (count > 0 ? 2 * count : 1) * sizeof(struct target));
	if (grown == NULL)
		return NULL;
	options->targets = grown;
	return &grown[count];
}

bool
arguments_add_target(
    struct options *options, const char *text, char why[TARGET_WHY])
{
	struct target *target = reserve_target(options);

	if (target == NULL)
		return complain(why, "out of memory");
	if (!target_parse(target, text, why))
		return false;
	if (target->address.port == 0)
		target->address.port = options->protocol->port;
	if (target->address.port == 0) {
		snprintf(why, TARGET_WHY,
		    "%s has no port of its own: give one, as in 192.0.2.1:7007 "
		    "or [2001:db8::1]:7007",
		    options->protocol->name);
		return false;
	}
	options->target_count++;
	return true;
}

static bool
read_arguments(
    struct options *options, int argc, char *argv[], char why[TARGET_WHY])
{
	int i;

	if (argc < 1)
		return complain(why, "no service given");
	options->protocol = protocol_find(argv[0]);
	if (options->protocol == NULL) {
		snprintf(why, TARGET_WHY, "unknown service \"%.40s\"", argv[0]);
		return false;
	}
	if (options->local)
		return read_local(options, argc - 1, argv + 1, why);
	if (argc < 2 && options->target_file == NULL)
		return complain(why, "no target given");
	for (i = 1; i < argc; i++)
		if (!arguments_add_target(options, argv[i], why))
			return false;
	return true;
}

/* Can requests be made at all, and of this size? */
static bool
check_size(const struct options *options, int size, char why[TARGET_WHY])
{
	static const struct mac_key any_key;
	struct protocol_query query = {
		.name = options->name != NULL ? options->name : ".",
		.tlvs = options->tlvs,
		.key = options->key_file != NULL ? &any_key : NULL,
		.payload = options->payload,
		.payload_length = options->payload_length,
		.size = -1,
	};
	uint8_t *request = malloc(MH_SLOT_SIZE);
	bool named = false, sized = false;

	if (request != NULL) {
		named = options->protocol->build(&query, 0, request) >= 0;
		query.size = size;
		sized = options->protocol->build(&query, 0, request) >= 0;
	}
	free(request);
	if (!named)
		snprintf(why, TARGET_WHY,
		    "--name: must be a domain name, not \"%.80s\"", query.name);
	else if (!sized)
		snprintf(why, TARGET_WHY, "%s: a request cannot have %d bytes",
		    options->protocol->name, size);
	return sized;
}

/* Would a warning ever be seen? */
static bool
check_thresholds(const struct options *options, char why[TARGET_WHY])
{
	const struct threshold *warning = &options->warning;
	const struct threshold *critical = &options->critical;

	if (!options->nagios &&
	    (warning->has_rta || warning->has_loss || critical->has_rta ||
		critical->has_loss))
		return complain(
		    why, "--warning and --critical: are for --nagios");
	if (warning->has_rta && critical->has_rta &&
	    warning->rta > critical->rta)
		return complain(
		    why, "--warning: its time is above that of --critical");
	if (warning->has_loss && critical->has_loss &&
	    warning->loss > critical->loss)
		return complain(
		    why, "--warning: its loss is above that of --critical");
	return true;
}

/* What is only for stamp. */
static bool
check_stamp(const struct options *options, char why[TARGET_WHY])
{
	if (options->tlvs == 0 && options->key_file == NULL)
		return true;
	if (options->protocol != &protocol_stamp)
		return complain(
		    why, "--tlv and --key: are for the service stamp");
	if ((options->tlvs & PROTOCOL_TLV_HMAC) != 0 &&
	    options->key_file == NULL)
		return complain(why, "--tlv: hmac needs --key");
	return true;
}

static bool
check(const struct options *options, char why[TARGET_WHY])
{
	const struct protocol *protocol = options->protocol;

	if (options->only_ipv4 && options->only_ipv6)
		return complain(why, "-4 and -6 are mutually exclusive");
	if (options->json + options->nagios + options->watch > 1)
		return complain(
		    why, "--json, --nagios and --watch are mutually exclusive");
	if (!check_thresholds(options, why))
		return false;
	if (options->local && options->target_file != NULL)
		return complain(
		    why, "--local and --file are mutually exclusive");
	if (options->name != NULL && protocol != &protocol_dns)
		return complain(why, "--name: is for the service dns");
	if (!check_stamp(options, why))
		return false;
	if ((options->payload != NULL) != (protocol == &protocol_raw))
		return complain(why, "raw and --hex or --text go together");
	if ((options->size >= 0 || options->sweep_to != 0) &&
	    !protocol->sized) {
		snprintf(why, TARGET_WHY, "%s: all requests have one size",
		    protocol->name);
		return false;
	}
	if (options->sweep_to != 0 &&
	    (options->size >= 0 || options->sweep_ports != 0 || options->watch))
		return complain(why,
		    "--sweep-size: excludes --size, --sweep-ports and --watch");
	if (options->sweep_to != 0 &&
	    !check_size(options, (int)options->sweep_from, why))
		return false;
	return check_size(options, options->size, why);
}

bool
arguments_parse(
    struct options *options, int argc, char *argv[], char why[TARGET_WHY])
{
	int first = options_read(options, argc, argv, why);

	if (first < 0)
		return false;
	if (options->action != OPTIONS_RUN)
		return true;
	return read_arguments(options, argc - first, argv + first, why) &&
	    check(options, why);
}
