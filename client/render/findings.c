/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/render/findings.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "client/render/value.h"

enum {
	NAME_COLUMN = 9, /* behind the status */
	TEXT_COLUMN = 24,
};

enum { STATUSES = 4 };

static const struct {
	const char *status, *one, *many;
	enum tone tone;
} kinds[STATUSES] = {
    {"fail", "failed", "failed", TONE_BAD},
    {"warn", "warning", "warnings", TONE_WARN},
    {"unknown", "unknown", "unknown", TONE_FAINT},
    {"ok", "ok", "ok", TONE_GOOD},
};

static int
kind_of(struct json_object *item)
{
	const char *status = value_text(item, "status");

	for (int i = 0; status != NULL && i < STATUSES; i++)
		if (strcmp(kinds[i].status, status) == 0)
			return i;
	return STATUSES - 2;
}

static void
show_item(struct screen *screen, int indent, struct json_object *item)
{
	const char *name = value_text(item, "check"), *finding = value_text(item, "finding");
	int kind = kind_of(item), used;
	size_t count;

	screen_pad(screen, indent);
	used = screen_show(screen, kinds[kind].tone, kinds[kind].status);
	screen_pad(screen, NAME_COLUMN - used);
	used = indent + NAME_COLUMN + screen_show(screen, TONE_STRONG, name != NULL ? name : "");
	screen_text(screen, used, indent + TEXT_COLUMN, finding != NULL ? finding : "");
	struct json_object *lines = value_array(item, "evidence", &count);
	for (size_t i = 0; i < count; i++)
		screen_hanging(screen, indent + TEXT_COLUMN, indent + TEXT_COLUMN + 2,
		    json_object_get_string(json_object_array_get_idx(lines, i)));
	lines = value_array(item, "advice", &count);
	for (size_t i = 0; i < count; i++)
		screen_paragraph(screen, indent + TEXT_COLUMN, "->", indent + TEXT_COLUMN + 3,
		    json_object_get_string(json_object_array_get_idx(lines, i)));
}

void
findings_show(struct screen *screen, struct json_object *result)
{
	const char *target = value_text(result, "target");
	int counts[STATUSES] = {0};
	size_t count;
	struct json_object *items = value_array(result, "items", &count);

	screen_show(screen, TONE_STRONG, target != NULL ? target : "");
	screen_print(screen, "\n");
	for (size_t i = 0; i < count; i++) {
		struct json_object *item = json_object_array_get_idx(items, i);

		counts[kind_of(item)]++;
		show_item(screen, 0, item);
	}
	screen_print(screen, "\n");
	bool is_first = true;
	for (int i = 0; i < STATUSES; i++)
		if (counts[i] != 0) {
			screen_print(screen, "%s%d %s", is_first ? "" : ", ", counts[i],
			    counts[i] == 1 ? kinds[i].one : kinds[i].many);
			is_first = false;
		}
	screen_print(screen, "%s\n", is_first ? "Nothing was checked." : ".");
}

void
findings_show_below_story(struct screen *screen, struct json_object *findings)
{
	if (json_object_array_length(findings) == 0)
		return;
	screen_print(screen, "\n  Checked just now:\n");
	for (size_t i = 0; i < json_object_array_length(findings); i++)
		show_item(screen, 2, json_object_array_get_idx(findings, i));
}
