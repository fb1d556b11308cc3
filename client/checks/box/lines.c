/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/box/lines.h"

#include <string.h>
#include <strings.h>

#include "client/checks/box/box.h"
#include "client/checks/checks.h"
#include "client/checks/draft.h"

void
lines_evidence(struct json_object *item, const struct box_file *file, size_t line)
{
	if (line != 0 && line <= file->count)
		check_evidence(item, "%s:%zu: %s", file->path, line, file->lines[line - 1]);
}

void
lines_draft_evidence(struct draft *draft, const struct box_file *file, size_t line)
{
	if (line != 0 && line <= file->count)
		draft_evidence(draft, "%s:%zu: %s", file->path, line, file->lines[line - 1]);
}

size_t
lines_find_word(const struct box_file *file, const char *word, size_t after)
{
	size_t len = strlen(word);

	for (size_t i = after; i < file->count; i++) {
		const char *line = file->lines[i] + strspn(file->lines[i], " \t");

		if (strcspn(line, " \t:") == len && strncasecmp(line, word, len) == 0)
			return i + 1;
	}
	return 0;
}
