/* SPDX-License-Identifier: ISC */
/*
 * The stream between daemon and privileged helper, as neither would send it:
 * messages, each after its length in two bytes, read as requests and as an
 * answer.  Whatever they are, files have a path each, and are within bounds.
 */
#include "fuzz.h"

#include "platform/linux/privsep_stream.h"

static void
check_files(struct privsep_files *files)
{
	const struct privsep_file *file;
	size_t i;

	for (i = 0; i < files->count; i++) {
		file = &files->items[i];
		REQUIRE(file->path[0] != '\0');
		REQUIRE(strlen(file->path) < PRIVSEP_PATH);
		REQUIRE(file->length <= PRIVSEP_FILE_MAX);
		REQUIRE(file->length == 0 || file->text[file->length] == '\0');
		REQUIRE(privsep_files_find(files, file->path) != NULL);
	}
	REQUIRE(privsep_files_find(files, "") == NULL);
}

/* Not a byte more than the message has, for ASan. */
static struct privsep_message *
cut(const uint8_t *data, size_t size)
{
	struct privsep_message *message = malloc(size);

	REQUIRE(message != NULL || size == 0);
	if (size > 0)
		memcpy(message, data, size);
	return message;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum privsep_progress progress = PRIVSEP_MORE;
	struct privsep_files files = { .items = NULL };
	struct privsep_message *message;
	uint32_t kind;
	size_t length;

	while (progress == PRIVSEP_MORE && size >= 2) {
		length = data[0] + 256 * (size_t)data[1];
		data += 2, size -= 2;
		if (length > size)
			length = size;
		message = cut(data, length);
		if (privsep_is_request(message, length)) {
			memcpy(&kind, data + 4, sizeof(kind));
			REQUIRE(kind == PRIVSEP_READ || kind == PRIVSEP_WRITE);
		}
		progress = privsep_files_add(&files, message, length);
		free(message);
		data += length, size -= length;
	}
	check_files(&files);
	privsep_files_clear(&files);
	REQUIRE(files.count == 0);
	return 0;
}
