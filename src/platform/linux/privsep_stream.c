/* SPDX-License-Identifier: ISC */
/*
 * Neither end trusts the other to send what it should.
 */
#include "platform/linux/privsep_stream.h"

#include <stdlib.h>
#include <string.h>

/* Bytes of data in a message of that size; -1: it is not one. */
static ptrdiff_t
data_length(size_t size)
{
	if (size < PRIVSEP_SIZE(0) || size > sizeof(struct privsep_message))
		return -1;
	return (ptrdiff_t)(size - PRIVSEP_SIZE(0));
}

bool
privsep_is_request(const struct privsep_message *message, size_t size)
{
	ptrdiff_t length = data_length(size);

	return length >= 0 &&
	    ((message->kind == PRIVSEP_READ && length == 0) ||
		message->kind == PRIVSEP_WRITE);
}

/* A copy with a 0 after it; NULL if out of memory. */
static char *
copy_text(const char *data, size_t length)
{
	char *copy = malloc(length + 1);

	if (copy != NULL) {
		memcpy(copy, data, length);
		copy[length] = '\0';
	}
	return copy;
}

static bool
add_file(struct privsep_files *files, const char *path, size_t length)
{
	struct privsep_file *items = files->items;

	if (length == 0 || length >= PRIVSEP_PATH ||
	    memchr(path, '\0', length) != NULL)
		return false;
	/* Room is doubled whenever the count is a power of two. */
	if ((files->count & (files->count - 1)) == 0) {
		items = realloc(items, (2 * files->count + 1) * sizeof(*items));
		if (items == NULL)
			return false;
		files->items = items;
	}
	items[files->count] =
	    (struct privsep_file){ .path = copy_text(path, length) };
	if (items[files->count].path == NULL)
		return false;
	files->count++;
	return true;
}

static bool
add_text(struct privsep_file *file, const char *data, size_t length)
{
	char *text;

	if (file->error != NULL || length == 0 ||
	    length > PRIVSEP_FILE_MAX - file->length)
		return false;
	text = realloc(file->text, file->length + length + 1);
	if (text == NULL)
		return false;
	memcpy(text + file->length, data, length);
	file->text = text;
	file->length += length;
	text[file->length] = '\0';
	return true;
}

static bool
add_error(struct privsep_file *file, const char *data, size_t length)
{
	if (file->error != NULL || length == 0)
		return false;
	file->error = copy_text(data, length);
	return file->error != NULL;
}

enum privsep_progress
privsep_files_add(struct privsep_files *files,
    const struct privsep_message *message, size_t size)
{
	ptrdiff_t length = data_length(size);
	struct privsep_file *last =
	    files->count > 0 ? &files->items[files->count - 1] : NULL;
	bool good = false;

	if (length < 0)
		return PRIVSEP_BROKEN;
	if (message->kind == PRIVSEP_DONE && length == 0)
		return PRIVSEP_END;
	if (message->kind == PRIVSEP_FILE)
		good = add_file(files, message->data, (size_t)length);
	else if (message->kind == PRIVSEP_TEXT && last != NULL)
		good = add_text(last, message->data, (size_t)length);
	else if (message->kind == PRIVSEP_ERROR && last != NULL)
		good = add_error(last, message->data, (size_t)length);
	return good ? PRIVSEP_MORE : PRIVSEP_BROKEN;
}

const struct privsep_file *
privsep_files_find(struct privsep_files *files, const char *path)
{
	size_t i, at;

	for (i = 0; i < files->count; i++) {
		at = (files->next + i) % files->count;
		if (strcmp(files->items[at].path, path) != 0)
			continue;
		files->next = at;
		return &files->items[at];
	}
	return NULL;
}

void
privsep_files_clear(struct privsep_files *files)
{
	size_t i;

	for (i = 0; i < files->count; i++) {
		free(files->items[i].path);
		free(files->items[i].text);
		free(files->items[i].error);
	}
	free(files->items);
	*files = (struct privsep_files){ .items = NULL };
}
