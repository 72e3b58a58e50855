/* SPDX-License-Identifier: ISC */
/*
 * A configuration written as an equivalent file.
 */
#include "daemon/config/dump.h"

#include "common/strbuf.h"
#include "daemon/config/types.h"

#include <stdlib.h>

/* "KEY = VALUE", or a comment where a key is not set. */
static void
dump_key(struct strbuf *text, const struct config_values *values,
    const struct config_key *key)
{
	const size_t start = text->length;
	size_t before;

	strbuf_print(text, "%s = ", key->name);
	before = text->length;
	key->type->write(config_value_in(values, key), key->argument, text);
	/* An empty list is a value; other types are just not set. */
	if (text->length == before && !key->type->is_list) {
		text->length = start;
		strbuf_print(text, "; %s =", key->name);
	}
	strbuf_print(text, "\n");
}

static void
dump_values(
    struct strbuf *text, const struct config_values *values, unsigned int scope)
{
	const struct config_key *key;

	for (key = keys_table; key->name != NULL; key++)
		if ((key->scope & scope) != 0)
			dump_key(text, values, key);
}

static void
dump_service(struct strbuf *text, const struct config_service *service)
{
	size_t i, count = service_key_count(service->service);
	struct config_key key;

	strbuf_print(text, "\n[%s]\n", service->name);
	dump_values(text, &service->values, CONFIG_SERVICE);
	for (i = 0; i < count; i++) {
		key = keys_own(service->service, i);
		dump_key(text, &service->values, &key);
	}
}

char *
dump_config(const struct config *config)
{
	struct strbuf text = { .text = NULL };
	size_t i;

	strbuf_print(&text, "[daemon]\n");
	dump_values(&text, &config->daemon, CONFIG_DAEMON);
	for (i = 0; i < config->service_count; i++)
		dump_service(&text, &config->services[i]);
	if (text.lost) {
		free(text.text);
		return NULL;
	}
	return text.text;
}
