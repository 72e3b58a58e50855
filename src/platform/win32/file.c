/* SPDX-License-Identifier: ISC */
/*
 * platform/file.h for Windows.  Privileges are never dropped, so that files can
 * be opened when they are needed.
 */
#include "platform/file.h"

#include <windows.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *
host_file_read(const char *path, size_t max, size_t *length, char *reason,
    size_t reason_size)
{
	FILE *file = fopen(path, "rb");
	char *text = file == NULL ? NULL : malloc(max + 2), *fitting;
	size_t n = text == NULL ? 0 : fread(text, 1, max + 1, file);
	bool good = text != NULL && !ferror(file);

	if (!good)
		snprintf(reason, reason_size, "%s", strerror(errno));
	else if (n > max)
		snprintf(
		    reason, reason_size, "it has more than %zu bytes", max);
	if (file != NULL)
		fclose(file);
	if (!good || n > max) {
		free(text);
		return NULL;
	}
	text[n] = '\0';
	*length = n;
	fitting = realloc(text, n + 1);
	return fitting != NULL ? fitting : text;
}

char *
host_stream_read(const char *path, size_t max, size_t *length, char *reason,
    size_t reason_size)
{
	return host_file_read(path, max, length, reason, reason_size);
}

/* rename() does not replace here. */
static bool
replace(const char *from, const char *to)
{
	if (MoveFileExA(
		from, to, MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH))
		return true;
	errno = EACCES;
	return false;
}

static bool
write_file(const char *path, const char *text, size_t length)
{
	FILE *file = fopen(path, "wb");
	bool good;

	if (file == NULL)
		return false;
	good = fwrite(text, 1, length, file) == length;
	if (fclose(file) != 0)
		good = false;
	return good;
}

bool
host_file_write(const char *path, const char *text, size_t length, char *reason,
    size_t reason_size)
{
	char *temporary = malloc(strlen(path) + sizeof(".new"));
	bool good = false;
	int saved;

	if (temporary != NULL) {
		strcpy(temporary, path);
		strcat(temporary, ".new");
		good = write_file(temporary, text, length) &&
		    replace(temporary, path);
		saved = errno;
		if (!good)
			remove(temporary);
		errno = saved;
	}
	free(temporary);
	if (!good)
		snprintf(reason, reason_size, "%s", strerror(errno));
	return good;
}
