/* SPDX-License-Identifier: ISC */
/*
 * The values of [daemon] and of each service: set, copied and freed according
 * to the types of their keys.
 */
#include "daemon/config/config.h"

#include "daemon/config/types.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Values.
 */

void *
config_value(struct config_values *values, const struct config_key *key)
{
	char *base = key->service != NULL ? values->own : (void *)values;

	return base + key->offset;
}

const void *
config_value_in(
    const struct config_values *values, const struct config_key *key)
{
	const char *base =
	    key->service != NULL ? values->own : (const void *)values;

	return base + key->offset;
}

void
config_clear_value(struct config_values *values, const struct config_key *key)
{
	if (key->type != NULL && key->type->clear != NULL)
		key->type->clear(config_value(values, key));
}

/* service: whose own settings are among them; NULL: no service's. */
static void
clear_values(struct config_values *values, const struct service *service)
{
	const struct config_key *key;
	struct config_key own;
	size_t i;

	for (key = keys_table; key->name != NULL; key++)
		config_clear_value(values, key);
	if (values->own == NULL)
		return;
	for (i = 0; i < service_key_count(service); i++) {
		own = keys_own(service, i);
		config_clear_value(values, &own);
	}
	free(values->own);
	values->own = NULL;
}

/* Room for a service's own settings, none of them set. */
static bool
make_own(struct config_values *values, const struct service *service)
{
	values->own = calloc(1, service->settings_size + 1);
	return values->own != NULL;
}

static bool
report_error(const struct config_sink *sink, const char *why)
{
	config_error(sink->errors, "%s%s", sink->prefix, why);
	return false;
}

/*
 * A list is read item by item, with an error for each that is wrong; blanks
 * around the commas are ignored.
 */
static bool
read_list(void *value, const struct config_key *key, const char *text,
    const struct config_sink *sink)
{
	char item[CONFIG_WHY], why[CONFIG_WHY];
	size_t length, trimmed;
	bool good = true;

	for (;;) {
		text += strspn(text, " \t");
		if (*text == '\0')
			return good; /* the list continues on the next line */
		length = strcspn(text, ",");
		trimmed = length;
		while (trimmed > 0 && strchr(" \t", text[trimmed - 1]) != NULL)
			trimmed--;
		if (trimmed >= sizeof(item))
			trimmed = sizeof(item) - 1;
		memcpy(item, text, trimmed);
		item[trimmed] = '\0';
		if (!key->type->read(value, key->argument, item, why))
			good = report_error(sink, why);
		if (text[length] == '\0')
			return good;
		text += length + 1;
	}
}

/* Of two values from one origin the last one counts, except in these cases. */
static bool
is_set_twice(
    const struct config_key *key, unsigned int before, unsigned int origin)
{
	return before == origin && origin != CONFIG_INITIAL &&
	    (origin == CONFIG_FILE || key->type->is_single);
}

static bool
read_value(struct config_values *values, const struct config_key *key,
    const struct config_source *source)
{
	uint8_t *from = &values->origin[keys_number(key)];
	void *value = config_value(values, key);
	char why[CONFIG_WHY];

	if (!key->type->is_list) {
		if (is_set_twice(key, *from, source->origin))
			return report_error(source->sink, "is set twice");
		*from = (uint8_t)source->origin;
		return key->type->read(
			   value, key->argument, source->text, why) ||
		    report_error(source->sink, why);
	}
	if (*from != source->origin)
		key->type->clear(value);
	*from = (uint8_t)source->origin;
	/* An empty list overrides, too. */
	return *source->text == '\0' ||
	    read_list(value, key, source->text, source->sink);
}

bool
config_set(struct config_values *values, const struct config_key *key,
    const struct config_source *source)
{
	const size_t number = keys_number(key);
	bool good;

	if (values->origin[number] > source->origin)
		return true; /* the command line overrides the file */
	good = read_value(values, key, source);
	values->file[number] = source->file;
	values->line[number] = source->line;
	/* A list is valid if all of its items are. */
	values->faulty[number] =
	    !good || (key->type->is_list && values->faulty[number]);
	return good;
}

