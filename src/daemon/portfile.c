/* SPDX-License-Identifier: ISC */
/*
 * A file that is there whole or not at all: written beside, then renamed.
 */
#include "daemon/portfile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct portfile {
	FILE *file;
	char *path;
	char *temporary;
};

static void
portfile_free(struct portfile *portfile)
{
	int saved = errno;

	if (portfile->file != NULL)
		fclose(portfile->file);
	free(portfile->path);
	free(portfile->temporary);
	free(portfile);
	errno = saved;
}

struct portfile *
portfile_open(const char *path)
{
	static const char suffix[] = ".new";
	struct portfile *portfile = calloc(1, sizeof(*portfile));

	if (portfile == NULL)
		return NULL;
	portfile->path = strdup(path);
	portfile->temporary = malloc(strlen(path) + sizeof(suffix));
	if (portfile->path == NULL || portfile->temporary == NULL)
		goto fail;
	strcpy(portfile->temporary, path);
	strcat(portfile->temporary, suffix);
	portfile->file = fopen(portfile->temporary, "w");
	if (portfile->file == NULL)
		goto fail;
	return portfile;
fail:
	portfile_free(portfile);
	return NULL;
}

void
portfile_add(struct portfile *portfile, const char *service,
    const struct mh_address *endpoint)
{
	char text[MH_ADDRESS_TEXT];

	fprintf(portfile->file, "%s %s\n", service,
	    mh_endpoint_format(endpoint, text, sizeof(text)));
}

bool
portfile_commit(struct portfile *portfile)
{
	bool good = fflush(portfile->file) == 0 && !ferror(portfile->file);

	if (fclose(portfile->file) != 0)
		good = false;
	portfile->file = NULL;
	if (good)
		good = rename(portfile->temporary, portfile->path) == 0;
	if (!good) {
		int saved = errno;

		remove(portfile->temporary);
		errno = saved;
	}
	portfile_free(portfile);
	return good;
}
