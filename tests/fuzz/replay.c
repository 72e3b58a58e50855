/* SPDX-License-Identifier: ISC */
/*
 * Run a fuzz target over its corpus, without a fuzzer: every file of
 * tests/fuzz/corpus/TARGET, or the files named on the command line.
 */
#include "fuzz.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool
replay(const char *path)
{
	static uint8_t data[1 << 20];
	FILE *file = fopen(path, "rb");
	size_t size;

	if (file == NULL) {
		perror(path);
		return false;
	}
	size = fread(data, 1, sizeof(data), file);
	fclose(file);
	LLVMFuzzerTestOneInput(data, size);
	return true;
}

/* Returns the number of files, or -1 if one cannot be read. */
static int
replay_folder(const char *folder)
{
	struct dirent *entry;
	DIR *directory;
	int count = 0;

	if (chdir(folder) != 0 || (directory = opendir(".")) == NULL) {
		perror(folder);
		return -1;
	}
	while (count >= 0 && (entry = readdir(directory)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		/* If the target crashes, this is the last line. */
		printf("%s/%s\n", folder, entry->d_name);
		fflush(stdout);
		count = replay(entry->d_name) ? count + 1 : -1;
	}
	closedir(directory);
	return count;
}

int
main(int argc, char **argv)
{
	const char *srcdir = getenv("srcdir");
	const char *name = strrchr(argv[0], '/');
	char folder[4096];
	int i, count;

	for (i = 1; i < argc; i++)
		if (!replay(argv[i]))
			return 1;
	if (argc > 1)
		return 0;
	snprintf(folder, sizeof(folder), "%s/tests/fuzz/corpus/%s",
	    srcdir != NULL ? srcdir : ".", name != NULL ? name + 1 : argv[0]);
	count = replay_folder(folder);
	printf("%d passed, %d failed\n", count > 0 ? count : 0, count <= 0);
	return count <= 0;
}