bool
config_set_defaults(struct config *config, const struct service *only,
    const char *name, const struct config_source *source)
{
	struct config_key key;
	bool found = false;
	size_t i;

	for (i = 0; service_table[i] != NULL; i++) {
		if ((only != NULL && service_table[i] != only) ||
		    !keys_find_own(service_table[i], name, &key))
			continue;
		found = true;
		/* An error for one of them is an error for all. */
		if (!config_set(&config->defaults[i], &key, source))
			break;
	}
	return found;
}

/* service: whose key it is; NULL: no service's. */
static bool
set_initial(struct config_values *values, const struct service *service,
    const struct config_key *key, struct config_errors *errors)
{
	char prefix[128];
	const struct config_sink sink = { errors, prefix };
	const struct config_source source = { CONFIG_INITIAL, 0, key->initial,
		&sink, 0 };

	snprintf(prefix, sizeof(prefix), "built-in default of --%s%s%s: ",
	    service != NULL ? service->name : "", service != NULL ? "-" : "",
	    key->name);
	return key->initial == NULL || config_set(values, key, &source);
}

bool
config_init_own(struct config_values *values, const struct service *service,
    struct config_errors *errors)
{
	struct config_key key;
	size_t i;

	if (!make_own(values, service))
		return false;
	for (i = 0; i < service_key_count(service); i++) {
		key = keys_own(service, i);
		if (!set_initial(values, service, &key, errors))
			return false;
	}
	return true;
}

/* One set of values for each service. */
static bool
init_defaults(struct config *config, struct config_errors *errors)
{
	size_t i, count = 0;

	while (service_table[count] != NULL)
		count++;
	config->defaults = calloc(count + 1, sizeof(*config->defaults));
	if (config->defaults == NULL)
		return false;
	for (i = 0; i < count; i++)
		if (!config_init_own(
			&config->defaults[i], service_table[i], errors))
			return false;
	return true;
}

bool
config_init(struct config *config, struct config_errors *errors)
{
	const struct config_key *key;

	*config = (struct config){ .action = CONFIG_RUN };
	for (key = keys_table; key->name != NULL; key++)
		if (!set_initial(&config->daemon, NULL, key, errors))
			return false;
	return init_defaults(config, errors);
}

void
config_clear(struct config *config)
{
	size_t i;

	for (i = 0; i < config->service_count; i++) {
		clear_values(
		    &config->services[i].values, config->services[i].service);
		free(config->services[i].others.items);
		free(config->services[i].name);
	}
	free(config->services);
	hashindex_clear(&config->names);
	for (i = 0; config->defaults != NULL && service_table[i] != NULL; i++)
		clear_values(&config->defaults[i], service_table[i]);
	free(config->defaults);
	clear_values(&config->daemon, NULL);
	for (i = 0; i < config->file_count; i++)
		free(config->files[i].name);
	free(config->files);
	for (i = 0; i < config->include_count; i++)
		free(config->includes[i].pattern);
	free(config->includes);
	free(config->path);
	*config = (struct config){ .action = CONFIG_RUN };
}

bool
config_add_file(struct config *config, const char *name)
{
	struct config_file *files =
	    realloc(config->files, (config->file_count + 1) * sizeof(*files));
	struct config_file *fresh;

	if (files == NULL)
		return false;
	config->files = files;
	fresh = &files[config->file_count];
	*fresh = (struct config_file){ .name = strdup(name) };
	config->file_count += fresh->name != NULL;
	return fresh->name != NULL;
}

