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

/* A file that is open, or NULL and errno. */
static char *
read_stream(
    FILE *file, size_t max, size_t *length, char *reason, size_t reason_size)
{
	char *text = file == NULL ? NULL : malloc(max + 2), *fitting;
	size_t n = text == NULL ? 0 : fread(text, 1, max + 1, file);
	bool good = text != NULL && !ferror(file);

	if (!good)
		snprintf(reason, reason_size, "%s", strerror(errno));
	else if (n > max)
		snprintf(
		    reason, reason_size, "it has more than %zu bytes", max);
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
host_file_read(const char *path, size_t max, size_t *length, char *reason,
    size_t reason_size)
{
	FILE *file = fopen(path, "rb");
	char *text = read_stream(file, max, length, reason, reason_size);

	if (file != NULL)
		fclose(file);
	return text;
}

/*
 * Paths that match.
 */

/* Bytes of a path up to its last part. */
static size_t
folder_length(const char *path)
{
	size_t length = strlen(path);

	while (length > 0 && strchr("/\\:", path[length - 1]) == NULL)
		length--;
	return length;
}

static int
compare_paths(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* All of them, sorted, one after the other. */
static char *
join(char **paths, size_t count, size_t *length)
{
	size_t i, n, total = 1;
	char *text;

	for (i = 0; i < count; i++)
		total += strlen(paths[i]) + 1;
	if (count > 0)
		qsort(paths, count, sizeof(*paths), compare_paths);
	text = malloc(total);
	for (i = 0, *length = 0; text != NULL && i < count; i++) {
		n = strlen(paths[i]) + 1;
		memcpy(text + *length, paths[i], n);
		*length += n;
	}
	return text;
}

/* One more.  False when out of memory. */
static bool
add_path(char ***paths, size_t *count, const char *folder, const char *name)
{
	char **grown = realloc(*paths, (*count + 1) * sizeof(*grown));
	char *path = host_path_beside(folder, name);

	if (grown != NULL)
		*paths = grown;
	if (grown == NULL || path == NULL) {
		free(path);
		return false;
	}
	grown[(*count)++] = path;
	return true;
}

/* Why nothing was found; NULL: there is nothing, which is no failure. */
static const char *
find_error(const char *pattern)
{
	DWORD error = GetLastError();

	if (strcspn(pattern, "*?") < folder_length(pattern))
		return "* and ? may be in the last part of a path alone";
	return error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND ||
		error == ERROR_NO_MORE_FILES
	    ? NULL
	    : strerror(EACCES);
}

char *
host_file_match(const char *pattern, size_t max, size_t *length, char *reason,
    size_t reason_size)
{
	WIN32_FIND_DATAA found;
	HANDLE search = FindFirstFileA(pattern, &found);
	const char *why =
	    search == INVALID_HANDLE_VALUE ? find_error(pattern) : NULL;
	char **paths = NULL, *text = NULL;
	bool more = search != INVALID_HANDLE_VALUE;
	size_t i, count = 0;

	for (; more && why == NULL; more = FindNextFileA(search, &found) != 0)
		if (found.cFileName[0] != '.' &&
		    !add_path(&paths, &count, pattern, found.cFileName))
			why = strerror(ENOMEM);
	if (search != INVALID_HANDLE_VALUE)
		FindClose(search);
	if (why == NULL && (text = join(paths, count, length)) == NULL)
		why = strerror(ENOMEM);
	else if (why == NULL && *length > max)
		why = "too many files";
	for (i = 0; i < count; i++)
		free(paths[i]);
	free(paths);
	if (why == NULL)
		return text;
	snprintf(reason, reason_size, "%s", why);
	free(text);
	return NULL;
}

char *
host_path_beside(const char *file, const char *path)
{
	bool absolute = strchr("/\\", *path) != NULL || path[1] == ':';
	size_t folder = absolute ? 0 : folder_length(file);
	char *text = malloc(folder + strlen(path) + 1);

	if (text != NULL) {
		memcpy(text, file, folder);
		strcpy(text + folder, path);
	}
	return text;
}

char *
host_stream_read(const char *path, size_t max, size_t *length, char *reason,
    size_t reason_size)
{
	return host_file_read(path, max, length, reason, reason_size);
}

char *
host_input_read(size_t max, size_t *length, char *reason, size_t reason_size)
{
	return read_stream(stdin, max, length, reason, reason_size);
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

/* The last file that this process wrote. */
static struct {
	DWORD volume, high, low;
	bool valid;
} written;

/* Which file is it?  False if it cannot be opened. */
static bool
identify(const char *path, BY_HANDLE_FILE_INFORMATION *information)
{
	HANDLE file = CreateFileA(path, 0,
	    FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
	    OPEN_EXISTING, 0, NULL);
	bool good;

	if (file == INVALID_HANDLE_VALUE)
		return false;
	good = GetFileInformationByHandle(file, information) != 0;
	CloseHandle(file);
	return good;
}

static void
remember(const char *path)
{
	BY_HANDLE_FILE_INFORMATION information;

	written.valid = identify(path, &information);
	if (!written.valid)
		return;
	written.volume = information.dwVolumeSerialNumber;
	written.high = information.nFileIndexHigh;
	written.low = information.nFileIndexLow;
}

void
host_file_remove(const char *path)
{
	BY_HANDLE_FILE_INFORMATION information;

	if (written.valid && identify(path, &information) &&
	    information.dwVolumeSerialNumber == written.volume &&
	    information.nFileIndexHigh == written.high &&
	    information.nFileIndexLow == written.low)
		DeleteFileA(path);
	written.valid = false;
}

bool
host_file_may_write(const char *path)
{
	const DWORD attributes = GetFileAttributesA(path);

	return attributes == INVALID_FILE_ATTRIBUTES ||
	    (attributes &
		(FILE_ATTRIBUTE_DEVICE | FILE_ATTRIBUTE_DIRECTORY |
		    FILE_ATTRIBUTE_REPARSE_POINT)) == 0;
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
		if (good)
			remember(path);
		else
			remove(temporary);
		errno = saved;
	}
	free(temporary);
	if (!good)
		snprintf(reason, reason_size, "%s", strerror(errno));
	return good;
}