bool
config_add_include(struct config *config, const char *pattern,
    unsigned int file, unsigned int line)
{
	struct config_include *includes = realloc(
	    config->includes, (config->include_count + 1) * sizeof(*includes));
	struct config_include *fresh;

	if (includes == NULL)
		return false;
	config->includes = includes;
	fresh = &includes[config->include_count];
	*fresh = (struct config_include){ strdup(pattern), file, line };
	config->include_count += fresh->pattern != NULL;
	return fresh->pattern != NULL;
}

static char *
value_text_of(const struct config_values *values, const struct config_key *key)
{
	struct strbuf text = { .text = NULL };

	strbuf_print(&text, "%s", "");
	key->type->write(config_value_in(values, key), key->argument, &text);
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
	config_clear_value(values, key);
	key->type->copy(config_value(values, key), config_value_in(from, key));
	return true;
}

/*
 * Services.
 */

/* What needs no escaping in port files, metrics and pages. */
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

/* Can it be the name of an instance of that service?  If not, why. */
static bool
check_name(
    const char *name, const struct service *service, char why[CONFIG_WHY])
{
	const char *label = strchr(name, ':');

	if (service == NULL)
		snprintf(why, CONFIG_WHY, "unknown service \"%.100s\"", name);
	else if (strlen(name) >= CONFIG_NAME)
		snprintf(why, CONFIG_WHY,
		    "\"%.100s\": a name may have at most %d characters", name,
		    CONFIG_NAME - 1);
	else if (label != NULL && label[1 + strspn(label + 1, LABEL)] != '\0')
		snprintf(why, CONFIG_WHY,
		    "\"%.100s\": a label may have only letters, digits, \".\", "
		    "\"_\" and "
		    "\"-\"",
		    name);
	else
		return true;
	return false;
}

/* Room for one more service. */
static bool
make_room(struct config *config)
{
	size_t room = 2 * config->service_room + 4;
	struct config_service *grown;

	if (config->service_count < config->service_room)
		return true;
	grown = realloc(config->services, room * sizeof(*grown));
	if (grown == NULL)
		return false;
	config->services = grown;
	config->service_room = room;
	return true;
}

/* NULL when out of memory. */
static struct config_service *
add_service(struct config *config, const char *name,
    const struct service *service, uint32_t hash)
{
	struct config_service *fresh;

	if (!make_room(config))
		return NULL;
	fresh = &config->services[config->service_count];
	memset(fresh, 0, sizeof(*fresh));
	fresh->service = service;
	fresh->name = strdup(name);
	if (fresh->name != NULL && make_own(&fresh->values, service) &&
	    hashindex_add(&config->names, hash)) {
		config->service_count++;
		return fresh;
	}
	free(fresh->values.own);
	free(fresh->name);
	return NULL;
}

struct config_service *
config_service_named(
    struct config *config, const char *name, char why[CONFIG_WHY])
{
	const struct service *service = service_of(name);
	uint32_t hash = hashindex_hash(0, name, strlen(name));
	uint32_t i = hashindex_first(&config->names, hash);
	struct config_service *fresh;

	for (; i != HASHINDEX_NONE; i = hashindex_next(&config->names, i))
		if (strcmp(config->services[i].name, name) == 0)
			return &config->services[i];
	if (!check_name(name, service, why))
		return NULL;
	fresh = add_service(config, name, service, hash);
	if (fresh == NULL)
		snprintf(why, CONFIG_WHY, "out of memory");
	return fresh;
}

/* The endpoints after the = of an argument. */
static bool
add_endpoints(struct config_service *service, const char *text,
    struct config_errors *errors)
{
	char prefix[CONFIG_NAME + sizeof(": an endpoint ")];
	const struct config_sink sink = { errors, prefix };
	const struct config_source source = { CONFIG_COMMAND_LINE, 0, text,
		&sink, 0 };

	if (*text == '\0') {
		config_error(
		    errors, "%s=: endpoint missing after '='", service->name);
		return false;
	}
	snprintf(prefix, sizeof(prefix), "%s: an endpoint ", service->name);
	return config_set(&service->values, keys_find("listen"), &source);
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
